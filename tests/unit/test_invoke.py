"""One function with one event: what is called, what it finds there, and what is never done on AWS."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.unit.stories import CONSUMED_BY, MOVES, PLACED, TIMED_OUT, Move, Told
from tests.unit.world import envelope
from tests.virtual_clock import VirtualClock
from tools.base.problem import ProblemError
from tools.base.target import Target
from tools.base.transitions import EVENTS, is_path
from tools.invoking.invocation import may_prepare
from tools.invoking.prior_record import placed, record_after
from tools.invoking.running import require_emulator
from tools.invoking.samples import SAMPLES, choose
from tools.project.choreography.flow import Flow

FLOW = Flow.of_this_project()
DEADLINE = timedelta(minutes=15)
EMULATOR = Target(stage="local", endpoint="http://127.0.0.1:4566", region="us-east-1", stack_name="order-saga-local")
DEV = Target(stage="dev", endpoint=None, region="eu-central-1", stack_name="order-saga-dev")
PROD = Target(stage="prod", endpoint=None, region="eu-central-1", stack_name="order-saga-prod")


def problem_of(function: str | None, event: str | None) -> str:
    """Return what choosing raises."""
    with pytest.raises(ProblemError) as problem:
        choose(FLOW, function, event)
    assert "\n" not in str(problem.value)
    return str(problem.value)


@pytest.mark.parametrize("file", sorted(path.name for path in SAMPLES.iterdir()))
def test_the_function_follows_from_each_sample(file: str) -> None:
    event = json.loads((SAMPLES / file).read_text())
    by_name = {
        "cancel-order.json": "CancelOrder",
        "create-order.json": "CreateOrder",
        "get-order.json": "GetOrder",
        "receive-payment-hint.json": "ReceivePaymentHint",
        "recover-orders.json": "RecoverOrders",
    }
    expected = by_name.get(file) or CONSUMED_BY[event["detail-type"]]
    call = choose(FLOW, None, f"events/{file}")
    assert (call.function, call.event, call.file) == (expected, event, f"events/{file}")


@pytest.mark.parametrize("function", ["CreateOrder", "GetOrder", "RecoverOrders", "ReserveInventory", "ChargePayment"])
def test_the_event_follows_from_a_function_that_has_one_sample(function: str) -> None:
    call = choose(FLOW, function, None)
    assert call == choose(FLOW, None, call.file)


@pytest.mark.parametrize("event", sorted(CONSUMED_BY))
def test_an_event_may_be_called_by_its_name(event: str) -> None:
    call = choose(FLOW, None, event)
    assert (call.function, call.event["detail-type"]) == (CONSUMED_BY[event], event)


def test_a_file_of_ones_own_will_do(tmp_path: Path) -> None:
    own = tmp_path / "own.json"
    own.write_text(json.dumps(envelope("PaymentCharged", Told(MOVES[0].story).detail("PaymentCharged"))))
    call = choose(FLOW, "NotifyShipping", str(own))
    assert (call.function, call.file) == ("NotifyShipping", str(own))


def test_a_function_of_two_events_asks_which() -> None:
    said = problem_of("RefundPayment", None)
    assert said.endswith("add EVENT=events/payment-abandoned.json or EVENT=events/shipping-failed.json")


@pytest.mark.parametrize(
    ("function", "event", "said"),
    [
        (None, None, "which function?.*there are CreateOrder, .*NotifyShipping"),
        ("Nobody", None, "no function Nobody: choose one of CreateOrder, .*NotifyShipping"),
        (
            None,
            "nothing.json",
            "no file nothing.json: the samples are events/cancel-order.json, .*shipping-failed",
        ),
        (None, "InventoryReleased", "no file InventoryReleased: the samples are"),
        ("ChargePayment", "OrderCreated", "ChargePayment is not called with OrderCreated, ReserveInventory is"),
    ],
)
def test_a_wrong_name_is_told_with_the_right_ones(function: str | None, event: str | None, said: str) -> None:
    assert re.search(said, problem_of(function, event))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "holds no JSON object"),
        ("{}", "no function is called with an event like"),
        ('{"detail-type": ["OrderCreated"]}', "no function is called with an event like"),
        ('{"detail-type": "InventoryReleased"}', "no function is called with an event like"),
    ],
)
def test_a_file_that_is_no_event_is_told(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text(text)
    assert said in problem_of(None, str(tmp_path / "own.json"))


def test_a_malformed_event_is_told_with_its_wrong_fields(tmp_path: Path) -> None:
    detail = Told(MOVES[0].story).detail("OrderCreated") | {"amount": "a lot"}
    (tmp_path / "own.json").write_text(json.dumps(envelope("OrderCreated", detail)))
    call = choose(FLOW, None, str(tmp_path / "own.json"))
    with pytest.raises(ProblemError, match=r"OrderCreated in .*own.json is malformed, amount: .*valid integer"):
        _ = call.consumed


# What an event followed that has several predecessors, its fields do not say: the first of them is taken.
@pytest.mark.parametrize("move", [move for move in MOVES if move.story is not TIMED_OUT or move.at < 3], ids=str)
def test_an_order_that_is_put_there_is_the_one_that_the_steps_would_have_left(move: Move) -> None:
    told = Told(move.story)
    at = PLACED + timedelta(seconds=1)
    consumed = EVENTS[move.consumed].from_fields(told.detail(move.consumed))
    made, left = record_after(consumed, at), told.record(move.at, [PLACED, *[at] * move.at])
    statuses = [change["status"] for change in made["history"]]
    # An event that may follow several has the history of the first of them.
    assert is_path(statuses)
    assert made == left or statuses != [change["status"] for change in left["history"]]


def test_an_event_past_its_deadline_is_taken_as_placed_now_and_a_younger_one_as_it_is(clock: VirtualClock) -> None:
    consumed = EVENTS["OrderCreated"].from_fields(Told(MOVES[0].story).detail("OrderCreated"))
    clock.advance(minutes=15)
    assert placed(consumed, clock.time, DEADLINE) == consumed
    clock.advance(milliseconds=1)
    now_placed = placed(consumed, clock.time, DEADLINE)
    assert now_placed.created_at == clock.time
    assert now_placed.fields() | {"createdAt": None} == consumed.fields() | {"createdAt": None}


@pytest.mark.parametrize(("target", "unasked"), [(EMULATOR, "yes"), (DEV, "no"), (PROD, "no")])
def test_unasked_orders_are_made_up_on_an_emulator_alone(target: Target, unasked: str) -> None:
    assert may_prepare(target, asked=False, anew=False) is (unasked == "yes")


@pytest.mark.parametrize("target", [EMULATOR, DEV])
def test_asked_to_orders_are_made_up_on_dev_as_well(target: Target) -> None:
    assert may_prepare(target, asked=True, anew=False)


def test_no_order_is_ever_made_up_in_prod() -> None:
    with pytest.raises(ProblemError, match="no sample order is stored in prod: use an event of an existing order"):
        may_prepare(PROD, asked=True, anew=False)


@pytest.mark.parametrize("target", [DEV, PROD])
def test_no_order_on_aws_is_put_back(target: Target) -> None:
    with pytest.raises(ProblemError, match="ANEW=yes resets a record, which is never done on AWS"):
        may_prepare(target, asked=True, anew=True)


def test_a_container_of_this_machine_works_on_no_stack_on_aws() -> None:
    with pytest.raises(ProblemError, match=r"STAGE=dev is on AWS.*use `make invoke-remote`"):
        require_emulator(DEV)
