"""A step whose provider cannot be reached waits for it: nothing is written, and nothing fails."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from payments import provider as payments
from saga.circuit_breaker import FAILURES
from saga.deferral import KeyRefusedError, UnreachableError
from saga.settings import settings
from shipping import provider as carriers
from tests.unit.moto_stack import Log
from tests.unit.stories import HAPPY, TIMED_OUT, UNDELIVERABLE, Story, Told
from tests.unit.world import World

Fail = Callable[[str, Exception], None]
AWAY = [ConnectionRefusedError(), TimeoutError(), UnreachableError("Stripe: APIError, 500")]
STEPS = [
    pytest.param(HAPPY, "InventoryReserved", "charge", id="ChargePayment"),
    pytest.param(HAPPY, "PaymentCharged", "book", id="NotifyShipping"),
    pytest.param(UNDELIVERABLE, "ShippingFailed", "void", id="RefundPayment"),
]


@pytest.fixture
def fail(world: World, monkeypatch: pytest.MonkeyPatch) -> Fail:
    """Let an operation of a provider raise this."""

    def failing(operation: str, fault: Exception) -> None:
        def raising(_asked: Any) -> None:
            raise fault

        monkeypatch.setattr(carriers.adapter if operation == "book" else world.gateway, operation, raising)

    return failing


def begin(world: World, story: Story, event: str) -> Told:
    return world.begin(story, story.path.index(event))


@pytest.mark.parametrize("fault", AWAY, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize(("story", "event", "operation"), STEPS)
def test_an_unreachable_provider_defers_the_step(  # noqa: PLR0913, PLR0917
    world: World,
    fail: Fail,
    log: Log,
    capsys: pytest.CaptureFixture[str],
    story: Story,
    event: str,
    operation: str,
    fault: Exception,
) -> None:
    order = begin(world, story, event)
    fail(operation, fault)
    before = world.stands(order)
    world.stack.wire.calls.clear()
    capsys.readouterr()

    said = world.deliver(event, order.detail(event))

    assert (said["delivery"], said["published"]) == ("deferred", None)
    # The record, and it alone: it might have moved on.
    assert world.stack.wire.calls == ["GetItem"]
    assert world.stands(order) == before
    (line,) = log.lines
    assert (line["event"], line["level"], line["delivery"]) == ("step", "INFO", "deferred")
    told = capsys.readouterr().out
    assert told.count('"ProviderUnreachable":[1.0]') == 1
    assert "Failures" not in told


@pytest.mark.parametrize(("story", "event", "operation"), STEPS)
def test_a_provider_that_refuses_our_key_defers_the_step_and_is_counted_by_itself(  # noqa: PLR0913, PLR0917
    world: World, fail: Fail, capsys: pytest.CaptureFixture[str], story: Story, event: str, operation: str
) -> None:
    order = begin(world, story, event)
    fail(operation, KeyRefusedError("Stripe: AuthenticationError, 401"))
    capsys.readouterr()
    assert world.deliver(event, order.detail(event))["reason"] == "Stripe: AuthenticationError, 401"
    assert '"ProviderRefusesKey":[1.0]' in capsys.readouterr().out


def test_after_a_few_failures_the_provider_is_not_called_any_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    world.deliver("InventoryReserved", begin(world, HAPPY, "InventoryReserved").detail("InventoryReserved"))

    def away(payment: object) -> None:
        calls.append(payment)
        raise ConnectionRefusedError

    monkeypatch.setattr(world.gateway, "charge", away)
    orders = [begin(world, HAPPY, "InventoryReserved") for _ in range(FAILURES + 2)]
    said = [world.deliver("InventoryReserved", order.detail("InventoryReserved")) for order in orders]
    assert [each["delivery"] for each in said] == ["deferred"] * (FAILURES + 2)
    assert said[-1]["reason"] == "charge: not tried, the circuit is open after 5 failures in a row"
    assert len(calls) == FAILURES


def test_an_answer_that_nobody_understands_is_a_bug_and_fails_the_step(world: World, fail: Fail) -> None:
    order = begin(world, HAPPY, "InventoryReserved")
    fail("charge", ValueError("an answer without a status"))
    with pytest.raises(ValueError, match="an answer without a status"):
        world.deliver("InventoryReserved", order.detail("InventoryReserved"))


def test_a_payment_that_cannot_be_reached_past_its_deadline_is_abandoned(world: World, fail: Fail) -> None:
    order = begin(world, TIMED_OUT, "InventoryReserved")
    fail("charge", ConnectionRefusedError())
    world.set_age(settings().deadline + timedelta(seconds=1))
    world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    assert [event.content for event in world.published] == [order.detail("PaymentAbandoned")]


def test_a_deadline_that_passes_while_the_provider_is_waited_for_is_noticed_before_the_step_defers(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    order = begin(world, TIMED_OUT, "InventoryReserved")

    def hangs(_payment: object) -> None:
        world.clock.advance(seconds=2)
        raise TimeoutError

    monkeypatch.setattr(world.gateway, "charge", hangs)
    world.set_age(settings().deadline - timedelta(seconds=1))
    world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    assert [event.content for event in world.published] == [order.detail("PaymentAbandoned")]
    assert '"Expired":[1.0]' in capsys.readouterr().out


def test_a_refund_waits_for_its_provider_whatever_the_deadline(world: World, fail: Fail) -> None:
    order = begin(world, TIMED_OUT, "PaymentAbandoned")
    fail("void", ConnectionRefusedError())
    world.set_age(timedelta(days=2))
    assert world.deliver("PaymentAbandoned", order.detail("PaymentAbandoned"))["delivery"] == "deferred"
    assert world.published == []


def test_a_duplicate_of_what_is_done_already_is_told_from_what_is_deferred(world: World, fail: Fail) -> None:
    order = begin(world, HAPPY, "PaymentCharged")
    fail("charge", ConnectionRefusedError())
    said = world.deliver("InventoryReserved", order.detail("InventoryReserved"))
    assert (said["delivery"], said["published"]) == ("duplicate", "PaymentCharged")


def test_both_providers_are_guarded() -> None:
    guards = [payments.gateway, carriers.carrier]
    assert len({id(guard) for guard in guards}) == 2
    assert {type(guard).__module__ for guard in guards} == {"saga.circuit_breaker"}
