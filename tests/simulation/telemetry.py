"""What functions log and count in the simulation, held against the table of it and against what they did."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from saga.deferral import Deferral, KeyRefusedError, UnreachableError
from saga.record import Record
from saga.step import METRIC_OF, Delivery
from saga.telemetry import logger, metrics
from tests.simulation.deployment import deployment
from tests.simulation.invariants import require, statuses_of
from tests.telemetry import telemetry
from tools.base.events import KEY, NOUN, REASON
from tools.base.transitions import EVENTS, TERMINAL

if TYPE_CHECKING:
    from tests.simulation.faulty_wire import FaultyWire, Invocation
    from tests.simulation.simulated_world import SimulatedWorld

TIMED_OUT = "timed out"
DEFERRALS = {kind.metric for kind in (Deferral, UnreachableError, KeyRefusedError)}
SHORT = 4
"""Characters: a shorter value, a quantity for example, may stand in a line by chance."""
PUBLIC = frozenset({KEY, "createdAt"})
"""The fields of an event that a line may have."""


@dataclass(frozen=True)
class Logged:
    """A line of log."""

    level: str
    fields: dict[str, Any]

    @property
    def event(self) -> str:
        """What kind of line it is."""
        return str(self.fields["event"])


@dataclass(frozen=True)
class Counted:
    """A value of a metric."""

    metric: str
    unit: str
    value: float


def put_on(patch: pytest.MonkeyPatch, wire: "FaultyWire") -> None:
    """Keep what is logged and counted with the invocation that does so, as in an environment of its own."""

    def log(level: str) -> Callable[..., None]:
        def take(message: str, *, extra: dict[str, Any]) -> None:
            require(message == extra["event"], f"a line says {message!r}, and that its kind is {extra['event']!r}")
            if wire.current:
                wire.current.logged.append(Logged(level, extra))

        return take

    def add_metric(*, name: str, unit: Any, value: float) -> None:
        if wire.current:
            wire.current.counted.append(Counted(name, unit.value, value))

    for level in ("info", "warning", "error"):
        patch.setattr(logger, level, log(level.upper()))
    patch.setattr(metrics, "add_metric", add_metric)
    # A failing step without metrics would warn.
    patch.setattr(metrics.provider, "flush_metrics", lambda **_kwargs: None)


def told_what_happened(world: "SimulatedWorld", invocation: "Invocation") -> None:
    """Check all that a function told that has ended: what died told as far as it came."""
    function = invocation.function
    if function is None:
        return
    for line in invocation.logged:
        _is_in_the_table(line, function.name, invocation.title)
        _names_no_customer(world, line, invocation.title)
    units = telemetry().metrics_of(function.name)
    for counted in invocation.counted:
        said = f"{invocation.title}: counts {counted.metric} in {counted.unit}"
        require(units.get(counted.metric) == counted.unit, f"{said}, which telemetry.yaml does not say")
    if isinstance(invocation.failure, Exception) or invocation.failure is None:
        totals = _totals(invocation)
        if function.patterns:
            _step_counted_what_it_did(world, invocation, totals)
        elif function.is_scheduled:
            _recovery_counted_what_it_did(world, invocation, totals)
        elif function is deployment().starter:
            _starter_counted_what_it_did(invocation, totals)
        world.counted.update({metric: 1 for metric in totals if metric in EVENTS})


def counted_once_each(world: "SimulatedWorld", records: dict[str, Record]) -> None:
    """Check that no event was counted more often than it happened, and each as often if nothing failed."""
    happened = Counter(status for record in records.values() for status in statuses_of(record))
    for name, event in EVENTS.items():
        if not event.follows:
            continue
        times, counted = happened[event.status], world.counted[name]
        require(counted <= times, f"{name} happened {times} times, and was counted {counted} times")
        require(counted == times or world.faults > 0, f"{name} happened {times} times, and was counted {counted} times")


def _is_in_the_table(line: Logged, function: str, title: str) -> None:
    allowed = telemetry().lines.get(line.event)
    if allowed is None:
        raise AssertionError(f"{title}: logs {line.event!r}, which telemetry.yaml does not have")
    fields = set(line.fields) - {"event"}
    require(function in allowed.functions, f"{title}: logs {line.event!r}, which is not its to log")
    require(line.level == allowed.level, f"{title}: logs {line.event!r} as {line.level}")
    require(allowed.allows(fields), f"{title}: logs {line.event!r} with {sorted(fields)}")


def _names_no_customer(world: "SimulatedWorld", line: Logged, title: str) -> None:
    said = str(line.fields)
    for record in world.records().values():
        for name, value in (record.model_extra or {}).items():
            told = name not in PUBLIC and len(str(value)) >= SHORT and str(value) in said
            require(not told, f"{title}: its line {line.event!r} tells the {name} of {world.name_of(record.key)}")


def _totals(invocation: "Invocation") -> dict[str, float]:
    totals: dict[str, float] = {}
    for counted in invocation.counted:
        require(counted.metric not in totals, f"{invocation.title}: counts {counted.metric} twice")
        totals[counted.metric] = counted.value
    return totals


def _step_counted_what_it_did(world: "SimulatedWorld", invocation: "Invocation", totals: dict[str, float]) -> None:
    """Check the metrics of a step, the time that the saga took included."""
    answer, took = invocation.answer, totals.pop("SagaDuration", None)
    progress = [metric for metric in totals if metric in EVENTS]
    expected = dict.fromkeys(progress, 1.0)
    if invocation.failure is not None:
        # It may have failed after its write, which is counted then.
        expected["Failures"] = 1.0
        require(len(progress) <= 1, f"{invocation.title}: failed, and counts {progress}")
    elif answer["delivery"] == Delivery.FIRST:
        expected |= {METRIC_OF[Delivery.FIRST]: 1.0, answer["published"]: 1.0}
        if _gave_up(world, invocation):
            expected["Expired"] = 1.0
    else:
        deferred = DEFERRALS & totals.keys() if "reason" in answer else {METRIC_OF[answer["delivery"]]}
        require(len(deferred) == 1, f"{invocation.title}: is {answer['delivery']}, and counts {sorted(totals)}")
        expected = dict.fromkeys(deferred, 1.0)
    require(totals == expected, f"{invocation.title}: counts {totals}, and did {expected}")
    ended = any(EVENTS[event].status in TERMINAL for event in progress if event in EVENTS)
    require((took is not None) == ended, f"{invocation.title}: says {took} ms of how long the saga took")
    if took is not None:
        record = world.records()[invocation.event["detail"][KEY]]
        since = (record.updated_at - record.created_at, world.clock.time - record.created_at)
        least, most = (time / timedelta(milliseconds=1) for time in since)
        require(least <= took <= most, f"{invocation.title}: says {took} ms, and it was {least} to {most}")


def _gave_up(world: "SimulatedWorld", invocation: "Invocation") -> bool:
    """Return whether a step's outcome is that it gave up a saga past its deadline."""
    event_id, consumed = invocation.answer["publishedId"], invocation.event["detail"]
    (outcome,) = (each.envelope["detail"] for each in world.bus.published if each.envelope["id"] == event_id)
    return REASON not in consumed and outcome.get(REASON) == TIMED_OUT


