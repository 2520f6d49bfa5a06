"""The port to the carrier. Put yours in `shipping.provider`."""

from typing import Protocol


class ShipmentRefusedError(Exception):
    """The carrier will not take the parcel; its message is the reason, in words that a customer may read."""


class Carrier(Protocol):
    """What the saga asks of a carrier.

    A carrier knows a shipment by the shipper's reference for good: booking comes after the pivot and is repeated for
    as long as it takes. Any other exception than the one named here means that nothing is known, and it is repeated.
    """

    def book(self, key: str, customer_id: str, sku: str, quantity: int) -> str:
        """Book one shipment under this key, and give its tracking number.

        A repeated key gives the first answer. Raises `ShipmentRefusedError` if the parcel cannot be delivered.
        """
