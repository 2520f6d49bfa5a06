"""The events' JSON Schemas: what they say, and that they say the same as the models."""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import BaseModel, Field, ValidationError, create_model

from contract.values import Quantity, Reference
from saga.event import Event, Timestamp
from saga.value import SPELLING, Value
from shipping import provider
from shipping.carrier import Booked, Shipment
from tests.contract.contracts_validation import FILES, SCHEMAS, faults
from tests.unit.stories import FIELDS, HAPPY, OPTIONAL, OUT_OF_STOCK, STORIES, Story, Told
from tools.base.transitions import EVENTS
from tools.project.contracts import schemas
from tools.project.contracts.examples import examples
from tools.project.contracts.files import SCHEMAS as FOLDER
from tools.project.contracts.schemas import schema_of

EXAMPLES = examples(EVENTS)
MANY = settings(max_examples=300, deadline=None, database=None, derandomize=True)


def test_the_files_are_what_the_models_give_and_there_is_no_other() -> None:
    assert {path.name: path.read_text() for path in FOLDER.iterdir()} == FILES


def test_there_is_a_schema_of_every_event_and_of_nothing_else() -> None:
    assert SCHEMAS.keys() == FIELDS.keys()


@pytest.mark.parametrize("event", FIELDS)
def test_a_schema_is_one_and_says_what_it_is_of(event: str) -> None:
    schema = SCHEMAS[event]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert (schema["$id"], schema["title"], schema["description"]) == (f"{event}.json", event, EVENTS[event].__doc__)
    assert "make generate" in schema["$comment"]


@pytest.mark.parametrize("event", FIELDS)
def test_a_schema_names_the_fields_of_the_contract_and_lets_others_pass(event: str) -> None:
    schema = SCHEMAS[event]
    assert set(schema["required"]) <= set(schema["properties"]) == {*FIELDS[event], "eventId"}
    assert faults(schema, EXAMPLES[event]["detail"] | {"giftNote": "for you"}) == []


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_every_event_of_every_story_is_valid(story: Story) -> None:
    order = Told(story)
    for event in story.path:
        assert faults(SCHEMAS[event], order.detail(event)) == [], event


@pytest.mark.parametrize("event", FIELDS)
def test_an_example_is_valid_and_byte_for_byte_what_the_model_writes(event: str) -> None:
    (detail,) = SCHEMAS[event]["examples"]
    assert faults(SCHEMAS[event], detail) == []
    assert json.loads(EVENTS[event].from_fields(detail).detail()) == detail


def test_what_the_examples_say_is_what_the_steps_say() -> None:
    shipped = EXAMPLES["ShippingScheduled"]["detail"]
    shipment = Shipment(shipped["orderId"], shipped["customerId"], shipped["sku"], shipped["quantity"])
    assert provider.adapter.book(shipment) == Booked(shipped["trackingNumber"])
    assert EXAMPLES["InventoryFailed"]["detail"]["failureReason"] == OUT_OF_STOCK.reason


WRONG: dict[str, tuple[object, ...]] = {
    "orderId": ("", "x" * 65, "a\u0000b", 7, None),
    "createdAt": (
        "2026-01-31T09:30:00Z",
        "2026-01-31T09:30:00.125+00:00",
        "2026-13-31T09:30:00.125Z",
        "yesterday",
        1769851800125,
        None,
    ),
    "customerId": ("", "x" * 65, ["CUST-1"]),
    "sku": ("", "x" * 65, {}),
    "quantity": (0, 10_001, 1.5, "1", True, None),
    "amount": (0, 10**12 + 1, 49.99, "4200"),
    "currency": ("usd", "EURO", ""),
    "paymentMethod": ("", "x" * 256, "two words", "\u00e9", 1),
    "reservationId": ("", "x" * 129, 1),
    "paymentId": ("", "x" * 129, None),
    "trackingNumber": ("", "x" * 129, 1),
}
CASES = [(field, value) for field, values in WRONG.items() for value in values]


@pytest.mark.parametrize(("field", "value"), CASES, ids=[f"{field} {str(value)[:30]}" for field, value in CASES])
def test_a_wrong_value_is_refused_and_its_field_named(field: str, value: object) -> None:
    detail = Told(HAPPY).detail("ShippingScheduled")
    assert faults(SCHEMAS["ShippingScheduled"], detail | {field: value})[0] == field


@pytest.mark.parametrize(
    "field", [name for name in FIELDS["ShippingScheduled"] if name in WRONG and name not in OPTIONAL]
)
def test_a_missing_field_is_refused(field: str) -> None:
    detail = Told(HAPPY).detail("ShippingScheduled")
    del detail[field]
    assert faults(SCHEMAS["ShippingScheduled"], detail) == [f"'{field}' is a required property"]


class Before(BaseModel):
    """An event as it was; a plain model, since a subclass of Event would be an event of the saga."""

    model_config = Event.model_config

    sku: str
    placed_at: Timestamp


class Grown(Before):
    """The same with two more fields that need not be there."""

    gift_note: Annotated[str, Field(max_length=80)] | None = None
    pieces: Quantity = 1


class Inner(BaseModel):
    """A model inside of a model."""

    payment_id: Reference


class Outer(Before):
    """The same with a model inside."""

    payment: Inner


def test_an_optional_field_is_not_required_and_never_null_as_it_is_left_out_on_the_wire() -> None:
    schema = schema_of(Grown)
    assert schema["required"] == ["sku", "placedAt"]
    assert schema["properties"]["giftNote"] == {"type": "string", "maxLength": 80}
    assert schema["properties"]["pieces"]["default"] == 1
    assert "null" not in json.dumps(schema)


