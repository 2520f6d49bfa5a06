"""localstripe's own books, read directly: what was charged, refunded and kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from localstripe.resources import Charge, PaymentIntent, Refund, store

ORDER = "order_id"


@dataclass(frozen=True)
class Entry:
    """What the books say about one order, in minor units."""

    intents: int = 0
    charges: int = 0
    """Charges that succeeded."""
    charged: int = 0
    refunded: int = 0
    charged_back: int = 0

    @property
    def kept(self) -> int:
        """The money that the shop has of it."""
        return self.charged - self.refunded - self.charged_back


def entry(order_id: str, charged_back: Iterable[str] = ()) -> Entry:
    """Return what the books say about an order; `charged_back` are charges that the bank took back."""
    made = intents(order_id)
    charges = [each for intent in made for each in _charges_of(intent)]
    taken_back = set(charged_back)
    return Entry(
        intents=len(made),
        charges=len(charges),
        charged=sum(charge.amount for charge in charges),
        refunded=sum(each.amount for each in _all(Refund) if each.charge in {charge.id for charge in charges}),
        charged_back=sum(charge.amount for charge in charges if charge.id in taken_back),
    )


def charge_of(order_id: str) -> str:
    """Return the id of an order's one charge."""
    (intent,) = [each for each in intents(order_id) if each.latest_charge]
    return str(intent.latest_charge.id)


def intent_of(order_id: str) -> Any:
    """Return an order's one intent."""
    (intent,) = intents(order_id)
    return intent


def fail_the_refund_of(order_id: str) -> None:
    """Let a refund that was made come back: the customer's card is closed."""
    (refund,) = [each for each in _all(Refund) if each.charge == charge_of(order_id)]
    refund.status, refund.amount = "failed", 0


def intents(order_id: str | None = None) -> list[Any]:
    """Return all intents of an order, or of all orders."""
    return [each for each in _all(PaymentIntent) if order_id is None or each.metadata.get(ORDER) == order_id]


def charged() -> dict[str, list[str]]:
    """Return the intent of each charge that succeeded, by order."""
    found: dict[str, list[str]] = {}
    for intent in intents():
        if charges := _charges_of(intent):
            found.setdefault(intent.metadata[ORDER], []).extend([intent.id] * len(charges))
    return found


def _charges_of(intent: PaymentIntent) -> list[Charge]:
    return [each for each in _all(Charge) if each.payment_intent == intent.id and each.status == "succeeded"]


def _all(kind: type) -> list[Any]:
    return [each for each in list(store.values()) if isinstance(each, kind)]
