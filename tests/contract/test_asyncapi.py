"""The AsyncAPI document of the bus: that it is one, and that it says what the contract says."""

from typing import Any

import pytest
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from tests.contract.contracts_validation import BUS, OFFICIAL_ASYNCAPI, SCHEMAS, faults, inside
from tests.contract.template import RESOURCES, RULES
from tests.unit.stories import CONSUMED_BY, FIELDS, FINAL, HAPPY, PUBLISHED_BY, STATUS, Told
from tests.unit.world import envelope
from tools.project.contracts.asyncapi import BUS as ADDRESS
from tools.project.contracts.differences import resolved

MESSAGES: dict[str, dict[str, Any]] = BUS["components"]["messages"]
OFFICIAL = Draft7Validator(OFFICIAL_ASYNCAPI)


def headers_of(event: str) -> dict[str, Any]:
    return inside(BUS, f"#/components/messages/{event}/headers")


def moved_by(action: str) -> dict[str, list[str]]:
    """Return the functions that send or receive each event."""
    moved: dict[str, list[str]] = {}
    for name, operation in BUS["operations"].items():
        if operation["action"] == action:
            for message in operation["messages"]:
                moved.setdefault(message["$ref"].rpartition("/")[2], []).append(name)
    return moved


def test_it_is_an_asyncapi_document_by_the_official_schema() -> None:
    assert [fault.message for fault in OFFICIAL.iter_errors(BUS)] == []


@pytest.mark.parametrize(
    "wrong",
    [
        BUS | {"asyncapi": "2.6.0"},
        {name: part for name, part in BUS.items() if name != "info"},
        BUS | {"operations": {"Consumes": {"action": "listen", "channel": {"$ref": "#/channels/orders"}}}},
        BUS | {"channels": {"orders": {"adress": "orders"}}},
    ],
    ids=["another version", "no info", "an unknown action", "an unknown field"],
)
def test_what_is_none_is_refused(wrong: dict[str, Any]) -> None:
    assert not OFFICIAL.is_valid(wrong)


def test_all_that_it_refers_to_is_there() -> None:
    assert "$ref" not in str(resolved(BUS, BUS))


def test_there_is_a_message_for_every_event_and_no_other() -> None:
    assert MESSAGES.keys() == BUS["channels"]["orders"]["messages"].keys() == FIELDS.keys()


def test_it_names_the_bus_as_the_template_does() -> None:
    assert BUS["channels"]["orders"]["address"] == ADDRESS
    assert RESOURCES["EventBus"]["Properties"]["Name"] == {
        "Fn::Sub": ADDRESS.replace("{stackName}", "${AWS::StackName}")
    }


@pytest.mark.parametrize("event", FIELDS)
def test_a_payload_is_the_schema_of_the_event(event: str) -> None:
    schema = {name: said for name, said in SCHEMAS[event].items() if name not in {"$schema", "$id", "$comment"}}
    assert MESSAGES[event]["payload"] | {"examples": schema["examples"]} == schema
    # AsyncAPI's own dialect is a superset of draft 7.
    Draft7Validator.check_schema(MESSAGES[event]["payload"])


@pytest.mark.parametrize("event", FIELDS)
def test_a_message_says_what_becomes_of_the_order(event: str) -> None:
    message = MESSAGES[event]
    assert (message["x-status"], message["x-terminal"]) == (STATUS[event], event in FINAL)
    assert STATUS[event] in message["description"]
    assert ("final" in message["description"]) == (event in FINAL)


def test_a_compensation_says_what_it_takes_back() -> None:
    taken_back = {event: message["x-compensates"] for event, message in MESSAGES.items() if "x-compensates" in message}
    assert taken_back == {"PaymentRefunded": "PaymentCharged", "InventoryReleased": "InventoryReserved"}


def test_every_event_is_sent_and_received_by_whom_the_contract_says() -> None:
    repeated = {event: ["RecoverOrdersRepeats"] for event in CONSUMED_BY}
    assert moved_by("send") == {
        event: [*(f"{function}Publishes" for function in functions), *repeated.get(event, [])]
        for event, functions in PUBLISHED_BY.items()
    }
    assert moved_by("receive") == {event: [f"{function}Consumes"] for event, function in CONSUMED_BY.items()}


@pytest.mark.parametrize("event", FIELDS)
def test_an_event_as_eventbridge_delivers_it_is_valid_as_this_message_and_no_other(event: str) -> None:
    delivered = envelope(event, Told(HAPPY).detail(event))
    detail = delivered.pop("detail")
    assert faults(MESSAGES[event]["payload"], detail) == []
    assert [other for other in MESSAGES if faults(headers_of(other), delivered) == []] == [event]


@pytest.mark.parametrize("event", FIELDS)
def test_an_example_is_valid(event: str) -> None:
    (example,) = MESSAGES[event]["examples"]
    assert faults(headers_of(event), example["headers"]) == []
    assert faults(MESSAGES[event]["payload"], example["payload"]) == []
    assert example["headers"]["detail-type"] == event


def test_the_rule_that_it_tells_others_to_write_is_like_the_rules_of_the_template() -> None:
    (source,) = {tuple(rule["Pattern"]["source"]) for _, rule in RULES}
    assert f'"source": ["{source[0]}"]' in BUS["info"]["description"]