def test_a_model_inside_of_a_model_is_described_with_it() -> None:
    schema = schema_of(Outer)
    detail = {"sku": "BOOK", "placedAt": "2026-01-31T09:30:00.125Z"}
    assert faults(schema, detail | {"payment": {"payment_id": "P-1"}}) == []
    assert faults(schema, detail | {"payment": {"payment_id": ""}}) == ["payment.payment_id"]


def test_a_changed_model_gives_another_file() -> None:
    assert schemas.document(Before, {}) != schemas.document(Grown, {})


WIRE_TIME = (
    st.datetimes().map(lambda time: f"{time:%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z").map("2026-{}".format)
)
TEXT = st.text(max_size=140)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "orderId": TEXT | JSON,
        "customerId": TEXT | JSON,
        "sku": TEXT | JSON,
        "quantity": st.integers(-1, 10_002) | JSON,
        "amount": st.integers(-1, 10**12 + 2) | JSON,
        "currency": st.sampled_from(["EUR", "USD", "eur", "EURO"]) | JSON,
        "reservationId": TEXT | JSON,
        "giftNote": JSON,
    },
)
LEFT_OUT = st.sets(st.sampled_from(FIELDS["InventoryReserved"]), max_size=1)


def is_read(detail: dict[str, Any]) -> bool:
    try:
        EVENTS["InventoryReserved"].from_fields(detail)
    except ValidationError:
        return False
    return True


def is_valid(detail: dict[str, Any]) -> bool:
    return faults(SCHEMAS["InventoryReserved"], detail) == []


def is_told_apart_by_its_spelling(value: object) -> bool:
    """Return what validators differ about: 1.0 is an integer to JSON Schema, and Python's `$` lets a line end pass."""
    return (isinstance(value, float) and value.is_integer()) or (isinstance(value, str) and value.endswith("\n"))


@MANY
@given(changed=NEARLY, time=WIRE_TIME, left_out=LEFT_OUT)
@example(changed={}, time="2026-02-28T00:00:00.000Z", left_out=set())
@example(changed={"quantity": True}, time="2026-02-28T00:00:00.000Z", left_out=set())
def test_the_schema_takes_what_the_model_reads_and_nothing_else(
    changed: dict[str, Any], time: str, left_out: set[str]
) -> None:
    detail = Told(HAPPY).detail("InventoryReserved") | {"createdAt": time} | changed
    detail = {name: value for name, value in detail.items() if name not in left_out}
    if not any(map(is_told_apart_by_its_spelling, detail.values())):
        assert is_valid(detail) == is_read(detail)


@MANY
@given(time=WIRE_TIME | TEXT | st.from_regex(re.compile(SPELLING["datetime"]), fullmatch=True) | JSON)
def test_a_time_that_the_schema_takes_is_one_that_the_model_reads_and_writes_again(time: object) -> None:
    detail = Told(HAPPY).detail("InventoryReserved") | {"createdAt": time}
    # A leap second is a time to the schema's format; Python's clock has none.
    if is_valid(detail) and ":60." not in str(time):
        written = json.loads(EVENTS["InventoryReserved"].from_fields(detail).detail())
        assert written["createdAt"] == time


class Fare(Value):
    """Fields of types that JSON does not have."""

    price: Annotated[Decimal, Field(gt=0, max_digits=10, decimal_places=2)]
    rebate: Annotated[Decimal, Field(ge=0, decimal_places=3)]
    change: Decimal
    travel: date
    ticket: UUID


FARE = schema_of(Fare)
NUMBER = st.decimals(allow_nan=False, allow_infinity=False).map("{:f}".format) | st.from_regex(
    r"-?[0-9]{1,11}(\.[0-9]{0,4})?", fullmatch=True
)
DAY = st.dates().map(str) | st.from_regex(re.compile(SPELLING["date"], re.ASCII), fullmatch=True)
FARES = st.fixed_dictionaries(
    {
        "price": NUMBER | JSON,
        "rebate": NUMBER | JSON,
        "change": NUMBER | JSON,
        "travel": DAY | JSON,
        "ticket": st.uuids().map(str) | st.uuids().map(lambda ticket: str(ticket).upper()) | JSON,
    }
)
GOOD = {"price": "1234.50", "rebate": "0", "change": "-7", "travel": "2026-12-20", "ticket": str(UUID(int=7))}


def fare_is_read(detail: dict[str, Any]) -> bool:
    try:
        Fare.model_validate_json(json.dumps(detail))
    except ValidationError:
        return False
    return True


@MANY
@given(changed=FARES)
@example(changed={"price": "0"})
@example(changed={"price": "0.00"})
@example(changed={"price": "00.1"})
@example(changed={"price": "99999999.99"})
@example(changed={"price": "100000000"})
@example(changed={"price": "12.500"})
@example(changed={"price": "12.501"})
@example(changed={"rebate": "-0"})
@example(changed={"travel": "2026-02-30"})
def test_the_schema_of_a_type_that_json_does_not_have_takes_what_the_model_reads(changed: dict[str, Any]) -> None:
    for name, value in changed.items():
        detail = GOOD | {name: value}
        if not is_told_apart_by_its_spelling(value):
            assert (faults(FARE, detail) == []) == fare_is_read(detail), detail


@pytest.mark.parametrize(
    ("bound", "told"),
    [({"ge": 1}, "no pattern says ge"), ({"lt": 9}, "no pattern says lt"), ({"max_digits": 3}, "needs decimal_places")],
)
def test_a_bound_that_no_schema_could_say_is_refused(bound: dict[str, Any], told: str) -> None:
    bounded = create_model("Bounded", __base__=Value, price=(Annotated[Decimal, Field(**bound)], ...))
    with pytest.raises(TypeError, match=told):
        schema_of(bounded)
