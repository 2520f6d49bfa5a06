"""Lambda under load: environments, concurrency, asynchronous invocations with their retries, OnFailure."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Any

from tests.simulation.outage import assumptions
from tests.simulation.outage.event_loop import EventLoop
from tests.simulation.outage.run import OutOfTimeError, Run

Handler = Callable[[dict[str, Any], Run], Any]


class Left(StrEnum):
    """Where an event went that no run took to a good end."""

    DEAD_LETTER = "a dead letter"
    DROPPED = "dropped, for the function has no OnFailure"


@dataclass(frozen=True)
class Configuration:
    """What the template says of a function, as far as Lambda heeds it."""

    name: str
    timeout: float = 60.0
    attempts: int = 3
    most_age: float = assumptions.MOST_AGE
    reserved: int | None = None
    """Reserved concurrency; None for none."""
    on_failure: bool = True
    is_long: bool = False
    """Whether a run takes so long that others have to be seen to happen meanwhile."""


@dataclass(eq=False)
class Environment:
    """One environment of a function, with all that its modules keep between two events."""

    idle_since: float = 0.0
    kept: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Invocation:
    """One asynchronous invocation, in Lambda's queue or under way."""

    function: "Function"
    event: dict[str, Any]
    since: float
    failures: int = 0
    throttled: int = 0


class Function:
    """A function and its environments."""

    def __init__(self, configuration: Configuration, handler: Handler) -> None:
        self.configuration, self.handler = configuration, handler
        self.idle: list[Environment] = []
        self.busy = 0


class ThrottledError(Exception):
    """A synchronous invocation found no concurrency."""


class LambdaService:
    """All functions of an account, and nothing else in it."""

    def __init__(self, loop: EventLoop, random: Random, account_limit: int = assumptions.ACCOUNT_LIMIT) -> None:
        self._loop, self._random = loop, random
        self._unreserved = account_limit
        self._functions: dict[str, Function] = {}
        self.busy, self._busy_unreserved = 0, 0
        self.on_busy: Callable[[], object] = lambda: None
        """Called whenever a run begins."""
        self.throttled: Counter[str] = Counter()
        """Throttled invocations, each time that they were, by function."""
        self.cold_starts: Counter[str] = Counter()
        self.left: Counter[Left] = Counter()
        self.dead_letters: list[tuple[float, str, dict[str, Any]]] = []
        """When, of which function, and the event."""
        self.most_at_once: Counter[str] = Counter()
        self.waiting = 0
        """Asynchronous invocations that are in Lambda's queue or under way."""

    def add(self, configuration: Configuration, handler: Handler) -> None:
        """Deploy a function; its handler is given the event and the run."""
        self._functions[configuration.name] = Function(configuration, handler)
        self._unreserved -= configuration.reserved or 0

    @property
    def functions(self) -> Mapping[str, Function]:
        return self._functions

    def invoke(self, name: str, event: dict[str, Any], on_end: Callable[[Run], object]) -> None:
        """Invoke a function as API Gateway does. Raises `ThrottledError`."""
        function = self._functions[name]
        if not self._has_room(function):
            self.throttled[name] += 1
            raise ThrottledError(name)
        self._run(function, event, on_end)

    def invoke_asynchronously(self, name: str, event: dict[str, Any], *, dies_after: float | None = None) -> None:
        """Put an event into a function's queue, which always takes it; `dies_after` kills its first run so soon."""
        self.waiting += 1
        self._try(Invocation(self._functions[name], event, self._loop.clock.seconds), dies_after)

    def _try(self, invocation: Invocation, dies_after: float | None = None) -> None:
        function = invocation.function
        if self._loop.clock.seconds - invocation.since > function.configuration.most_age:
            self._leave(invocation)
        elif self._has_room(function):
            self._run(function, invocation.event, lambda run: self._ended(invocation, run), dies_after)
        else:
            self.throttled[function.configuration.name] += 1
            pause = min(assumptions.THROTTLED_FIRST * 2**invocation.throttled, assumptions.THROTTLED_LONGEST)
            invocation.throttled += 1
            self._loop.after(pause * self._random.uniform(0.5, 1), lambda: self._try(invocation))

    def _ended(self, invocation: Invocation, run: Run) -> None:
        if run.failure is None:
            self.waiting -= 1
            return
        invocation.failures += 1
        if invocation.failures >= invocation.function.configuration.attempts:
            self._leave(invocation)
            return
        self._loop.after(assumptions.RETRIES_AFTER[invocation.failures - 1], lambda: self._try(invocation))

    def _leave(self, invocation: Invocation) -> None:
        self.waiting -= 1
        configuration = invocation.function.configuration
        self.left[Left.DEAD_LETTER if configuration.on_failure else Left.DROPPED] += 1
        if configuration.on_failure:
            self.dead_letters.append((self._loop.clock.seconds, configuration.name, invocation.event))

    def _has_room(self, function: Function) -> bool:
        reserved = function.configuration.reserved
        if reserved is not None:
            return function.busy < reserved
        return self._busy_unreserved < self._unreserved

    def _run(
        self,
        function: Function,
        event: dict[str, Any],
        on_end: Callable[[Run], object],
        dies_after: float | None = None,
    ) -> None:
        configuration, now = function.configuration, self._loop.clock.seconds
        self._count(function, 1)
        while function.idle and function.idle[0].idle_since < now - assumptions.IDLE_FOR:
            function.idle.pop(0)
        cold = not function.idle
        environment = Environment() if cold else function.idle.pop()
        self.cold_starts[configuration.name] += cold

        def ended(run: Run) -> None:
            self._count(function, -1)
            # A function that ran into its timeout has its environment reset.
            if not isinstance(run.failure, OutOfTimeError):
                environment.idle_since = self._loop.clock.seconds
                function.idle.append(environment)
            on_end(run)

        def start() -> None:
            dies_at = self._loop.clock.seconds + (dies_after or configuration.timeout)
            run = Run(self._loop, environment, lambda: function.handler(event, run), dies_at)
            run.start(ended, gives_way=configuration.is_long)

        self._loop.after(assumptions.COLD_START if cold else assumptions.WARM_START, start)

    def _count(self, function: Function, change: int) -> None:
        function.busy += change
        self.busy += change
        if function.configuration.reserved is None:
            self._busy_unreserved += change
        if change > 0:
            name = function.configuration.name
            self.most_at_once[name] = max(self.most_at_once[name], function.busy)
            self.on_busy()
