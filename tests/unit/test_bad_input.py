from collections.abc import Mapping

import pytest

from tests.unit.http import ORDER, post, send
from tests.unit.moto_stack import Log, MotoStack

TOO_LONG = "x" * 65


@pytest.fixture(autouse=True)
def _nothing_is_done(stack: MotoStack) -> object:
    yield
    assert stack.wire.calls == []


WRONG: list[tuple[dict[str, object], set[str]]] = [
    ({"customerId": ""}, {"customerId"}),
    ({"customerId": TOO_LONG}, {"customerId"}),
    ({"customerId": None}, {"customerId"}),
    ({"customerId": 7}, {"customerId"}),
    ({"customerId": "C\u0000"}, {"customerId"}),
    ({"customerId": "C\n"}, {"customerId"}),
    ({"sku": ""}, {"sku"}),
    ({"sku": TOO_LONG}, {"sku"}),
    ({"sku": ["BOOK"]}, {"sku"}),
    ({"sku": "BOOK\u007f"}, {"sku"}),
    ({"quantity": 0}, {"quantity"}),
    ({"quantity": -1}, {"quantity"}),
    ({"quantity": 1.5}, {"quantity"}),
    ({"quantity": 2.0}, {"quantity"}),
    ({"quantity": "2"}, {"quantity"}),
    ({"quantity": True}, {"quantity"}),
    ({"quantity": None}, {"quantity"}),
    ({"quantity": 10_001}, {"quantity"}),
    ({"quantity": 10**400}, {"quantity"}),
    ({"quantity": float("nan")}, {"quantity"}),
    ({"quantity": float("inf")}, {"quantity"}),
    ({"amount": 0}, {"amount"}),
    ({"amount": -4999}, {"amount"}),
    ({"amount": 49.99}, {"amount"}),
    ({"amount": "4999"}, {"amount"}),
    ({"amount": 10**12 + 1}, {"amount"}),
    ({"currency": ""}, {"currency"}),
    ({"currency": "usd"}, {"currency"}),
    ({"currency": "EURO"}, {"currency"}),
    ({"currency": "US\u0661"}, {"currency"}),
    ({"currency": 840}, {"currency"}),
    ({"coupon": "FREE"}, {"coupon"}),
    ({"orderId": "mine"}, {"orderId"}),
    ({"customer_id": "CUST-1"}, {"customer_id"}),
    ({"createdAt": "2026-01-31T09:30:00Z"}, {"createdAt"}),
    ({"sku": "", "quantity": 0, "coupon": {"code": 1}}, {"sku", "quantity", "coupon"}),
]


@pytest.mark.parametrize(
    "body",
    ['{"sku": "", "Jo Doe, 1 High Street": 1, "quantity": 0}', '{"sku": "", "sku": "", "Jo Doe": 1, "Jo Doe": 2}'],
    ids=["unknown", "twice"],
)
def test_a_name_that_the_client_made_up_is_answered_and_not_logged(body: str, log: Log) -> None:
    answer = send(body=body)
    assert {name for name in answer.wrong_fields if name.startswith("Jo Doe")}
    (line,) = log.lines
    assert set(line["fields"]) == answer.wrong_fields & {"sku", "quantity", "customerId", "amount"}
    assert "Jo Doe" not in str(log.lines)


@pytest.mark.parametrize(("change", "wrong"), WRONG, ids=[str(change)[:40] for change, _ in WRONG])
def test_a_wrong_field_is_answered_with_422_and_its_name(change: dict[str, object], wrong: set[str]) -> None:
    answer = post({**ORDER, **change})
    assert (answer.status, answer.wrong_fields) == (422, wrong)
    assert answer.body["message"] == "the order is not valid"


@pytest.mark.parametrize("missing", ["customerId", "sku", "amount"])
def test_a_missing_field_is_answered_with_422_and_its_name(missing: str) -> None:
    answer = post({name: value for name, value in ORDER.items() if name != missing})
    assert (answer.status, answer.wrong_fields) == (422, {missing})


@pytest.mark.parametrize("body", ["[]", "null", "7", '"an order"', "[{}]"])
def test_a_body_that_is_json_but_no_object_is_answered_with_422(body: str) -> None:
    answer = post(body)
    assert (answer.status, answer.wrong_fields) == (422, {"body"})


@pytest.mark.parametrize(
    "body",
    ["", "{", "customerId=CUST-1&sku=BOOK", "{'sku': 'BOOK'}", '{"sku": "\\ud800"}', "[" * 5_000, "9" * 8_000],
    ids=["empty", "cut short", "a form", "not quite JSON", "half a character", "too deep", "too long a number"],
)
def test_a_body_that_is_no_json_is_answered_with_400(body: str) -> None:
    answer = post(body)
    assert (answer.status, answer.wrong_fields) == (400, {"body"})


@pytest.mark.parametrize(
    ("body", "twice"),
    [
        ('{"customerId": "C", "sku": "S", "amount": 1, "amount": 999}', {"amount"}),
        ('{"customerId": "C", "sku": "S", "amount": 1, "amount": 1}', {"amount"}),
        ('{"customerId": "C", "sku": "S", "amount": 1, "am\\u006funt": 999}', {"amount"}),
        (
            '{"sku": "S", "customerId": "C", "sku": "T", "amount": 1, "customerId": "D", "sku": "U"}',
            {"sku", "customerId"},
        ),
        ('{"customerId": "C", "sku": {"of": 1, "of": 2}, "amount": 1}', {"of"}),
    ],
    ids=["another value", "the same value", "spelt otherwise", "two of them", "further inside"],
)
def test_a_body_in_which_a_field_stands_twice_is_answered_with_400_and_its_name(body: str, twice: set[str]) -> None:
    answer = post(body)
    assert (answer.status, answer.wrong_fields) == (400, twice)


def test_no_body_is_answered_with_400() -> None:
    answer = send(body=None)
    assert (answer.status, answer.wrong_fields) == (400, {"body"})


@pytest.mark.parametrize("body", ["/w==", "e", "日本", "gA=="], ids=["no text", "cut short", "no base64", "no UTF-8"])
def test_a_body_in_base64_that_is_no_text_is_answered_with_400(body: str) -> None:
    answer = send(body=body, isBase64Encoded=True)
    assert (answer.status, answer.wrong_fields) == (400, {"body"})


@pytest.mark.parametrize(
    "headers",
    [{"Idempotency-Key": ""}, {"Idempotency-Key": "k" * 256}, {"Idempotency-Key": "k\u0000"}],
    ids=["empty", "too long", "control character"],
)
def test_a_wrong_idempotency_key_is_answered_with_400_and_its_name(headers: Mapping[str, str]) -> None:
    answer = post(ORDER, headers)
    assert (answer.status, answer.wrong_fields) == (400, {"Idempotency-Key"})


def test_a_refused_request_is_logged_by_field_and_without_its_values(log: Log) -> None:
    post({**ORDER, "customerId": "SECRET-CUSTOMER", "quantity": "SECRET-QUANTITY"})
    (line,) = log.lines
    assert (line["status"], line["fields"]) == (422, ["quantity"])
    assert "SECRET" not in log.text


def test_a_body_that_is_larger_than_any_order_is_answered_with_413() -> None:
    answer = post({**ORDER, "customerId": "x" * 8_192})
    assert (answer.status, answer.wrong_fields) == (413, {"body"})


def test_the_answer_to_a_body_of_nothing_but_unknown_fields_stays_small() -> None:
    answer = post({f"f{number}": 0 for number in range(700)})
    assert answer.status == 422
    assert len(str(answer.body)) < 100_000
