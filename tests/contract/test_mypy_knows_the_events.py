"""What `after` and `new` of an event take is checked by mypy, from the classes alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.template import ROOT

pytestmark = pytest.mark.slow

SOURCE = """
from typing import Any

from contract.events import InventoryReserved, OrderCreated, PaymentAbandoned, PaymentCharged, PaymentRefunded
from contract.events import ShippingFailed


class GiftWrapped(OrderCreated):
    paper: str
    ribbons: int = 1
    note: str | None = None


def steps(
    created: OrderCreated, reserved: InventoryReserved, failed: ShippingFailed | PaymentAbandoned, anything: Any
) -> None:
    InventoryReserved.after(created, reservation_id="R-1")
    InventoryReserved.after(created)  # it adds this: Missing named argument "reservation_id"
    InventoryReserved.after(created, reservation_id=7)  # its type: has incompatible type "int"; expected "str"
    InventoryReserved.after(created, reservationid="R-1")  # its name: Unexpected keyword argument "reservationid"
    PaymentCharged.after(created, payment_id="P-1")  # a step is missing: Missing named argument "reservation_id"
    PaymentRefunded.after(failed, refund_id="F-1")
    PaymentRefunded.after(reserved, refund_id="F-1")  # no failure: Missing named argument "failure_reason"
    PaymentRefunded.after(anything, refund_id="F-1")
    GiftWrapped.after(created, paper="red")
    GiftWrapped.after(created, paper="red", ribbons="two")  # its type: has incompatible type "str"; expected "int"
    OrderCreated.new(**dict(anything))
    OrderCreated.new(order_id="O-1", amount="much")  # its type: incompatible type "str"; expected "int"
"""


def test_a_keyword_that_is_missing_misspelt_or_ill_typed_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "steps.py"
    file.write_text(SOURCE)
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--config-file",
            ROOT / "pyproject.toml",
            "--cache-dir",
            tmp_path / "cache",
            file,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    errors = [line for line in ran.stdout.splitlines() if ": error: " in line]
    for number, line in enumerate(SOURCE.splitlines(), 1):
        here = [error for error in errors if f"steps.py:{number}: " in error]
        _, _, expected = line.partition(": ") if "  # " in line else ("", "", "")
        assert any(expected in error for error in here) if expected else not here, (line, here)
