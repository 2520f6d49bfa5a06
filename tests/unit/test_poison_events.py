import pytest

from saga.step import ContradictoryEventError, PoisonEventError
from saga.table import UnknownKeyError
from tests.unit.moto_stack import Log
from tests.unit.stories import CONSUMED_BY, DECLINED, FIELDS, HAPPY, LATE, MOVES, OPTIONAL, Move, Told
from tests.unit.world import FUNCTIONS, World

MISSING = [(event, name) for event in CONSUMED_BY for name in FIELDS[event] if name not in OPTIONAL]


@pytest.mark.parametrize(("event", "name"), MISSING, ids=[f"{event}.{name}" for event, name in MISSING])
def test_an_event_without_a_field_is_poison_and_its_error_names_the_field(world: World, event: str, name: str) -> None:
    detail = Told(HAPPY).detail(event)
    del detail[name]
    with pytest.raises(PoisonEventError, match=rf"^{event} is malformed: {name}: Field required$"):
        world.deliver(event, detail)
    assert world.stack.wire.calls == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("orderId", 4711),
        ("orderId", ""),
        ("orderId", "secret" * 11),
        ("orderId", "secret\n"),
        ("createdAt", "secret"),
        ("createdAt", "2026-01-31T09:30:00.125"),
        ("customerId", None),
        ("customerId", ["secret"]),
        ("sku", {"secret": "secret"}),
        ("quantity", "2"),
        ("quantity", 2.5),
        ("quantity", True),
        ("quantity", 0),
        ("quantity", -1),
        ("amount", "49.99"),
        ("amount", 0),
        ("currency", "secret"),
        ("currency", "usd"),
        ("reservationId", ""),
        ("reservationId", 17),
    ],
)
def test_an_ill_typed_field_is_poison_and_its_error_names_it_but_not_its_value(
    world: World, name: str, value: object
) -> None:
    detail = {**Told(HAPPY).detail("InventoryReserved"), "customerId": "SECRET-CUSTOMER", name: value}
    with pytest.raises(PoisonEventError, match=rf"^InventoryReserved is malformed: {name}: ") as poison:
        world.deliver("InventoryReserved", detail)
    assert "secret" not in str(poison.value).lower()
    assert world.stack.wire.calls == []


def test_the_error_of_a_poison_event_shows_no_cause_that_would_print_the_customers_values(world: World) -> None:
    with pytest.raises(PoisonEventError) as poison:
        world.deliver("OrderCreated", {"customerId": "SECRET-CUSTOMER"})
    assert poison.value.__cause__ is None
    assert poison.value.__suppress_context__


def test_the_error_names_every_wrong_field(world: World) -> None:
    detail = {**Told(HAPPY).detail("OrderCreated"), "quantity": "two"}
    del detail["sku"]
    with pytest.raises(PoisonEventError, match=r"sku: .*; quantity: "):
        world.deliver("OrderCreated", detail)


@pytest.mark.parametrize(
    "detail", [None, [], "text", 7, {}], ids=["null", "an array", "text", "a number", "an empty object"]
)
def test_a_detail_that_is_no_order_at_all_is_poison(world: World, detail: object) -> None:
    with pytest.raises(PoisonEventError, match="OrderCreated is malformed"):
        world.deliver("OrderCreated", detail)


UNHEARD = [
    (function, event)
    for function in FUNCTIONS
    for event in (*FIELDS, "OrderShredded")
    if CONSUMED_BY.get(event) != function
]


@pytest.mark.parametrize(("function", "event"), UNHEARD, ids=[" ".join(pair) for pair in UNHEARD])
def test_an_event_that_a_step_does_not_consume_is_poison(world: World, function: str, event: str) -> None:
    detail = Told(HAPPY).known
    with pytest.raises(PoisonEventError, match=f"^{event} is not consumed here, only ") as poison:
        world.deliver(event, detail, function)
    consumed = [name for name, listener in CONSUMED_BY.items() if listener == function]
    assert all(name in str(poison.value) for name in consumed)
    assert world.stack.wire.calls == []


@pytest.mark.parametrize("move", MOVES, ids=str)
def test_an_event_of_an_unknown_order_fails_and_creates_none(world: World, move: Move) -> None:
    order = Told(move.story)
    world.stack.stock(order.sku, 10)
    with pytest.raises(UnknownKeyError, match=order.order_id):
        world.play(move, order)
    assert world.stack.record(order.order_id) is None
    assert world.stack.shelf(order.sku) == 10
    assert world.published == []


@pytest.mark.parametrize("overdue", [False, True], ids=["in time", "overdue"])
def test_an_event_that_contradicts_the_record_fails_and_changes_nothing(world: World, *, overdue: bool) -> None:
    order = world.begin(HAPPY, at=0)
    before = world.stands(order)
    if overdue:
        world.set_age(LATE)
    with pytest.raises(ContradictoryEventError, match=f"{order.order_id}.*CREATED"):
        world.deliver("PaymentCharged", order.detail("PaymentCharged"))
    assert world.stands(order) == before
    assert world.published == []


def test_a_refund_of_an_order_whose_card_was_declined_contradicts_its_record(world: World) -> None:
    order = world.begin(DECLINED, at=3)
    with pytest.raises(ContradictoryEventError):
        world.deliver("PaymentAbandoned", order.detail("PaymentAbandoned"))
    assert world.published == []


def test_a_failure_is_not_logged_with_the_customers_values(world: World, log: Log) -> None:
    with pytest.raises(PoisonEventError):
        world.deliver("OrderCreated", {**Told(HAPPY).detail("OrderCreated"), "customerId": ["SECRET"]})
    assert "SECRET" not in log.text
