"""The step, whatever the saga is about: what it refuses when it is made, and what goes with its write."""

import os
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from saga import table
from saga.clock import now
from saga.event import Event, Timestamp
from saga.step import Step, step
from saga.table import MAX_WRITES, ConditionFailedError, to_item
from tests.unit.moto_stack import Context, MotoStack
from tests.unit.world import envelope
from tests.virtual_clock import VirtualClock

if TYPE_CHECKING:
    from saga.table import Write


class TripEvent(Event, source="order-saga", key="order_id"):
    """Its key is named as the tests' table has it."""

    order_id: str
    created_at: Timestamp


class TripRequested(TripEvent, stoppable=True):
    flights: list[str]


class SeatsTaken(TripRequested):
    pass


class TripRefused(TripRequested, terminal=True):
    full: str


class TripForgotten(TripRequested, terminal=True):
    pass


class SeatsReturned(SeatsTaken, compensates=SeatsTaken, terminal=True):
    pass


def seats(taken: SeatsTaken) -> "Sequence[Write]":
    return [
        {
            "Update": {
                "TableName": os.environ["INVENTORY_TABLE_NAME"],
                "Key": to_item({"sku": flight}),
                "UpdateExpression": "SET available = available - :one",
                "ConditionExpression": "available >= :one",
                "ExpressionAttributeValues": to_item({":one": 1}),
            }
        }
        for flight in taken.flights
    ]


def full(requested: TripRequested, write: "Write") -> TripRefused:
    flight: Any = write["Update"]["Key"]["sku"]
    return TripRefused.after(requested, full=flight["S"])


@step(transact_with={SeatsTaken: seats}, on_condition_failed=full)
def take_seats(requested: TripRequested) -> SeatsTaken | TripRefused:
    return SeatsTaken.after(requested)


def requested(stack: MotoStack, *available: int) -> TripRequested:
    """Store a trip on as many flights, with so many seats each."""
    trip = TripRequested.new(order_id=str(uuid4()), created_at=now(), flights=[f"TP-{uuid4()}" for _ in available])
    for flight, free in zip(trip.flights, available, strict=True):
        stack.stock(flight, free)
    table.create(trip)
    return trip


def deliver(handler: Step[Any, Any], event: Event) -> dict[str, Any]:
    return handler(envelope(event.detail_type, event.fields()), Context())


def left(stack: MotoStack, trip: TripRequested) -> list[int]:
    return [stack.shelf(flight) for flight in trip.flights]


@pytest.mark.parametrize("flights", [1, 2, MAX_WRITES])
def test_as_many_writes_as_a_transaction_takes_go_with_the_records_own(stack: MotoStack, flights: int) -> None:
    trip = requested(stack, *[3] * flights)
    assert deliver(take_seats, trip)["published"] == "SeatsTaken"
    assert left(stack, trip) == [2] * flights
    assert stack.wire.calls[-2:] == ["TransactWriteItems", "PutEvents"]


@pytest.mark.parametrize("without", [0, 1, 2])
def test_the_step_is_told_which_write_was_refused_and_none_of_them_happened(stack: MotoStack, without: int) -> None:
    trip = requested(stack, *(0 if number == without else 3 for number in range(3)))
    assert deliver(take_seats, trip)["published"] == "TripRefused"
    assert stack.wire.published[-1].content["full"] == trip.flights[without]
    assert left(stack, trip) == [0 if number == without else 3 for number in range(3)]


def test_a_refused_write_that_no_decision_answers_fails_the_step(stack: MotoStack) -> None:
    careless = Step(lambda_of(SeatsTaken), transact_with={SeatsTaken: seats})
    with pytest.raises(ConditionFailedError):
        deliver(careless, requested(stack, 0))


def test_a_saga_past_its_deadline_is_given_up_and_counted(
    stack: MotoStack, clock: VirtualClock, capsys: pytest.CaptureFixture[str]
) -> None:
    def forget(trip: TripRequested, _reason: str) -> TripForgotten:
        return TripForgotten.after(trip)

    @step(give_up=forget)
    def take(trip: TripRequested) -> SeatsTaken | TripForgotten:
        return SeatsTaken.after(trip)

    for late, published, counted in ((0, "SeatsTaken", False), (1, "TripForgotten", True)):
        trip = requested(stack, 1)
        clock.advance(minutes=15, milliseconds=late)
        capsys.readouterr()
        assert deliver(take, trip)["published"] == published
        assert ('"Expired"' in capsys.readouterr().out) is counted
    assert take.gives_up
    assert not take_seats.gives_up


def test_a_reason_that_reads_like_a_deadline_is_no_deadline(
    stack: MotoStack, capsys: pytest.CaptureFixture[str]
) -> None:
    @step
    def refuse(trip: TripRequested) -> TripRefused:
        return TripRefused.after(trip, full="timed out")

    deliver(refuse, requested(stack, 1))
    assert '"Expired"' not in capsys.readouterr().out


def lambda_of(outcome: type[Event]) -> Callable[[TripRequested], Any]:
    def decide(trip: TripRequested) -> Any:
        return outcome.after(trip)

    decide.__annotations__["return"] = outcome
    return decide


def test_an_outcome_that_does_not_follow_what_the_step_consumes_is_refused_when_it_is_made() -> None:
    with pytest.raises(TypeError, match=r"test_step publishes SeatsReturned, which follows SeatsTaken$"):
        Step(lambda_of(SeatsReturned))
    with pytest.raises(TypeError, match=r"test_step publishes TripRequested, which follows nothing$"):
        Step(lambda_of(TripRequested))


def test_a_consumed_event_that_leads_to_no_outcome_is_refused_when_the_step_is_made() -> None:
    def decide(trip: TripRequested | SeatsTaken) -> SeatsTaken:
        return SeatsTaken.after(trip)

    with pytest.raises(TypeError, match=r"test_step consumes SeatsTaken, and publishes nothing that follows it$"):
        Step(decide)


@pytest.mark.parametrize("option", ["transact_with", "undo"])
def test_an_option_for_an_event_that_the_step_does_not_publish_is_refused_when_it_is_made(option: str) -> None:
    with pytest.raises(TypeError, match=r"test_step does not publish TripRefused$"):
        Step(lambda_of(SeatsTaken), **{option: {TripRefused: seats}})  # type: ignore[arg-type]  # one of the two


def test_a_deadline_is_counted_from_the_first_event(stack: MotoStack, clock: VirtualClock) -> None:
    trip = requested(stack, 1)
    clock.advance(minutes=1)
    assert trip.is_older_than(timedelta(seconds=59))
    assert not trip.is_older_than(timedelta(minutes=1))
