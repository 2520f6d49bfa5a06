"""Truncates a provider's texts to fit the events: they may have any length and characters, or be no text at all."""

import re

from contract.values import MOST_OF_A_REASON, MOST_OF_A_REFERENCE, MOST_OF_A_URL

CUT = "…"
"""The end of a truncated text."""
NO_REASON = "no reason given"
NO_REFERENCE = "none"
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_URL = re.compile(r"https?://[!-~]+", re.ASCII)


def reason(said: object) -> str:
    """Return the reason of a refusal, at most 256 characters of it, or `NO_REASON` if none was given."""
    return _fit(said, MOST_OF_A_REASON) or NO_REASON


def reference(said: object) -> str:
    """Return a provider's id, at most 128 characters of it, or `NO_REFERENCE` if it is empty.

    A truncated one ends with `CUT` and can only be read, not used: see `is_whole`.
    """
    return _fit(said, MOST_OF_A_REFERENCE) or NO_REFERENCE


def is_whole(fitted: str) -> bool:
    """Return whether an id was not truncated, so that the provider knows it."""
    return fitted != NO_REFERENCE and not fitted.endswith(CUT)


def url(said: object) -> str | None:
    """Return the URL of a page, or None if it is no URL or too long: a truncated one leads nowhere."""
    return said if isinstance(said, str) and len(said) <= MOST_OF_A_URL and _URL.fullmatch(said) else None


def _fit(said: object, most: int) -> str:
    text = _UNPRINTABLE.sub(" ", "" if said is None else str(said)).strip()
    return text if len(text) <= most else text[: most - len(CUT)].rstrip() + CUT
