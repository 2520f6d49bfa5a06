"""Draws the choreography as a page: the picture, and who publishes and consumes each event, with links."""

from html import escape
from pathlib import Path
from string import Template

from tools.base.events import NOUN
from tools.base.target import NAME
from tools.project.choreography import picture
from tools.project.choreography.flow import Flow, Function

PAGE = Template(Path(__file__).with_name("page.template.html").read_text())


def draw(flow: Flow) -> str:
    """Return the page."""
    return PAGE.substitute(_tables(flow), picture=picture.svg(flow), project=NAME, noun=NOUN)


def _tables(flow: Flow) -> dict[str, str]:
    return {
        "events": "".join(_event(flow, event) for event in flow.events),
        "functions": "".join(_function(flow, function) for function in flow.functions.values()),
    }


def _event(flow: Flow, event: str) -> str:
    kind = flow.events[event]
    takes_back = f"<small>takes back what {kind.compensates.detail_type} did</small>" if kind.compensates else ""
    return _row(
        event,
        picture.way_of(flow, event),
        event,
        "".join(_link(each.name) for each in flow.publishers(event)),
        "".join(_link(each.name) for each in flow.consumers(event)) or "nobody: the saga ends here",
        "<br>".join(filter(None, [", ".join(flow.added(event)), takes_back])),
        f"<small>{kind.status}</small>",
    )


def _function(flow: Flow, function: Function) -> str:
    return _row(
        function.name,
        "compensation" if flow.compensates(function) else "",
        function.name,
        # Without the line: a line more in a file would make the page stale.
        f'{escape(function.does)}<a class="place" href="../{function.handler.file}">{function.handler.file}</a>',
        "".join([*map(escape, function.triggers), *map(_link, function.rules)]),
        "".join(map(_link, function.may_publish)) or "nothing",
    )


def _row(name: str, kind: str, *cells: str) -> str:
    return f'<tr id="{name}" class="{kind}">' + "".join(f"<td>{cell}" for cell in cells) + "\n"


def _link(name: str) -> str:
    return f'<div><a href="#{name}">{name}</a></div>'
