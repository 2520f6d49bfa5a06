"""Short stories, each of one guard at work: the schedules that would take the random ones long to find."""

from datetime import timedelta
from functools import partial

import pytest

from saga.settings import Settings
from tests.simulation.faulty_wire import Fault
from tests.simulation.invariants import require
from tests.simulation.matrix import LATER
from tests.simulation.shop.acts import a_forged_hint_comes, a_hint_comes
from tests.simulation.shop.customers import SOON
from tests.simulation.shop.providers import bookkeeping
from tests.simulation.simulated_world import A_MINUTE, Delivery, SimulatedWorld

BODY = {"customerId": "CUST-1", "sku": "sku-a", "quantity": 1, "amount": 4200, "currency": "EUR"}
SHORTLY = timedelta(seconds=10)


def the_last_piece_is_ordered_once_and_its_event_repeated() -> None:
    with SimulatedWorld(stock={"sku-a": 1}) as world:
        first = _ordered(world)
        world.deliver(first)
        _repeat(world, first)
        world.settle()


def the_shelf_is_busy_for_a_moment() -> None:
    with SimulatedWorld(stock={"sku-a": 5}) as world:
        world.deliver(_ordered(world), {1: Fault.CONFLICT})
        world.settle()


def a_step_dies_between_its_write_and_its_publish() -> None:
    with SimulatedWorld(stock={"sku-a": 5}) as world:
        world.deliver(_ordered(world), {1: Fault.DIES_AFTER})
        world.settle()


def the_bus_refuses_an_event_of_a_step() -> None:
    with SimulatedWorld(stock={"sku-a": 5}) as world:
        world.deliver(_ordered(world), {2: Fault.PARTIAL})
        world.settle()


def an_order_is_done_and_its_reservation_replayed_days_later() -> None:
    with SimulatedWorld(stock={"sku-a": 5}) as world:
        reserved = _reserved(world)
        world.settle()
        world.wait(LATER)
        _repeat(world, reserved)
        world.settle()


def an_order_is_shipped_and_its_charge_replayed_to_a_carrier_that_forgot_it() -> None:
    with SimulatedWorld(stock={"sku-a": 5}, carrier_memory=timedelta(days=1)) as world:
        world.deliver(_reserved(world))
        charged = world.queue[0]
        world.settle()
        world.wait(LATER)
        _repeat(world, charged)
        world.settle()


def a_charge_arrives_after_its_order_timed_out_and_before_its_refund() -> None:
    _late_charge(SimulatedWorld(stock={"sku-a": 5}), held_up_at="update_item", refunded_before=False)


def a_charge_arrives_after_its_order_timed_out_and_was_refunded() -> None:
    _late_charge(SimulatedWorld(stock={"sku-a": 5}), held_up_at="update_item", refunded_before=True)


def a_charge_arrives_after_its_void_at_a_gateway_that_forgets_voids() -> None:
    _late_charge(
        SimulatedWorld(stock={"sku-a": 5}, gateway=partial(bookkeeping, remembers_voids=False)),
        held_up_at="charge",
        refunded_before=True,
    )


def a_late_duplicate_is_told_paid_while_its_payment_is_pending() -> None:
    with SimulatedWorld(stock={"sku-a": 5}) as world:
        reserved = _reserved(world, "CUST-PAYS-LATER")
        world.deliver(reserved)
        _repeat(world, reserved)
        world.settle()


def a_late_duplicate_is_told_paid_after_its_payment_was_confirmed() -> None:
    with SimulatedWorld(stock={"sku-a": 5}) as world:
        reserved = _reserved(world, "CUST-PAYS-LATER")
        world.deliver(reserved)
        world.deliver(world.queue[0])
        _repeat(world, reserved)
        world.settle()


def an_order_goes_well() -> None:
    with SimulatedWorld(stock={"sku-a": 5}) as world:
        world.post(BODY | {"quantity": 3, "currency": "JPY", "paymentMethod": "pm_of_one"})
        world.settle()


def an_order_times_out_at_its_charge() -> None:
    with SimulatedWorld(stock={"sku-a": 5}) as world:
        reserved = _reserved(world)
        world.wait(LATER)
        world.deliver(reserved)
        world.settle()


