"""A function and its floor side by side: both started cold in turns, and their imports taken apart."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from compileall import compile_dir
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from py_compile import PycInvalidationMode
from tempfile import TemporaryDirectory
from typing import Any

from bench.runtime.aws_stub import AwsStub, aws_stub
from bench.runtime.environment import lambda_python
from bench.runtime.functions import Function
from bench.runtime.imports import Modules, imported
from bench.runtime.interface_emulator import ColdStart, Program, start

FLOOR = Path(__file__).with_name("floor.py")


@dataclass(frozen=True)
class Starts:
    """Cold starts of a function and of its floor, as many of the one as of the other."""

    calls: Sequence[str]
    """The AWS operations that the first event leads to, in both."""
    function: Sequence[ColdStart]
    floor: Sequence[ColdStart]


@dataclass(frozen=True)
class Imports:
    """What each module took on import: in the quickest of some runs of a function, and of its floor."""

    function: Modules
    floor: Modules


@dataclass(frozen=True)
class Pairs:
    """Makes pairs of what is built and the floor; both find AWS in the same stub."""

    python: Path
    artifact: Path
    floor: Path
    aws: AwsStub

    def start(self, function: Function, rounds: int) -> Starts:
        """Start a function and its floor cold, in turns; one start of each beforehand is not counted."""
        program, floor = self._of(function)
        self.aws.calls.clear()
        start(self.python, program, function.event())
        calls = list(self.aws.calls)
        start(self.python, floor, {"calls": calls})
        found: dict[str, list[ColdStart]] = {"function": [], "floor": []}
        for number in range(rounds):
            turn: list[tuple[str, Program, Mapping[str, Any]]] = [
                ("function", program, function.event()),
                ("floor", floor, {"calls": calls}),
            ]
            for name, of, event in turn if number % 2 else reversed(turn):
                found[name].append(start(self.python, of, event))
        return Starts([call["operation"] for call in calls], **found)

    def imports(self, function: Function, rounds: int) -> Imports:
        """Take the imports of a function and of its floor apart, in turns."""
        program, floor = self._of(function)
        runs = [(imported(self.python, program), imported(self.python, floor)) for _ in range(rounds)]
        return Imports(*(min(side, key=lambda modules: sum(modules.values())) for side in zip(*runs, strict=True)))

    def _of(self, function: Function) -> tuple[Program, Program]:
        variables = {**function.variables, "AWS_ENDPOINT_URL": self.aws.url}
        clients = {"FLOOR_CLIENTS": ",".join(function.clients)}
        return (
            Program(self.artifact, function.handler, variables, is_refused=function.is_refused),
            Program(self.floor, "floor.handler", variables | clients),
        )


@contextmanager
def pairs(artifact: Path, record: Mapping[str, Any]) -> Iterator[Pairs]:
    """Prepare for pairs: AWS's stub, whose tables hold `record`, and the code of both, byte-compiled alike."""
    with TemporaryDirectory(prefix="bench-") as folder, aws_stub(record) as aws:
        # A copy: whoever builds meanwhile does not change what is measured.
        copied = shutil.copytree(artifact, Path(folder) / "artifact")
        floor = Path(folder) / "floor"
        floor.mkdir()
        shutil.copy(FLOOR, floor)
        compile_dir(floor, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
        yield Pairs(lambda_python(), copied, floor, aws)
