"""Every answer of the HTTP API that is no order, to the letter: clients and people read them."""

from typing import Any

import pytest

from contract.identity import derived_id
from orders import cancel_order, create_order, get_order
from orders.http import LARGEST
from orders.order_ids import LAST_RELEASE, OrderIds
from tests.unit.http import ORDER, Answer, cancel, get, post, request, send
from tests.unit.moto_stack import Context, Log
from tests.unit.stories import HAPPY
from tests.unit.world import World

UNKNOWN = "00000000-0000-4000-8000-000000000000"
KEY = "Idempotency-Key"


def told(answer: Answer) -> tuple[int, str, dict[str, str]]:
    """Return the status, the message and what is said of each field."""
    assert answer.body.keys() == {"message", "errors"}
    return answer.status, answer.body["message"], {fault["field"]: fault["message"] for fault in answer.body["errors"]}


@pytest.mark.parametrize(
    ("sent", "message", "said"),
    [
        (
            {"body": '{"sku": "BOOK", "amount": 1, "coupon": "FREE"}'},
            (422, "the order is not valid"),
            {"customerId": "Field required", "coupon": "Extra inputs are not permitted"},
        ),
        ({"body": "[]"}, (422, "the order is not valid"), None),
        (
            {"body": "{"},
            (400, "the body is not JSON"),
            {"body": "EOF while parsing an object at line 1 column 1"},
        ),
        (
            {"body": '{"sku": 1, "sku": 2, "amount": 1, "amount": 2}'},
            (400, "the body is ambiguous"),
            {"sku": "stands more than once", "amount": "stands more than once"},
        ),
        (
            {"body": " " * 8_193},
            (413, "the body is too large"),
            {"body": "more than 8192 characters"},
        ),
        (
            {"body": "{}", "headers": {KEY: ""}},
            (400, "the idempotency key is not valid"),
            {KEY: "String should have at least 1 character"},
        ),
        (
            {"body": "{}", "headers": {KEY: "k" * 256}},
            (400, "the idempotency key is not valid"),
            {KEY: "String should have at most 255 characters"},
        ),
    ],
    ids=["wrong fields", "no object", "no JSON", "ambiguous", "too large", "an empty key", "too long a key"],
)
@pytest.mark.usefixtures("stack")
def test_a_bad_order_is_answered_so(
    sent: dict[str, Any], message: tuple[int, str], said: dict[str, str] | None, log: Log
) -> None:
    status, text, faults = told(send(**sent))
    assert (status, text) == message
    assert said is None or faults == said
    # What the client made up is not logged, but the names that are the API's are.
    known = {"body", KEY, "customerId", "sku", "amount"}
    assert [(line["event"], line["status"], line["fields"]) for line in log.lines] == [
        ("bad request", status, [name for name in faults if name in known])
    ]


@pytest.mark.usefixtures("stack", "clock")
def test_the_longest_body_and_the_longest_and_shortest_key_are_taken() -> None:
    text = '{"customerId": "C", "sku": "S", "amount": 1}'
    assert send(body=text.ljust(LARGEST)).status == 201
    assert [post(ORDER, {KEY: key}).status for key in ("k" * 255, "k")] == [201, 201]


@pytest.mark.usefixtures("stack", "clock")
def test_a_key_of_another_body_is_answered_so() -> None:
    post(ORDER, {KEY: "mine"})
    assert told(post({**ORDER, "amount": 1}, {KEY: "mine"})) == (
        422,
        "the idempotency key belongs to another order",
        {KEY: "was used before for an order with another body"},
    )


@pytest.mark.parametrize("call", [get, cancel])
@pytest.mark.parametrize("order_id", [UNKNOWN, "nonsense"])
@pytest.mark.usefixtures("stack")
def test_an_unknown_order_is_answered_so(call: Any, order_id: str) -> None:
    assert told(call(order_id)) == (404, "there is no such order", {"orderId": "unknown"})


def test_a_cancellation_that_comes_too_late_is_answered_so(world: World) -> None:
    order = world.begin(HAPPY, at=2)
    assert told(cancel(order.order_id)) == (
        409,
        "the order can no longer be cancelled",
        {"orderId": "is at PAYMENT_CHARGED"},
    )


def test_a_cancellation_while_the_last_release_runs_is_answered_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = world.begin(HAPPY)
    monkeypatch.setenv(LAST_RELEASE, "runs")
    assert told(cancel(order.order_id)) == (
        409,
        "no order can be cancelled at the moment",
        {"orderId": "try again in some minutes"},
    )


@pytest.mark.usefixtures("stack", "clock")
def test_an_order_is_answered_as_api_gateway_takes_it() -> None:
    made = create_order.handler(request(body='{"customerId": "C", "sku": "S", "amount": 1}'), Context())
    order_id = made["headers"]["Location"].removeprefix("./orders/")
    assert made == {
        "statusCode": 201,
        "headers": {"Content-Type": "application/json", "Location": f"./orders/{order_id}"},
        "body": f'{{"orderId": "{order_id}", "status": "CREATED"}}',
        "isBase64Encoded": False,
    }


@pytest.mark.parametrize("left", ["gone", "repeated", "runs"])
def test_an_orders_id_follows_from_its_customer_and_its_key_today_and_in_the_next_release(
    left: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written out: under other ids, a request that is repeated after a deployment would be another order."""
    monkeypatch.setenv(LAST_RELEASE, left)
    customers, shops = "0e15cd93-0fcd-5b77-96f3-eb8842f90cf5", "46a43375-da20-56b9-b933-8c5ab1838095"
    ids = {"gone": (customers, None), "repeated": (customers, shops), "runs": (shops, customers)}
    assert OrderIds.of("CUST-1", "key-1") == ids[left]
    assert shops == derived_id("order", "key-1")


@pytest.mark.parametrize("function", [create_order, get_order, cancel_order])
def test_a_function_keeps_its_name_behind_what_is_wrapped_around_it(function: Any) -> None:
    assert (function.handler.__name__, function.handler.__module__) == ("handler", function.__name__)
    assert function.handler.__doc__
