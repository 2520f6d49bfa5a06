"""Logs and metrics, set up once.

The template names the service and the metrics' namespace: `POWERTOOLS_SERVICE_NAME`, `POWERTOOLS_METRICS_NAMESPACE`.
"""

from datetime import timedelta
from enum import StrEnum

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from saga.clock import now
from saga.event import Event

logger = Logger()
metrics = Metrics()


class Line(StrEnum):
    """The kinds of lines that functions log: the values of a line's `event` field, by which tools select."""

    STARTED = "saga started"
    LEFT_TO_RECOVERY = "publish left to recovery"
    LEFT_TO_RETRY = "recovery left to its retry"
    STOPPED = "saga stopped"
    STEP = "step"
    STEP_FAILED = "step failed"
    RECOVERED = "event recovered"
    RECOVERY = "recovery"
    HINT = "hint"
    UNREADABLE_RECORD = "unreadable record"
    BAD_REQUEST = "bad request"


LEVEL_OF = {
    Line.LEFT_TO_RECOVERY: "warning",
    Line.LEFT_TO_RETRY: "warning",
    Line.STEP_FAILED: "warning",
    Line.UNREADABLE_RECORD: "error",
}
"""How a kind of line is logged, if it is more than information."""


def log(line: Line, /, **fields: object) -> None:
    """Log a line of this kind with these fields, none of which may be personal data."""
    getattr(logger, LEVEL_OF.get(line, "info"))(line.value, extra={"event": line.value, **fields})


def count(metric: str, value: float = 1, unit: MetricUnit = MetricUnit.Count) -> None:
    """Add to a metric of this invocation."""
    metrics.add_metric(name=metric, unit=unit, value=value)


def count_progress(published: Event) -> None:
    """Count an event that happened for the first time, by its name; with a final one, how long the saga took."""
    count(published.detail_type)
    if published.terminal:
        took = (now() - published.created_at) / timedelta(milliseconds=1)
        count("SagaDuration", took, MetricUnit.Milliseconds)
