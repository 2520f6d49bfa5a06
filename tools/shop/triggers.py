"""Starts a saga and follows it to its end, in each way that it can go."""

from http import HTTPStatus
from typing import Any

from tools.base.console import console, styled
from tools.base.events import KEY, NOUN
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.operating.following import follow
from tools.operating.timeline import draw
from tools.shop import api
from tools.shop.trigger import Trigger
from tools.shop.ways import TRIGGERS

__all__ = ["TRIGGERS", "Trigger", "check", "place", "pull"]


def pull(name: str, stack: Stack) -> dict[str, Any]:
    """Start the trigger's saga, follow it, draw its timeline, and return its final record.

    Raises `ProblemError` if it is not taken, or does not end within `PATIENCE` as the trigger promises.
    """
    trigger = TRIGGERS[name]
    console.rule(styled("[bold]{}[/]", name), align="left")
    record = place(trigger.body, stack)
    check(trigger, record)
    return record


def place(body: dict[str, Any], stack: Stack) -> dict[str, Any]:
    """Start a saga, follow it, draw its timeline, and return its final record.

    Raises `ProblemError` if it is not taken, or does not end within `PATIENCE`.
    """
    answer = api.place(stack, body)
    if answer.status_code != HTTPStatus.CREATED:
        raise ProblemError(f"the {NOUN} was not taken: {answer.status_code} {answer.text}")
    key = answer.json()[KEY]
    follow(key, stack)
    record = api.get(stack, key)
    draw(record)
    return record


def check(trigger: Trigger, record: dict[str, Any]) -> None:
    """Compare a final record with what its trigger promised. Raises `ProblemError` naming what differs."""
    wrong = [
        f"{name} is {record.get(name)!r}, not {value!r}"
        for name, value in trigger.promises.items()
        if record.get(name) != value
    ]
    wrong += [f"{name} is missing" for name in trigger.fields if not record.get(name)]
    if wrong:
        raise ProblemError(f"the saga did not end as promised: {'; '.join(wrong)}")
