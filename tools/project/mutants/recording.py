"""A plugin of pytest that records which lines of `src/` each test executes, and how long the test takes.

Not by coverage.py's own `dynamic_context`: that takes all cases of a parametrized test for one.
"""

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from coverage import Coverage

FOLDER = "MUTANTS_RECORDING"
"""The variable that names the folder in which each process of the run leaves what it recorded."""


class Recorder:
    """Records one process of a run of tests."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._root, self._folder = root, folder
        self._seconds, self._failed = defaultdict[str, float](float), set[str]()
        self._coverage = Coverage(data_file=None, source=[str(root / "src")], config_file=False)
        self._coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Record under the test's name what it executes; what modules execute at import belongs to no test."""
        self._coverage.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self._coverage.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up what a test takes, with its fixtures."""
        self._seconds[report.nodeid] += report.duration
        if report.failed:
            self._failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write down what was recorded: of each file, line -> tests."""
        self._coverage.stop()
        data = self._coverage.get_data()
        lines = {
            Path(file).relative_to(self._root).as_posix(): data.contexts_by_lineno(file)
            for file in data.measured_files()
        }
        recorded = {"seconds": self._seconds, "failed": sorted(self._failed), "lines": lines}
        (self._folder / f"{uuid4()}.json").write_text(json.dumps(recorded))


def pytest_configure(config: pytest.Config) -> None:
    """Record in each process that runs tests: with xdist, the first one only hands them out."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        config.pluginmanager.register(Recorder(config.rootpath, Path(os.environ[FOLDER])))
