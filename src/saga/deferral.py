"""Deferrals: a step that cannot decide yet ends well, and recovery brings its event again.

A decision, or the adapter of a provider, raises one. Nothing is written and nothing is published, and Lambda does not
retry. The message is the reason: it is logged, so it names nobody.
"""

from typing import ClassVar


class Deferral(Exception):  # noqa: N818  no error: the step ends well
    """It is not possible yet."""

    metric: ClassVar[str] = "Deferrals"
    """What counts a delivery that was deferred so."""


class UnreachableError(Deferral):
    """The provider did not answer, or only that it cannot now: no connection, a timeout, 429 or a 5xx."""

    metric = "ProviderUnreachable"


class KeyRefusedError(Deferral):
    """The provider answers, and refuses us: 401 or 403, a key that was revoked or rotated. Somebody has to act."""

    metric = "ProviderRefusesKey"
