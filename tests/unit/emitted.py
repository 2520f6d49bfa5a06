"""What functions emit: their metrics in CloudWatch's embedded metric format, and their lines of log."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.telemetry import telemetry
from tests.unit.moto_stack import Log

Metrics = dict[str, tuple[str, list[float]]]
"""Metric -> unit and values."""
ONCE = ("Count", [1.0])
VARIES = {"milliseconds", "consumedId", "publishedId", "timestamp", "function_request_id", "cold_start"}
"""Fields whose values are of one run."""


@dataclass
class Emitted:
    """Reads what was emitted since the last time."""

    capsys: pytest.CaptureFixture[str]
    log: Log

    def metrics(self) -> Metrics:
        """Return the metrics; each is of the table's namespace, and has its service as its one dimension."""
        found: Metrics = {}
        for line in self.capsys.readouterr().out.splitlines():
            read = json.loads(line)
            if "_aws" not in read:
                continue
            (declared,) = read["_aws"]["CloudWatchMetrics"]
            assert (declared["Namespace"], declared["Dimensions"]) == (telemetry().namespace, [["service"]])
            assert read["service"] == "test"
            for metric in declared["Metrics"]:
                assert metric["Name"] not in found
                found[metric["Name"]] = (metric["Unit"], read[metric["Name"]])
        return found

    def whole_lines(self) -> list[dict[str, Any]]:
        """Return the lines, without the metrics that they carry."""
        return [{name: value for name, value in line.items() if name not in carried(line)} for line in self.log.lines]

    def lines(self) -> list[dict[str, Any]]:
        """Return the same, without what Powertools adds to each but for its level and correlation id."""
        added = telemetry().always - {"level", "event", "correlation_id"} | VARIES
        return [{name: value for name, value in line.items() if name not in added} for line in self.whole_lines()]


def carried(line: dict[str, Any]) -> set[str]:
    """Return the fields of a line that are its metrics."""
    declared = line["_aws"]["CloudWatchMetrics"] if "_aws" in line else []
    return {"_aws", *(metric["Name"] for each in declared for metric in each["Metrics"])}


@pytest.fixture
def emitted(capsys: pytest.CaptureFixture[str], log: Log) -> Emitted:
    """What is emitted from now on."""
    capsys.readouterr()
    return Emitted(capsys, log)
