"""How the story of an order is printed, followed, and stopped."""

import json
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from tests.unit.log_lines import FUNCTIONS, HAPPY_LINES, after
from tests.unit.stories import HAPPY, Told
from tools.__main__ import app
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import Target
from tools.operating.dead_letters import DeadLetter, Way
from tools.operating.story import live
from tools.operating.story.printing import tell
from tools.operating.story.sources import Sources
from tools.operating.story.story import Story

ON_AWS = Stack(Target(stage="dev", endpoint=None, region="eu-central-1", stack_name="order-saga-dev"), {})
HERE = Stack(
    Target(stage="local", endpoint="http://127.0.0.1:1", region="us-east-1", stack_name="order-saga-local"), {}
)
ORDER = Told(HAPPY)


def story_of(at: int, lines: int, now: float = 5, letters: tuple[DeadLetter, ...] = ()) -> Story:
    """Tell the order's story as it is once the event at `at` has happened and so many lines have arrived."""
    return Story.of(ORDER.record(at), HAPPY_LINES[:lines], letters, FUNCTIONS, after(now))


class Scripted(Sources):
    """Tells one story after the other, then the last one again and again."""

    def __init__(self, *stories: Story) -> None:
        super().__init__(HERE, ORDER.order_id)
        self.asked = 0
        self._stories = stories

    def story(self, *, letters: bool = True) -> Story:
        del letters
        self.asked += 1
        return self._stories[min(self.asked, len(self._stories)) - 1]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """What is on a terminal."""
    screen = StringIO()
    monkeypatch.setattr(live, "console", Console(file=screen, force_terminal=True, width=100))
    return screen


def test_on_aws_it_links_to_the_logs_and_the_traces(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Sources, "logs", SimpleNamespace(name="/order-saga/order-saga-dev"))
    tell(story_of(3, 4), Sources(ON_AWS, ORDER.order_id))
    lines = capsys.readouterr().out.splitlines()
    assert f"its log lines: `make logs ORDER={ORDER.order_id} STAGE=dev`" in lines
    (logs,) = [line for line in lines if line.startswith("in CloudWatch: https://eu-central-1.console.aws.amazon.com/")]
    assert ORDER.order_id in logs
    assert logs.endswith("~source~(~'*2forder-saga*2forder-saga-dev))")
    traces = [line.rpartition("/")[2] for line in lines if line.startswith("in X-Ray: ")]
    assert traces == ["1-CreateOrder", "1-ReserveInventory", "1-ChargePayment"]
    assert "and 1 traces more: JSON=yes has their ids" in lines


def test_dead_letters_are_told_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    letter = DeadLetter(Way.DELIVERY, "f", "OrderCreated", {"orderId": ORDER.order_id}, "NO_PERMISSIONS: [no]", "r")
    tell(story_of(3, 4, letters=(letter,)), Sources(HERE, ORDER.order_id))
    printed = capsys.readouterr().out
    assert "dead letter: OrderCreated, came by delivery" in printed
    assert "because NO_PERMISSIONS: [no]" in printed
    assert f"`make redrive ORDER={ORDER.order_id}`" in printed


def test_on_a_terminal_the_drawing_goes_on_until_the_order_has_ended(screen: StringIO) -> None:
    story = live.follow(Scripted(story_of(1, 2), story_of(2, 3), story_of(3, 4)))
    assert story.status == "SHIPPING_SCHEDULED"
    shown = screen.getvalue()
    assert "INVENTORY_RESERVED" in shown
    assert "PAYMENT_CHARGED" in shown
    assert shown.rindex("in flight") < shown.rindex("SHIPPING_SCHEDULED")


def test_what_was_seen_last_stays_on_the_screen_when_it_is_stopped(
    screen: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = Scripted(story_of(1, 2))

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", stop)
    with pytest.raises(KeyboardInterrupt):
        live.follow(sources)
    erased = "\x1b[2K"
    assert erased not in screen.getvalue().rpartition("in flight")[2]


def test_without_a_terminal_each_thing_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    live.follow(Scripted(story_of(1, 2), story_of(1, 2), story_of(3, 4)))
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in said] == ["CreateOrder", "ReserveInventory", "ChargePayment", "NotifyShipping"]
    assert said[1] == (
        "09:30:01.135 ReserveInventory consumed OrderCreated id-0: first, published InventoryReserved id-1, 50 ms"
    )


def test_an_ended_order_is_followed_until_its_last_lines_have_arrived() -> None:
    sources = Scripted(story_of(3, 2), story_of(3, 3), story_of(3, 4))
    assert live.follow(sources, silent=True).untold == ()
    assert sources.asked == 4


def test_lines_that_never_come_are_not_waited_for() -> None:
    sources = Scripted(story_of(3, 0, now=3600))
    live.follow(sources, silent=True)
    assert sources.asked == 2


@pytest.fixture
def _stack_is_not_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stack, "of", lambda _: HERE)


@pytest.mark.usefixtures("_stack_is_not_looked_up")
def test_ctrl_c_ends_it_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: Any, **__: Any) -> Story:
        raise KeyboardInterrupt

    monkeypatch.setattr(live, "follow", stop)
    answer = CliRunner().invoke(app, ["trace", ORDER.order_id, "--watch"], catch_exceptions=False)
    assert (answer.exit_code, answer.output) == (130, "")


@pytest.mark.usefixtures("_stack_is_not_looked_up")
def test_the_command_fails_if_the_order_did_not_end_while_it_was_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "follow", lambda *_, **__: story_of(1, 2))
    answer = CliRunner().invoke(app, ["trace", ORDER.order_id, "--watch", "--json"], catch_exceptions=False)
    assert answer.exit_code == 1
    assert json.loads(answer.stdout)["status"] == "INVENTORY_RESERVED"
    with pytest.raises(ProblemError, match=f"order {ORDER.order_id} is still INVENTORY_RESERVED after 1200 s"):
        CliRunner().invoke(app, ["trace", ORDER.order_id, "--watch"], catch_exceptions=False)
