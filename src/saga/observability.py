"""Structured logs and metrics, set up once. `POWERTOOLS_SERVICE_NAME` names the service, the template sets it."""

from aws_lambda_powertools import Logger, Metrics

logger = Logger()
metrics = Metrics(namespace="OrderSaga")
