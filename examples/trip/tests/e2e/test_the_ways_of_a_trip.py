"""Each way that a trip can go, on the deployed stack."""

import pytest

from tools.base.stack import Stack
from tools.base.transitions import is_path
from tools.shop import api
from tools.shop.seats import flights
from tools.shop.triggers import pull
from tools.shop.ways import TRIP

OUT, BACK = "OS221 on 2026-12-20", "OS222 on 2026-12-27"
FLOWN = ["REQUESTED", "FLIGHT_BOOKED"]


def available(stack: Stack) -> list[int]:
    found = (flights(stack).get_item(Key={"flight": flight}, ConsistentRead=True)["Item"] for flight in (OUT, BACK))
    return [int(str(item["available"])) for item in found]


@pytest.mark.parametrize(
    ("name", "statuses", "taken"),
    [
        ("happy", [*FLOWN, "HOTEL_BOOKED", "CAR_BOOKED"], 2),
        ("sold-out", ["REQUESTED", "FLIGHT_REFUSED"], 0),
        ("hotel-full", [*FLOWN, "HOTEL_REFUSED", "FLIGHT_CANCELLED"], 0),
        ("no-car", [*FLOWN, "HOTEL_BOOKED", "CAR_REFUSED", "HOTEL_CANCELLED", "FLIGHT_CANCELLED"], 0),
    ],
)
def test_a_trip_ends_as_its_trigger_promises(stack: Stack, name: str, statuses: list[str], taken: int) -> None:
    for flight in (OUT, BACK):
        flights(stack).put_item(Item={"flight": flight, "available": 5})
    record = pull(name, stack)
    assert [change["status"] for change in record["history"]] == statuses
    assert is_path(statuses)
    assert available(stack) == [5 - taken, 5 - taken]
    assert record == api.get(stack, record["tripId"])
    assert {name: record[name] for name in ("departsOn", "returnsOn", "price")} == {
        name: TRIP[name] for name in ("departsOn", "returnsOn", "price")
    }
