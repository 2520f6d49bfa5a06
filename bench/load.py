"""Load: orders that are placed at once, and how long each took until its record was final."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from statistics import median, quantiles
from time import perf_counter, sleep, time
from typing import Any
from uuid import uuid4

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from bench.places import REGION
from saga.table import from_item
from tools.base.problem import ProblemError
from tools.base.settings import EMULATOR_KEY
from tools.base.stack import Stack
from tools.base.transitions import TERMINAL
from tools.base.waiting import wait_for
from tools.shop import stock

PERCENTILES = (50, 95, 99)
PLENTY = 1_000_000
"""Pieces on each shelf: nothing runs out that is not meant to."""
LONGEST = 60
"""Seconds after which an order that is not final is not waited for."""
LOOK_EVERY = 0.1
"""Seconds: a look costs the emulator about a millisecond."""
TIMES = 50
"""How often a call of the emulator is timed by itself."""
WARMING, SEVERAL = 3, 4
"""Bursts that start all environments of the functions, and the orders of each, if there are to be so many at once."""

Record = dict[str, Any]


@dataclass(frozen=True)
class Placed:
    """An order that was taken: its id, and when its POST was sent, in seconds since the epoch."""

    order_id: str
    sent: float


@dataclass(frozen=True)
class Burst:
    """Orders that were placed at once: how long each took, and all of them, in milliseconds."""

    each: Sequence[float]
    whole: float
    """From the first POST to the last end."""


class Client:
    """A client of one stack that takes little of the machine: it keeps its connections and signs by itself."""

    def __init__(self, stack: Stack, connections: httpx.Client) -> None:
        self.stack = stack
        self._url = f"{stack.api_url}/orders"
        self._connections = connections
        self._signer = SigV4Auth(Credentials(EMULATOR_KEY, EMULATOR_KEY), "execute-api", REGION)
        self._dynamodb = stack.client("dynamodb")

    def fill(self, sku: str, pieces: int = PLENTY) -> None:
        """Put pieces on a shelf, whatever lay there before."""
        stock.shelves(self.stack).put_item(Item={"sku": sku, "available": pieces})

    def place(self, sku: str, customer: str = "CUST-1") -> Placed:
        """POST an order for one piece, under a new idempotency key. Raises `ProblemError` if it is not taken."""
        content = json.dumps({"customerId": customer, "sku": sku, "quantity": 1, "amount": 4200})
        request = AWSRequest("POST", self._url, {"Idempotency-Key": str(uuid4())}, content)
        self._signer.add_auth(request)
        headers, sent = dict(request.headers), time()
        answer = self._connections.post(self._url, content=content, headers=headers)
        if answer.is_error:
            raise ProblemError(f"an order was not taken: {answer.status_code} {answer.text}")
        return Placed(answer.json()["orderId"], sent)

    def final(self, order_ids: Sequence[str]) -> dict[str, Record]:
        """Return the records of those of these orders, at most 100, that are final, by their ids."""
        table = self.stack.output("OrdersTableName")
        keys = [{"orderId": {"S": order_id}} for order_id in order_ids]
        found = self._dynamodb.batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
        records = map(from_item, found["Responses"][table])
        return {record["orderId"]: record for record in records if record["status"] in TERMINAL}

    def wait_until_final(self, order_ids: Sequence[str]) -> dict[str, Record]:
        """Wait for these orders' ends, and return their records. Raises `ProblemError` if one does not end."""

        def all_final() -> dict[str, Record]:
            ended = self.final(order_ids)
            return ended if len(ended) == len(order_ids) else {}

        # A look at once would only take the emulator's time from the orders.
        sleep(LOOK_EVERY)
        ended = wait_for(all_final, LONGEST, LOOK_EVERY)
        if not ended:
            raise ProblemError(f"orders of {self.stack.target.stack_name} are not final after {LONGEST} s")
        return ended

    def burst(self, number: int) -> Burst:
        """Place orders at once, each from a shelf of its own, and wait until all are final."""
        with ThreadPoolExecutor(number) as customers:
            placed = list(customers.map(self.place, map(shelf, range(number))))
        records = self.wait_until_final([order.order_id for order in placed])
        ends = [seconds(records[order.order_id]["updatedAt"]) for order in placed]
        each = [(end - order.sent) * 1000 for order, end in zip(placed, ends, strict=True)]
        return Burst(each, (max(ends) - min(order.sent for order in placed)) * 1000)


def shelf(number: int) -> str:
    """Return the name of the shelf of one of the orders that are placed at once."""
    return f"SHELF-{number}"


def seconds(time: str) -> float:
    """Read a time as the records have it, as seconds since the epoch."""
    return datetime.fromisoformat(time).timestamp()


def warm_up(clients: Sequence[Client], at_once: int) -> None:
    """Fill as many shelves as there will be orders at once, and start the functions' environments, on all stacks."""
    with ThreadPoolExecutor(len(clients)) as stacks:
        list(stacks.map(partial(_warm_up, at_once=at_once), clients))


def _warm_up(client: Client, at_once: int) -> None:
    for number in range(at_once):
        client.fill(shelf(number))
    for _ in range(WARMING):
        client.burst(min(SEVERAL, at_once))


def percentiles(times: Sequence[float]) -> dict[str, float]:
    """Return p50, p95 and p99 of at least two times, interpolated between those that were measured."""
    cuts = quantiles(times, n=100, method="inclusive")
    return {f"p{percent}": cuts[percent - 1] for percent in PERCENTILES}


def alone(call: Callable[[], object]) -> float:
    """Return the median of the milliseconds that a call of the emulator takes while it has nothing else to do."""
    took = []
    for _ in range(TIMES):
        began = perf_counter()
        call()
        took.append((perf_counter() - began) * 1_000)
    return median(took)
