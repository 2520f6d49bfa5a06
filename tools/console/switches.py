"""What can be broken on the embedded emulator, each by a switch; several at once, and everything back.

Nothing is deployed for it: files that the emulator and its functions read, a proxy, a policy more at a function's role,
a rule that is disabled. All of it is undone at the console's end, and by the next start if it was killed.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from tools.base.events import A_NOUN
from tools.base.ports import free_port
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.template import FUNCTION, Template
from tools.console.microburst import Microburst
from tools.emulator.faults import Faults
from tools.operating.recovery import schedule
from tools.shop.faults import PROVIDERS

WITHOUT = "taken-away-by-the-console"
"""The name of the policy that takes a right away."""
LOST = 1 / 3


@dataclass(frozen=True)
class Switch:
    """One thing that can be broken; `choices` are the ways, by name, with their words."""

    name: str
    what: str
    works: str
    choices: dict[str, str]
    group: str = "providers"
    says: str = ""


@dataclass
class Switches:
    """The switches of one emulator."""

    faults: Faults
    endpoint: str
    at: dict[str, str] = field(default_factory=dict)
    """How each one stands that is not at rest."""

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._microburst = Microburst(self.endpoint, free_port())
        self.all = {switch.name: switch for switch in _switches()}

    def state(self) -> dict[str, Any]:
        """Return the switches and how they stand."""
        return {
            "all": [vars(switch) for switch in self.all.values()],
            "at": dict(self.at),
            "struck": self._microburst.struck() if "aws" in self.at else {},
        }

    def turn(self, stack: Stack, name: str, to: str) -> None:
        """Turn a switch, to nothing for what works. Raises `ProblemError` if there is no such switch or choice."""
        switch = self.all.get(name)
        if switch is None or (to and to not in switch.choices):
            raise ProblemError(f"there is no switch {name} with the choice {to}")
        with self._lock:
            before = self.at.get(name, "")
            if name == "right":
                self._give_back(stack, before)
                self._take_away(stack, to)
            elif name == "recovery":
                schedule(stack, on=not to)
            elif name == "aws":
                (self._microburst.start if to else self._microburst.stop)()
            if to:
                self.at[name] = to
            else:
                self.at.pop(name, None)
            self.faults.set(self._said())

    def begin(self, stack: Stack) -> None:
        """Begin with a stack: put back what a console left that was killed, or what an emulator forgot."""
        if self.at or self.faults.were_left():
            self.back(stack)

    def back(self, stack: Stack | None) -> None:
        """Put everything back, whoever broke it; what is the stack's only if there is one."""
        with self._lock:
            self.at.clear()
            self.faults.set({})
            self._microburst.stop()
            if stack:
                for function in self.all["right"].choices:
                    self._give_back(stack, function)
                schedule(stack, on=True)

    def _said(self) -> dict[str, Any]:
        if not self.at:
            return {}
        return {
            "lost": LOST if "lost" in self.at else 0,
            "twice": "twice" in self.at,
            "proxy": self._microburst.netloc if "aws" in self.at else None,
            "providers": {
                name: {"does": self.at.get(name, ""), "refusals": provider.refusals}
                for name, provider in PROVIDERS.items()
            },
        }

    def _take_away(self, stack: Stack, function: str) -> None:
        if function:
            deny = {"Effect": "Deny", "Action": ["events:PutEvents", "dynamodb:UpdateItem"], "Resource": "*"}
            stack.client("iam").put_role_policy(
                RoleName=stack.physical_id(f"{function}Role"),
                PolicyName=WITHOUT,
                PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [deny]}),
            )

    def _give_back(self, stack: Stack, function: str) -> None:
        if function:
            iam = stack.client("iam")
            with suppress(iam.exceptions.NoSuchEntityException):
                iam.delete_role_policy(RoleName=stack.physical_id(f"{function}Role"), PolicyName=WITHOUT)


def _switches() -> Iterator[Switch]:
    for name, provider in PROVIDERS.items():
        ways = {"hang": "hangs", "refuse": "refuses", "error": "500", "key": "401"}
        if not provider.refusals:
            del ways["refuse"]
        yield Switch(name, provider.label, "answers", ways, says=provider.says)
    calls = "Throttled, refused, reset, or done with the response lost, by microburst."
    yield Switch("aws", "AWS calls", "succeed", {"fail": "a third fails"}, "AWS", calls)
    yield Switch(
        "lost", "Publishes", "arrive", {"lost": "a third is lost"}, "AWS", "The bus accepts them, and no rule matches."
    )
    twice = "Every event reaches its function twice, up to two seconds late."
    yield Switch("twice", "Events", "delivered once", {"twice": "twice, out of order"}, "AWS", twice)
    rights = {name: name for name in _functions()}
    yield Switch("right", "Permissions", "complete", rights, "AWS", "The function cannot write or publish.")
    waits = f"{A_NOUN.capitalize()} that is stuck stays stuck: only recovery publishes its event again."
    yield Switch("recovery", "Recovery", "runs", {"off": "is off"}, "AWS", waits)


def _functions() -> list[str]:
    """Return the functions that events start."""
    functions = Template.of_this_project().of_type(FUNCTION)
    return [
        name
        for name, function in functions.items()
        if any(
            source["Type"] == "EventBridgeRule" and "detail-type" in source["Properties"]["Pattern"]
            for source in function.get("Events", {}).values()
        )
    ]
