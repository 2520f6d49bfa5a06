"""A carrier for the demo and the tests."""

from contract.identity import derived_id
from shipping.carrier import ShipmentRefusedError

UNDELIVERABLE_CUSTOMER = "CUST-UNDELIVERABLE"


class SimulatedCarrier:
    """A `Carrier` whose answer follows from the key and the customer alone, the same however often it is asked.

    The customer `CUST-UNDELIVERABLE` lives where nobody delivers.
    """

    def book(self, key: str, customer_id: str, sku: str, quantity: int) -> str:  # noqa: ARG002  the port's signature
        """Book one shipment under this key; see `Carrier.book`."""
        if customer_id == UNDELIVERABLE_CUSTOMER:
            raise ShipmentRefusedError("address undeliverable")
        return f"TRK-{derived_id('tracking', key)[:8].upper()}"
