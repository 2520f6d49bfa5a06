"""Between the handlers and everything outside: each call goes over the wire, and there it may fail."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from tests.virtual_clock import VirtualClock

if TYPE_CHECKING:
    from tests.simulation.deployment import Function
    from tests.simulation.telemetry import Counted, Logged

T = TypeVar("T")
CALL_TAKES = timedelta(milliseconds=10)


class Fault(StrEnum):
    """What may go wrong at a call, in words for the story."""

    DIES_BEFORE = "dies before"
    DIES_AFTER = "dies after"
    REPEATED = "its answer is lost and the SDK repeats"
    REPEATED_LATE = "its answer is lost, and much happens before the SDK repeats"
    HELD_UP = "is held up before"
    REFUSED = "gets a server error from"
    ANSWER_LOST = "gets a timeout from, though it took effect,"
    THROTTLED = "is throttled at"
    CONFLICT = "meets a conflict at"
    CONTENDED = "meets nothing but conflicts from"
    PARTIAL = "gets half an answer from"


PARTICULAR = frozenset({Fault.THROTTLED, Fault.CONFLICT, Fault.CONTENDED, Fault.PARTIAL})
"""The faults that only some calls may meet; they strike at the first of those from the planned call on."""
HOLDING_UP = frozenset({Fault.HELD_UP, Fault.REPEATED_LATE})
Plan = Mapping[int, Fault]
"""Which fault strikes at which call of an invocation, counted from 1."""
NO_FAULT: Plan = {}


class Death(BaseException):
    """The function's process is gone: no `except Exception` sees this."""


DEADLY = ("dies", "runs out of time")
"""How a fault that leaves no survivor begins in the story."""


@dataclass(frozen=True)
class Call:
    """One call to the outside: what it does, and what can go wrong with it besides dying."""

    name: str
    effect: Callable[[], Any]
    refused: Callable[[], Exception]
    lost: Callable[[], Exception]
    special: Mapping[Fault, Callable[[], Any]] = field(default_factory=dict)


class Invocation:
    """One run of a handler. It may be held up at a call, go on later, or be killed where it stands."""

    def __init__(self, title: str, handler: Callable[[], Any], plan: Plan, dies_at: datetime) -> None:
        self.title, self.plan, self.dies_at = title, plan, dies_at
        self.calls: list[str] = []
        self.fired: list[str] = []
        self.spent: set[Fault] = set()
        self.accepted: list[tuple[str, str]] = []
        self.done_outside: list[str] = []
        self.function: Function | None = None
        """The function that runs; None for somebody who is no function."""
        self.event: dict[str, Any] = {}
        """What the function was called with."""
        self.logged: list[Logged] = []
        self.counted: list[Counted] = []
        self.answer: Any = None
        self.failure: BaseException | None = None
        self.finished = False
        self.held_up_at: str | None = None
        self._handler = handler
        self._killed = False
        self._go_on, self._gave_back = threading.Semaphore(0), threading.Semaphore(0)

    def start(self) -> None:
        """Run until the end, or until it is held up."""
        if HOLDING_UP.isdisjoint(self.plan.values()):
            self._run()
            return
        threading.Thread(target=self._run, daemon=True).start()
        self._gave_back.acquire()

    def resume(self, *, killed: bool = False) -> None:
        """Go on from where it was held up, or die there."""
        self._killed, self.held_up_at = killed, None
        self._go_on.release()
        self._gave_back.acquire()

    def hold_up(self, at: str) -> None:
        self.held_up_at = at
        self._gave_back.release()
        self._go_on.acquire()
        if self._killed:
            self.fired.append(f"runs out of time at {at}")
            raise Death

    def _run(self) -> None:
        try:
            self.answer = self._handler()
        # Whatever it is, it belongs to the thread that started or resumed this one.
        except BaseException as failure:  # noqa: BLE001
            self.failure = failure
        self.finished = True
        self._gave_back.release()


class FaultyWire:
    """Carries the calls of the invocation that has its turn, and lets its plan's faults strike."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.current: Invocation | None = None

    @property
    def time(self) -> datetime:
        """The time by now."""
        return self._clock.time

    def let(self, run: Callable[[], None], invocation: Invocation) -> None:
        """Run an invocation until its next call."""
        before, self.current = self.current, invocation
        try:
            run()
        finally:
            self.current = before

    def carry(self, call: Call) -> Any:
        """Do a call as the current invocation's plan has it."""
        invocation = self.current
        if invocation is None:
            return call.effect()
        invocation.calls.append(call.name)
        fault = self._fault(invocation, call)
        if fault is None:
            return self._effect(call)
        struck = f"{fault} {call.name}"
        if fault is not Fault.HELD_UP and not (fault is Fault.CONTENDED and struck in invocation.fired):
            invocation.fired.append(struck)
        return self._strike(fault, call, invocation)

    @staticmethod
    def _fault(invocation: Invocation, call: Call) -> Fault | None:
        number = len(invocation.calls)
        for at, fault in invocation.plan.items():
            if fault in PARTICULAR:
                due = at <= number and fault in call.special and fault not in invocation.spent
            else:
                due = at == number
            if due:
                if fault is not Fault.CONTENDED:
                    invocation.spent.add(fault)
                return fault
        return None

    def _strike(self, fault: Fault, call: Call, invocation: Invocation) -> Any:
        match fault:
            case Fault.DIES_BEFORE:
                raise Death
            case Fault.DIES_AFTER:
                self._effect_unheard(call)
                raise Death
            case Fault.REPEATED | Fault.REPEATED_LATE:
                self._effect_unheard(call)
                if fault is Fault.REPEATED_LATE:
                    invocation.hold_up(call.name)
                return self._effect(call)
            case Fault.HELD_UP:
                invocation.hold_up(call.name)
                return self._effect(call)
            case Fault.ANSWER_LOST:
                self._effect_unheard(call)
                raise call.lost()
            case Fault.REFUSED:
                raise call.refused()
        self._clock.advance(CALL_TAKES)
        return call.special[fault]()

    def _effect_unheard(self, call: Call) -> None:
        # Nobody consumes the answer, whatever it is, a refusal too; a proof gone wrong is not an answer.
        try:
            self._effect(call)
        except AssertionError:
            raise
        except Exception:  # noqa: BLE001, S110  any answer of the outside
            pass

    def _effect(self, call: Call) -> Any:
        self._clock.advance(CALL_TAKES)
        return call.effect()
