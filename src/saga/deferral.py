"""Deferrals: a step that cannot decide yet succeeds without an outcome, and recovery publishes its event again.

A decision, or a provider's adapter, raises one. Nothing is written, nothing is published, and Lambda does not retry.
The message is the reason: it is logged, so it must not contain personal data.
"""

from typing import ClassVar


class Deferral(Exception):  # noqa: N818  no error: the step succeeds
    """The step cannot decide yet."""

    metric: ClassVar[str] = "Deferrals"
    """The metric that counts these deliveries."""


class UnreachableError(Deferral):
    """The provider did not answer, or cannot serve the call now: no connection, a timeout, 429 or a 5xx."""

    metric = "ProviderUnreachable"


class KeyRefusedError(Deferral):
    """The provider rejects the API key: 401 or 403, because it was revoked or rotated. Somebody has to act."""

    metric = "ProviderRefusesKey"
