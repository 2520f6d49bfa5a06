"""Says at the end of a run how much was proven: rows, schedules, faults, questions."""

from collections import Counter

import pytest

PROVEN = "proven: "
"""How the name of a recorded property begins whose values are added up."""


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Add up what the tests recorded; their records come with the reports, from other processes as well."""
    counts: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                recorded = [(name, value) for name, value in report.user_properties if name.startswith(PROVEN)]
                counts.update({name.removeprefix(PROVEN): value for name, value in recorded})
    if counts:
        terminalreporter.section("the proof")
        for name, count in counts.items():
            terminalreporter.line(f"{count:8,} {name}")
