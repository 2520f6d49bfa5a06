"""The provider's books beside the orders: what disagrees is told, and nothing else is, and nothing is written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import boto3
import pytest

from payments.ledger import Payment
from tests.unit.moto_stack import RECORDS
from tests.unit.stories import (
    CHARGED_BACK,
    DECLINED,
    HAPPY,
    NEVER_PAID,
    PLACED,
    STORIES,
    TIMED_OUT,
    UNDELIVERABLE,
    Story,
    Told,
)
from tests.unit.world import World
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import Target
from tools.shop.reconciliation import Kind, Reconciliation
from tools.shop.reconciling import Reconciler, ledger_of, show, time_of

AN_HOUR = timedelta(hours=1)


@dataclass
class Books:
    """A ledger in memory."""

    entries: list[Payment] = field(default_factory=list)
    calls: int = 0

    def payments(self, start: datetime, end: datetime) -> Iterator[Payment]:
        self.calls += 1
        yield from (each for each in self.entries if start <= each.at < end)

    def take(self, order: Told, **other: Any) -> Payment:
        """Enter what an order is for."""
        payment = Payment(
            key=order.order_id,
            payment_id=f"pi-{order.order_id[:4]}",
            amount=order.known["amount"],
            returned=0,
            currency=order.known["currency"],
            at=PLACED,
        )
        self.entries.append(replace(payment, **other))
        return self.entries[-1]


@pytest.fixture
def books() -> Books:
    return Books()


@pytest.fixture
def compare(world: World, books: Books) -> Callable[..., Reconciliation]:
    world.stack.remove_records()

    def compare(start: datetime = PLACED - AN_HOUR, end: datetime = PLACED + AN_HOUR, **parameters: str) -> Any:
        stack = SimpleNamespace(output=lambda _: RECORDS, parameters=parameters, client=boto3.client)
        return Reconciler(cast("Stack", stack), books).compare(start, end)

    return compare


def ended(world: World, story: Story) -> Told:
    return world.begin(story, at=len(story.path) - 1)


def kinds(found: Reconciliation) -> list[tuple[Kind, str]]:
    return [(finding.kind, finding.order_id) for finding in found.findings]


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_an_order_that_went_its_way_agrees_with_the_books_wherever_it_stands(
    world: World, books: Books, compare: Callable[..., Reconciliation], story: Story
) -> None:
    for at in range(len(story.path)):
        order = world.begin(story, at=at)
        if "PaymentCharged" in story.path[: at + 1]:
            undone = {"PaymentRefunded", "RefundRefused"} & {*story.path[: at + 1]}
            books.take(order, returned=order.known["amount"] if undone else 0)
    found = compare()
    assert (found.findings, found.records) == ((), len(story.path))


@pytest.mark.parametrize("story", [HAPPY, NEVER_PAID, TIMED_OUT, UNDELIVERABLE], ids=str)
def test_money_of_an_order_in_flight_is_no_false_alarm(
    world: World, books: Books, compare: Callable[..., Reconciliation], story: Story
) -> None:
    for at in range(1, len(story.path) - 1):
        books.take(world.begin(story, at=at))
    found = compare()
    assert (found.findings, found.in_flight) == ((), len(story.path) - 2)


def test_money_that_no_order_claims_is_found(
    world: World, books: Books, compare: Callable[..., Reconciliation]
) -> None:
    lost = ended(world, HAPPY)
    world.stack.remove_records()
    books.take(lost)
    books.take(lost, key="returned", returned=lost.known["amount"])
    (finding,) = compare().findings
    assert (finding.kind, finding.order_id, finding.status) == (Kind.UNCLAIMED, lost.order_id, None)
    kept = f"{lost.known['amount']} {lost.known['currency']} of {lost.known['amount']}"
    assert finding.said == f"the books keep {kept}, and there is no such order"


def test_an_order_whose_money_is_not_there_is_found(
    world: World, books: Books, compare: Callable[..., Reconciliation]
) -> None:
    nothing, refunded, part = (ended(world, HAPPY) for _ in range(3))
    books.take(refunded, returned=refunded.known["amount"])
    books.take(part, returned=1)
    assert sorted(kinds(compare())) == sorted((Kind.MISSING, each.order_id) for each in (nothing, refunded, part))


@pytest.mark.parametrize("other", [{"amount": 1}, {"currency": "CHF"}], ids=str)
def test_an_amount_or_a_currency_that_differs_is_found(
    world: World, books: Books, compare: Callable[..., Reconciliation], other: dict[str, Any]
) -> None:
    order = ended(world, HAPPY)
    books.take(order, **other)
    assert kinds(compare()) == [(Kind.DIFFERS, order.order_id)]


def test_an_order_that_was_charged_twice_is_found(
    world: World, books: Books, compare: Callable[..., Reconciliation]
) -> None:
    order = ended(world, HAPPY)
    books.take(order)
    books.take(order, payment_id="pi-again")
    (finding,) = compare().findings
    assert (finding.kind, finding.payment_ids) == (Kind.DIFFERS, (f"pi-{order.order_id[:4]}", "pi-again"))


@pytest.mark.parametrize(
    ("story", "kind"),
    [
        (UNDELIVERABLE, Kind.REFUND_FAILED),
        (TIMED_OUT, Kind.REFUND_FAILED),
        (TIMED_OUT, Kind.KEPT),
        (DECLINED, Kind.KEPT),
        (CHARGED_BACK, Kind.KEPT),
    ],
    ids=str,
)
def test_money_that_is_kept_for_an_order_that_ended_without_it_is_found(
    world: World, books: Books, compare: Callable[..., Reconciliation], story: Story, kind: Kind
) -> None:
    order = ended(world, story)
    books.take(order, refund_failed=kind is Kind.REFUND_FAILED)
    assert kinds(compare()) == [(kind, order.order_id)]


def test_a_payment_begun_before_the_time_of_an_order_charged_in_it_is_found_all_the_same(
    world: World, books: Books, compare: Callable[..., Reconciliation]
) -> None:
    books.take(ended(world, HAPPY), at=PLACED - timedelta(hours=20))
    assert compare().findings == ()


def test_what_is_of_another_time_or_of_somebody_else_is_not_judged(
    world: World, books: Books, compare: Callable[..., Reconciliation]
) -> None:
    ended(world, HAPPY)
    books.entries.append(Payment(None, "pi-other", 1, 0, "USD", PLACED))
    found = compare()
    assert (found.unnamed, len(found.findings)) == (1, 1)
    found = compare(PLACED + AN_HOUR, PLACED + 2 * AN_HOUR)
    assert (found.payments, found.findings) == (0, ())


def test_a_payment_whose_order_may_have_expired_is_counted_and_not_told(
    world: World, books: Books, compare: Callable[..., Reconciliation]
) -> None:
    order = ended(world, HAPPY)
    world.stack.remove_records()
    books.take(order)
    world.clock.advance(days=61)
    assert len(compare(RetentionDays="0").findings) == 1
    found = compare(RetentionDays="60")
    assert (found.findings, found.expired) == ((), 1)


def test_it_writes_nothing_and_tells_what_it_cost(
    world: World, compare: Callable[..., Reconciliation], capsys: pytest.CaptureFixture[str]
) -> None:
    order = ended(world, HAPPY)
    before = world.stack.record(order.order_id)
    found = compare()
    show(found)
    printed = capsys.readouterr().out
    assert world.stack.record(order.order_id) == before
    assert f"order {order.order_id}" in printed
    assert "compared 0 payments with 1 records: 1 disagree" in printed
    assert f"it took {found.read_units:,.1f} read units and 1 calls to the provider" in printed
    assert found.read_units > 0


def test_the_simulated_books_can_be_read_on_the_embedded_emulator_alone() -> None:
    aws = Stack(Target(stage="dev", endpoint=None, region="us-east-1", stack_name="order-saga-dev"), {})
    with pytest.raises(ProblemError, match="keeps its books where its functions run"):
        ledger_of(aws)


def test_a_time_is_utc_unless_it_says_otherwise() -> None:
    assert time_of("2026-01-31T09:30:00.125") == PLACED
    with pytest.raises(ProblemError, match="is no time"):
        time_of("yesterday")
