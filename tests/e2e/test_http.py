"""The HTTP API of the deployed stack, as its clients meet it."""

import json
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

import httpx
import pytest

from tools.base.stack import Stack
from tools.emulator.adapter import Feature
from tools.operating.following import follow
from tools.shop import api

ORDER = {"customerId": "CUST-1", "sku": "OUT-OF-STOCK", "quantity": 1, "amount": 4200, "currency": "USD"}


def fields(answer: httpx.Response) -> set[str]:
    return {error["field"] for error in answer.json()["errors"]}


def test_an_order_is_created_at_the_place_that_its_location_names(stack: Stack) -> None:
    answer = api.place(stack, ORDER)
    assert answer.status_code == httpx.codes.CREATED
    assert set(answer.json()) == {"orderId", "status"}
    place = urljoin(f"{stack.api_url}/orders", answer.headers["Location"])
    shown = api.call(stack, "GET", place.removeprefix(stack.api_url))
    assert shown.status_code == httpx.codes.OK
    assert shown.json()["orderId"] == answer.json()["orderId"]


def test_quantity_and_currency_have_defaults(stack: Stack) -> None:
    answer = api.place(stack, {"customerId": "CUST-1", "sku": "OUT-OF-STOCK", "amount": 1})
    record = api.get(stack, answer.json()["orderId"])
    assert (record["quantity"], record["currency"]) == (1, "USD")


def test_the_same_key_and_body_give_the_same_order_again(stack: Stack) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    first = api.place(stack, ORDER, key)
    record = follow(first.json()["orderId"], stack)
    again = api.place(stack, ORDER, key)
    assert (first.status_code, again.status_code) == (httpx.codes.CREATED, httpx.codes.OK)
    assert again.json() == {"orderId": first.json()["orderId"], "status": "INVENTORY_FAILED"}
    assert api.get(stack, first.json()["orderId"]) == record


def test_the_same_key_of_another_customer_is_another_order(stack: Stack) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    orders = [api.place(stack, ORDER | {"customerId": customer}, key) for customer in ("CUST-1", "CUST-2")]
    assert [answer.status_code for answer in orders] == [httpx.codes.CREATED] * 2
    assert orders[0].json()["orderId"] != orders[1].json()["orderId"]


def test_a_field_that_stands_twice_in_the_body_is_refused_by_its_name(stack: Stack) -> None:
    answer = api.call(
        stack, "POST", "/orders", b'{"customerId": "C", "sku": "OUT-OF-STOCK", "amount": 1, "amount": 999}'
    )
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert fields(answer) == {"amount"}


def test_the_same_key_with_another_body_is_refused(stack: Stack) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    api.place(stack, ORDER, key)
    answer = api.place(stack, ORDER | {"amount": 4201}, key)
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert fields(answer) == {"Idempotency-Key"}


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"unknown": 1}, {"unknown"}),
        ({"quantity": 0}, {"quantity"}),
        ({"quantity": -1}, {"quantity"}),
        ({"quantity": 1.5}, {"quantity"}),
        ({"quantity": "2"}, {"quantity"}),
        ({"quantity": True}, {"quantity"}),
        ({"quantity": 10**40}, {"quantity"}),
        ({"amount": 0, "sku": ""}, {"amount", "sku"}),
        ({"customerId": "x" * 65}, {"customerId"}),
        ({"customerId": "line\nbreak"}, {"customerId"}),
        ({"currency": "usd"}, {"currency"}),
        ({"sku": None}, {"sku"}),
    ],
)
def test_each_wrong_field_is_named(stack: Stack, change: dict[str, Any], wrong: set[str]) -> None:
    answer = api.place(stack, ORDER | change)
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert fields(answer) == wrong


@pytest.mark.parametrize("body", [b"", b"{", b"not json", b"\xff\xfe", b"[" * 4000])
def test_a_body_that_is_not_json_is_refused(stack: Stack, body: bytes) -> None:
    answer = api.call(stack, "POST", "/orders", body)
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert fields(answer) == {"body"}


@pytest.mark.parametrize("order_id", ["9f3d2a1c-0d4e-4b7a-8f6e-2c1b0a9d8e7f", "no-uuid", "x" * 3000, "%00"])
def test_an_order_that_does_not_exist_is_not_found(stack: Stack, order_id: str) -> None:
    answer = api.call(stack, "GET", f"/orders/{order_id}")
    assert answer.status_code == httpx.codes.NOT_FOUND


@pytest.mark.needs(Feature.SIGNATURES)
@pytest.mark.parametrize(("method", "path"), [("POST", "/orders"), ("GET", "/orders/1")])
def test_a_call_without_a_signature_is_forbidden(stack: Stack, method: str, path: str) -> None:
    answer = httpx.request(method, f"{stack.api_url}{path}", json=ORDER, timeout=api.TIMEOUT)
    assert answer.status_code == httpx.codes.FORBIDDEN


def test_another_method_is_refused(stack: Stack) -> None:
    answer = api.call(stack, "DELETE", "/orders")
    assert answer.status_code in {httpx.codes.FORBIDDEN, httpx.codes.METHOD_NOT_ALLOWED}


def test_an_oversized_body_is_refused(stack: Stack) -> None:
    answer = api.call(stack, "POST", "/orders", json.dumps(ORDER).encode() + b" " * 10_000)
    assert answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
    assert fields(answer) == {"body"}
