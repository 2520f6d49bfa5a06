"""Stripe's books, read for a reconciliation."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import stripe

from payments.ledger import Payment
from payments.stripe_account import StripeAccount
from payments.stripe_gateway import MINOR_UNITS, ORDER

PAGE = 100
"""Objects that one call gives ("Pagination")."""
FAILED = {"failed", "canceled"}
"""Statuses of a refund that came back ("The Refund object")."""


class StripeLedger:
    """A `PaymentLedger` of the shop's account: a call for each 100 payments, and for each 100 refunds since."""

    def __init__(self, account: StripeAccount) -> None:
        self._account, self.calls = account, 0

    def payments(self, start: datetime, end: datetime) -> Iterator[Payment]:
        """Yield the payments of this time; see `PaymentLedger.payments`."""
        since = {"created": {"gte": int(start.timestamp())}}
        refunds = self._all(lambda client, page: client.v1.refunds.list({**since, **page}))
        failed = {refund.payment_intent for refund in refunds if refund.status in FAILED}
        within = {"created": {"gte": int(start.timestamp()), "lt": int(end.timestamp())}}
        expanded: Any = {"expand": ["data.latest_charge"]}
        for intent in self._all(lambda client, page: client.v1.payment_intents.list({**within, **page, **expanded})):
            charge = intent.latest_charge
            if isinstance(charge, stripe.Charge) and charge.status == "succeeded":
                yield _payment(intent, charge, refund_failed=intent.id in failed)

    def _all(self, ask: Callable[..., Any]) -> Iterator[Any]:
        """Yield the objects of all pages."""
        page: dict[str, Any] = {"limit": PAGE}
        while True:
            self.calls += 1
            found = self._account.ask(partial(ask, page=page))
            yield from found.data
            if not found.has_more:
                return
            page = {"limit": PAGE, "starting_after": found.data[-1].id}


def _payment(intent: stripe.PaymentIntent, charge: stripe.Charge, *, refund_failed: bool) -> Payment:
    currency = intent.currency.upper()
    unit = MINOR_UNITS.get(currency, 1)
    return Payment(
        key=intent.to_dict().get("metadata", {}).get(ORDER),
        payment_id=intent.id,
        amount=charge.amount // unit,
        # A disputed charge was taken back by the customer's bank, for as long as the dispute is not won.
        returned=(charge.amount if charge.disputed else charge.amount_refunded) // unit,
        currency=currency,
        at=datetime.fromtimestamp(intent.created, UTC),
        refund_failed=refund_failed,
    )
