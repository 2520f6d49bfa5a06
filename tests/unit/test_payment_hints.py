"""Hints of the payment provider: they make somebody ask, and nothing is believed because of them."""

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

import pytest

from payments import receive_payment_hint
from payments.gateway import ForgedHintError, Hint
from tests.unit.http import request
from tests.unit.moto_stack import Context, Log
from tests.unit.stories import NEVER_PAID, STORIES, Story, Told
from tests.unit.world import World, envelope


@pytest.fixture(autouse=True)
def _a_provider_that_calls(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def webhook(headers: Mapping[str, str], body: bytes) -> Hint | None:
        if headers.get("provider-signature") != "good":
            raise ForgedHintError("not signed")
        return partner_event(json.loads(body))

    def partner_event(detail: Mapping[str, Any]) -> Hint | None:
        return Hint(detail["key"], refund_failed=detail.get("refundFailed", False)) if "key" in detail else None

    monkeypatch.setattr(world.gateway, "webhook", webhook)
    monkeypatch.setattr(world.gateway, "partner_event", partner_event)


def call(body: object, signature: str = "good", *, encoded: bool = False) -> int:
    """Call the webhook, and return the status that it answers with."""
    text = json.dumps(body)
    said = receive_payment_hint.handler(
        request(
            headers={"Provider-Signature": signature},
            body=b64encode(text.encode()).decode() if encoded else text,
            isBase64Encoded=encoded,
        ),
        Context(),
    )
    assert said == {"statusCode": said["statusCode"], "headers": {}, "body": "", "isBase64Encoded": False}
    return int(said["statusCode"])


@pytest.mark.parametrize("encoded", [False, True], ids=["text", "base64"])
def test_a_hint_publishes_the_event_of_a_pending_payment_again_and_writes_nothing(
    world: World, *, encoded: bool
) -> None:
    order = world.begin(NEVER_PAID, at=2)
    before = world.stands(order)
    world.stack.wire.calls.clear()
    assert call({"key": order.order_id}, encoded=encoded) == 204
    assert world.stack.wire.calls == ["GetItem", "PutEvents"]
    (published,) = world.published
    assert (published.detail_type, published.content) == ("PaymentPending", order.detail("PaymentPending"))
    assert world.stands(order) == before


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_hint_of_an_order_that_stands_elsewhere_does_nothing(world: World, story: Story) -> None:
    for at, event in enumerate(story.path):
        order = world.begin(story, at)
        before = world.stands(order)
        assert call({"key": order.order_id}) == 204
        assert [each.detail_type for each in world.published] == (
            ["PaymentPending"] if event == "PaymentPending" else []
        )
        assert world.stands(order) == before
        world.stack.wire.clear()


def test_a_hint_comes_from_the_partner_event_bus_too(world: World) -> None:
    order = world.begin(NEVER_PAID, at=2)
    receive_payment_hint.handler(envelope("payment_intent.succeeded", {"key": order.order_id}), Context())
    assert [event.detail_type for event in world.published] == ["PaymentPending"]


def test_a_call_without_a_body_is_the_providers_to_judge(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[bytes] = []
    monkeypatch.setattr(world.gateway, "webhook", lambda _headers, body: judged.append(body))
    assert receive_payment_hint.handler(request(headers={}, body=None), Context())["statusCode"] == 204
    assert judged == [b""]


def test_a_hint_of_a_held_order_waits_for_its_release(world: World) -> None:
    order = world.begin(NEVER_PAID, at=2)
    world.stack.put_record({**order.record(2), "held": "2026-01-31T09:31:00.000Z"})
    assert call({"key": order.order_id}) == 204
    assert world.published == []


@pytest.mark.parametrize("body", [{"key": "somebody else's"}, {}], ids=["no order's", "nothing of ours"])
def test_a_hint_of_nothing_here_does_nothing(world: World, body: object) -> None:
    assert call(body) == 204
    assert world.published == []


def test_a_forged_hint_is_refused_before_anything_is_read_and_is_counted(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    order = world.begin(NEVER_PAID, at=2)
    world.stack.wire.calls.clear()
    capsys.readouterr()
    assert call({"key": order.order_id}, signature="guessed") == 400
    assert world.stack.wire.calls == []
    assert json.loads(capsys.readouterr().out)["ForgedHints"] == [1.0]


def test_a_refund_that_came_back_is_counted_and_its_order_named(
    world: World, log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    order = world.begin(NEVER_PAID, at=5)
    capsys.readouterr()
    call({"key": order.order_id, "refundFailed": True})
    assert json.loads(capsys.readouterr().out)["RefundsFailed"] == [1.0]
    (line,) = log.lines
    assert (line["event"], line["orderId"], line["status"]) == ("hint", order.order_id, "INVENTORY_RELEASED")
    assert line["refundFailed"] is True


def test_the_story_of_an_order_has_what_a_hint_published(world: World, log: Log) -> None:
    order: Told = world.begin(NEVER_PAID, at=2)
    call({"key": order.order_id})
    assert [(line["event"], line.get("published")) for line in log.lines] == [
        ("hint", None),
        ("event recovered", "PaymentPending"),
    ]
