"""The contract of this saga: its events and their value types. `Saga` is the root class of the events."""

from contract.events import TripEvent as Saga

__all__ = ["Saga"]
