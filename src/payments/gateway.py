"""The port to the payment provider. Put yours in `payments.provider`."""

from typing import Protocol


class PaymentRefusedError(Exception):
    """The provider will not charge; its message is the reason, in words that a customer may read."""


class PaymentGateway(Protocol):
    """What the saga asks of a payment provider. Both operations may be repeated, from anywhere, at any time.

    The provider remembers a key, charged or voided, for longer than an order's deadline and a function's timeout
    together (real ones: a day). Any other exception than the one named here means that nothing is known, and the
    operation is repeated.
    """

    def charge(self, key: str, customer_id: str, amount: int, currency: str) -> str:
        """Charge the customer `amount` minor units once under this key, and give the payment's id.

        A repeated key gives the first answer. Raises `PaymentRefusedError` if the card was declined or the key voided.
        """

    def void(self, key: str) -> None:
        """Undo the charge under this key if there is one, refund included, and refuse any later one."""
