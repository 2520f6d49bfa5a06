"""Many customers want the same few pieces at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
from boto3.dynamodb.conditions import Attr
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from tools.base.stack import Stack
from tools.base.transitions import TERMINAL
from tools.base.waiting import wait_for
from tools.shop import api, stock

PIECES = 20
BUYERS = 50


def place(stack: Stack, order: dict[str, Any]) -> str:
    """Place an order as a careful client does, and return its id: under one key, until the server takes it.

    On an emulator that starts a process or a container for each of these calls at once, some come too late.
    """
    key = {"Idempotency-Key": str(uuid4())}
    attempts = Retrying(
        retry=retry_if_exception_type((api.NoAnswerError, httpx.HTTPStatusError)),
        wait=wait_random_exponential(max=5),
        stop=stop_after_attempt(5),
        reraise=True,
    )
    return str(attempts(lambda: api.place(stack, order, key).raise_for_status()).json()["orderId"])


def test_fifty_buyers_of_twenty_pieces_leave_thirty_without_and_the_shelf_empty(stack: Stack) -> None:
    stock.shelves(stack).put_item(Item={"sku": "RARE", "available": PIECES})
    order = {"customerId": "CUST-1", "sku": "RARE", "quantity": 1, "amount": 4200}
    with ThreadPoolExecutor(BUYERS) as buyers:
        placed = set(buyers.map(lambda _: place(stack, order), range(BUYERS)))
    assert len(placed) == BUYERS

    def ends() -> Counter[str] | None:
        found = stack.records.scan(FilterExpression=Attr("sku").eq("RARE"), ConsistentRead=True)["Items"]
        statuses = Counter(str(order["status"]) for order in found)
        return statuses if set(statuses) <= TERMINAL else None

    assert wait_for(ends, seconds=90) == {"SHIPPING_SCHEDULED": PIECES, "INVENTORY_FAILED": BUYERS - PIECES}
    assert stock.shelves(stack).get_item(Key={"sku": "RARE"}, ConsistentRead=True)["Item"]["available"] == 0
