"""`make console` opens a browser where there is one, and gives its address to nobody else."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from tests.unit.test_console import HERE, PORT, TOKEN, target
from tools.base import settings
from tools.console import browser
from tools.console.app import Console, app
from tools.console.feed import Feed

CODE = "code"
ADDRESS = "http://127.0.0.1:4580/code"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, str]]]:
    """Return what is started, with its environment."""
    started: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(subprocess, "Popen", lambda words, **how: started.append((words, how["env"])))
    monkeypatch.setattr(sys, "platform", "linux")
    return started


def sit_at(patch: pytest.MonkeyPatch, shell: dict[str, str], *, terminal: bool = True) -> None:
    patch.setattr(browser, "console", SimpleNamespace(is_terminal=terminal))
    patch.setattr(settings, "current", lambda: settings.read({}, shell, {}))


@pytest.mark.parametrize("desktop", [{"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "wayland-0"}, {"BROWSER": "/bin/helper"}])
def test_the_browser_of_a_desktop_is_opened_with_what_it_needs_and_no_more(
    opened: list[tuple[list[str], dict[str, str]]], monkeypatch: pytest.MonkeyPatch, desktop: dict[str, str]
) -> None:
    sit_at(monkeypatch, {"HOME": "/home/me", "PATH": "/usr/bin", "AWS_SECRET_ACCESS_KEY": "secret"} | desktop)
    browser.open_in_browser(ADDRESS)
    [(words, variables)] = opened
    assert words[-1] == ADDRESS
    assert desktop.items() <= variables.items()
    assert "AWS_SECRET_ACCESS_KEY" not in variables


@pytest.mark.parametrize(("shell", "terminal"), [({}, True), ({"DISPLAY": ""}, True), ({"DISPLAY": ":0"}, False)])
def test_nothing_is_opened_on_a_server_or_in_a_script(
    opened: list[tuple[list[str], dict[str, str]]],
    monkeypatch: pytest.MonkeyPatch,
    shell: dict[str, str],
    *,
    terminal: bool,
) -> None:
    sit_at(monkeypatch, shell, terminal=terminal)
    browser.open_in_browser(ADDRESS)
    assert opened == []


def test_on_macos_the_browser_needs_no_variable(
    opened: list[tuple[list[str], dict[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    sit_at(monkeypatch, {})
    browser.open_in_browser(ADDRESS)
    assert [words[-1] for words, _ in opened] == [ADDRESS]


def test_what_a_browser_is_started_with_leads_to_the_console_once() -> None:
    console = Console(Feed(target()), allowed=True)
    with TestClient(app(console, TOKEN, PORT, CODE), base_url=ADDRESS.removesuffix("/code")) as here:
        elsewhere = here.get(f"/{CODE}", headers={"host": "rebound.example"}, follow_redirects=False)
        first = here.get(f"/{CODE}", headers=HERE, follow_redirects=False)
        second = here.get(f"/{CODE}", headers=HERE, follow_redirects=False)
    assert [answer.status_code for answer in (elsewhere, first, second)] == [403, 303, 403]
    assert first.headers["location"] == f"/{TOKEN}/"


def test_without_a_code_nothing_leads_to_the_console_but_its_token() -> None:
    console = Console(Feed(target()), allowed=True)
    with TestClient(app(console, TOKEN, PORT), base_url=ADDRESS.removesuffix("/code")) as here:
        assert here.get("/", headers=HERE, follow_redirects=False).status_code == 403


def test_a_real_program_is_given_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"
    program = tmp_path / "browser"
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > {seen}.new && mv {seen}.new {seen}\n')
    program.chmod(0o755)
    sit_at(monkeypatch, {"HOME": str(tmp_path), "BROWSER": str(program)})
    started = subprocess.Popen
    children: list[subprocess.Popen[str]] = []
    monkeypatch.setattr(subprocess, "Popen", lambda *words, **how: children.append(started(*words, **how)))
    browser.open_in_browser(ADDRESS)
    for child in children:
        assert child.wait(timeout=20) == 0
    assert seen.read_text() == ADDRESS
