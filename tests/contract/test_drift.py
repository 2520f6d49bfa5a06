"""Each way that the template, the annotations and the event classes can disagree, made by hand: each is told."""

import re
from typing import Any

import pytest

from contract.events import (
    InventoryReserved,
    OrderCreated,
    PaymentAbandoned,
    PaymentCharged,
    PaymentFailed,
    PaymentPending,
    ShippingFailed,
)
from saga.step import step
from tests.contract.template import ROOT as PROJECT
from tools.base.problem import ProblemError
from tools.base.target import ROOT
from tools.base.transitions import EVENTS
from tools.project import alarms
from tools.project import generate as generated
from tools.project.choreography import drift
from tools.project.choreography.flow import Flow, imported

TEMPLATE = (PROJECT / "template.yaml").read_text()
AT = {name: function.handler for name, function in Flow.of_this_project().functions.items()}
"""Where each handler is defined."""


def told(*events: Any, template: str = TEMPLATE, steps: dict[str, Any] | None = None) -> list[str]:
    """Return what is told of this project with another template, other handlers or other event classes."""

    def handler_of(handler: str) -> Any:
        return (steps or {}).get(handler) or imported(handler)

    flow = Flow.of(template, handler_of, {**EVENTS, **{kind.__name__: kind for kind in events}})
    return list(drift.drifts(flow))


def edited(old: str, new: str) -> str:
    """Return the template with one of its texts replaced."""
    assert TEMPLATE.count(old) == 1, old
    return TEMPLATE.replace(old, new)


def line_of(text: str, in_template: str) -> int:
    """Return the line that a text stands on."""
    return in_template[: in_template.index(text)].count("\n") + 1


CHARGE_MAY = "events:detail-type: [PaymentPending, PaymentCharged, PaymentFailed, PaymentAbandoned]"
RELEASE_CONSUMES = "detail-type: [PaymentFailed, PaymentRefunded, RefundRefused]"
SHIP_CONSUMES = "Pattern: {source: [order-saga], detail-type: [PaymentCharged]}"
RECOVERY_MAY = "[OrderCreated, InventoryReserved, PaymentPending, PaymentCharged, PaymentFailed, PaymentAbandoned,"


def test_this_project_agrees_with_itself() -> None:
    assert told() == []
    drift.check(Flow.of_this_project())


def test_an_event_that_is_published_and_that_nobody_may_publish() -> None:
    template = edited(CHARGE_MAY, "events:detail-type: [PaymentPending, PaymentCharged, PaymentAbandoned]")
    (sentence,) = told(template=template)
    role = line_of("  ChargePaymentRole:", template)
    assert sentence == (
        f"ChargePayment ({AT['ChargePayment']}) publishes PaymentFailed, which nobody lets it publish: "
        f"add PaymentFailed to the events:detail-type of its role (template.yaml:{role})"
    )


def test_an_event_that_may_be_published_and_that_is_never_published() -> None:
    template = edited(CHARGE_MAY, CHARGE_MAY[:-1] + ", ShippingFailed]")
    (sentence,) = told(template=template)
    assert "ChargePayment may publish ShippingFailed (template.yaml:" in sentence
    assert f"never publishes it ({AT['ChargePayment']}): remove it from the role" in sentence


def test_a_rule_that_brings_what_the_annotation_does_not_take() -> None:
    (sentence,) = told(
        template=edited(SHIP_CONSUMES, SHIP_CONSUMES.replace("PaymentCharged", "PaymentCharged, PaymentFailed"))
    )
    assert re.match(r"the rule at template.yaml:\d+ brings PaymentFailed to NotifyShipping, whose annotation", sentence)
    assert f"({AT['NotifyShipping']}) does not take it: add it to the annotation, or remove it" in sentence


def test_an_event_that_is_taken_and_that_no_rule_brings() -> None:
    sentences = told(template=edited(RELEASE_CONSUMES, "detail-type: [PaymentRefunded, RefundRefused]"))
    assert f"ReleaseInventory ({AT['ReleaseInventory']}) takes PaymentFailed, but no rule" in sentences[0]
    assert any("PaymentFailed" in sentence and "consumed by nobody" in sentence for sentence in sentences[1:])


def test_a_rule_for_an_event_that_nobody_publishes() -> None:
    class PaymentDisputed(PaymentCharged):
        pass

    template = edited(SHIP_CONSUMES, SHIP_CONSUMES.replace("PaymentCharged", "PaymentDisputed, PaymentCharged"))
    sentences = told(PaymentDisputed, template=template)
    (sentence,) = [sentence for sentence in sentences if "published by nobody" in sentence]
    assert re.search(r"PaymentDisputed \(\S+:\d+\) is published by nobody; NotifyShipping waits for it", sentence)
    assert sentence.endswith("let a step return it, or remove it")


def test_a_rule_with_a_misspelt_event() -> None:
    (sentence,) = told(template=edited(SHIP_CONSUMES, SHIP_CONSUMES.replace("PaymentCharged", "PaymentCharge")))
    assert re.match(r"PaymentCharge \(template.yaml:\d+, NotifyShipping\) is no event: correct the name", sentence)


def test_an_event_that_is_consumed_by_nobody_and_not_declared_terminal() -> None:
    class InventoryFailed(OrderCreated):
        failure_reason: str

    (sentence,) = told(InventoryFailed)
    assert f"published by ReserveInventory ({AT['ReserveInventory']}), is consumed by nobody" in sentence
    assert "Add a rule for it to the function that goes on, or declare the class `terminal=True`" in sentence


