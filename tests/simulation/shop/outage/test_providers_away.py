"""The provider of the outages: how it is away, and that its books are right."""

from random import Random

import pytest

from payments.gateway import Paid, Payment, Refused, Voided, VoidedBefore
from saga.time_limit import ProviderTimeoutError
from tests.simulation.outage.event_loop import LoopClock
from tests.simulation.shop.outage.providers import AwayGateway, Kind

CALLS = 1_000


def payment(number: int = 1) -> Payment:
    return Payment(key=f"key-{number}", customer_id="CUST-1", amount=100, currency="USD")


def away(kind: Kind) -> tuple[AwayGateway, LoopClock]:
    clock = LoopClock()
    gateway = AwayGateway(clock, Random(1), kind)  # noqa: S311
    gateway.away = True
    return gateway, clock


def test_a_charge_is_made_once_and_never_after_its_void() -> None:
    gateway = AwayGateway(LoopClock(), Random(1), Kind.HANG)  # noqa: S311
    assert gateway.charge(payment()) == gateway.charge(payment()) == Paid("payment-key-1")
    assert (gateway.held, gateway.charges["key-1"]) == ({"key-1": 100}, 1)
    assert gateway.void(payment()) == Voided("refund-key-1")
    assert gateway.void(payment()) == VoidedBefore()
    assert gateway.charge(payment()) == Refused("payment voided")
    assert gateway.held == {}


@pytest.mark.parametrize(
    ("kind", "error", "seconds"),
    [(Kind.HANG, ProviderTimeoutError, 2.0), (Kind.REFUSE, ConnectionRefusedError, 0.002)],
)
def test_a_provider_that_is_unreachable_takes_no_money(kind: Kind, error: type[Exception], seconds: float) -> None:
    gateway, clock = away(kind)
    with pytest.raises(error):
        gateway.charge(payment())
    assert (gateway.held, clock.seconds) == ({}, seconds)


def failures(gateway: AwayGateway, fault: type[Exception]) -> int:
    """Charge many payments; return how many of them fail in this way."""
    failed = 0
    for number in range(CALLS):
        try:
            gateway.charge(payment(number))
        except fault:
            failed += 1
    return failed


def test_a_slow_one_answers_nine_times_in_ten_and_takes_the_money_each_time() -> None:
    gateway, _ = away(Kind.SLOW)
    assert CALLS * 0.07 < failures(gateway, ProviderTimeoutError) < CALLS * 0.13
    assert len(gateway.held) == CALLS


def test_a_flaky_one_fails_a_third_of_the_time_and_takes_no_money_then() -> None:
    gateway, _ = away(Kind.FLAKY)
    failed = failures(gateway, ConnectionError)
    assert CALLS * 0.29 < failed < CALLS * 0.38
    assert len(gateway.held) == CALLS - failed