def _recovery_counted_what_it_did(world: "SimulatedWorld", invocation: "Invocation", totals: dict[str, float]) -> None:
    lines = [each.fields for each in invocation.logged if each.event == "recovery"]
    if not lines:
        require(
            invocation.failure is not None and not totals, f"{invocation.title}: counts {totals}, and logs no recovery"
        )
        return
    (line,) = lines
    expected = {"Recovered": line["recovered"], "Postponed": line["postponed"]}
    if not invocation.plan and not invocation.fired:
        oldest = {waits: _oldest(world, invocation, waits=waits) for waits in (False, True)}
        expected |= {"OldestInFlight": oldest[False], "OldestWaiting": oldest[True]}
        require(totals == expected, f"{invocation.title}: counts {totals}, and did {expected}")
        published = len(invocation.accepted)
        require(line["recovered"] == published, f"{invocation.title}: counts {line['recovered']} of {published}")
        require(line["complete"] is True, f"{invocation.title}: says that it is not complete")
    require(totals.items() >= expected.items(), f"{invocation.title}: counts {totals}, and did {expected}")
    oldest_of_all = max(totals["OldestInFlight"], totals["OldestWaiting"])
    require(line["oldestSeconds"] == oldest_of_all, f"{invocation.title}: logs {line}, and counts {totals}")


def _oldest(world: "SimulatedWorld", invocation: "Invocation", *, waits: bool) -> float:
    """Return the age in seconds of the oldest saga that recovery looks at, as the records have it."""
    until = datetime.fromisoformat(invocation.event["time"])
    ages = [
        until - record.created_at
        for record in world.records().values()
        if not record.is_terminal and not record.held and record.waits is waits
    ]
    return max((age.total_seconds() for age in ages if age > deployment().recover_after), default=0.0)


def _starter_counted_what_it_did(invocation: "Invocation", totals: dict[str, float]) -> None:
    lines = [each.event for each in invocation.logged]
    expected = dict.fromkeys(telemetry().metrics_of(deployment().starter.name).keys() & {"Requests"}, 1.0)
    if "saga started" in lines:
        expected[f"{NOUN.title()}sAnnounced"] = 1.0
    if "publish left to recovery" in lines:
        expected["PublishesLeftToRecovery"] = 1.0
    require(totals == expected, f"{invocation.title}: counts {totals}, and logs {lines}")
    if not invocation.fired:
        did = len(invocation.accepted)
        require(lines.count("saga started") == did, f"{invocation.title}: published {did}, and logs {lines}")
