"""What was recorded of the tests: which of them execute a line, and how long they take."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tools.base.problem import ProblemError

Lines = dict[str, dict[int, set[str]]]
"""File -> line -> the tests that execute it; "" stands for the import of the file."""


@dataclass
class Recorded:
    """The tests, and the lines of `src/` that each executes."""

    seconds: dict[str, float] = field(default_factory=dict)
    """Test -> how long it takes, with its fixtures."""
    lines: Lines = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Read what the processes of one run recorded. Raises `ProblemError` if a test failed."""
        recorded = cls()
        for file in folder.glob("*.json"):
            read = json.loads(file.read_text())
            if failed := read.get("failed"):
                raise ProblemError(f"the tests fail as they are: {', '.join(failed)}")
            recorded.seconds |= read["seconds"]
            for path, by_line in read["lines"].items():
                for line, tests in by_line.items():
                    recorded.lines[path][int(line)].update(tests)
        return recorded

    def of_file(self, test_file: str) -> "Recorded":
        """Return what was recorded of the tests in one file; "" is what importing executes."""
        part = Recorded({test: took for test, took in self.seconds.items() if file_of(test) == test_file})
        for path, by_line in self.lines.items():
            for line, tests in by_line.items():
                if own := {test for test in tests if file_of(test) == test_file}:
                    part.lines[path][line] = own
        return part

    def write(self, file: Path) -> None:
        """Write it down, for `of` to read."""
        lines = {path: {line: sorted(tests) for line, tests in of.items()} for path, of in self.lines.items()}
        file.write_text(json.dumps({"seconds": self.seconds, "lines": lines}))

    def executing(self, path: str, lines: Iterable[int] | None = None) -> set[str]:
        """Return the tests that execute one of these lines of a file, or any of its lines; "" for its import."""
        by_line: Mapping[int, set[str]] = self.lines.get(path, {})
        return set[str]().union(*(by_line.get(line, ()) for line in (by_line if lines is None else lines)))

    def in_files_of(self, tests: Iterable[str]) -> set[str]:
        """Return all tests that are in the same files as these: they share fixtures, which only the first executes."""
        files = {file_of(test) for test in tests}
        return {test for test in self.seconds if file_of(test) in files}


def file_of(test: str) -> str:
    """Return the file that a test is in."""
    return test.partition("::")[0]
