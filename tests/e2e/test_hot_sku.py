"""Many customers want the same few pieces at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
from boto3.dynamodb.conditions import Attr

from tools.base.stack import Stack
from tools.base.transitions import TERMINAL
from tools.base.waiting import wait_for
from tools.shop import api, stock

PIECES = 20
BUYERS = 50


def test_fifty_buyers_of_twenty_pieces_leave_thirty_without_and_the_shelf_empty(stack: Stack) -> None:
    stock.shelves(stack).put_item(Item={"sku": "RARE", "available": PIECES})
    order = {"customerId": "CUST-1", "sku": "RARE", "quantity": 1, "amount": 4200}
    with ThreadPoolExecutor(BUYERS) as buyers:
        answers = list(buyers.map(lambda _: api.place(stack, order), range(BUYERS)))
    assert {answer.status_code for answer in answers} == {httpx.codes.CREATED}

    def ends() -> Counter[str] | None:
        found = stack.records.scan(FilterExpression=Attr("sku").eq("RARE"), ConsistentRead=True)["Items"]
        statuses = Counter(str(order["status"]) for order in found)
        return statuses if set(statuses) <= TERMINAL else None

    assert wait_for(ends, seconds=90) == {"SHIPPING_SCHEDULED": PIECES, "INVENTORY_FAILED": BUYERS - PIECES}
    assert stock.shelves(stack).get_item(Key={"sku": "RARE"}, ConsistentRead=True)["Item"]["available"] == 0
