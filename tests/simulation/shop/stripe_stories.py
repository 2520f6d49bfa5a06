"""Short stories of one guard of Stripe's adapter each, which the rows of one fault do not tell."""

from functools import partial

from tests.simulation.faulty_wire import Fault
from tests.simulation.matrix import LATER
from tests.simulation.shop.customers import TOO_LATE
from tests.simulation.shop.known_schedules import BODY, SHORTLY
from tests.simulation.shop.stripe import AtStripe
from tests.simulation.simulated_world import Delivery, SimulatedWorld
from tests.stripe_at_hand.fixtures import StripeAtHand

MAKE, CONFIRM, WRITE = 1, 2, 3
"""The calls of ChargePayment."""


def two_charges_at_once_of_which_one_dies(at_hand: StripeAtHand) -> None:
    """One is told that the key is in use; it would go on under another, if it might, and die before its write."""
    with _world(at_hand) as world:
        world.deliver(_reserved(world), {MAKE: Fault.CONFLICT, WRITE + 1: Fault.DIES_BEFORE})
        world.settle()


def a_charge_is_in_doubt_for_a_day_and_so_is_its_void(at_hand: StripeAtHand) -> None:
    """The key is forgotten; the void makes an intent under it, and dies before it has asked the index."""
    with _world(at_hand) as world:
        reserved = _reserved(world)
        world.deliver(reserved, {CONFIRM: Fault.DIES_AFTER})
        world.wait(LATER)
        world.deliver(reserved)
        abandoned = world.queue[0]
        world.deliver(abandoned, {2: Fault.DIES_BEFORE})
        world.settle()


def a_customer_pays_after_the_order_was_given_up(at_hand: StripeAtHand) -> None:
    with _world(at_hand) as world:
        world.deliver(_reserved(world, "CUST-PAYS-TOO-LATE"))
        world.settle()
        world.wait(TOO_LATE)
        world.settle()


def a_charge_goes_on_after_its_order_was_voided(at_hand: StripeAtHand) -> None:
    """Held up between *make* and *confirm*, its order is given up and voided meanwhile."""
    with _world(at_hand) as world:
        reserved = _reserved(world)
        world.wait(world.deadline - SHORTLY)
        world.deliver(reserved, {CONFIRM: Fault.HELD_UP})
        world.wait(2 * SHORTLY)
        world.deliver(world.repeat(reserved.published, reserved.function))
        while world.queue:
            world.deliver(world.queue[0])
        world.resume(0)
        world.settle()


ALL = (
    two_charges_at_once_of_which_one_dies,
    a_charge_is_in_doubt_for_a_day_and_so_is_its_void,
    a_customer_pays_after_the_order_was_given_up,
    a_charge_goes_on_after_its_order_was_voided,
)


def _world(at_hand: StripeAtHand) -> SimulatedWorld:
    return SimulatedWorld(stock={"sku-a": 5}, gateway=partial(AtStripe, at_hand=at_hand))


def _reserved(world: SimulatedWorld, customer: str = "CUST-1") -> Delivery:
    world.post(BODY | {"customerId": customer})
    world.deliver(world.queue[0])
    return world.queue[0]
