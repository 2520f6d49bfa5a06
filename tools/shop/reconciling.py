"""Reads the payment provider's books and the orders, and compares them. It writes nothing."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from contract import Saga
from payments.ledger import Payment, PaymentLedger
from payments.simulated_ledger import SimulatedLedger
from saga.clock import now
from saga.record import Record
from saga.table import from_item, to_item
from tools.base.console import console, styled
from tools.base.events import KEY, RECORDS_TABLE
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import Backend
from tools.shop.reconciliation import Finding, Reconciliation, by_order, charged_within, is_in_flight, judge

FIELDS = ", ".join(
    [
        *(KEY, "#status", "createdAt", "updatedAt", "#history", "customerId", "sku", "quantity", "amount", "currency"),
        *("failureReason", "refundFailureReason"),
    ]
)
UNIT_BYTES = 8_192
"""What one read unit of a scan reads, which is not consistent (Amazon DynamoDB Developer Guide, "Read consistency")."""
DOLLARS = 0.125
"""The price of a million read units, us-east-1, 2026-11."""
MARGIN = timedelta(days=1)
"""How far the provider's times may be from the orders', beside the time that a payment may be pending."""


class Reconciler:
    """Compares the books with the orders of a stack."""

    def __init__(
        self, stack: Stack, ledger: PaymentLedger, progress: Callable[[int], object] = lambda _more: None
    ) -> None:
        self._stack, self._ledger, self._progress = stack, ledger, progress
        self._dynamodb, self._table = stack.client("dynamodb"), stack.output(RECORDS_TABLE)
        self._records, self._units = 0, 0.0

    def cost(self) -> str:
        """Return what the scan of all records will cost, by what DynamoDB last counted: it does so every six hours."""
        told = self._dynamodb.describe_table(TableName=self._table)["Table"]
        units = told.get("TableSizeBytes", 0) / UNIT_BYTES
        return (
            f"reading all {told.get('ItemCount', 0):,} records takes about {units:,.0f} read units, "
            f"${units / 1_000_000 * DOLLARS:.4f}; nothing is written"
        )

    def compare(self, start: datetime, end: datetime) -> Reconciliation:
        """Compare the payments that were begun in this time, and the orders that were charged in it."""
        around = MARGIN + timedelta(seconds=int(self._stack.parameters.get("PendingDeadlineSeconds", 0)))
        # The books first: whatever they have was ordered before, so that its record is read.
        all_payments = list(self._ledger.payments(start - around, end + around))
        payments = [payment for payment in all_payments if start <= payment.at < end]
        known = by_order(all_payments)
        keys = dict.fromkeys(by_order(payments))
        records = {
            record.key: record for record in self._scan() if record.key in keys or charged_within(record, start, end)
        }
        in_flight = [key for key in keys if key in records and is_in_flight(records[key])]
        gone = self._may_have_expired()
        expired = [key for key in keys if key not in records and all(gone(payment) for payment in known[key])]
        judged = [key for key in dict.fromkeys([*keys, *records]) if key not in {*in_flight, *expired}]
        return Reconciliation(
            start=start,
            end=end,
            payments=len(payments),
            unnamed=sum(payment.key is None for payment in payments),
            expired=len(expired),
            in_flight=len(in_flight),
            findings=tuple(self._findings(judged, records, known)),
            records=self._records,
            read_units=self._units,
            calls=self._ledger.calls,
        )

    def _findings(
        self, keys: list[str], records: dict[str, Record], known: dict[str, list[Payment]]
    ) -> Iterator[Finding]:
        for key in keys:
            if judge(key, records.get(key), known.get(key, [])) is None:
                continue
            # A scan may be a moment behind: what seems wrong is read again, consistently.
            record = self._read(key)
            if record and is_in_flight(record):
                continue
            if finding := judge(key, record, known.get(key, [])):
                yield finding

    def _may_have_expired(self) -> Callable[[Payment], bool]:
        days = int(self._stack.parameters.get("RetentionDays", 0))
        return lambda payment: bool(days) and now() - payment.at > timedelta(days=days)

    def _scan(self) -> Iterator[Record]:
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self._table,
            ProjectionExpression=FIELDS,
            ExpressionAttributeNames={"#status": "status", "#history": "history"},
            ReturnConsumedCapacity="TOTAL",
        )
        for page in pages:
            self._records += len(page["Items"])
            self._units += page.get("ConsumedCapacity", {}).get("CapacityUnits", 0)
            self._progress(len(page["Items"]))
            for item in page["Items"]:
                # One that cannot be read has an alarm of its own.
                with suppress(ValidationError):
                    yield Record.from_item(from_item(item), Saga)

    def _read(self, key: str) -> Record | None:
        found = self._dynamodb.get_item(TableName=self._table, Key=to_item({KEY: key}), ConsistentRead=True)
        return Record.from_item(from_item(found["Item"]), Saga) if "Item" in found else None


def ledger_of(stack: Stack) -> PaymentLedger:
    """Return the books of a stack's payment provider. Raises `ProblemError` if they cannot be read from here."""
    match stack.parameters.get("PaymentProvider", "simulated"):
        case "stripe":
            return _stripe(stack)
        case "simulated" if stack.target.endpoint and stack.target.backend is Backend.EMBEDDED:
            from tools.emulator.embedded import Emulator  # noqa: PLC0415  for an emulator alone

            return SimulatedLedger(Emulator.of_this_checkout(stack.target.port).temporary / "simulated-gateway.sqlite")
        case "simulated":
            raise ProblemError(
                f"the simulated payment provider keeps its books where its functions run, and at {stack.target.name} "
                "they cannot be read: use the embedded emulator, or a real provider"
            )
        case other:
            raise ProblemError(f"{other} has no ledger: write one beside src/payments/stripe_ledger.py")


