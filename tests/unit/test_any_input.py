"""Whatever a client sends, it is answered: with a stored order, or with what is wrong."""

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.http import ORDER, Answer, post, send
from tests.unit.moto_stack import MotoStack

FEW = settings(max_examples=60, deadline=None)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
TEXT = st.text(max_size=80)
NEARLY_AN_ORDER = st.fixed_dictionaries(
    {
        "customerId": st.just("CUST-1") | TEXT | JSON,
        "sku": st.just("BOOK") | TEXT | JSON,
        "amount": st.integers(1, 10**12) | st.integers() | JSON,
    },
    optional={"quantity": st.integers(1, 10_000) | JSON, "currency": st.sampled_from(["USD", "EUR"]) | JSON},
)


@pytest.fixture(scope="module", autouse=True)
def _stack(deployed_stack: MotoStack) -> MotoStack:
    return deployed_stack


def assert_answered(answer: Answer) -> None:
    if answer.status == 201:
        assert answer.body["status"] == "CREATED"
    else:
        assert answer.status in {200, 400, 413, 422}
        assert answer.status == 200 or answer.wrong_fields


@FEW
@given(body=JSON)
def test_any_json_is_answered(body: object) -> None:
    assert_answered(post(body))


@FEW
@given(body=NEARLY_AN_ORDER)
def test_anything_like_an_order_is_answered(body: object) -> None:
    assert_answered(post(body))


@FEW
@given(body=NEARLY_AN_ORDER)
def test_an_order_is_taken_or_every_wrong_field_is_one_that_was_sent_or_missing(body: dict[str, object]) -> None:
    answer = post(body)
    if answer.status != 201:
        named = {field.split(".")[0] for field in answer.wrong_fields}
        assert named <= {*body, "customerId", "sku", "amount"} or named == {"body"}


@FEW
@given(body=st.binary(max_size=200))
def test_any_bytes_are_answered(body: bytes) -> None:
    assert_answered(send(body=base64.b64encode(body).decode(), isBase64Encoded=True))


@FEW
@given(body=st.text(max_size=200))
def test_any_text_is_answered(body: str) -> None:
    assert_answered(post(body))
    assert_answered(send(body=body, isBase64Encoded=True))


@FEW
@given(key=st.text(max_size=300))
def test_any_idempotency_key_is_answered(key: str) -> None:
    assert_answered(post(ORDER, {"Idempotency-Key": key}))


@FEW
@given(body=st.text(max_size=50).map(json.dumps) | JSON.map(json.dumps), cut=st.integers(0, 60))
def test_json_that_is_cut_short_is_answered(body: str, cut: int) -> None:
    assert_answered(post(body[:cut]))
