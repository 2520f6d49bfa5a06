"""Many customers want the same few pieces at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
from boto3.dynamodb.conditions import Attr
from tenacity import retry, retry_if_exception_type, stop_after_attempt

from tools.base.stack import Stack
from tools.base.transitions import TERMINAL
from tools.base.waiting import wait_for
from tools.shop import api, stock

PIECES = 20
BUYERS = 50


@retry(retry=retry_if_exception_type(api.NoAnswerError), stop=stop_after_attempt(3), reraise=True)
def again(stack: Stack, order: dict[str, Any], key: str) -> httpx.Response:
    """Place an order under a key, once more while nothing is answered."""
    return api.place(stack, order, {"Idempotency-Key": key})


def place(stack: Stack, order: dict[str, Any]) -> str:
    """Place an order as a careful client does, and return its id."""
    answer = again(stack, order, str(uuid4()))
    assert answer.is_success, answer.text
    return str(answer.json()["orderId"])


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
