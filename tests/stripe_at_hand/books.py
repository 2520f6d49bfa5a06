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
    intents = [each for each in _all(PaymentIntent) if each.metadata.get(ORDER) == order_id]
    ids = {intent.id for intent in intents}
    charges = [each for each in _all(Charge) if each.payment_intent in ids and each.status == "succeeded"]
    taken_back = set(charged_back)
    return Entry(
        intents=len(intents),
        charges=len(charges),
        charged=sum(charge.amount for charge in charges),
        refunded=sum(each.amount for each in _all(Refund) if each.charge in {charge.id for charge in charges}),
        charged_back=sum(charge.amount for charge in charges if charge.id in taken_back),
    )


def charge_of(order_id: str) -> str:
    """Return the id of an order's one charge."""
    (intent,) = [each for each in _all(PaymentIntent) if each.metadata.get(ORDER) == order_id and each.latest_charge]
    return str(intent.latest_charge.id)


def intent_of(order_id: str) -> Any:
    """Return an order's one intent."""
    (intent,) = [each for each in _all(PaymentIntent) if each.metadata.get(ORDER) == order_id]
    return intent


def _all(kind: type) -> list[Any]:
    return [each for each in list(store.values()) if isinstance(each, kind)]
