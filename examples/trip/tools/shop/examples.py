"""Values for the examples of events in `schemas/`."""

ADDED = {"FlightRefused": {"failureReason": "too few seats on OS221 on 2026-12-20"}}
"""What an event without a sample adds to the one that it follows, if it is neither an id nor in another sample."""
