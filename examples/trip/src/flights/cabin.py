"""The cabin: how many seats of a flight are free. Seats move only in the transaction that moves their trip."""

import os
from typing import TYPE_CHECKING

from contract.events import FlightBooked, FlightCancelled, TripRequested
from saga.table import from_item, to_item

if TYPE_CHECKING:
    from saga.table import Write

TABLE_NAME = "FLIGHTS_TABLE_NAME"
"""The variable that names the table of the flights."""


def flights(trip: TripRequested) -> tuple[str, str]:
    """Return the keys of both flights: a flight leaves once a day, `LH123 on 2026-12-20`."""
    return f"{trip.outbound} on {trip.departs_on}", f"{trip.inbound} on {trip.returns_on}"


def take(booked: FlightBooked) -> "list[Write]":
    """Return the writes that take the seats; the condition fails of one with fewer, or of an unknown flight."""
    return [
        {
            "Update": {
                "TableName": os.environ[TABLE_NAME],
                "Key": to_item({"flight": flight}),
                "UpdateExpression": "SET available = available - :seats",
                "ConditionExpression": "available >= :seats",
                "ExpressionAttributeValues": to_item({":seats": booked.seats}),
            }
        }
        for flight in flights(booked)
    ]


def free(cancelled: FlightCancelled) -> "list[Write]":
    """Return the writes that free the seats."""
    return [
        {
            "Update": {
                "TableName": os.environ[TABLE_NAME],
                "Key": to_item({"flight": flight}),
                "UpdateExpression": "ADD available :seats",
                "ExpressionAttributeValues": to_item({":seats": cancelled.seats}),
            }
        }
        for flight in flights(cancelled)
    ]


def flight_of(write: "Write") -> str:
    """Return the key of the flight that a write is about."""
    flight: str = from_item(write["Update"]["Key"])["flight"]
    return flight
