from uuid import UUID, uuid4

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from tests.unit.http import ORDER, post, send
from tests.unit.moto_stack import BUS, Log, MotoStack
from tests.unit.stories import HAPPY, PLACED, Told, event_id, wire_time
from tests.unit.wire import entries, refused_call
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.usefixtures("stack", "clock")


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


def test_an_order_is_stored_published_and_answered_with_its_location(stack: MotoStack) -> None:
    answer = post(ORDER)

    order_id = answer.body["orderId"]
    assert answer.status == 201
    assert answer.body == {"orderId": order_id, "status": "CREATED"}
    assert answer.headers["Location"].endswith(f"/orders/{order_id}")
    assert UUID(order_id)
    record = stack.record(order_id)
    assert record is not None
    assert record.pop("inFlight") in set("0123456789")
    assert record == {
        **ORDER,
        "orderId": order_id,
        "createdAt": wire_time(PLACED),
        "updatedAt": wire_time(PLACED),
        "status": "CREATED",
        "history": [{"status": "CREATED", "at": wire_time(PLACED)}],
    }
    (published,) = stack.wire.published
    assert (published.bus, published.source, published.detail_type) == (BUS, "order-saga", "OrderCreated")
    carried = {**ORDER, "orderId": order_id, "createdAt": wire_time(PLACED)}
    assert published.content == carried | {"eventId": event_id("OrderCreated", order_id)}
    assert stack.wire.calls == ["PutItem", "PutEvents"]


def test_quantity_and_currency_may_be_left_out(stack: MotoStack) -> None:
    post({"customerId": "CUST-1", "sku": "BOOK", "amount": 4999})
    content = stack.wire.published[0].content
    assert (content["quantity"], content["currency"]) == (1, "USD")


def test_the_largest_order_is_taken(stack: MotoStack) -> None:
    largest = {"customerId": "c" * 64, "sku": "日" * 64, "quantity": 10_000, "amount": 10**12, "currency": "JPY"}
    answer = post(largest)
    assert answer.status == 201
    assert largest.items() <= stack.wire.published[0].content.items()


def test_a_body_in_base64_is_read(stack: MotoStack) -> None:
    answer = send(body="eyJjdXN0b21lcklkIjoiQyIsInNrdSI6IlMiLCJhbW91bnQiOjF9", isBase64Encoded=True)
    assert answer.status == 201
    assert stack.wire.published[0].content["customerId"] == "C"


def test_two_orders_without_a_key_are_two_orders(stack: MotoStack) -> None:
    assert post(ORDER).body["orderId"] != post(ORDER).body["orderId"]
    assert len(stack.wire.published) == 2


def test_a_repeated_key_gives_the_same_order_with_200_and_publishes_the_same_event_again(
    stack: MotoStack, clock: VirtualClock
) -> None:
    same = key()
    first = post(ORDER, same)
    clock.advance(minutes=2)
    second = post(ORDER, same)

    assert (first.status, second.status) == (201, 200)
    assert second.body == first.body
    assert second.headers["Location"] == first.headers["Location"]
    assert stack.wire.published[1] == stack.wire.published[0]
    record = stack.record(first.body["orderId"])
    assert record is not None
    assert record["createdAt"] == wire_time(PLACED)


def test_the_keys_header_is_found_however_it_is_written(stack: MotoStack) -> None:
    value = str(uuid4())
    first = post(ORDER, {"Idempotency-Key": value})
    again = post(ORDER, {"idempotency-key": value})
    assert again.body == first.body
    assert len(stack.wire.published) == 2


def test_a_body_that_means_the_same_order_is_the_same_body(clock: VirtualClock) -> None:
    same = key()
    post({"customerId": "CUST-1", "sku": "BOOK", "amount": 4999}, same)
    clock.advance(seconds=1)
    spelt_out = {"currency": "USD", "amount": 4999, "quantity": 1, "sku": "BOOK", "customerId": "CUST-1"}
    assert post(spelt_out, same).status == 200


def test_a_repeated_key_of_an_order_that_is_under_way_shows_its_status_and_publishes_nothing(
    stack: MotoStack, clock: VirtualClock
) -> None:
    same = key()
    order_id = post(ORDER, same).body["orderId"]
    record = {**Told(HAPPY, order_id, "BOOK").record(2), "customerId": "CUST-1"}
    del record["paymentMethod"]
    stack.put_record(record)
    clock.advance(minutes=2)
    stack.wire.published.clear()

    answer = post(ORDER, same)

    assert (answer.status, answer.body["status"]) == (200, "PAYMENT_CHARGED")
    assert stack.wire.published == []


@pytest.mark.parametrize(
    "other",
    [
        {"sku": "LAMP"},
        {"quantity": 3},
        {"amount": 5000},
        {"currency": "EUR"},
        {"paymentMethod": "pm_1"},
    ],
    ids=str,
)
def test_a_repeated_key_with_another_body_is_refused_and_changes_nothing(
    stack: MotoStack, clock: VirtualClock, other: dict[str, object]
) -> None:
    same = key()
    order_id = post(ORDER, same).body["orderId"]
    before = stack.record(order_id)
    stack.wire.published.clear()
    clock.advance(minutes=2)

    answer = post({**ORDER, **other}, same)

    assert (answer.status, answer.wrong_fields) == (422, {"Idempotency-Key"})
    assert stack.record(order_id) == before
    assert stack.wire.published == []


def test_a_write_that_botocore_repeated_since_its_answer_was_lost_still_answers_201(stack: MotoStack) -> None:
    same = key()
    post(ORDER, same)
    assert post(ORDER, same).status == 201
    assert stack.wire.published[0] == stack.wire.published[1]


@pytest.mark.parametrize(
    "failure",
    [entries("refused"), refused_call("ThrottlingException"), EndpointConnectionError(endpoint_url="the bus")],
    ids=["refused entry", "refused call", "no connection"],
)
def test_an_order_that_is_stored_is_accepted_even_if_its_publish_failed(
    stack: MotoStack, clock: VirtualClock, log: Log, failure: Exception
) -> None:
    same = key()
    stack.wire.answer("PutEvents", failure)

    answer = post(ORDER, same)

    assert (answer.status, answer.body["status"]) == (201, "CREATED")
    assert stack.wire.published == []
    assert [line["level"] for line in log.lines] == ["WARNING"]
    assert "CUST-1" not in log.text

    clock.advance(seconds=5)
    assert post(ORDER, same).status == 200
    assert [event.content["createdAt"] for event in stack.wire.published] == [wire_time(PLACED)]


def test_an_order_that_could_not_be_stored_is_a_fault(stack: MotoStack) -> None:
    stack.wire.answer("PutItem", refused_call("InternalServerError"))
    with pytest.raises(ClientError):
        post(ORDER)
    assert stack.wire.published == []
