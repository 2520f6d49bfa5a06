"""Reads what happens on a stack, in two threads: the events that pass, and what has to be asked for now and then.

Nothing ends it but the console's end. What goes wrong, a place that does not answer or a credential that expired, is
told to the pages, and tried again with new clients.
"""

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event as Flag
from threading import Lock, Thread
from time import monotonic
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from saga.clock import iso, now
from saga.telemetry import Line
from tools.base.command import explanation
from tools.base.events import KEY
from tools.base.problem import ProblemError
from tools.base.root import ROOT
from tools.base.stack import Stack
from tools.base.target import Target
from tools.console.board import Board
from tools.console.claimed_tap import claimed, sweep_claims
from tools.console.hub import Hub
from tools.console.throttles import Throttles
from tools.operating.dead_letters import DeadLetter, DeadLetterQueue
from tools.operating.logs import LogGroup, time_of
from tools.operating.orders.reading import Reader
from tools.operating.watch import LONGEST
from tools.operating.watch.line import event_of, in_the_flow
from tools.operating.watch.pattern import pattern_of
from tools.operating.watch.tap import Bus, Envelope, Tap

CLAIMS = ROOT / ".local" / "console"
"""Where consoles keep the names of their taps."""
MINUTES = 60
"""How far back the orders reach that are shown at first."""
AGAIN = 3.0
"""Seconds until it is tried again to reach the stack."""
LATE = timedelta(seconds=5)
MINUTE = timedelta(minutes=1)
SLOW = 2
"""How many times as long as a look takes is waited until the next, so that looking is no load."""
RUNS = 20
"""Runs of recovery that are kept."""
OWN = ("service", "message", "function_name", "level", "timestamp", "cold_start")
OF_A_LINE = {*OWN, "function_request_id", "correlation_id", "event", "xray_trace_id"}
"""What every log line says."""
MOST_SEEN = 5_000
"""Lines that are known to have been read."""
DEFERRED = "deferred"
FAULTS = (BotoCoreError, ClientError, ProblemError, OSError)


