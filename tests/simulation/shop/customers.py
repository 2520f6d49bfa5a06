"""What customers of the simulation do, and what providers say of them."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Behaviour:
    """What becomes of one customer's payments and parcels; by default they go well."""

    refusal: str | None = None
    """What the provider says as it refuses the payment, of any length, as all that providers say."""
    pays_after: timedelta | None = None
    """How long the payment is pending, before it is made or refused."""
    undeliverable: str | None = None
    """What the carrier says as it refuses the parcel."""
    voids_after: timedelta = timedelta()
    """For how long a charge cannot be voided yet."""
    void_refusal: str | None = None
    """What the provider says as it refuses to void a charge."""
    refunded_by_hand: bool = False
    """Whether somebody refunds in the provider's dashboard before the saga does."""
    length_of_ids: int = 0
    """By how much the ids that providers give are longer than usual."""


AT_ONCE, SOON, NEVER = timedelta(), timedelta(minutes=2), timedelta(days=3_650)
TOO_LATE = timedelta(hours=2)
"""Past the deadline of a pending payment."""
NOWHERE = "address undeliverable"
WORDY = "declined:\n" + "\x00\u2028 Jane Doe, 1 Long Street; " * 200

CUSTOMERS = {
    "CUST-DECLINE": Behaviour(refusal="card declined"),
    "CUST-DECLINE-IN-SILENCE": Behaviour(refusal=""),
    "CUST-DECLINE-AT-LENGTH": Behaviour(refusal=WORDY),
    "CUST-UNDELIVERABLE": Behaviour(undeliverable=NOWHERE),
    "CUST-UNDELIVERABLE-AT-LENGTH": Behaviour(undeliverable=WORDY),
    "CUST-LONG-IDS": Behaviour(length_of_ids=300),
    "CUST-PAYS-LATER": Behaviour(pays_after=AT_ONCE),
    "CUST-PAYS-IN-A-WHILE": Behaviour(pays_after=SOON),
    "CUST-DECLINES-LATER": Behaviour(pays_after=AT_ONCE, refusal="the bank said no"),
    "CUST-DECLINES-IN-A-WHILE": Behaviour(pays_after=SOON, refusal=""),
    "CUST-NEVER-PAYS": Behaviour(pays_after=NEVER),
    "CUST-PAYS-TOO-LATE": Behaviour(pays_after=TOO_LATE),
    "CUST-CHARGEBACK": Behaviour(undeliverable=NOWHERE, void_refusal="charged back by the customer"),
    "CUST-CHARGEBACK-IN-SILENCE": Behaviour(undeliverable=NOWHERE, void_refusal="", length_of_ids=300),
    "CUST-REFUND-TAKES-TIME": Behaviour(undeliverable=NOWHERE, voids_after=timedelta(minutes=3)),
    "CUST-REFUNDED-BY-HAND": Behaviour(undeliverable=NOWHERE, refunded_by_hand=True),
}
"""The customers that something becomes of; of all others everything goes well."""
