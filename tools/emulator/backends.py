"""The emulators, and how each differs from AWS: the one place where the tools ask which it is."""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from tools.base.console import console, doing
from tools.base.stack import Stack
from tools.base.target import ROOT, Backend, Target
from tools.emulator.adapter import Adapter, Feature

if TYPE_CHECKING:
    from tools.emulator.composed import Composed

EMBEDDED = "use the embedded emulator, BACKEND=embedded, which needs none of it"


class Embedded(Adapter):
    """MiniStack, in a process of this checkout's own Python."""

    name = "the emulator"
    dead_letter_seconds = 30

    def start(self) -> bool:
        """Start it, if it is not running."""
        from tools.emulator.embedded import Emulator, reachable_from_containers  # noqa: PLC0415  few commands start one

        emulator = Emulator.of_this_checkout(self.target.port)
        with doing(f"starting the emulator on {self.target.endpoint}, log in {emulator.log.relative_to(ROOT)}"):
            return emulator.start(**reachable_from_containers())

    def stop(self) -> str:
        """Stop it with its functions, and remove its files."""
        from tools.emulator.embedded import Emulator  # noqa: PLC0415

        if Emulator.of_this_checkout(self.target.port).stop():
            return "the emulator is stopped"
        return f"no emulator of this checkout runs on port {self.target.port}"


class _Container(Adapter):
    """An emulator in a container: of docker-compose.yml, or started by its own command."""

    health: ClassVar[str]
    """The path that answers once it is up."""
    without = EMBEDDED
    token: ClassVar[str | None] = None

    @property
    def composed(self) -> "Composed":
        """The service of docker-compose.yml."""
        from tools.emulator.composed import Composed  # noqa: PLC0415  few commands start one

        return Composed(self.target.backend, self.target.port, self.name, self.without, self.token)

    @property
    def runs_already(self) -> bool:
        """Whether it answers, however it was started."""
        from tools.emulator.embedded import answers  # noqa: PLC0415

        return answers(f"{self.target.endpoint}{self.health}")

    def start(self) -> bool:
        """Start it by docker-compose.yml, unless one answers already, however that was started."""
        if self.runs_already:
            console.print(f"{self.name} runs already on {self.target.endpoint}", soft_wrap=True)
            return False
        log = f"log with `docker logs {self.composed.container}`"
        with doing(f"starting {self.name} on {self.target.endpoint}, {log}"):
            return self.composed.start()

    def stop(self) -> str:
        """Stop it, if it is the one of docker-compose.yml."""
        if self.composed.stop():
            return f"{self.name} is stopped"
        return f"no {self.name} that `make up` started runs on port {self.target.port}"


class MiniStack(_Container):
    """MiniStack's image."""

    name = "MiniStack"
    health = "/_ministack/health"
    dead_letter_seconds = 30
    lacks: ClassVar[Mapping[Feature, str]] = {
        Feature.PROXIED_CALLS: "it refuses calls that come through a proxy, since they are signed for another address",
        Feature.BOOKS: "they lie in the functions' containers",
        Feature.DEBUGGER: "its functions run in containers",
    }


class LocalStack(_Container):
    """LocalStack's image, or LocalStack as `localstack start` runs it."""

    name = "LocalStack"
    health = "/_localstack/health"
    without = f"start LocalStack by its own command, `localstack start`, and repeat this, or {EMBEDDED}"
    token = "LOCALSTACK_AUTH_TOKEN"  # noqa: S105  the name of a variable
    lacks: ClassVar[Mapping[Feature, str]] = {
        Feature.IAM: "it does not enforce IAM",
        Feature.SIGNATURES: "it takes unsigned calls",
        Feature.ALIASES: "it cannot update an alias, and the rollback deletes it (LocalStack issue 13351)",
        Feature.RULES: "it ignores them",
        Feature.PLAIN_SAM: "SAM finds no logs, asks for a service that it does not have, and deletes no nested stack",
        Feature.SNAP_START: "it ignores it in a template",
        Feature.STACK_POLICY: "its free plan has no SetStackPolicy",
        Feature.REPLAY: "its StartReplay fails once the archive holds an event",
        Feature.BOOKS: "they lie in the functions' containers",
        Feature.DEBUGGER: "its functions run in containers",
    }

    def log_messages(self, stack: Stack, group: str, phrase: str | None, between: Mapping[str, int]) -> list[str]:
        """Look in the functions' own log groups as well, and for the phrase here.

        It keeps `LoggingConfig`, and does not write there; it takes a filter pattern, and filters nothing.
        """
        messages = super().log_messages(stack, group, phrase, between)
        for function in stack.functions():
            # A function that never ran has none yet.
            with suppress(stack.client("logs").exceptions.ResourceNotFoundException):
                messages += super().log_messages(stack, f"/aws/lambda/{function}", phrase, between)
        return [message for message in messages if phrase is None or phrase in message]


ADAPTERS: Mapping[Backend, type[Adapter]] = {
    Backend.EMBEDDED: Embedded,
    Backend.MINISTACK: MiniStack,
    Backend.LOCALSTACK: LocalStack,
}


def adapter(target: Target) -> Adapter:
    """Return the adapter of the place that a target names."""
    return ADAPTERS[target.backend](target) if target.endpoint else Adapter(target)
