"""A carrier for the demo and the tests."""

from contract.identity import derived_id
from shipping.carrier import Booked, Refused, Shipment

UNDELIVERABLE_CUSTOMERS = ("CUST-UNDELIVERABLE", "CUST-CHARGEBACK")


class SimulatedCarrier:
    """A `Carrier` whose answer follows from the key and the customer alone, the same however often it is asked.

    The customers `CUST-UNDELIVERABLE` and `CUST-CHARGEBACK` live where nobody delivers.
    """

    def book(self, shipment: Shipment) -> Booked | Refused:
        """Book one shipment under this key; see `Carrier.book`."""
        if shipment.customer_id in UNDELIVERABLE_CUSTOMERS:
            return Refused("address undeliverable")
        return Booked(f"TRK-{derived_id('tracking', shipment.key)[:8].upper()}")
