"""A delivery's log line carries its metrics, and no metric is lost where there is no such line."""

import json
import logging
from typing import Any

import pytest

from saga.telemetry import Line, count, logger, observed
from saga.telemetry import log as log_line
from tests.unit.moto_stack import Context, Log
from tests.unit.stories import HAPPY
from tests.unit.world import World
from tools.operating.logs import own_lines


def invoke(*did: Any) -> None:
    """Invoke a function that does this, one after the other."""

    @observed
    def handler(_event: dict[str, Any], _context: Any) -> None:
        for act in did:
            act()

    handler({}, Context())


def metrics(line: dict[str, Any]) -> dict[str, Any]:
    """Return the metrics that CloudWatch takes out of a line, by the rules of the embedded metric format."""
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    (dimensions,) = directive["Dimensions"]
    assert [line[name] for name in dimensions] == ["test"]
    return {metric["Name"]: line[metric["Name"]] for metric in directive["Metrics"]}


def test_a_delivery_writes_one_line_with_its_metrics(
    world: World, log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    order = world.begin(HAPPY)
    capsys.readouterr()
    world.deliver("OrderCreated", order.detail("OrderCreated"))
    (printed,) = capsys.readouterr().out.splitlines()
    (line,) = log.lines
    assert json.loads(printed) == line
    assert metrics(line) == {"InventoryReserved": [1.0], "FirstDeliveries": [1.0]}


def test_what_is_counted_after_the_last_line_is_written_at_the_end(
    log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    invoke(lambda: count("Before"), lambda: log_line(Line.HINT), lambda: count("After"))
    assert [metrics(line) for line in log.lines] == [{"Before": [1.0]}]
    *_, last = capsys.readouterr().out.splitlines()
    assert metrics(json.loads(last)) == {"After": [1.0]}


def test_a_line_that_is_not_written_takes_no_metrics_with_it(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    logger.setLevel(logging.WARNING)
    try:
        invoke(lambda: count("Counted"), lambda: log_line(Line.HINT))
    finally:
        logger.setLevel(logging.INFO)
    assert log.lines == []
    (printed,) = capsys.readouterr().out.splitlines()
    assert metrics(json.loads(printed)) == {"Counted": [1.0]}


def test_what_a_failed_invocation_counted_is_written_too(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        invoke(lambda: count("Failures"), fail)
    assert metrics(json.loads(capsys.readouterr().out)) == {"Failures": [1.0]}


def test_each_metric_is_written_once(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    invoke(lambda: count("Once"), lambda: log_line(Line.HINT), lambda: log_line(Line.HINT))
    assert ["_aws" in line for line in log.lines] == [True, False]
    assert capsys.readouterr().out.count('"Once":[1.0]') == 1


def test_an_invocation_without_metrics_writes_none(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    invoke(lambda: log_line(Line.HINT))
    (line,) = log.lines
    assert json.loads(capsys.readouterr().out) == line
    assert not line.keys() & {"_aws", "location", "function_arn", "function_memory_size"}


def test_the_tools_show_a_line_without_its_metrics() -> None:
    said = {"level": "INFO", "timestamp": "2026-01-01 00:00:00,000+0000", "service": "orders", "message": "step"}
    said |= {"function_name": "f", "delivery": "first"}
    embedded = {"_aws": {"CloudWatchMetrics": [{"Metrics": [{"Name": "FirstDeliveries"}]}]}, "FirstDeliveries": [1.0]}
    assert own_lines(json.dumps(said | embedded)) == [said]
    assert own_lines(json.dumps(said | {"_aws": "nothing of CloudWatch's"})) == [
        said | {"_aws": "nothing of CloudWatch's"}
    ]
