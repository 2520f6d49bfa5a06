"""What must hold whatever happens: nothing is lost, and nothing happens twice."""

from functools import lru_cache
from typing import TYPE_CHECKING

from saga.event import Event
from saga.record import Record
from tests.simulation.deployment import deployment
from tools.base.events import KEY, Direction, direction_of
from tools.base.transitions import EVENT_OF_STATUS, EVENTS, TERMINAL, is_path

if TYPE_CHECKING:
    from tests.simulation.bus import Published
    from tests.simulation.faulty_wire import Invocation
    from tests.simulation.simulated_world import SimulatedWorld


class BrokenInvariantError(AssertionError):
    """The proof failed: something was lost or happened twice."""


def require(holds: bool, otherwise: str) -> None:  # noqa: FBT001  reads as a sentence
    if not holds:
        raise BrokenInvariantError(otherwise)


def always(world: "SimulatedWorld") -> None:
    """Check what holds at every moment, in the middle of everything."""
    records = world.records()
    histories_are_paths(records)
    answers_are_kept(world, records)
    the_index_holds_what_is_in_flight(world, records)
    held_sagas_stand_still(world, records)
    stops_are_kept(world, records)
    world.shop.always(world, records)


def at_rest(world: "SimulatedWorld") -> None:
    """Check what holds once faults have stopped and all is quiet."""
    records = world.records()
    for record in records.values():
        require(record.is_terminal, f"{world.name_of(record.key)} is stuck at {record.status}")
    always(world)
    stopped_sagas_are_undone(world, records)
    world.shop.at_rest(world, records)
    for published in world.bus.published:
        published_after_its_write(world, published)
    for delivery in world.deliveries:
        what = f"{delivery.published.detail_type} to {delivery.function.name}"
        require(delivery.handled or delivery.dead, f"{what} was never delivered and is in no dead-letter queue")


def histories_are_paths(records: dict[str, Record]) -> None:
    for record in records.values():
        statuses, times = statuses_of(record), [change.at for change in record.history]
        require(is_path(statuses), f"no saga goes through {statuses}")
        require(statuses[-1] == record.status, f"the status is {record.status}, the history says {statuses}")
        require(times == sorted(times), f"the history goes back in time: {times}")


def answers_are_kept(world: "SimulatedWorld", records: dict[str, Record]) -> None:
    placed: dict[tuple[str, str], str] = {}
    for answer in world.answers:
        owner = answer.body[world.shop.OWNER]
        if answer.saga_key is None:
            again = world.asked[owner, answer.key] > 1 and answer.key is not None
            require(again and answer.status == 422, f"a valid request was answered with {answer.status}")
            continue
        require(answer.saga_key in records, f"answered with {answer.status} for a record that does not exist")
        record = records[answer.saga_key]
        stored = {name: field_of(record, name) for name in answer.body}
        require(stored == {name: str(value) for name, value in answer.body.items()}, f"another body is kept: {stored}")
        if answer.key:
            first = placed.setdefault((owner, answer.key), answer.saga_key)
            require(first == answer.saga_key, f"key {answer.key} of {owner} stands for two sagas")


def the_index_holds_what_is_in_flight(world: "SimulatedWorld", records: dict[str, Record]) -> None:
    indexed = {key for key, item in world.dynamodb.items[deployment().records].items() if "inFlight" in item}
    in_flight = {key for key, record in records.items() if not record.is_terminal}
    names = sorted(map(world.name_of, indexed ^ in_flight))
    require(indexed == in_flight, f"the in-flight index is wrong about {names}")


def held_sagas_stand_still(world: "SimulatedWorld", records: dict[str, Record]) -> None:
    for key, record in records.items():
        if record.held is None:
            world.held.pop(key, None)
            continue
        since, status = world.held.setdefault(key, (record.held, record.status))
        moved = since == record.held and status != record.status
        require(not moved, f"{world.name_of(key)} is held at {status}, and came to {record.status}")


