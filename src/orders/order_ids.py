"""The ids under which an order is stored: a repeated request finds its order by them.

A key belongs to its customer. In the last release it was valid for the whole shop. As long as anything is left of that
release, an order is stored only if it is stored under neither of its two ids; the write itself checks that.
"""

import json
import os
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from contract.events import OrderCreated
from contract.identity import derived_id
from saga.settings import settings
from saga.table import to_item

if TYPE_CHECKING:
    from saga.table import Write

LAST_RELEASE = "LAST_RELEASE"
"""The environment variable that says what is left of the last release."""


class LastRelease(StrEnum):
    """What is left of the last release."""

    RUNS = "runs"
    """Its functions may run beside these, while traffic shifts: what they do not know must not be used yet."""
    REPEATED = "repeated"
    """Clients may repeat requests that it accepted."""
    GONE = "gone"
    """Nothing."""


class OrderIds(NamedTuple):
    """The id of an order, and the other one under which the same order may be stored, if there is one."""

    own: str
    other: str | None = None

    @classmethod
    def of(cls, customer_id: str, key: str) -> "OrderIds":
        """Return the ids of the order that a customer places under this key."""
        # As JSON no two pairs meet, whatever stands in them.
        customers, shops = derived_id("customers-order", json.dumps([customer_id, key])), derived_id("order", key)
        match LastRelease(os.environ[LAST_RELEASE]):
            case LastRelease.RUNS:
                return cls(shops, customers)
            case LastRelease.REPEATED:
                return cls(customers, shops)
            case LastRelease.GONE:
                return cls(customers)

    def checks(self, created: OrderCreated) -> "list[Write]":
        """Return the checks that go with the write of the order: that it is not stored under its other id."""
        if self.other is None:
            return []
        return [
            {
                "ConditionCheck": {
                    "TableName": settings().records_table_name,
                    "Key": to_item({created.key_name: self.other}),
                    # The same key in the hands of another customer.
                    "ConditionExpression": f"attribute_not_exists({created.key_name}) OR customerId <> :customer",
                    "ExpressionAttributeValues": to_item({":customer": created.customer_id}),
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                }
            }
        ]
