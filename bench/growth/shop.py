"""What growth is measured on: order-saga on an emulator, and a proxy that counts what its functions call."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.ground import ProxiedGround
from bench.load import Client
from bench.places import ORDER_SAGA
from bench.proxy import Proxy
from tools.base.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

SKU = "PLENTY"
"""What there is always enough of."""


@dataclass(frozen=True)
class Shop:
    """A client that orders from the deployed stack, the proxy before its functions, and its table past the proxy."""

    client: Client
    proxy: Proxy
    orders: "Table"

    @property
    def stack(self) -> Stack:
        """The deployed stack."""
        return self.client.stack


def open_shop(ground: ProxiedGround) -> Shop:
    """Take order-saga without the orders of other measurements, and start its functions with one order."""
    (client,) = ground.clients(ORDER_SAGA).values()
    orders = client.stack.records
    with orders.batch_writer() as batch:
        for page in orders.meta.client.get_paginator("scan").paginate(TableName=orders.name):
            for record in page["Items"]:
                batch.delete_item(Key={"orderId": record["orderId"]})
    client.fill(SKU)
    client.wait_until_final([client.place(SKU).order_id])
    return Shop(client, ground.proxy, orders)
