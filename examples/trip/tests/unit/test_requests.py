"""POST /trips: what is taken, and what is refused with the field's name."""

import json
from typing import Any

import pytest

from tests.simulation.deployment import deployment
from tests.simulation.shop import WORLD
from tests.simulation.shop.bodies import trip
from tests.simulation.simulated_world import SimulatedWorld


def answer_to(body: dict[str, Any]) -> tuple[int, Any]:
    starter = deployment().starter
    request: dict[str, Any] = {"httpMethod": "POST", "path": starter.route, "headers": {}, "body": json.dumps(body)}
    with SimulatedWorld(**WORLD) as world:
        answer = world.call(starter.name, "somebody asks", request | {"isBase64Encoded": False}).answer
    return answer["statusCode"], json.loads(answer["body"])


def test_a_trip_is_taken_and_its_record_has_dates_and_price_as_they_were_sent() -> None:
    with SimulatedWorld(**WORLD) as world:
        answer = world.post(trip()).answer
        (record,) = world.records().values()
    assert answer["statusCode"] == 201
    shown = record.fields()
    assert {name: shown[name] for name in trip()} == trip()
    assert (shown["status"], shown["price"], shown["departsOn"]) == ("REQUESTED", "1234.50", "2026-12-20")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("returnsOn", "2026-12-20", "the return is not after the departure"),
        ("departsOn", "20.12.2026", "Input should be text that matches"),
        ("departsOn", "2026-02-30", "Input should be a valid date"),
        ("price", 1234.5, "Input should be text that matches"),
        ("price", "-1", "Input should be greater than 0"),
        ("price", "1.005", "no more than 2 decimal places"),
        ("seats", 10, "less than or equal to 9"),
        ("outbound", "Vienna", "String should match pattern"),
        ("meal", "vegan", "Extra inputs are not permitted"),
    ],
)
def test_a_wrong_field_is_refused_by_its_name(field: str, value: object, message: str) -> None:
    status, told = answer_to(trip() | {field: value})
    assert status == 422
    (error,) = told["errors"]
    assert error["field"] == field
    assert message in error["message"]


def test_a_key_gives_one_trip_and_refuses_another() -> None:
    with SimulatedWorld(**WORLD) as world:
        world.post(trip(), key="same")
        again = world.post(trip(), key="same").answer
        other = world.post(trip(seats=1), key="same").answer
    assert (again["statusCode"], other["statusCode"]) == (200, 422)
