"""Logs and metrics, set up once.

The template names the service and the metrics' namespace: `POWERTOOLS_SERVICE_NAME`, `POWERTOOLS_METRICS_NAMESPACE`.

Metrics go into the invocation's next log line, which CloudWatch reads as log entry and metric at once (Amazon
CloudWatch User Guide, "Specification: Embedded metric format"): one line is cheaper than two.
"""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from functools import wraps
from logging import ERROR, INFO, WARNING
from typing import Any, TypeVar

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from saga.clock import now
from saga.event import Event

Answer = TypeVar("Answer")

# Every line is written here, so its location says nothing.
logger = Logger(location=None)
metrics = Metrics()
NOT_LOGGED = ("function_arn", "function_memory_size")
"""What Powertools adds about the function, besides its name."""


class Line(StrEnum):
    """The kinds of log lines: the values of the field `event`, by which tools select lines."""

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
    Line.LEFT_TO_RECOVERY: WARNING,
    Line.LEFT_TO_RETRY: WARNING,
    Line.STEP_FAILED: WARNING,
    Line.UNREADABLE_RECORD: ERROR,
}
"""The level of each kind of line that is above INFO."""


def observed(
    handle: Callable[[dict[str, Any], LambdaContext], Answer],
) -> Callable[[dict[str, Any], LambdaContext], Answer]:
    """Make a function a Lambda handler that logs its invocation's context and writes all of its metrics."""

    @logger.inject_lambda_context(clear_state=True)
    @wraps(handle)
    def handler(event: dict[str, Any], context: LambdaContext) -> Answer:
        logger.remove_keys(NOT_LOGGED)
        try:
            return handle(event, context)
        finally:
            # What no line took with it.
            if metrics.metric_set:
                metrics.flush_metrics()

    observed_handler: Callable[[dict[str, Any], LambdaContext], Answer] = handler
    return observed_handler


def log(line: Line, /, **fields: object) -> None:
    """Log a line of this kind with these fields, none of them personal data, and with the metrics so far."""
    level = LEVEL_OF.get(line, INFO)
    write = {INFO: logger.info, WARNING: logger.warning, ERROR: logger.error}[level]
    write(line.value, extra={"event": line.value, **fields, **_counted(level)})


def _counted(level: int) -> dict[str, Any]:
    """Take the metrics for a line of this level; none if such a line is not written."""
    if not metrics.metric_set or level < logger.log_level:
        return {}
    embedded: dict[str, Any] = dict(metrics.serialize_metric_set())
    metrics.clear_metrics()
    return embedded


def count(metric: str, value: float = 1, unit: MetricUnit = MetricUnit.Count) -> None:
    """Add to a metric of this invocation."""
    metrics.add_metric(name=metric, unit=unit, value=value)


def count_progress(published: Event) -> None:
    """Count the first publish of an event, by its name; for a terminal one, also how long the saga took."""
    count(published.detail_type)
    if published.terminal:
        took = (now() - published.created_at) / timedelta(milliseconds=1)
        count("SagaDuration", took, MetricUnit.Milliseconds)
