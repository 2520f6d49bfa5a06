"""Polling with a bound."""

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_delay, wait_fixed

Found = TypeVar("Found")


def wait_for(look: Callable[[], Found], seconds: float, every: float = 0.1) -> Found:
    """Look until what is seen is truthy, or the seconds are over; return what was seen last."""

    def last_seen(state: RetryCallState) -> Found:
        return state.outcome.result()  # type: ignore[union-attr,no-any-return]  # it was called at least once

    waiting = Retrying(
        retry=retry_if_result(lambda seen: not seen),
        wait=wait_fixed(every),
        stop=stop_after_delay(seconds),
        retry_error_callback=last_seen,
    )
    return waiting(look)
