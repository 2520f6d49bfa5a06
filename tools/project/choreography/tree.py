"""Draws the choreography in the terminal, as a tree: trigger, step, event, and so on."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from tools.base.events import NOUN
from tools.project.choreography.drift import place_of
from tools.project.choreography.flow import Flow, Function, Place


def draw(flow: Flow) -> RenderableType:
    """Return the whole choreography, from each trigger on."""
    drawn: set[str] = set()
    trees = []
    for function in flow.functions.values():
        if not function.is_step:
            trees += [_trigger(flow, function, trigger, drawn) for trigger in function.triggers]
    return Group(*trees, Text("● event   ■ terminal   ↺ compensation", style="dim"))


def explain(flow: Flow, event: str) -> RenderableType:
    """Return what happens after an event: who publishes it, who consumes it, what they do, what follows."""
    kind = flow.events[event]
    facts = Table.grid(padding=(0, 2))
    facts.add_column(no_wrap=True)
    facts.add_column()
    facts.add_column(no_wrap=True)
    facts.add_row(_event(flow, event), _first_line(kind.__doc__), _at(place_of(flow, event)))
    facts.add_row(f"  the {NOUN} is then", kind.status)
    if added := flow.added(event):
        facts.add_row("  it adds", ", ".join(added))
    if kind.compensates:
        facts.add_row("  it takes back what", f"{kind.compensates.detail_type} did")
    for each in flow.publishers(event):
        facts.add_row("  published by", f"{each.name}: {each.does}", _at(each.handler))
        facts.add_row("", "its role allows it", _at(each.may_publish[event]))
    for each in flow.consumers(event):
        facts.add_row("  consumed by", f"{each.name}: {each.does}", _at(each.handler))
        facts.add_row("", "its rule brings it", _at(each.rules[event]))
    for each in flow.recoverers:
        if event in each.may_publish:
            facts.add_row("  published again by", f"{each.name}, if its {NOUN} is stuck", _at(each.handler))
    if kind.terminal:
        facts.add_row("  consumed by", "nobody: the saga ends here")
        return facts
    return Group(facts, Text("What follows:"), _follow(flow, event, Tree(_event(flow, event)), set()))


def _trigger(flow: Flow, function: Function, trigger: str, drawn: set[str]) -> Tree:
    tree = Tree(Text(trigger, style="bold cyan"))
    branch = tree.add(_step(flow, function))
    if function.recovers:
        again = ", ".join(function.may_publish)
        branch.add(Text(f"publishes again, for {NOUN}s that are stuck: {again}", style="dim"))
    for event in function.publishes:
        _follow(flow, event, branch.add(_event(flow, event)), drawn)
    return tree


def _follow(flow: Flow, event: str, branch: Tree, drawn: set[str]) -> Tree:
    for function in flow.consumers(event):
        step = branch.add(_step(flow, function))
        for following in flow.published_after(function, event):
            shown = _event(flow, following)
            if following in drawn and flow.consumers(following):
                shown.append("  as above", style="dim")
                step.add(shown)
                continue
            drawn.add(following)
            _follow(flow, following, step.add(shown), drawn)
    return branch


def _step(flow: Flow, function: Function) -> Text:
    mark = "↺ " if flow.compensates(function) else ""
    text = Text(f"{mark}{function.name}", style="bold yellow" if mark else "bold")
    return text.append(f"  {function.handler}", style="not bold dim")


def _event(flow: Flow, event: str) -> Text:
    mark = "■" if flow.events[event].terminal else "●"
    return Text(f"{mark} {event}", style=flow.direction(event).colour)


def _first_line(doc: str | None) -> str:
    return (doc or "").strip().partition("\n")[0]


def _at(place: Place) -> Text:
    return Text(str(place), style="dim")
