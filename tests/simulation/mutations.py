"""Ways to break a guard of the kernel. Each takes a `MonkeyPatch`, so the code itself is never touched."""

import sys
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from saga import aws, bus, circuit_breaker, in_flight, marks, recovery, spacing, step, table, telemetry
from saga.bus import PublishError
from saga.record import Record
from saga.settings import settings
from saga.table import ConditionFailedError
from tests.simulation.deployment import deployment

Patch = pytest.MonkeyPatch


def the_records_condition_is_dropped(patch: Patch) -> None:
    change_moves(patch, lambda _outcome: True)


def an_overdue_event_is_acted_on_without_a_read(patch: Patch) -> None:
    def blind(self: Any, consumed: Any) -> Any:
        overdue = consumed.is_older_than(settings().deadline_of(waits=consumed.waits))
        given_up = overdue and self._abandon
        return self._commit(consumed, self._abandon(consumed, "timed out") if given_up else self._decide(consumed))

    patch.setattr(step.Step, "_take", blind)


def failed_entries_are_ignored(patch: Patch) -> None:
    def careless(*published: Any) -> Any:
        try:
            return bus.publish(*published)
        except PublishError:
            return ["an id"] * len(published)

    starter = import_module(deployment().starter.module)
    for module in (step, starter, recovery):
        patch.setattr(module, "publish", careless)


def an_event_is_published_before_its_write(patch: Patch) -> None:
    commit = as_it_is(step.Step, "_commit")

    def hasty(self: Any, consumed: Any, outcome: Any, **how: Any) -> Any:
        bus.publish(outcome)
        return commit(self, consumed, outcome, **how)

    patch.setattr(step.Step, "_commit", hasty)


def a_duplicate_publishes_what_it_tried_and_not_what_is_stored(patch: Patch) -> None:
    done_before = as_it_is(step.Step, "_done_before")

    def forgetful(self: Any, consumed: Any, order: Any, tried: Any = None) -> Any:
        if tried is None or tried.status != order.status:
            return done_before(self, consumed, order, tried)
        (event_id,) = bus.publish(tried)
        return step.Result(step.Delivery.DUPLICATE, tried, event_id)

    patch.setattr(step.Step, "_done_before", forgetful)


def a_duplicate_does_not_publish_again(patch: Patch) -> None:
    patch.setattr(step.Step, "_done_before", lambda *_args, **_kwargs: step.Result(step.Delivery.STALE))


def a_conflict_is_taken_for_a_failed_condition(patch: Patch) -> None:
    patch.setattr(table, "RETRYABLE", frozenset())
    patch.setattr(table, "CONDITION_FAILED", "TransactionConflict")


def the_other_writes_reasons_are_looked_at_before_the_records(patch: Patch) -> None:
    moved_on = as_it_is(table, "_moved_on")

    def others_first(consumed: Any, answer: Any) -> Exception:
        cancelled: Any = sys.exc_info()[1]
        reasons = cancelled.response.get("CancellationReasons", [{}])
        refused = reasons[-1].get("Code") == table.CONDITION_FAILED and len(reasons) > 1
        return ConditionFailedError({}) if refused else moved_on(consumed, answer)

    patch.setattr(table, "_moved_on", others_first)


def the_other_writes_go_before_the_transaction(patch: Patch) -> None:
    advance = table.advance

    @wraps(advance)
    def apart(consumed: Any, outcome: Any, writes: Any = (), **heeding: Any) -> None:
        client = aws.dynamodb()
        for write in writes:
            try:
                client.update_item(**write["Update"])
            except client.exceptions.ConditionalCheckFailedException as refusal:
                raise ConditionFailedError(write) from refusal
        advance(consumed, outcome, **heeding)

    patch.setattr(table, "advance", apart)


def an_outcome_is_undone_whichever_was_first(patch: Patch) -> None:
    done_before = as_it_is(step.Step, "_done_before")

    def overzealous(self: Any, consumed: Any, order: Any, tried: Any = None) -> Any:
        if tried is not None and (undo := self._undo.get(type(tried))):
            undo(tried)
        return done_before(self, consumed, order, tried)

    patch.setattr(step.Step, "_done_before", overzealous)