def recovery_runs_just_after_a_step() -> None:
    with SimulatedWorld(stock={"sku-a": 5}) as world:
        created = _ordered(world)
        world.wait(A_MINUTE + SHORTLY / 5)
        world.deliver(created)
        world.recover()
        world.settle()


def a_payment_is_pending_for_longer_than_other_orders_may_take() -> None:
    with SimulatedWorld(stock={"sku-a": 5}) as world:
        world.deliver(_reserved(world, "CUST-NEVER-PAYS"))
        world.wait(world.deadline + SHORTLY)
        world.deliver(world.queue[0])
        world.settle()


def hints_come_early_twice_and_forged_and_the_recovery_of_a_pending_payment_is_lost() -> None:
    with SimulatedWorld(stock={"sku-a": 5}) as world:
        reserved = _reserved(world, "CUST-PAYS-IN-A-WHILE")
        a_hint_comes(world, 0)
        world.deliver(reserved)
        world.lose(world.queue[0])
        a_forged_hint_comes(world, 0)
        a_hint_comes(world, 0)
        world.wait(SOON)
        for _ in range(2):
            a_hint_comes(world, 0)
        world.settle()


def a_refund_takes_its_time() -> None:
    with SimulatedWorld(stock={"sku-a": 5}) as world:
        world.deliver(_reserved(world, "CUST-REFUND-TAKES-TIME"))
        world.settle()


def a_charge_is_lost_in_a_race_while_the_gateway_is_away() -> None:
    """Its void is left to RefundPayment, which waits for the gateway."""
    with SimulatedWorld(stock={"sku-a": 5}) as world:
        reserved = _reserved(world)
        _hold_up_over_the_deadline(world, reserved, "update_item")
        _repeat(world, reserved)
        world.shop.gateway.down = True
        world.resume(0)
        # It published PaymentAbandoned as well, so it comes twice.
        for _ in range(2):
            world.deliver(world.queue[0])
        require(not world.queue, "a step failed because its provider was away")
        world.settle()


def the_gateway_is_away_until_the_circuit_opens() -> None:
    with SimulatedWorld(stock={"sku-a": 5}) as world:
        world.shop.gateway.down = True
        for _ in range(4):
            world.deliver(_reserved(world))
        require(not world.queue, "a step failed because its provider was away")
        world.settle()
        ends = {record.status for record in world.records().values()}
        require(ends == {"SHIPPING_SCHEDULED"}, f"the gateway came back in time, and orders ended as {sorted(ends)}")


def more_is_due_than_the_ceiling_lets_through() -> None:
    with SimulatedWorld(stock={"sku-a": 5}) as world, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Settings, "most_recovered_a_run", 1)
        old = _reserved(world)
        world.lose(old)
        world.wait(world.deadline - A_MINUTE)
        for _ in range(3):
            world.lose(_reserved(world))
        world.wait(A_MINUTE + SHORTLY)
        world.recover()
        ((first,),) = [[delivery.published.key for delivery in world.queue]]
        require(first == old.published.key, "recovery let an order wait that is past its deadline")
        world.settle()


def _late_charge(anywhere: SimulatedWorld, *, held_up_at: str, refunded_before: bool) -> None:
    with anywhere as world:
        reserved = _reserved(world)
        _hold_up_over_the_deadline(world, reserved, held_up_at)
        _repeat(world, reserved)
        while world.queue and refunded_before:
            world.deliver(world.queue[0])
        world.resume(0)
        world.settle()


def _hold_up_over_the_deadline(world: SimulatedWorld, reserved: Delivery, call: str) -> None:
    # An order that is no longer young is read first.
    calls = ["get_item", "charge", "update_item"]
    world.wait(world.deadline - SHORTLY)
    late = world.deliver(reserved, {1 + calls.index(call): Fault.HELD_UP})
    require(late.held_up_at == call, f"it is held up at {late.held_up_at}")
    world.wait(2 * SHORTLY)


def _ordered(world: SimulatedWorld, customer: str = "CUST-1") -> Delivery:
    world.post(BODY | {"customerId": customer})
    return world.queue[0]


def _reserved(world: SimulatedWorld, customer: str = "CUST-1") -> Delivery:
    world.deliver(_ordered(world, customer))
    return world.queue[0]


def _repeat(world: SimulatedWorld, delivery: Delivery) -> None:
    world.deliver(world.repeat(delivery.published, delivery.function))
