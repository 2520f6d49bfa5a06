"""The sample events: one for every way a function is called, in step with the models and the steps."""

import json
import re
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from contract.identity import derived_id
from orders.order_ids import OrderIds
from payments import provider
from tests.contract.template import FUNCTIONS, ROOT, RULES, triggers
from tests.unit.moto_stack import Context, MotoStack
from tests.unit.stories import CHARGED_BACK, CONSUMED_BY, DECLINED, FIELDS, PAYS_LATER, STATUS, TIMED_OUT, UNDELIVERABLE
from tests.virtual_clock import VirtualClock
from tools.base.transitions import EVENTS
from tools.operating.recovery import Recovery

SAMPLES = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "events").iterdir())}
BEFORE = {
    event: before
    for story in (PAYS_LATER, CHARGED_BACK, DECLINED, TIMED_OUT, UNDELIVERABLE)
    for before, event in pairwise((None, *story.path))
} | {"PaymentRefunded": "ShippingFailed", "PaymentCharged": "InventoryReserved"}
EVENT = sorted(CONSUMED_BY)


def file_name(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def sample_of(event: str) -> dict[str, Any]:
    sample: dict[str, Any] = SAMPLES[file_name(event)]
    return sample


def call(function: str, sample: dict[str, Any]) -> dict[str, Any]:
    module, name = FUNCTIONS[function]["Handler"].rsplit(".", 1)
    answer: dict[str, Any] = getattr(import_module(module), name)(sample, Context())
    return answer


@pytest.fixture(autouse=True)
def _in_the_days_of_the_samples(
    stack: MotoStack, clock: VirtualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.remove_records()
    clock.advance(seconds=5)
    monkeypatch.setattr(provider.adapter, "books", tmp_path / "books.sqlite")


def test_there_is_a_sample_for_every_way_a_function_is_called_and_no_other() -> None:
    events = {event for _, rule in RULES for event in rule["Pattern"]["detail-type"]}
    functions = {function for kind in ("Api", "Schedule") for function, _ in triggers(kind)}
    assert SAMPLES.keys() == {file_name(name) for name in events | functions}


def test_the_sample_order_is_taken(stack: MotoStack) -> None:
    answer = call("CreateOrder", SAMPLES["create-order"])
    assert answer["statusCode"] == 201
    created = sample_of("OrderCreated")["detail"]
    (published,) = stack.wire.published
    assert published.content | {"createdAt": None} == created | {"createdAt": None}


def test_the_sample_order_is_shown_once_it_was_taken() -> None:
    assert call("GetOrder", SAMPLES["get-order"])["statusCode"] == 404
    call("CreateOrder", SAMPLES["create-order"])
    answer = call("GetOrder", SAMPLES["get-order"])
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["orderId"] == SAMPLES["get-order"]["pathParameters"]["orderId"]


@pytest.mark.parametrize("event", EVENT)
def test_a_sample_event_is_handled_by_the_function_that_consumes_it(stack: MotoStack, event: str) -> None:
    sample = sample_of(event)
    detail = sample["detail"]
    at = detail["createdAt"]
    passed = [event]
    while before := BEFORE[passed[0]]:
        passed.insert(0, before)
    record = {name: value for name_of in passed for name, value in sample_of(name_of)["detail"].items()}
    del record["eventId"]
    history = [{"status": STATUS[name], "at": at} for name in passed]
    stack.put_record(record | {"status": STATUS[event], "updatedAt": at, "history": history, "inFlight": "0"})
    stack.stock(detail["sku"], 10)

    said = call(CONSUMED_BY[event], sample)

    assert said["delivery"] == "first"
    assert [published.detail_type for published in stack.wire.published] == [said["published"]]


@pytest.mark.parametrize("event", EVENT)
def test_a_sample_event_is_what_the_functions_publish(event: str) -> None:
    sample = sample_of(event)
    assert (sample["detail-type"], sample["source"]) == (event, "order-saga")
    assert sample["detail"].keys() == {*FIELDS[event], "eventId"}
    model = EVENTS[event].from_fields(sample["detail"])
    assert json.loads(model.detail()) == sample["detail"]


@pytest.mark.parametrize("event", [event for event in EVENT if BEFORE[event]])
def test_a_sample_event_continues_the_story_of_the_one_before(event: str) -> None:
    detail, before = sample_of(event)["detail"], sample_of(str(BEFORE[event]))["detail"]
    shared = (detail.keys() & before.keys()) - {"eventId"}
    assert {name: detail[name] for name in shared} == {name: before[name] for name in shared}
    assert sample_of(event)["time"] > sample_of(str(BEFORE[event]))["time"]


def test_the_samples_ids_are_those_that_the_steps_would_give() -> None:
    asked = SAMPLES["create-order"]
    order_id = OrderIds.of(json.loads(asked["body"])["customerId"], asked["headers"]["Idempotency-Key"]).own
    assert {sample_of(event)["detail"]["orderId"] for event in EVENT} == {order_id}
    for event, name in (
        ("InventoryReserved", "reservation"),
        ("PaymentCharged", "payment"),
        ("PaymentRefunded", "refund"),
    ):
        assert sample_of(event)["detail"][f"{name}Id"] == derived_id(name, order_id)


def test_the_sample_of_a_hint_is_refused_since_the_simulated_provider_sends_none(stack: MotoStack) -> None:
    assert call("ReceivePaymentHint", SAMPLES["receive-payment-hint"])["statusCode"] == 400
    assert stack.wire.calls == []


@pytest.mark.usefixtures("stack")
def test_the_sample_of_the_schedule_makes_recovery_run() -> None:
    answer = call("RecoverOrders", SAMPLES["recover-orders"])
    # What `make recover` reads.
    assert Recovery.model_validate_json(json.dumps(answer)).model_dump() == answer
    assert answer["complete"] is True


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_sample_is_written_as_a_person_would_read_it(name: str) -> None:
    text = (ROOT / "events" / f"{name}.json").read_text()
    assert text == json.dumps(SAMPLES[name], indent=2) + "\n"