def test_an_event_that_is_declared_terminal_and_that_somebody_consumes_and_follows() -> None:
    class ShippingFailed(PaymentCharged, terminal=True):
        failure_reason: str

    class PaymentRefunded(InventoryReserved, follows=(ShippingFailed, PaymentAbandoned)):
        failure_reason: str
        refund_id: str

    sentences = told(ShippingFailed, PaymentRefunded)
    assert any(
        "ShippingFailed is declared terminal" in each and "RefundPayment consumes it" in each for each in sentences
    )
    assert any(
        "ShippingFailed is declared terminal" in each and "PaymentRefunded follows" in each for each in sentences
    )


def test_a_failure_without_a_compensation() -> None:
    class CardStolen(InventoryReserved, terminal=True):
        failure_reason: str

    @step
    def handler(
        reserved: InventoryReserved,
    ) -> PaymentCharged | PaymentPending | PaymentFailed | PaymentAbandoned | CardStolen:
        return CardStolen.after(reserved, failure_reason="stolen")

    template = edited(CHARGE_MAY, CHARGE_MAY[:-1] + ", CardStolen]")
    (sentence,) = told(CardStolen, template=template, steps={"payments.charge_payment.handler": handler})
    assert sentence.startswith("CardStolen (tests/contract/test_drift.py:")
    assert "has no compensation: an order that fails there keeps what InventoryReserved did" in sentence
    assert f"Let InventoryReleased (ReleaseInventory, {AT['ReleaseInventory']})" in sentence


def test_a_step_that_publishes_what_may_not_follow_what_it_consumes() -> None:
    class ShippingScheduled(InventoryReserved, terminal=True):
        tracking_number: str

    (sentence,) = told(ShippingScheduled)
    assert "ShippingScheduled follows InventoryReserved (tests/contract/test_drift.py:" in sentence
    assert f"NotifyShipping, which publishes it, does not consume that ({AT['NotifyShipping']})" in sentence


def test_a_step_that_consumes_an_event_that_nothing_follows() -> None:
    class PaymentRefunded(InventoryReserved, follows=(ShippingFailed,), compensates=PaymentCharged):
        failure_reason: str
        refund_id: str

    class RefundRefused(InventoryReserved, follows=(ShippingFailed,)):
        failure_reason: str

    class InventoryReleased(
        InventoryReserved,
        follows=(PaymentFailed, PaymentRefunded, RefundRefused),
        compensates=InventoryReserved,
        terminal=True,
    ):
        failure_reason: str

    sentences = told(PaymentRefunded, RefundRefused, InventoryReleased)
    assert any(
        f"RefundPayment ({AT['RefundPayment']}) consumes PaymentAbandoned" in each
        and "publishes nothing that follows it: let one of PaymentRefunded, RefundRefused extend or "
        "follow PaymentAbandoned"
        in each
        for each in sentences
    )
    assert any("PaymentAbandoned" in each and "has no compensation" in each for each in sentences)


def test_an_event_that_recovery_may_not_publish_again() -> None:
    (sentence,) = told(template=edited(RECOVERY_MAY, RECOVERY_MAY.replace(" PaymentCharged,", "")))
    assert re.match(
        r"PaymentCharged is consumed by NotifyShipping \(template.yaml:\d+\), but RecoverOrders may", sentence
    )
    assert "add PaymentCharged to the events:detail-type of its role" in sentence


def test_an_event_that_recovery_publishes_for_nobody() -> None:
    template = edited(RECOVERY_MAY, RECOVERY_MAY.replace("PaymentCharged", "PaymentCharged, ShippingScheduled"))
    (sentence,) = told(template=template)
    assert "RecoverOrders may publish ShippingScheduled again" in sentence
    assert "which nobody consumes: remove it from the role, or add a rule" in sentence


def test_all_disagreements_are_told_at_once() -> None:
    flow = Flow.of(edited(RELEASE_CONSUMES, "detail-type: [PaymentRefunded, RefundRefused]"))
    with pytest.raises(ProblemError, match=r"the choreography is inconsistent:\n  - .*\n  - "):
        drift.check(flow)


def test_a_function_that_no_alarm_watches() -> None:
    template = edited(" GetOrder: !Ref GetOrder,", "")
    with pytest.raises(ProblemError, match=r"no alarm watches GetOrder \(template.yaml:\d+\): add `GetOrder: !Ref Get"):
        alarms.check(template, Flow.of(template))


def test_a_picture_that_is_out_of_date() -> None:
    flow = Flow.of(edited(SHIP_CONSUMES, SHIP_CONSUMES.replace("PaymentCharged", "InventoryReserved")))
    with pytest.raises(ProblemError, match=r"README.md, docs/flow.html.*run `make generate`"):
        generated.check(flow)


def test_what_is_committed_is_up_to_date() -> None:
    generated.check(Flow.of_this_project())


def test_a_readme_without_its_markers() -> None:
    with pytest.raises(ProblemError, match=r"lacks the markers of its picture"):
        generated.with_picture("# a README\n", Flow.of_this_project())


def test_a_fresh_picture_replaces_the_old_one_and_nothing_else() -> None:
    readme = (ROOT / "README.md").read_text()
    old = readme.replace("ChargePayment -- PaymentCharged --> NotifyShipping", "nothing of the kind")
    assert old != readme
    assert generated.with_picture(old, Flow.of_this_project()) == readme
