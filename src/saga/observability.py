"""Structured logs and metrics, set up once.

The template names the service and the metrics' namespace: `POWERTOOLS_SERVICE_NAME`, `POWERTOOLS_METRICS_NAMESPACE`.
"""

from datetime import timedelta

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from saga.clock import now
from saga.deadline import TIMED_OUT
from saga.events import Event
from saga.transitions import TERMINAL

logger = Logger()
metrics = Metrics()


def count_progress(consumed: Event, published: Event) -> None:
    """Count an event that happened for the first time, by its name; with a final one, the milliseconds the saga took.

    An order that is given up because its deadline passed is counted as `Expired`, once, where that is decided.
    """
    metrics.add_metric(name=published.detail_type, unit=MetricUnit.Count, value=1)
    if published.status in TERMINAL:
        took = (now() - published.created_at) / timedelta(milliseconds=1)
        metrics.add_metric(name="SagaDuration", unit=MetricUnit.Milliseconds, value=took)
    if not hasattr(consumed, "failure_reason") and getattr(published, "failure_reason", None) == TIMED_OUT:
        metrics.add_metric(name="Expired", unit=MetricUnit.Count, value=1)
