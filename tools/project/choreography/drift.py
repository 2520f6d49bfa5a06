"""Where the template, the annotations and the event classes disagree.

Each check gives a sentence that names the event and both places, and says what to do. A choreography has no other
place that would notice: a rule for an event that nobody publishes, or an event that nobody consumes, fails in silence.
"""

from collections.abc import Callable, Iterator

from tools.base.events import A_NOUN, NOUN
from tools.base.problem import ProblemError
from tools.project.choreography.flow import Flow, Place

Check = Callable[[Flow], Iterator[str]]


def check(flow: Flow) -> None:
    """Run all checks. Raises `ProblemError` with a line for each disagreement."""
    if found := list(drifts(flow)):
        raise ProblemError("the choreography is inconsistent:\n" + "\n".join(f"  - {each}" for each in found))


def drifts(flow: Flow) -> Iterator[str]:
    """Yield a sentence for each disagreement; the first check is the cause of what others would say, so it is alone."""
    unknown = list(unknown_events(flow))
    yield from unknown or (each for one in CHECKS for each in one(flow))


def unknown_events(flow: Flow) -> Iterator[str]:
    """Check that a name in the template is that of an event class."""
    for function in flow.functions.values():
        for event, place in (*function.rules.items(), *function.may_publish.items()):
            if event not in flow.events:
                yield f"{event} ({place}, {function.name}) is no event: correct the name, or add a class of this name"


def rules_and_annotations(flow: Flow) -> Iterator[str]:
    """Check that a step's rules bring what its annotation takes."""
    for function in flow.functions.values():
        for event in sorted(set(function.rules) - set(function.consumes)):
            yield (
                f"the rule at {function.rules[event]} brings {event} to {function.name}, whose annotation "
                f"({function.handler}) does not take it: add it to the annotation, or remove it from the rule"
            )
        for event in sorted(set(function.consumes) - set(function.rules)):
            yield (
                f"{function.name} ({function.handler}) takes {event}, but no rule brings it there ({function.place}): "
                "add it to the detail-type of its rule, or remove it from the annotation"
            )


def published_and_allowed(flow: Flow) -> Iterator[str]:
    """Check that a step's role lets it publish what it publishes, and nothing else."""
    for function in filter(lambda function: function.is_step, flow.functions.values()):
        for event in set(function.publishes) - set(function.may_publish):
            yield (
                f"{function.name} ({function.handler}) publishes {event}, which nobody lets it publish: "
                f"add {event} to the "
                f"events:detail-type of its role ({function.role})"
            )
        for event in set(function.may_publish) - set(function.publishes):
            yield (
                f"{function.name} may publish {event} ({function.may_publish[event]}), but never publishes it "
                f"({function.handler}): remove it from the role, or add it to what the handler returns"
            )


def published_at_all(flow: Flow) -> Iterator[str]:
    """Check that every event has somebody who publishes it."""
    for event in flow.events:
        if not flow.publishers(event):
            consumed = "".join(f"; {each.name} waits for it ({each.rules[event]})" for each in flow.consumers(event))
            yield (
                f"{event} ({place_of(flow, event)}) is published by nobody{consumed}: let a step return "
                f"it, or remove it"
            )


def consumed_or_terminal(flow: Flow) -> Iterator[str]:
    """Check that every event has somebody who consumes it, or ends the saga."""
    for event, kind in flow.events.items():
        consumers, publishers = flow.consumers(event), flow.publishers(event)
        if kind.terminal and consumers:
            yield (
                f"{event} is declared terminal ({place_of(flow, event)}), but {consumers[0].name} consumes it "
                f"({consumers[0].rules[event]}): remove `terminal=True`, or the rule"
            )
        if kind.terminal and (followers := flow.followers(event)):
            yield (
                f"{event} is declared terminal ({place_of(flow, event)}), but {followers[0]} follows it "
                f"({place_of(flow, followers[0])}): remove `terminal=True`, or let it follow another event"
            )
        if not kind.terminal and not consumers:
            by = f", published by {publishers[0].name} ({publishers[0].handler})," if publishers else ""
            yield (
                f"{event} ({place_of(flow, event)}){by} is consumed by nobody: {NOUN}s would stop there. "
                f"Add a rule for it "
                "to the function that goes on, or declare the class `terminal=True`"
            )


def what_may_follow(flow: Flow) -> Iterator[str]:
    """Check that what a step publishes may follow what it consumes, by the types: else its write would be refused."""
    for function in flow.functions.values():
        for event in filter(flow.events.__contains__, function.publishes if function.is_step else ()):
            allowed = [kind.detail_type for kind in flow.events[event].follows]
            taken = {each for publisher in flow.publishers(event) for each in publisher.consumes}
            for foreign in sorted(set(allowed) - taken):
                yield (
                    f"{event} follows {foreign} ({place_of(flow, event)}), but {function.name}, which "
                    f"publishes it, does "
                    f"not consume that ({function.handler}): let it consume {foreign}, or change what {event} follows"
                )
        for consumed in function.consumes:
            if consumed in flow.events and not flow.published_after(function, consumed):
                yield (
                    f"{function.name} ({function.handler}) consumes {consumed} "
                    f"({place_of(flow, consumed)}), but publishes nothing "
                    f"that follows it: let one of {', '.join(function.publishes)} extend or follow {consumed}"
                )


def recovered(flow: Flow) -> Iterator[str]:
    """Check that recovery may publish again what is consumed: else a lost publish would leave its order stuck."""
    for function in flow.recoverers:
        for event, consumers in ((event, flow.consumers(event)) for event in flow.events):
            if consumers and event not in function.may_publish:
                yield (
                    f"{event} is consumed by {consumers[0].name} ({consumers[0].rules[event]}), but "
                    f"{function.name} may not "
                    f"publish it again: add {event} to the events:detail-type of its role ({function.role})"
                )
            if not consumers and event in function.may_publish:
                yield (
                    f"{function.name} may publish {event} again ({function.may_publish[event]}), which "
                    f"nobody consumes: "
                    "remove it from the role, or add a rule"
                )


def compensated(flow: Flow) -> Iterator[str]:
    """Check that a saga that fails takes back all that it did: each way to a failed end passes the compensations.

    A compensation that is refused counts: the function that compensates published something else.
    """
    compensation = {kind.compensates.detail_type: name for name, kind in flow.events.items() if kind.compensates}
    told = set()
    for path in flow.paths():
        failures = [event for event in path if flow.is_failure(event)]
        if not failures:
            continue
        for place, done in enumerate(path):
            undo = compensation.get(done)
            tried = [event for event in path[place:] if undo and _same_function(flow, event, undo)]
            if undo and not tried and (failures[0], done) not in told:
                told.add((failures[0], done))
                publisher = next((f" ({each.name}, {each.handler})" for each in flow.publishers(undo)), "")
                yield (
                    f"{failures[0]} ({place_of(flow, failures[0])}) has no compensation: {A_NOUN} that fails there "
                    f"keeps what {done} did. Let {undo}{publisher}, which takes it back, come after it"
                )


def _same_function(flow: Flow, event: str, other: str) -> bool:
    return event == other or any(other in function.publishes for function in flow.publishers(event))


def place_of(flow: Flow, event: str) -> Place:
    """Return the place of an event's class."""
    return Place.of(flow.events[event])


CHECKS: tuple[Check, ...] = (
    rules_and_annotations,
    published_and_allowed,
    published_at_all,
    consumed_or_terminal,
    what_may_follow,
    recovered,
    compensated,
)