class Feed:
    """What is known of a stack, kept current."""

    def __init__(self, target: Target, claims: Path = CLAIMS) -> None:
        self.target = target
        self.board = Board()
        self.hub = Hub(self.state)
        self.looks: list[Callable[[Stack], None]] = []
        """What else is to be looked at, each time."""
        self.begins: list[Callable[[Stack], None]] = []
        """What is done whenever the stack is reached anew."""
        self.more: dict[str, Callable[[], Any]] = {}
        """What else belongs to the state."""
        self.queue_lock = Lock()
        """Held by who reads the dead-letter queue: what one has taken, another does not see."""
        self._claims = claims
        self._stack: Stack | None = None
        self._status: dict[str, str] = {"is": "connecting", "says": f"connecting to {target.name}"}
        self._activity: deque[dict[str, Any]] = deque(maxlen=500)
        self._runs: deque[dict[str, Any]] = deque(maxlen=RUNS)
        self._letters: list[dict[str, Any]] = []
        self._letter_count = -1
        self._names: dict[str, str] = {}
        self._readers: tuple[Stack, LogGroup, Reader] | None = None
        """Kept, for making clients takes time."""
        self._ended = Flag()
        self._throttles = Throttles()
        self._threads: list[Thread] = []

    def start(self) -> None:
        """Begin."""
        self._threads = [Thread(target=run, daemon=True) for run in (self._watch_always, self._look_always)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End, and remove the tap."""
        self._ended.set()
        self.hub.close()
        for thread in self._threads:
            thread.join(timeout=30)

    @property
    def stack(self) -> Stack:
        """The stack. Raises `ProblemError` while it is not reached."""
        if self._stack is None:
            raise ProblemError(self._status["says"])
        return self._stack

    def parameter(self, name: str) -> str | None:
        """Return a parameter of the stack, None while it is not reached."""
        return self._stack.parameters.get(name) if self._stack else None

    def state(self) -> dict[str, Any]:
        """Return all that a page needs to begin with."""
        minute = iso(now() - MINUTE)
        return {
            "now": iso(now()),
            "status": self._status,
            "rows": self.board.rows(),
            "activity": [each for each in tuple(self._activity) if each["at"] > minute],
            "letters": self._letters,
            "runs": list(self._runs),
            **{name: more() for name, more in self.more.items()},
        }

    def say(self, state: str, says: str) -> None:
        """Tell the pages how it stands with the stack."""
        if self._status != {"is": state, "says": says}:
            self._status = {"is": state, "says": says}
            self.hub.push("status", **self._status)

    def changed(self, keys: Iterable[str]) -> None:
        """Read the records of orders anew that somebody just did something to."""
        self._read(Reader(self.stack).whole(list(keys)))

    def read_letters(self) -> None:
        """Read the dead letters anew."""
        with self.queue_lock:
            letters = DeadLetterQueue(self.stack).letters()
        self._letters = list(map(self._letter, letters))
        self.hub.push("letters", letters=self._letters)

    # --- The events that pass ---

    def _watch_always(self) -> None:
        while not self._ended.is_set():
            try:
                self._watch()
            except FAULTS as error:
                self._lost(error)
                self._ended.wait(AGAIN)

    def _watch(self) -> None:
        # With clients of its own: credentials that have expired are read anew.
        stack = Stack.of(Target.model_validate(self.target.model_dump()))
        bus = Bus.of(stack)
        sweep_claims(bus, self._claims)
        with claimed(bus, pattern_of(), self._claims) as tap:
            self._names = stack.functions()
            for begin in self.begins:
                begin(stack)
            self._stack = stack
            self.board.clear()
            self.board.read(Reader(stack).latest(MINUTES))
            self.say("watching", f"watching {bus.name}")
            self.hub.push("state", **self.state())
            until = now() + LONGEST
            while not self._ended.is_set() and now() < until:
                self._pass(tap)

    def _pass(self, tap: Tap) -> None:
        for envelope in sorted(tap.take(1 if self.target.endpoint else 20), key=in_the_flow):
            self._tell(envelope)

    def _tell(self, envelope: Envelope) -> None:
        said = {"type": str(envelope["detail-type"]), "id": str(envelope["id"]), "at": iso(now())}
        event = event_of(envelope)
        if event is None:
            detail = envelope["detail"] if isinstance(envelope["detail"], dict) else {}
            self.hub.push("poison", **said, key=str(detail.get(KEY, "")))
            return
        # On the bus its time is in seconds: when it was seen tells more, unless it comes late.
        told = datetime.fromisoformat(envelope["time"])
        at = now() if now() - told < LATE else told
        row, moves = self.board.told(event, envelope["detail"], at)
        self.hub.push("event", **said, row=row, again=not moves)

    def _lost(self, error: Exception) -> None:
        self._stack = None
        says = str(error) if isinstance(error, ProblemError) else explanation(error, self.target) or str(error)
        self.say("lost", says)

    # --- What has to be asked for ---

    def _look_always(self) -> None:
        seen: dict[tuple[str, ...], None] = {}
        since = now() - timedelta(minutes=MINUTES)
        while not self._ended.is_set():
            began = monotonic()
            stack = self._stack
            if stack and self.hub.watched:
                try:
                    since = self._look(stack, since, seen)
                except FAULTS as error:
                    if self._stack is stack:
                        self.say("watching", explanation(error, self.target) or str(error))
            took = monotonic() - began
            self._ended.wait(max(0.7 if self.target.endpoint else 10.0, took * SLOW) if self.hub.watched else 0.5)

    def _look(self, stack: Stack, since: datetime, seen: dict[tuple[str, ...], None]) -> datetime:
        asked = now()
        if self._readers is None or self._readers[0] is not stack:
            self._readers = stack, LogGroup(stack), Reader(stack)
        _, group, reader = self._readers
        self._read_lines(group, since, seen)
        self._read_quiet(reader)
        self._count_letters(stack)
        for look in self.looks:
            look(stack)
        if not self.target.endpoint:
            self._read_throttles(stack)
        # Lines arrive late, on AWS by some seconds.
        return asked - timedelta(seconds=5 if self.target.endpoint else 30)

    def _read_lines(self, group: LogGroup, since: datetime, seen: dict[tuple[str, ...], None]) -> None:
        phrases = (Line.STEP_FAILED, DEFERRED, Line.RECOVERY)
        for line in sorted((line for each in phrases for line in group.lines(each, since)), key=time_of):
            this = (line["timestamp"], str(line.get("function_request_id")), str(line.get("event")), str(line.get(KEY)))
            if this in seen:
                continue
            seen[this] = None
            if len(seen) > MOST_SEEN:
                del seen[next(iter(seen))]
            self._take_line(line)

    def _take_line(self, line: dict[str, Any]) -> None:
        at = iso(time_of(line))
        match line.get("event"):
            case Line.RECOVERY:
                run = {"at": at, **{name: value for name, value in line.items() if name not in OF_A_LINE}}
                self._runs.appendleft(run)
                self.hub.push("run", run=run)
            case Line.STEP_FAILED | Line.STEP if line["event"] == Line.STEP_FAILED or line.get("delivery") == DEFERRED:
                function = self._names.get(line["function_name"], line["function_name"])
                what = "failed" if line["event"] == Line.STEP_FAILED else DEFERRED
                self._tell_activity(at, function, what, line.get("reason"), line.get(KEY) or line.get("correlation_id"))

    def _read_throttles(self, stack: Stack) -> None:
        for throttled in self._throttles.since_last_asked(stack.client("cloudwatch"), self._names):
            # As of now: its minute is over when it can be known.
            self._tell_activity(iso(now()), throttled.function, "throttled", f"{throttled.times} times in a minute")

    def _tell_activity(self, at: str, function: str, what: str, reason: str | None, key: str | None = None) -> None:
        activity = {"at": at, "function": function, "what": what, "reason": reason, "key": key}
        self._activity.append(activity)
        self.hub.push("activity", **activity)

    def _read_quiet(self, reader: Reader) -> None:
        """Read the records of which no event told, and those that the board does not know."""
        known = {row[KEY] for row in self.board.rows()}
        unknown = [key for key in reader.in_flight()[:500] if key not in known]
        self._read(reader.whole([*unknown, *self.board.quiet_since(now() - timedelta(seconds=5))[:500]]))

    def _read(self, records: Iterable[dict[str, Any]]) -> None:
        if changed := self.board.read(records):
            self.hub.push("rows", rows=changed)

    def _count_letters(self, stack: Stack) -> None:
        told = stack.client("sqs").get_queue_attributes(
            QueueUrl=stack.output("DeadLetterQueueUrl"), AttributeNames=["ApproximateNumberOfMessages"]
        )
        count = int(told["Attributes"]["ApproximateNumberOfMessages"])
        if count != self._letter_count:
            self._letter_count = count
            self.read_letters()

    def _letter(self, letter: DeadLetter) -> dict[str, Any]:
        return {
            "function": self._names.get(letter.function, letter.function),
            "event": letter.detail_type,
            "key": letter.order_id,
            "way": letter.way,
            "reason": letter.reason,
            "error": letter.error,
            "valid": letter.is_valid(),
            "detail": letter.detail,
        }
