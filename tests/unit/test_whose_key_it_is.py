"""A key belongs to its customer, and what the last release took is found by the key that was the whole shop's."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.identity import derived_id
from orders.order_ids import LAST_RELEASE, OrderIds
from tests.unit.http import ORDER, Answer, get, post
from tests.unit.moto_stack import MotoStack
from tests.unit.wire import cancelled
from tests.virtual_clock import VirtualClock

pytestmark = pytest.mark.usefixtures("stack", "clock")
texts = st.text(min_size=1, max_size=8)
awkward = st.one_of(texts, st.sampled_from(['","', '"', "\\", ":", "a,b", "1", "1:1"]))


@pytest.fixture
def last_release(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda left: monkeypatch.setenv(LAST_RELEASE, left)


@pytest.fixture
def key() -> str:
    return str(uuid4())


def place(key: str, **other: object) -> Answer:
    return post({**ORDER, **other}, {"Idempotency-Key": key})


def as_the_last_release_stored_it(stack: MotoStack, key: str, **other: object) -> str:
    order_id = derived_id("order", key)
    record = stack.record(place(key, **other).body["orderId"])
    assert record is not None
    stack.remove_records()
    stack.put_record({**record, "orderId": order_id})
    return order_id


@given(one=st.tuples(awkward, awkward), other=st.tuples(awkward, awkward))
def test_no_two_pairs_of_customer_and_key_meet(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (OrderIds.of(*one).own == OrderIds.of(*other).own) == (one == other)
    assert OrderIds.of(*one).own != derived_id("order", other[1])


def test_two_customers_may_use_the_same_key_and_learn_nothing_of_each_other(stack: MotoStack, key: str) -> None:
    one, other = place(key), place(key, customerId="CUST-2")
    assert (one.status, other.status) == (201, 201)
    assert one.body["orderId"] != other.body["orderId"]
    assert [get(answer.body["orderId"]).body["customerId"] for answer in (one, other)] == ["CUST-1", "CUST-2"]
    assert len(stack.wire.published) == 2


def test_an_order_is_stored_with_one_write_of_its_own_once_the_last_release_is_gone(stack: MotoStack, key: str) -> None:
    place(key)
    assert stack.wire.calls == ["PutItem", "PutEvents"]


@pytest.mark.parametrize("left", ["runs", "repeated"])
def test_an_order_of_the_last_release_is_found_when_it_is_repeated(
    stack: MotoStack, clock: VirtualClock, key: str, last_release: Any, left: str
) -> None:
    order_id = as_the_last_release_stored_it(stack, key)
    last_release(left)
    clock.advance(seconds=5)

    answer = place(key)

    assert (answer.status, answer.body["orderId"]) == (200, order_id)
    assert place(key, amount=1).status == 422
    assert {event.content["orderId"] for event in stack.wire.published[1:]} == {order_id}


def test_the_last_releases_order_of_another_customer_is_nobodys_business(
    stack: MotoStack, key: str, last_release: Any
) -> None:
    order_id = as_the_last_release_stored_it(stack, key)
    last_release("repeated")
    answer = place(key, customerId="CUST-2")
    assert answer.status == 201
    assert answer.body["orderId"] != order_id


@pytest.mark.parametrize(("first", "then"), [("runs", "repeated"), ("repeated", "runs"), ("repeated", "gone")])
def test_a_request_that_is_repeated_while_the_switch_is_turned_finds_its_order(
    clock: VirtualClock, key: str, last_release: Any, first: str, then: str
) -> None:
    last_release(first)
    taken = place(key)
    clock.advance(seconds=5)
    last_release(then)
    again = place(key)
    assert (taken.status, again.status) == (201, 200)
    assert again.body == taken.body


def test_both_ids_are_looked_at_by_the_write_itself(stack: MotoStack, key: str, last_release: Any) -> None:
    last_release("repeated")
    assert place(key).status == 201
    assert stack.wire.calls == ["TransactWriteItems", "PutEvents"]


def test_a_request_that_meets_its_own_repetition_tries_again(stack: MotoStack, key: str, last_release: Any) -> None:
    last_release("repeated")
    stack.wire.answer("TransactWriteItems", cancelled("TransactionConflict", "None"))
    assert place(key).status == 201
    assert stack.wire.calls == ["TransactWriteItems", "TransactWriteItems", "PutEvents"]


def test_what_else_cancels_the_write_is_a_fault(stack: MotoStack, key: str, last_release: Any) -> None:
    last_release("repeated")
    stack.wire.answer("TransactWriteItems", cancelled("ValidationError", "None"))
    with pytest.raises(Exception, match="ValidationError"):
        place(key)
    assert stack.wire.published == []
