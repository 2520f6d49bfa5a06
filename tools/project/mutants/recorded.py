"""What was recorded of tests: which of them execute a line, and how long they take."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

Lines = dict[str, dict[int, set[str]]]
"""File -> line -> the tests that execute it; "" stands for the import of the file."""


@dataclass
class Recorded:
    """Tests, and the lines of `src/` that each executes."""

    seconds: dict[str, float] = field(default_factory=dict)
    """Test -> how long it takes, with its fixtures."""
    lines: Lines = field(default_factory=lambda: defaultdict(dict))
    failed: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Read what the processes of one run recorded."""
        recorded = cls()
        for file in folder.glob("*.json"):
            recorded.add(cls.read(file))
        return recorded

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read what was written down."""
        read = json.loads(file.read_text())
        lines = {path: {int(line): set(tests) for line, tests in of.items()} for path, of in read["lines"].items()}
        return cls(read["seconds"], defaultdict(dict, lines), set(read["failed"]))

    def write(self, file: Path) -> None:
        """Write it down."""
        lines = {path: {line: sorted(tests) for line, tests in of.items()} for path, of in self.lines.items()}
        file.write_text(json.dumps({"seconds": self.seconds, "lines": lines, "failed": sorted(self.failed)}))

    def add(self, other: "Recorded") -> None:
        """Add what was recorded elsewhere."""
        self.seconds |= other.seconds
        self.failed |= other.failed
        for path, by_line in other.lines.items():
            for line, tests in by_line.items():
                self.lines[path].setdefault(line, set()).update(tests)

    def of_file(self, test_file: str) -> "Recorded":
        """Return what was recorded of the tests in one file, and of imports."""
        part = Recorded({test: took for test, took in self.seconds.items() if file_of(test) == test_file})
        for path, by_line in self.lines.items():
            own = {
                line: {test for test in tests if file_of(test) in {test_file, ""}} for line, tests in by_line.items()
            }
            part.lines[path] = {line: tests for line, tests in own.items() if tests}
        return part

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
