"""The tutorial of docs/extending.md, done to a copy of the project by a reader who does exactly what it says."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.e2e.copies import Copy
from tests.e2e.snippets import apply
from tools.base.target import ROOT, Target

pytestmark = [pytest.mark.xdist_group("tutorial"), pytest.mark.slow]

PAGE = (ROOT / "docs" / "extending.md").read_text()


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory, running: Target | None) -> Iterator[Copy]:
    """The project with the new step, and all made that is derived from it."""
    made = Copy(tmp_path_factory.mktemp("fork") / "order-saga", running)
    touched = apply(PAGE, made.root)
    assert "src/payments/check_fraud.py" in touched
    made.make("generate")
    yield made
    made.discard()


def test_the_page_shows_every_command_that_is_run_here() -> None:
    (commands,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    told = [line.partition("#")[0].split() for line in commands.splitlines()]
    assert [words[1] for words in told] == ["generate", "check", "flow", "test", "demo", "order", "trace"]


def test_the_checks_pass_and_no_consumer_breaks(copy: Copy) -> None:
    said = copy.make("check")
    assert re.search(r"compared \d+ schemas with main: nothing breaks", said), said


def test_the_new_step_stands_in_the_flow_between_its_neighbours(copy: Copy) -> None:
    flow = copy.make("flow")
    places = [flow.index(name) for name in ("● InventoryReserved", "CheckFraud", "● FraudCheckPassed", "ChargePayment")]
    assert places == sorted(places)
    assert "consumed by nobody" not in flow
    told = copy.make("flow", "EVENT=FraudCheckFailed")
    assert "src/payments/check_fraud.py" in told
    assert "ReleaseInventory" in told


def test_the_crash_matrix_holds_for_the_new_step(copy: Copy) -> None:
    assert re.search(r"\d+ passed", copy.make("test", "ARGS=tests/simulation/test_crash_matrix.py -q"))


def test_orders_end_well_while_the_last_release_still_runs(copy: Copy) -> None:
    copy.shell("mkdir ../last && git archive HEAD template.yaml src | tar -x -C ../last")
    mixed = "tests/simulation/shop/test_changed_chain.py --last-release=../last -q"
    assert re.search(r"1 passed", copy.make("test", f"ARGS={mixed}"))


def test_an_order_passes_the_new_step_and_another_is_refused_by_it(copy: Copy) -> None:
    assert "SHIPPING_SCHEDULED" in copy.make("demo")
    said = copy.make("order", "CUSTOMER=CUST-SUSPECT")
    assert '"failureReason": "suspected fraud"' in said
    (order_id,) = set(re.findall(r'"orderId": "(\S+)"', said))
    story = json.loads(copy.make("trace", f"ORDER={order_id}", "JSON=yes"))
    statuses = [change["status"] for change in story["record"]["history"]]
    assert statuses == ["CREATED", "INVENTORY_RESERVED", "FRAUD_CHECK_FAILED", "INVENTORY_RELEASED"]
    assert "CheckFraud" in {delivery["function"] for delivery in story["deliveries"]}


@pytest.mark.parametrize(
    ("file", "forgotten", "instead", "told"),
    [
        (
            "src/contract/events.py",
            "fraud_check_id: Reference | None = None",
            "fraud_check_id: Reference",
            "field-made-required",
        ),
        ("template.yaml", ", CheckFraud: !Ref CheckFraud}", "}", "no alarm watches CheckFraud"),
        (
            "template.yaml",
            "RefundRefused, FraudCheckPassed, FraudCheckFailed]",
            "RefundRefused]",
            "may not publish",
        ),
        ("template.yaml", "detail-type: [FraudCheckFailed, PaymentFailed", "detail-type: [PaymentFailed", "no rule"),
    ],
    ids=["the field is required", "no alarm", "no recovery", "no compensation"],
)
def test_what_is_forgotten_is_told(copy: Copy, file: str, forgotten: str, instead: str, told: str) -> None:
    with copy.without(file, forgotten, instead):
        copy.make("generate")
        said = copy.fails_to_agree()
    copy.make("generate")
    assert told in said
