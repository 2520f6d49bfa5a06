"""Load: signed orders at a steady rate, whatever becomes of the ones before (an open loop).

The time to 201 counts from the moment at which an order was due, so that a slow answer does not hide what others wait
for. The time to the final status goes from `createdAt` to `updatedAt`, both by the functions' clocks.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from statistics import quantiles
from threading import Lock
from time import monotonic, sleep
from typing import Any

import httpx
from rich.progress import Progress
from rich.table import Table

from tools.base.console import console
from tools.base.events import KEY
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.transitions import TERMINAL
from tools.base.waiting import wait_for
from tools.shop import api, stock

PERCENTILES = (50, 95, 99)
SHELVES, PIECES = 10, 1_000_000
"""Shelves of its own that the load takes from, so that none is hot, and the pieces that are put on each."""
MOST_AT_ONCE = 200
"""Calls that wait for their answers at once; an order that is due when all of them wait is late, and that counts."""
A_BATCH = 100
"""Records read at once (Amazon DynamoDB API Reference, "BatchGetItem")."""
LOOK_EVERY = 2.0
UNTIL_FINAL = 120.0
"""Seconds that orders have to become final after the last was placed."""


@dataclass(frozen=True)
class Answered:
    """What became of one POST: its status, 0 for no answer, the seconds since it was due, and the order's id."""

    status: int
    seconds: float
    order_id: str | None = None


@dataclass(frozen=True)
class Measured:
    """All that was measured."""

    answers: Sequence[Answered]
    lasted: float
    """Seconds from the first order to the last answer."""
    records: dict[str, dict[str, Any]]
    """The records of those orders that became final, by their ids."""

    @property
    def to_201(self) -> list[float]:
        """The milliseconds until each order was taken."""
        return [each.seconds * 1_000 for each in self.answers if each.order_id]

    @property
    def to_final(self) -> list[float]:
        """The milliseconds until each order was final."""
        return [
            (_time(record["updatedAt"]) - _time(record["createdAt"])).total_seconds() * 1_000
            for record in self.records.values()
        ]

    @property
    def taken(self) -> int:
        """How many orders were taken."""
        return len(self.to_201)

    @property
    def problems(self) -> list[str]:
        """What went wrong, in words."""
        statuses = Counter(each.status for each in self.answers if not each.order_id)
        found = [f"{count} {_said(status)}" for status, count in sorted(statuses.items())]
        late = self.taken - len(self.records)
        return found + ([f"{late} not final after {UNTIL_FINAL:.0f} s"] if late else [])

    def table(self) -> Table:
        """Return what was measured as a table."""
        table = Table("", *(f"p{percent}" for percent in PERCENTILES), title="milliseconds")
        for what, times in (("to 201", self.to_201), ("to the final status", self.to_final)):
            table.add_row(what, *(f"{each:,.0f}" for each in percentiles(times)))
        return table

    def lines(self) -> Iterator[str]:
        """Yield the rest, line by line."""
        statuses = Counter(each.status for each in self.answers)
        yield f"{len(self.answers):,} orders placed in {self.lasted:.1f} s"
        yield f"{self.taken:,} taken: {self.rate:.1f} a second"
        yield f"throttled (429): {statuses[HTTPStatus.TOO_MANY_REQUESTS]:,}"
        failed = sum(count for status, count in statuses.items() if status >= HTTPStatus.INTERNAL_SERVER_ERROR)
        yield f"errors (5xx): {failed:,}; no answer: {statuses[0]:,}"
        for status, count in Counter(str(record["status"]) for record in self.records.values()).most_common():
            yield f"ended as {status}: {count:,}"

    @property
    def rate(self) -> float:
        """Orders taken a second."""
        return self.taken / self.lasted if self.lasted else 0


def run(stack: Stack, rate: float, minutes: float) -> None:
    """Fill the shelves of the load, place orders for so long, and print how long they took."""
    for number in range(SHELVES):
        stock.shelves(stack).put_item(Item={"sku": _sku(number), "available": PIECES})
    measure_and_print(stack, rate, max(1, round(rate * minutes * 60)))


def measure_and_print(stack: Stack, rate: float, orders: int) -> None:
    """Place this many orders, so many a second, and print how long they took.

    Raises `ProblemError` if one was not taken or did not end.
    """
    measured = measure(stack, rate, orders)
    if measured.taken:
        console.print(measured.table())
    for line in measured.lines():
        console.print(line)
    if measured.problems:
        raise ProblemError(f"not all went well: {'; '.join(measured.problems)}")


def measure(stack: Stack, rate: float, orders: int) -> Measured:
    """Place this many orders, so many a second, and wait until they are final."""
    with (
        Progress(console=console) as progress,
        httpx.Client(
            timeout=api.TIMEOUT,
            limits=httpx.Limits(max_connections=MOST_AT_ONCE, max_keepalive_connections=MOST_AT_ONCE),
            trust_env=not stack.target.endpoint,
        ) as client,
    ):
        task = progress.add_task("placing orders", total=orders)
        place = _placing(stack, client)
        began = monotonic()
        with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
            placing = []
            for number in range(orders):
                due = began + number / rate
                sleep(max(0.0, due - monotonic()))
                placing.append(pool.submit(place, number, due))
                progress.advance(task)
            answers = [each.result() for each in placing]
        lasted = monotonic() - began
        keys = [each.order_id for each in answers if each.order_id]
        task = progress.add_task("waiting until all are final", total=len(keys))
        records: dict[str, dict[str, Any]] = {}

        def all_final() -> bool:
            records.update(_final(stack, [key for key in keys if key not in records]))
            progress.update(task, completed=len(records))
            return len(records) == len(keys)

        wait_for(all_final, UNTIL_FINAL, LOOK_EVERY)
    return Measured(answers, lasted, records)


def percentiles(times: Sequence[float]) -> list[float]:
    """Return p50, p95 and p99, interpolated between those that were measured."""
    if not times:
        return [float("nan")] * len(PERCENTILES)
    cuts = quantiles([*times, *times], n=100, method="inclusive")
    return [cuts[percent - 1] for percent in PERCENTILES]


def _placing(stack: Stack, client: httpx.Client) -> Callable[[int, float], Answered]:
    url, session, signing = f"{stack.api_url}{api.PATH}", stack.target.session, Lock()

    def place(number: int, due: float) -> Answered:
        body = {"customerId": "CUST-LOAD", "sku": _sku(number % SHELVES), "quantity": 1, "amount": 4200}
        content = json.dumps(body).encode()
        # A session's credentials are renewed by one thread at a time.
        with signing:
            headers = api.sign(session, "POST", url, content, {"Content-Type": "application/json"})
        try:
            answer = client.post(url, content=content, headers=headers)
        except httpx.HTTPError:
            return Answered(0, monotonic() - due)
        taken = answer.status_code == HTTPStatus.CREATED
        return Answered(answer.status_code, monotonic() - due, str(answer.json()[KEY]) if taken else None)

    return place


def _final(stack: Stack, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    table = stack.records
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(keys), A_BATCH):
        wanted: Any = [{KEY: key} for key in keys[start : start + A_BATCH]]
        answer = table.meta.client.batch_get_item(RequestItems={table.name: {"Keys": wanted, "ConsistentRead": True}})
        for record in answer["Responses"][table.name]:
            if str(record["status"]) in TERMINAL:
                found[str(record[KEY])] = record
    return found


def _said(status: int) -> str:
    return f"answered with {status}" if status else "not answered"


def _sku(number: int) -> str:
    return f"LOAD-{number}"


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
