"""What is tried again: after which fault, after which pauses, and for how long."""

from typing import Any

import pytest

from saga import in_flight, marks, recovery, table
from saga.bus import PublishError
from saga.in_flight import UnprocessedKeysError
from saga.table import ConflictError


@pytest.mark.parametrize(
    ("repeated", "fault", "limit"),
    [
        (table.create, ConflictError, {"max_delay": 3}),
        (table.advance, ConflictError, {"max_delay": 10}),
        (marks.put, ConflictError, {"max_delay": 3}),
        (in_flight.read_left, UnprocessedKeysError, {"max_attempt_number": 5}),
        (recovery.publish_left, PublishError, {"max_attempt_number": 3}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_it_is_tried_again_with_jitter_up_to_a_second_until_its_limit(
    repeated: Any, fault: type[Exception], limit: dict[str, float]
) -> None:
    retry = repeated.retry
    assert retry.retry.exception_types is fault
    # The longest pause is doubled from 50 ms on, and the pause is anything up to that.
    assert (retry.wait.multiplier, retry.wait.exp_base, retry.wait.max, retry.wait.min) == (0.05, 2, 1, 0)
    assert vars(retry.stop) == limit
    assert retry.reraise is True
