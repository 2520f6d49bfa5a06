"""Invokes a function with an event: stores the order that the event is about, and shows what became of it."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from boto3.dynamodb.conditions import Attr
from rich.json import JSON

from contract import Saga
from saga.clock import now
from saga.event import Event
from saga.record import Record as SagaRecord
from tools.base.console import console, styled
from tools.base.events import KEY, NOUN
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import ROOT, Target
from tools.base.transitions import EVENTS
from tools.invoking.prior_record import placed, record_after
from tools.invoking.running import Run
from tools.invoking.samples import Call
from tools.operating import record as records
from tools.operating.following import follow
from tools.operating.timeline import draw, show_record
from tools.shop.seed import seed_for

Record = dict[str, Any]
NOW = ROOT / ".local" / "events"
"""Where the sample events lie as of now."""


def may_prepare(target: Target, *, asked: bool, anew: bool) -> bool:
    """Return whether an order may be made up for an event: on an emulator always, on AWS if asked to, in prod never.

    Raises `ProblemError` if something is asked for that is never done.
    """
    if target.endpoint:
        return True
    if anew:
        raise ProblemError("ANEW=yes resets a record, which is never done on AWS: leave it out")
    if asked and target.is_production:
        raise ProblemError(f"no sample {NOUN} is stored in prod: use an event of an existing {NOUN}, or STAGE=dev")
    return asked


def invoke(stack: Stack, call: Call, run: Run, *, prepare: bool, anew: bool = False) -> None:
    """Run a function with an event and tell what it did.

    `prepare` allows storing the order that the event is about, if the table does not hold it; `anew` resets it to where
    it was. Raises `ProblemError` if that is needed and not allowed, or if the function fails.
    """
    consumed = call.consumed
    if consumed is None:
        console.print(JSON(json.dumps(_readable(_answer(call, run, call.event)))))
        return
    consumed, before = _prepared(stack, consumed, prepare=prepare, anew=anew)
    _tell(stack, call, _answer(call, run, _with(consumed, call)), before)


def store(stack: Stack, call: Call) -> Path:
    """Reset an event's record to where the event finds it, and return a file with the event as of now.

    Raises `ProblemError` if the event is none of a saga, or if this is AWS.
    """
    if not stack.target.endpoint:
        raise ProblemError(f"a sample {NOUN} is stored on an emulator alone: leave STAGE={stack.target.stage} out")
    if call.consumed is None:
        raise ProblemError(f"{call.file} is no event of a saga: use it as it is")
    consumed, _ = _prepared(stack, call.consumed, prepare=True, anew=True)
    path = NOW / Path(call.file).name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_with(consumed, call), indent=2) + "\n")
    return path


def _with(consumed: Event, call: Call) -> Record:
    return {**call.event, "detail": json.loads(consumed.detail())}


def _answer(call: Call, run: Run, event: Mapping[str, Any]) -> Any:
    answer = run(event)
    if answer.error:
        console.print(answer.log, style="dim", soft_wrap=True)
        raise ProblemError(f"{call.function} failed, its log is above: {answer.error}")
    return answer.said


def _prepared(stack: Stack, consumed: Event, *, prepare: bool, anew: bool) -> tuple[Event, Record]:
    """Return the event as its order has it, and the order's record, which is stored first if there is none."""
    found = stack.records.get_item(Key={KEY: consumed.key}, ConsistentRead=True).get("Item")
    if found and not anew:
        # The event of this very order: it was placed when its record says.
        return consumed.from_fields({**consumed.fields(), "createdAt": found["createdAt"]}), found
    if not prepare:
        raise ProblemError(
            f"the stack {stack.target.stack_name} has no {NOUN} {consumed.key}, and on AWS a sample {NOUN} is "
            f"stored only if you allow it: use an event of an existing {NOUN}, or add PREPARE=yes"
        )
    consumed = placed(consumed, now(), _deadline(stack))
    record = record_after(consumed, now())
    if found:
        stack.records.delete_item(Key={KEY: consumed.key})
    stack.records.put_item(Item=record, ConditionExpression=Attr(KEY).not_exists())
    seed_for(stack, record)
    console.print(
        f"stored {NOUN} {consumed.key} as it is after {consumed.detail_type}, created at {record['createdAt']}",
        soft_wrap=True,
    )
    return consumed, record


def _tell(stack: Stack, call: Call, said: Mapping[str, Any], before: Record) -> None:
    order_id, published = str(before[KEY]), said.get("published")
    record = _record(stack, order_id)
    if published is None:
        stands = str(record["status"])
        told = f"delivery: {said['delivery']}; {call.function} had nothing to do, the {NOUN} is {stands}"
        console.print(told, soft_wrap=True)
        if stack.target.endpoint:
            console.print("ANEW=yes resets it first")
        draw(record)
        return
    event = EVENTS[str(published)]
    moved = f"{before['status']} → {event.status}" if said["delivery"] == "first" else "it had moved before"
    console.print(styled("delivery: {}; {} {}: [bold]{}[/]", said["delivery"], NOUN, order_id, moved), soft_wrap=True)
    console.print(f"published {published} ({said.get('publishedId')}):", soft_wrap=True)
    console.print(JSON(SagaRecord.from_item(record, Saga).event().detail()))
    console.print("the deployed steps go on from there")
    final = follow(order_id, stack)
    draw(final)
    show_record(final)


def _record(stack: Stack, order_id: str) -> Record:
    if (found := records.find(stack, order_id)) is None:
        raise ProblemError(f"{NOUN} {order_id} was deleted meanwhile: try again")
    return found


def _readable(said: Any) -> Any:
    """Return an answer as a person reads it: the body of an HTTP answer is JSON inside of JSON."""
    if isinstance(said, dict) and isinstance(said.get("body"), str):
        return {**said, "body": json.loads(said["body"])}
    return said


def _deadline(stack: Stack) -> timedelta:
    """Return the stack's deadline; it has it as a parameter."""
    return timedelta(seconds=int(stack.parameter("DeadlineSeconds")))
