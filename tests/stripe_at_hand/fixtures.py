"""Stripe at hand, served once a process."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.stripe_at_hand.rules import Rules


@dataclass(frozen=True)
class StripeAtHand:
    """Where it is served, and the rules that it goes by."""

    url: str
    rules: "Rules"


@pytest.fixture(scope="session")
def _served_stripe() -> Iterator[StripeAtHand]:
    from tests.stripe_at_hand.server import serving  # noqa: PLC0415  half a second that few tests need

    with serving() as (url, rules):
        yield StripeAtHand(url, rules)


@pytest.fixture
def stripe_at_hand(_served_stripe: StripeAtHand) -> StripeAtHand:
    """Stripe at hand, as it is in the beginning."""
    _served_stripe.rules.forget()
    return _served_stripe
