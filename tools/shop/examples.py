"""Values for the examples of events in `schemas/`."""

ADDED = {
    "InventoryFailed": {"failureReason": "out of stock"},
    "ShippingScheduled": {"trackingNumber": "TRK-7A307560"},
}
"""What an event without a sample adds to the one that it follows, if it is neither an id nor in another sample."""