def _stripe(stack: Stack) -> PaymentLedger:
    from payments.stripe_account import StripeAccount, StripeSettings  # noqa: PLC0415  its SDK takes a while
    from payments.stripe_ledger import StripeLedger  # noqa: PLC0415  the same

    class Secrets:
        """The secrets, read with the rights of who reconciles."""

        def read(self, name: str, *, anew: bool = False) -> str:  # noqa: ARG002  they are read once
            client: Any = stack.client
            return str(client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]).strip()

    settings = {
        "STRIPE_API_KEY_SECRET": stack.parameter("StripeApiKeySecret"),
        "STRIPE_API_URL": stack.parameter("StripeApiUrl"),
        "PAYMENT_RETURN_URL": stack.parameter("PaymentReturnUrl"),
        "PROVIDER_TIMEOUT_SECONDS": 30,
    }
    secrets: Any = Secrets()
    return StripeLedger(StripeAccount(StripeSettings.model_validate(settings), secrets))


def time_of(text: str) -> datetime:
    """Return a time of ISO 8601, in UTC unless it says otherwise. Raises `ProblemError` if it is none."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ProblemError(f"{text} is no time: write it as in 2026-01-31T09:00:00Z") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def show(found: Reconciliation) -> None:
    """Print what was compared, and what disagrees."""
    for finding in found.findings:
        console.print(styled("[red]✘[/] [bold]{}[/]: order {}", finding.kind, finding.order_id), soft_wrap=True)
        console.print(f"  {finding.said}", soft_wrap=True)
        console.print(
            f"  {', '.join(finding.payment_ids) or 'no payment'}; {finding.status or 'no record'}", soft_wrap=True
        )
    console.print(
        f"compared {found.payments:,} payments with {found.records:,} records: {len(found.findings):,} disagree, "
        f"{found.in_flight:,} are of orders in flight and not judged yet",
        soft_wrap=True,
    )
    if found.unnamed:
        console.print(f"{found.unnamed:,} payments name no order: they are somebody else's", soft_wrap=True)
    if found.expired:
        console.print(f"{found.expired:,} payments are so old that their orders may have expired", soft_wrap=True)
    console.print(
        f"it took {found.read_units:,.1f} read units and {found.calls:,} calls to the provider", soft_wrap=True
    )
