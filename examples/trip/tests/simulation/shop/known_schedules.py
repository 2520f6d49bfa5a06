"""Short stories, each of one guard at work: the schedules that would take the random ones long to find."""

from datetime import timedelta

from tests.simulation.faulty_wire import Fault
from tests.simulation.shop.bodies import WORLD, trip
from tests.simulation.simulated_world import Delivery, SimulatedWorld

SHORTLY = timedelta(seconds=10)


def the_flights_are_busy_for_a_moment() -> None:
    with SimulatedWorld(**WORLD) as world:
        world.deliver(_requested(world), {1: Fault.CONFLICT})
        world.settle()


def a_step_dies_between_its_write_and_its_publish() -> None:
    with SimulatedWorld(**WORLD) as world:
        world.deliver(_requested(world), {1: Fault.DIES_AFTER})
        world.settle()


def the_bus_refuses_an_event_of_a_step() -> None:
    with SimulatedWorld(**WORLD) as world:
        world.deliver(_requested(world), {2: Fault.PARTIAL})
        world.settle()


def a_room_is_booked_after_its_trip_timed_out_and_before_its_cancellation() -> None:
    _late_room(cancelled_before=False)


def a_room_is_booked_after_its_trip_timed_out_and_was_cancelled() -> None:
    _late_room(cancelled_before=True)


def _late_room(*, cancelled_before: bool) -> None:
    with SimulatedWorld(**WORLD) as world:
        world.deliver(_requested(world))
        flown = world.queue[0]
        world.wait(world.deadline - SHORTLY)
        world.deliver(flown, {2: Fault.HELD_UP})
        world.wait(2 * SHORTLY)
        world.deliver(world.repeat(flown.published, flown.function))
        while world.queue and cancelled_before:
            world.deliver(world.queue[0])
        world.resume(0)
        world.settle()


def _requested(world: SimulatedWorld) -> Delivery:
    world.post(trip())
    return world.queue[0]
