"""The ways that an order may go, for the crash matrix."""

from zlib import crc32

from tests.simulation.branch import Branch
from tests.simulation.shop.bodies import CURRENCIES, body
from tests.simulation.shop.customers import CUSTOMERS


def order(name: str, customer: str = "CUST-1", stock: int = 5, late: str | None = None, **more: bool) -> Branch:
    """Return the branch of an order of this customer for two or three pieces; by its name it differs from others."""
    lot = crc32(name.encode())
    sku, currency = ("sku-a", "sku-b")[lot % 2], CURRENCIES[lot % len(CURRENCIES)]
    posted = body(customer, sku, 2 + lot % 5 % 2, 10_001 + lot % 89_999, currency, (None, "pm_of_one")[lot % 7 % 2])
    return Branch(name, posted, {"stock": {sku: stock}}, late, **more)


OTHERS = sorted(CUSTOMERS.keys() - {"CUST-DECLINE", "CUST-UNDELIVERABLE"})

BRANCHES = (
    order("happy"),
    order("out of stock", stock=1),
    order("declined", customer="CUST-DECLINE"),
    order("undeliverable", customer="CUST-UNDELIVERABLE"),
    order("timed out before its reservation", late="OrderCreated"),
    order("timed out at its charge", late="InventoryReserved"),
    order("timed out with its charge in doubt", late="InventoryReserved", in_doubt=True),
    *(order(customer.removeprefix("CUST-").lower().replace("-", " "), customer=customer) for customer in OTHERS),
    order("timed out at its charge, charged back in doubt", "CUST-CHARGEBACK", late="InventoryReserved", in_doubt=True),
    order("asked in vain, then late", "CUST-NEVER-PAYS", late="PaymentPending"),
    order("paid just before it is asked, late", "CUST-PAYS-LATER", late="PaymentPending"),
    order("timed out, then its refund takes time", "CUST-NEVER-PAYS", late="PaymentAbandoned"),
    order("its refund is refused late", "CUST-CHARGEBACK", late="ShippingFailed"),
    order("charged, then shipped late", late="PaymentCharged"),
    order("undeliverable, then refunded late", customer="CUST-UNDELIVERABLE", late="ShippingFailed"),
)