def stops_are_kept(world: "SimulatedWorld", records: dict[str, Record]) -> None:
    for key, record in records.items():
        if record.stopped:
            world.stopped.setdefault(key, (record.stopped, len(record.history)))
    for key, (why, since) in world.stopped.items():
        record, name = records[key], world.name_of(key)
        require(record.stopped == why, f"{name} was stopped, {why}, and is no longer")
        forward = [status for status in statuses_of(record)[since:] if EVENT_OF_STATUS[status].stoppable]
        require(not forward, f"{name} was stopped, and came to {forward}")


def stops_are_heeded(world: "SimulatedWorld") -> None:
    """A stopped saga is given up as soon as recovery ran, also while its provider is away."""
    for key, record in world.records().items():
        waits = record.stopped and not record.held and EVENT_OF_STATUS[record.status].stoppable
        require(not waits, f"{world.name_of(key)} was stopped, and stands at {record.status}")


def stopped_sagas_are_undone(world: "SimulatedWorld", records: dict[str, Record]) -> None:
    for key in world.stopped:
        event = EVENT_OF_STATUS[records[key].status]
        require(direction_of(event) is not Direction.SUCCESS, f"{world.name_of(key)} was stopped, and ended well")


def published_after_its_write(world: "SimulatedWorld", published: "Published") -> None:
    """An event tells of what is stored, byte for byte, and somebody consumes it unless it is final."""
    event = _parsed(published.detail_type, published.detail)
    record = world.records().get(event.key)
    if record is None:
        raise BrokenInvariantError(f"{published.detail_type} was published of a saga that is not stored")
    # A record is replaced whenever it changes: the same event of the same record need not be looked at twice.
    seen = (published.detail_type, published.detail, id(record))
    if seen in world.verified:
        return
    name = world.name_of(event.key)
    require(event.status in statuses_of(record), f"{published.detail_type} of {name} came before its write")
    rebuilt = record.model_copy(update={"status": event.status}).event().detail()
    require(rebuilt == published.detail, f"{name}: published {published.detail}, but the record gives {rebuilt}")
    consumers = len(published.consumers)
    require(consumers == int(event.status not in TERMINAL), f"{consumers} functions consume {published.detail_type}")
    world.verified[seen] = record


def failed_for_a_reason(invocation: "Invocation", deadly: tuple[str, ...], death: type[BaseException]) -> None:
    """A function fails only if something struck it, and no function survives its death."""
    failure = invocation.failure
    if isinstance(failure, AssertionError):
        raise failure
    if any(fault.startswith(deadly) for fault in invocation.fired):
        require(isinstance(failure, death), f"{invocation.title}: it lived on after its death")
    elif failure is not None and not invocation.fired:
        raise BrokenInvariantError(f"{invocation.title}: failed without any fault") from failure


def said_what_it_did(world: "SimulatedWorld", invocation: "Invocation") -> None:
    """A function that ends well has published what it says, and left no charge behind that its record does not know."""
    answer = invocation.answer
    if invocation.failure is not None:
        return
    if answer.get("published"):
        said = (answer["published"], answer[KEY])
        require(said in invocation.accepted, f"{invocation.title}: says that it published {said[0]}, but did not")
    if "recovered" in answer:
        held = {world.name_of(key) for _, key in invocation.accepted if world.records()[key].held}
        require(not held, f"{invocation.title}: publishes of {sorted(held)}, which are held")
        if not invocation.plan:
            old = {name for name, key in invocation.accepted if EVENTS[name].status != world.records()[key].status}
            require(not old, f"{invocation.title}: publishes {sorted(old)}, which nobody waits for any more")
        did = len(invocation.accepted)
        require(
            did >= answer["recovered"], f"{invocation.title}: says that it recovered {answer['recovered']}, not {did}"
        )
    world.shop.left_behind(world, invocation)


@lru_cache(maxsize=1_000)
def _parsed(detail_type: str, detail: str) -> Event:
    return EVENTS[detail_type].model_validate_json(detail)


def statuses_of(record: Record) -> list[str]:
    return [change.status for change in record.history]


def field_of(record: Record, name: str) -> str:
    return str((record.model_extra or {}).get(name))
