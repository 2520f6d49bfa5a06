"""The data that a stack needs before it can be tried out."""

from collections.abc import Mapping
from typing import Any

from tools.base.stack import Stack
from tools.shop.seats import flights

CABINS = {"OS221 on 2026-12-20": 100, "OS222 on 2026-12-27": 100, "OS999 on 2026-12-27": 0}
"""Seats on each flight after `make deploy` on an emulator, or `make seats FILL=yes`."""
SEATS = 100
"""Seats on any other flight that a trip of its own is made up for."""


def seed(stack: Stack) -> None:
    """Put the demo's flights there, whatever was booked before."""
    for flight, available in CABINS.items():
        flights(stack).put_item(Item={"flight": flight, "available": available})


def seed_for(stack: Stack, record: Mapping[str, Any]) -> None:
    """Put the flights of a trip there, if they are not."""
    for number, day in (("outbound", "departsOn"), ("inbound", "returnsOn")):
        flight = f"{record[number]} on {record[day]}"
        if "Item" not in flights(stack).get_item(Key={"flight": flight}):
            flights(stack).put_item(Item={"flight": flight, "available": CABINS.get(flight, SEATS)})