def recovery_skips_a_saga(patch: Patch) -> None:
    publish = as_it_is(recovery.Run, "publish")
    patch.setattr(recovery.Run, "publish", lambda self, keys: publish(self, keys[1:]))


def recovery_publishes_nothing(patch: Patch) -> None:
    patch.setattr(recovery.Run, "publish", lambda _self, _keys: None)


def recovery_skips_a_saga_for_ever(patch: Patch) -> None:
    turn = as_it_is(spacing.Spacing, "turn")

    def unfair(self: Any, saga: Any, *, everything: bool = False) -> Any:
        return None if saga.key.endswith(("0", "1", "2", "3", "4")) else turn(self, saga, everything=everything)

    patch.setattr(spacing.Spacing, "turn", unfair)


def recovery_lets_deadlines_wait(patch: Patch) -> None:
    patch.setattr(spacing, "BY_DEADLINE", 9)


def a_circuit_breaker_never_closes(patch: Patch) -> None:
    patch.setattr(circuit_breaker, "OPEN_AT_FIRST", timedelta(days=10_000))
    patch.setattr(circuit_breaker, "OPEN_AT_MOST", timedelta(days=10_000))


def an_unreachable_provider_fails_the_step(patch: Patch) -> None:
    def impatient(_self: Any, _consumed: Any, deferral: Any, **_looked: Any) -> Any:
        raise RuntimeError(str(deferral))

    patch.setattr(step.Step, "_defer", impatient)


def a_step_defers_without_reading_the_record(patch: Patch) -> None:
    def blind(_self: Any, _consumed: Any, deferral: Any, **_looked: Any) -> Any:
        return step.Result(step.Delivery.DEFERRED, deferral=deferral)

    patch.setattr(step.Step, "_defer", blind)


def a_new_record_replaces_one_of_the_same_key(patch: Patch) -> None:
    client = aws.dynamodb

    class Overwriting:
        def __getattr__(self, name: str) -> Any:
            return getattr(client(), name)

        def put_item(self, *, ConditionExpression: str, **put: Any) -> Any:  # noqa: ARG002, N803  the API's name
            return client().put_item(**put)

    patch.setattr(table, "dynamodb", Overwriting)


def an_ended_saga_stays_in_the_index(patch: Patch) -> None:
    move = as_it_is(table, "_move")

    def kept(consumed: Any, outcome: Any, **options: Any) -> Any:
        made: dict[str, Any] = {**move(consumed, outcome, **options)}
        made["UpdateExpression"] = made["UpdateExpression"].removesuffix(" REMOVE inFlight")
        return made

    patch.setattr(table, "_move", kept)


def as_it_is(owner: Any, name: str) -> Any:
    return getattr(owner, name)


def a_write_heeds_no_stop(patch: Patch) -> None:
    advance = as_it_is(table, "advance")

    def deaf(consumed: Any, outcome: Any, writes: Any = (), **_heeding: Any) -> None:
        advance(consumed, outcome, writes)

    patch.setattr(table, "advance", deaf)


def a_write_heeds_no_hold(patch: Patch) -> None:
    move = as_it_is(table, "_move")

    def deaf(consumed: Any, outcome: Any, **options: Any) -> Any:
        made = move(consumed, outcome, **options)
        made["ConditionExpression"] = made["ConditionExpression"].replace(" AND attribute_not_exists(#held)", "")
        del made["ExpressionAttributeNames"]["#held"]
        return made

    patch.setattr(table, "_move", deaf)


def a_record_that_is_read_shows_no_mark(patch: Patch) -> None:
    read = as_it_is(table, "read")
    patch.setattr(table, "read", lambda key, root: read(key, root).model_copy(update={"stopped": None, "held": None}))


def a_saga_may_be_stopped_wherever_it_stands(patch: Patch) -> None:
    patch.setattr(marks, "stoppable", lambda root: list(root.by_status))


def a_stop_replaces_the_one_before(patch: Patch) -> None:
    update = as_it_is(marks, "update")

    def careless(*said: Any) -> Any:
        made = update(*said)
        made["ConditionExpression"] = made["ConditionExpression"].replace(" AND attribute_not_exists(#stopped)", "")
        return made

    patch.setattr(marks, "update", careless)


