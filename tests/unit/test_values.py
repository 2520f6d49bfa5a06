"""A field may be any type that JSON can carry: it comes back from the bus and from the table as it was."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]
from pydantic import AwareDatetime, Field, ValidationError
from pydantic_core import to_json

from saga.event import Event, Timestamp
from saga.record import Record
from saga.table import from_item, to_item
from saga.value import Value
from tools.project.contracts.schemas import schema_of

MANY = settings(max_examples=200, deadline=None, database=None, derandomize=True)


class Cabin(StrEnum):
    ECONOMY = "economy"
    FIRST = "first"


class Passenger(Value):
    first_name: str
    born: date
    loyalty_id: UUID | None = None


class TripEvent(Event, source="trip-saga", key="trip_id"):
    trip_id: UUID
    created_at: Timestamp


class TripRequested(TripEvent):
    departs_on: date
    checked_in_at: AwareDatetime
    price: Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]
    cabin: Cabin
    passengers: list[Passenger]
    stops: tuple[str, ...]
    seats_by_flight: dict[str, int]
    insured: bool
    voucher: str | None = None
    return_on: date | None = None


ZONES = st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours)))
TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=ZONES)  # noqa: DTZ001  the zone is drawn
# DynamoDB refuses a lone surrogate, as UTF-8 does.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PASSENGERS = st.builds(
    lambda name, born, loyalty: Passenger.model_validate(
        {"first_name": name, "born": born, "loyalty_id": loyalty}, by_name=True, by_alias=False
    ),
    TEXT,
    st.dates(),
    st.none() | st.uuids(),
)
FIELDS = st.fixed_dictionaries(
    {
        "trip_id": st.uuids(),
        "created_at": TIMES,
        "departs_on": st.dates(),
        "checked_in_at": TIMES,
        "price": st.decimals(0, 10**9, places=2) | st.sampled_from([Decimal("1E+2"), Decimal("0E-2"), Decimal("1.5")]),
        "cabin": st.sampled_from(Cabin),
        "passengers": st.lists(PASSENGERS, max_size=3),
        "stops": st.lists(TEXT, max_size=3).map(tuple),
        "seats_by_flight": st.dictionaries(TEXT, st.integers(-(10**30), 10**30), max_size=3),
        "insured": st.booleans(),
    },
    optional={"voucher": st.none() | TEXT, "return_on": st.none() | st.dates()},
)


@MANY
@given(FIELDS)
def test_an_event_comes_back_from_the_bus_and_from_its_record_byte_for_byte(fields: dict[str, Any]) -> None:
    event = TripRequested.new(**fields)
    assert TripRequested.model_validate_json(event.detail()) == event
    assert TripRequested.model_validate_json(event.detail()).detail() == event.detail()

    at = "2026-01-31T09:30:00.125Z"
    stored = {"status": event.status, "updatedAt": at, "history": [{"status": event.status, "at": at}]}
    record = Record.from_item(from_item(to_item(event.fields() | stored)), TripRequested)
    assert record.event() == event
    assert record.event().detail() == event.detail()


def test_on_the_wire_each_type_has_one_spelling() -> None:
    event = TripRequested.new(
        trip_id=UUID(int=7),
        created_at=datetime(2026, 1, 31, 10, 30, 0, 125_999, tzinfo=timezone(timedelta(hours=1))),
        departs_on=date(2026, 5, 1),
        checked_in_at=datetime(2026, 1, 31, tzinfo=UTC),
        price=Decimal("1E+2"),
        cabin=Cabin.FIRST,
        passengers=[],
        stops=("LIS",),
        seats_by_flight={"TP-1": 2},
        insured=True,
    )
    assert event.fields() == {
        "tripId": "00000000-0000-0000-0000-000000000007",
        "createdAt": "2026-01-31T09:30:00.125Z",
        "departsOn": "2026-05-01",
        "checkedInAt": "2026-01-31T00:00:00.000Z",
        "price": "100",
        "cabin": "first",
        "passengers": [],
        "stops": ["LIS"],
        "seatsByFlight": {"TP-1": 2},
        "insured": True,
    }


WIRE = {
    "tripId": "00000000-0000-4000-8000-00000000000a",
    "createdAt": "2026-01-31T09:30:00.125Z",
    "departsOn": "2026-05-01",
    "checkedInAt": "2026-01-31T00:00:00.000Z",
    "price": "100.50",
    "cabin": "first",
    "passengers": [{"firstName": "Ada", "born": "1990-12-10"}],
    "stops": ["LIS"],
    "seatsByFlight": {"TP-1": 2},
    "insured": True,
    "voucher": "V-1",
    "returnOn": "2026-05-08",
}
NEAR_MISSES = {
    "tripId": ("urn:uuid:00000000-0000-4000-8000-00000000000a", "0" * 32, "00000000-0000-4000-8000-00000000000A", 7),
    "createdAt": (0, 1769851800, "0", "1769851800", "2026-01-31T09:30:00Z", "9999-12-31T23:59:59-01:00"),
    "departsOn": ("0", "1769851800", 0, "2026-05-01T00:00:00", "2026-02-30", "2026-5-1"),
    "checkedInAt": ("2026-01-31", "2026-01-31T25:00:00.000Z", None),
    "price": (100.5, 100, "-1", "1.555", "1E+2", "+1", " 1", "1_000", "NaN", "0100", ".5", "12345678901"),
    "cabin": ("FIRST", "steerage", None),
    "passengers": (
        {},
        None,
        [None],
        [{"firstName": "Ada"}],
        [{"first_name": "Ada", "born": "1990-12-10"}],
        [{"firstName": "Ada", "born": "660787200"}],
        [{"firstName": "Ada", "born": "1990-12-10", "loyaltyId": None}],
    ),
    "stops": ("LIS", [1], None),
    "seatsByFlight": ({"TP-1": 1.5}, {"TP-1": True}, {"TP-1": "2"}, []),
    "insured": (1, "true", None),
    "voucher": (None, 1),
    "returnOn": (None, "", "0"),
}
SCHEMA = Draft202012Validator(schema_of(TripRequested), format_checker=FormatChecker())


def model_takes(detail: dict[str, Any]) -> bool:
    try:
        TripRequested.model_validate_json(to_json(detail))
    except ValidationError:
        return False
    return True


def test_the_schema_and_the_model_take_an_event() -> None:
    assert (SCHEMA.is_valid(WIRE), model_takes(WIRE)) == (True, True)
    whole = WIRE | {"seatsByFlight": {"TP-1": 2.0}}
    assert (SCHEMA.is_valid(whole), model_takes(whole)) == (True, True)


@pytest.mark.parametrize(
    ("field", "value"),
    [pytest.param(field, value, id=f"{field}: {value}") for field, values in NEAR_MISSES.items() for value in values],
)
def test_a_near_miss_is_refused_by_the_schema_and_by_the_model(field: str, value: object) -> None:
    detail = WIRE | {field: value}
    assert (SCHEMA.is_valid(detail), model_takes(detail)) == (False, False)


class Plain:
    """No Value."""


@pytest.mark.parametrize("annotation", [float, list[float], dict[str, float], float | None, object, Any, bytes])
def test_a_type_that_would_not_come_back_as_it_was_is_refused_when_the_class_is_made(annotation: Any) -> None:
    with pytest.raises(TypeError, match=r"^Wrong\.field: \w+ does not come back as the same value"):
        type("Wrong", (Value,), {"__annotations__": {"field": annotation}, "__module__": __name__, "field": None})


def test_an_optional_field_without_a_default_is_refused_for_nothing_on_the_wire_says_none() -> None:
    with pytest.raises(TypeError, match=r"^Wrong\.voucher: an optional field defaults to None"):

        class Wrong(Value):
            voucher: str | None


def test_an_event_of_two_names_or_of_a_name_that_is_taken_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^TripRequested: TripRequested is TripRequested's already"):
        type("TripRequested", (TripEvent,), {"__annotations__": {}, "__module__": __name__})


def test_a_root_without_a_key_is_refused() -> None:
    with pytest.raises(TypeError, match="RootlessEvent is the root of a saga: it needs source= and key="):
        type("RootlessEvent", (Event,), {"__annotations__": {}, "__module__": __name__})


def test_events_of_a_test_are_not_in_the_registry_of_the_contract() -> None:
    class PaymentDisputed(TripEvent):
        pass

    assert TripEvent.events.keys() == {"TripRequested", "PaymentDisputed"}
