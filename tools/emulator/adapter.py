"""What the tools have to know of the place that a stack is deployed to: AWS, unless an emulator's adapter differs."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, ClassVar

from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import Target


class Feature(StrEnum):
    """What AWS has and not every emulator, by its row in docs/backends.md."""

    EXECUTION_RETRIES = "A failed step is tried again, then OnFailure"
    IAM = "IAM is enforced"
    SIGNATURES = "A call without a signature"
    PROXIED_CALLS = "Calls through a proxy"
    ALIASES = "Versions and their alias are updated"
    SNAP_START = "SnapStart"
    RULES = "Rules of the template"
    STACK_POLICY = "Stack policy"
    PLAIN_SAM = "Plain `samlocal logs`, `list endpoints`, `delete`"
    REPLAY = "Archive and replay"
    BOOKS = "Books of a simulated provider"
    DEBUGGER = "A debugger in a function (`make debug`)"


class Adapter:
    """A place that stacks are deployed to: AWS, and what all places share with it."""

    name = "AWS"
    """What a person calls it."""
    lacks: ClassVar[Mapping[Feature, str]] = {}
    """The features that it does not have, and how that shows."""
    dead_letter_seconds = 300
    """How long a failing event may take to arrive in the dead-letter queue, its retries included, at the most."""

    def __init__(self, target: Target) -> None:
        self.target = target

    def start(self) -> bool:
        """Start it, and return False if it was running already. Raises `ProblemError` if it cannot be started."""
        raise ProblemError(
            f"STAGE={self.target.stage} is on AWS, where there is nothing to start: continue with `make deploy`"
        )

    def stop(self) -> str:
        """Stop it, and return what became of it, in words."""
        return f"STAGE={self.target.stage} is on AWS, where there is nothing to stop: `make destroy` deletes the stack"

    @property
    def runs_already(self) -> bool:
        """Whether it answers, however it was started."""
        return False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start it if it is not running, and stop it again if it was started for what is interrupted by Ctrl-C."""
        started = self.start()
        try:
            yield
        except KeyboardInterrupt:
            if started:
                self.stop()
            raise

    def log_messages(self, stack: Stack, group: str, phrase: str | None, between: Mapping[str, int]) -> list[str]:
        """Return what the stack's functions wrote: what has a phrase in it, within a time.

        `group` is the log group that they share, `between` may hold `startTime` and `endTime`, in milliseconds.
        CloudWatch Logs does the search, and matches a quoted phrase literally (Amazon CloudWatch Logs User Guide,
        "Filter pattern syntax").
        """
        search: dict[str, Any] = {"logGroupName": group, **between}
        if phrase:
            search["filterPattern"] = json.dumps(phrase)
        pages = stack.client("logs").get_paginator("filter_log_events").paginate(**search)
        return [event["message"] for page in pages for event in page["events"]]