def recovery_brings_a_stopped_saga_in_its_turn(patch: Patch) -> None:
    standings = as_it_is(in_flight, "standings")

    def slow(*asked: Any, **how: Any) -> Any:
        return [standing._replace(stopped=False) for standing in standings(*asked, **how)]

    patch.setattr(in_flight, "standings", slow)


def a_stopped_saga_is_given_up_for_another_reason(patch: Patch) -> None:
    heed = as_it_is(step.Step, "_heed")

    def mistaken(self: Any, consumed: Any, record: Any) -> Any:
        return heed(self, consumed, record.model_copy(update={"stopped": record.stopped and "timed out"}))

    patch.setattr(step.Step, "_heed", mistaken)


def recovery_knows_no_hold(patch: Patch) -> None:
    from_item = as_it_is(Record, "from_item")

    def blind(item: Any, root: Any) -> Any:
        return from_item({name: value for name, value in item.items() if name != "held"}, root)

    patch.setattr(in_flight, "Record", SimpleNamespace(from_item=blind))
    read = as_it_is(in_flight, "_read")
    patch.setattr(
        in_flight,
        "_read",
        lambda *args, **kwargs: [
            {name: value for name, value in item.items() if name != "held"} for item in read(*args, **kwargs)
        ],
    )


def recovery_reads_what_was_true_a_moment_ago(patch: Patch) -> None:
    client: Callable[[], Any] = aws.dynamodb

    class Hasty:
        def __getattr__(self, name: str) -> Any:
            return getattr(client(), name)

        def batch_get_item(self, *, RequestItems: Any) -> Any:  # noqa: N803  the API's name
            hasty = {
                table: {name: value for name, value in wanted.items() if name != "ConsistentRead"}
                for table, wanted in RequestItems.items()
            }
            return client().batch_get_item(RequestItems=hasty)

    patch.setattr(in_flight, "dynamodb", Hasty)


def a_duration_is_in_seconds(patch: Patch) -> None:
    count = as_it_is(telemetry, "count")
    patch.setattr(
        telemetry, "count", lambda metric, value=1, *unit: count(metric, value / 1000 if unit else value, *unit)
    )


def a_saga_that_is_compensated_counts_as_given_up_again(patch: Patch) -> None:
    progress = as_it_is(step, "count_progress")

    def zealous(published: Any) -> None:
        progress(published)
        if published.compensates and published.failure_reason == step.TIMED_OUT:
            telemetry.count("Expired")

    patch.setattr(step, "count_progress", zealous)


def a_first_event_is_never_counted(patch: Patch) -> None:
    starter = import_module(deployment().starter.module)
    count = as_it_is(starter, "count")
    patch.setattr(starter, "count", lambda metric: None if metric.endswith("Announced") else count(metric))


def a_line_says_what_was_ordered(patch: Patch) -> None:
    log = as_it_is(step, "log")

    def talkative(line: Any, **fields: Any) -> None:
        log(line, **fields, reason=f"of {published[-1]}")

    published: list[Any] = []
    publish = as_it_is(step, "publish")

    def publish_and_keep(*events: Any) -> Any:
        published.extend(events)
        return publish(*events)

    patch.setattr(step, "publish", publish_and_keep)
    patch.setattr(step, "log", talkative)


def change_moves(patch: Patch, unconditional: Callable[[Any], bool]) -> None:
    move = as_it_is(table, "_move")

    def changed(consumed: Any, outcome: Any, **options: Any) -> Any:
        made: dict[str, Any] = {**move(consumed, outcome, **options)}
        if unconditional(outcome):
            del made["ConditionExpression"]
            names = made["ExpressionAttributeNames"]
            made["ExpressionAttributeNames"] = {
                name: names[name] for name in names if name not in {"#held", "#stopped"}
            }
            values = made["ExpressionAttributeValues"]
            made["ExpressionAttributeValues"] = {
                name: values[name] for name in values if not name.startswith(":before")
            }
        return made

    patch.setattr(table, "_move", changed)
