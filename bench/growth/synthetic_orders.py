"""Orders that nobody placed, to fill the table with."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from bench.growth.shop import SKU
from bench.load import Record
from contract.events import InventoryReserved, PaymentCharged, ShippingScheduled
from saga.clock import now
from tools.invoking.prior_record import record_after

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

BATCH = 25
"""Items that one call writes (Amazon DynamoDB API Reference, "BatchWriteItem")."""
IN_FLIGHT = 10
"""One in so many is in flight, where the others have ended well."""
STILL_FOR = timedelta(minutes=10)
"""How long the orders have been stuck that recovery finds; it waits for one minute of that."""


def mostly_ended(number: int) -> Record:
    """Make up the record of an order that has ended well, or for one in ten of one that is in flight since just now."""
    reserved = _reserved(timedelta())
    if number % IN_FLIGHT == 0:
        return record_after(reserved, now())
    charged = PaymentCharged.after(reserved, payment_id=str(uuid4()))
    return record_after(ShippingScheduled.after(charged, tracking_number="TRK-00000000"), now())


def stuck(_number: int) -> Record:
    """Make up the record of an order that recovery finds."""
    return record_after(_reserved(STILL_FOR), now() - STILL_FOR)


class SyntheticOrders:
    """Orders that were made up: the table holds as many of them as are wanted."""

    def __init__(self, orders: "Table", make: Callable[[int], Record]) -> None:
        self._orders, self._make, self._there = orders, make, list[str]()

    def hold(self, count: int) -> None:
        """Put more of them into the table, or take the last ones out."""
        more = [self._make(number) for number in range(len(self._there), count)]
        puts = [{"PutRequest": {"Item": record}} for record in more]
        deletes = [{"DeleteRequest": {"Key": {"orderId": order_id}}} for order_id in self._there[count:]]
        requests = [*puts, *deletes]
        with ThreadPoolExecutor(4) as writers:
            list(
                writers.map(self._write, (requests[start : start + BATCH] for start in range(0, len(requests), BATCH)))
            )
        self._there = self._there[:count] + [record["orderId"] for record in more]

    def _write(self, requests: Any) -> None:
        self._orders.meta.client.batch_write_item(RequestItems={self._orders.name: requests})


def _reserved(age: timedelta) -> InventoryReserved:
    return InventoryReserved.new(
        order_id=str(uuid4()),
        created_at=now() - age,
        customer_id="CUST-1",
        sku=SKU,
        quantity=1,
        amount=4200,
        currency="USD",
        reservation_id=str(uuid4()),
    )
