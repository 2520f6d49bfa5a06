"""The faults that the emulator puts before a function's providers: what they do, and whose they are."""

import importlib.util
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from payments.gateway import Paid, Payment, Refused
from payments.simulated_gateway import SimulatedGateway
from saga.deferral import KeyRefusedError
from tools.base.target import ROOT
from tools.emulator.faults import Faults
from tools.shop.faults import PROVIDERS

FILE = ROOT / "tools" / "emulator" / "inside" / "sitecustomize.py"
NAME = "payments.provider"


@pytest.fixture
def inside() -> ModuleType:
    """The module that a function's process runs at its start."""
    spec = importlib.util.spec_from_file_location("inside_the_emulator", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Faults:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return Faults(tmp_path / "faults.json")


@pytest.fixture
def gateway(inside: ModuleType, faults: Faults, tmp_path: Path) -> Any:
    """The simulated provider, with the faults before it."""
    books = SimulatedGateway(tmp_path / "books.sqlite")
    return inside.FaultyProvider(books, NAME, inside.Faults(str(faults.file)))


def payment(key: str) -> Payment:
    return Payment(key, "CUST-1", 4200, "USD")


def switch(faults: Faults, does: str) -> None:
    faults.set({"proxy": None, "providers": {NAME: {"does": does, "refusals": PROVIDERS[NAME].refusals}}})


def test_without_the_file_a_provider_is_asked_as_ever(gateway: Any) -> None:
    assert isinstance(gateway.charge(payment("a")), Paid)


def test_a_provider_that_answers_500_did_nothing(gateway: Any, faults: Faults, tmp_path: Path) -> None:
    switch(faults, "error")
    with pytest.raises(ConnectionError, match="charge: the provider answered 500"):
        gateway.charge(payment("a"))
    assert not (tmp_path / "books.sqlite").exists()


def test_a_provider_that_answers_401_refuses_us_and_no_payment(gateway: Any, faults: Faults) -> None:
    switch(faults, "key")
    with pytest.raises(KeyRefusedError, match="charge: the provider answered 401"):
        gateway.charge(payment("a"))
    switch(faults, "")
    assert isinstance(gateway.charge(payment("a")), Paid)


def test_under_one_key_a_provider_refuses_or_it_does_not_whatever_the_switch_says_later(
    gateway: Any, faults: Faults
) -> None:
    switch(faults, "")
    assert isinstance(gateway.charge(payment("charged before")), Paid)
    switch(faults, "refuse")
    assert isinstance(gateway.charge(payment("charged before")), Paid)
    assert gateway.charge(payment("refused")) == Refused("refused by the bank")
    switch(faults, "")
    assert gateway.charge(payment("refused")) == Refused("refused by the bank")


def test_a_provider_that_hangs_has_taken_the_money_as_often_as_not(
    inside: ModuleType, gateway: Any, faults: Faults, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inside, "HANGING", 0)
    switch(faults, "hang")
    for number in range(40):
        with pytest.raises(ConnectionError, match="never answered"):
            gateway.charge(payment(str(number)))
    with closing(sqlite3.connect(tmp_path / "books.sqlite")) as books:
        (taken,) = books.execute("SELECT count(*) FROM payments").fetchone()
    assert 0 < taken < 40


def test_faults_end_with_the_process_that_made_them(gateway: Any, faults: Faults) -> None:
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    faults.file.write_text(json.dumps({"owner": int(ended.stdout), "providers": {NAME: {"does": "error"}}}))
    assert isinstance(gateway.charge(payment("a")), Paid)
    assert faults.were_left()
    switch(faults, "error")
    assert not faults.were_left()


def test_a_functions_process_puts_them_before_each_provider_and_finds_out_whose_it_is(faults: Faults) -> None:
    switch(faults, "error")
    program = (
        "from payments.provider import gateway; from payments.gateway import Payment\n"
        "try: gateway.charge(Payment('a', 'CUST-1', 1, 'USD'))\n"
        "except Exception as error: print(error)"
    )
    path = os.pathsep.join([str(FILE.parent), str(ROOT / "src")])
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": path, "EMULATOR_FAULTS": str(faults.file)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "the provider answered 500" in ran.stdout
