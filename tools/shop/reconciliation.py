"""Whether the payment provider's books and the orders agree. As JSON it is what `make reconcile JSON=yes` prints.

It is pure: `tools.shop.reconciling` reads both.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum

from contract.events import OrderCreated, PaymentCharged
from payments.ledger import Payment
from saga.record import Record
from tools.base.document import Document, Timestamp
from tools.base.transitions import EVENT_OF_STATUS


class Kind(StrEnum):
    """How the books and an order disagree."""

    UNCLAIMED = "money that no order claims"
    MISSING = "an order whose money is not there"
    DIFFERS = "an amount or a currency that differs"
    REFUND_FAILED = "a refund that failed later"
    KEPT = "money that is kept for an order that ended without it"


class Finding(Document):
    """One disagreement."""

    kind: Kind
    order_id: str
    status: str | None
    """The order's; None if there is no such order."""
    payment_ids: tuple[str, ...]
    said: str
    """What the order says, and what the books."""


class Reconciliation(Document):
    """What was compared, at what cost, and what disagrees."""

    start: Timestamp
    end: Timestamp
    payments: int
    """How many payments of that time the books have."""
    unnamed: int
    """How many of them name no order: they are somebody else's."""
    expired: int
    """How many are so old that their orders may have expired: what has no order among these is not told."""
    in_flight: int
    """How many belong to orders in flight: these are not judged yet."""
    records: int
    """How many records were read."""
    read_units: float
    calls: int
    """How many calls the provider was asked."""
    findings: tuple[Finding, ...]


def by_order(payments: Iterable[Payment]) -> dict[str, list[Payment]]:
    """Return the payments by the orders that they name."""
    found = dict[str, list[Payment]]()
    for payment in payments:
        if payment.key is not None:
            found.setdefault(payment.key, []).append(payment)
    return found


def charged_within(record: Record, start: datetime, end: datetime) -> bool:
    """Return whether an order says that its payment was charged in this time."""
    return any(change.status == PaymentCharged.status and start <= change.at < end for change in record.history)


def is_in_flight(record: Record) -> bool:
    """Return whether an order has not ended: its money may still move."""
    return not record.is_terminal


def judge(key: str, record: Record | None, payments: list[Payment]) -> Finding | None:
    """Return how an order that has ended, or none, disagrees with all payments that name it; None if they agree."""
    found = next(_disagreements(record, payments), None)
    if found is None:
        return None
    kind, said = found
    return Finding(
        kind=kind,
        order_id=key,
        status=record.status if record else None,
        payment_ids=tuple(payment.payment_id for payment in payments),
        said=said,
    )


def _disagreements(record: Record | None, payments: list[Payment]) -> Iterator[tuple[Kind, str]]:
    held = sum(payment.held for payment in payments)
    there = ", ".join(f"{payment.held} {payment.currency} of {payment.amount}" for payment in payments) or "nothing"
    if record is None:
        if held:
            yield Kind.UNCLAIMED, f"the books keep {there}, and there is no such order"
        return
    order = OrderCreated.from_fields(record.fields())
    asked = f"{order.amount} {order.currency}"
    if any((payment.amount, payment.currency) != (order.amount, order.currency) for payment in payments):
        yield Kind.DIFFERS, f"the order is for {asked}, and the books keep {there}"
    if issubclass(EVENT_OF_STATUS[record.status], PaymentCharged):
        if held < order.amount:
            yield Kind.MISSING, f"the order is paid with {asked}, and the books keep {there}"
        if held > order.amount:
            yield Kind.DIFFERS, f"the order is paid with {asked} once, and the books keep {there}"
    elif held:
        failed = any(payment.refund_failed for payment in payments)
        why = _reason(record.fields())
        yield (Kind.REFUND_FAILED if failed else Kind.KEPT), f"the order ended, {why}, and the books keep {there}"


def _reason(fields: Mapping[str, object]) -> str:
    refused = fields.get("refundFailureReason")
    return f"its refund refused: {refused}" if refused else str(fields.get("failureReason", "for no known reason"))
