"""What the model takes for granted of AWS, in one place; docs/outages.md has the table with the sources."""

from collections.abc import Mapping
from typing import NamedTuple

ACCOUNT_LIMIT = 1_000
RETRIES_AFTER = (60.0, 120.0)
THROTTLED_FIRST, THROTTLED_LONGEST = 1.0, 300.0
MOST_AGE = 6 * 3_600.0
IDLE_FOR = 600.0
COLD_START = 0.8
WARM_START = 0.01
DELIVERY = (0.03, 0.2)
CALL_TAKES: Mapping[str, float] = {
    "put_item": 0.008,
    "update_item": 0.008,
    "transact_write_items": 0.02,
    "get_item": 0.005,
    "batch_get_item": 0.02,
    "query": 0.01,
    "put_events": 0.02,
}


class Assumption(NamedTuple):
    """One thing that the model takes for granted, and where that is from."""

    what: str
    value: str
    source: str


ESTIMATED = "estimated"
ASSUMPTIONS = (
    Assumption(
        "Functions at once in an account; what is reserved for a function is its own and its limit",
        f"{ACCOUNT_LIMIT:,}",
        'AWS Lambda Developer Guide, "Understanding Lambda function scaling"',
    ),
    Assumption(
        "An asynchronous invocation whose function failed, or ran into its timeout, is tried again twice",
        f"after {RETRIES_AFTER[0]:.0f} and {RETRIES_AFTER[1]:.0f} s, then OnFailure",
        'AWS Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation"',
    ),
    Assumption(
        "An asynchronous invocation for which there is no concurrency goes back into Lambda's queue",
        f"for {THROTTLED_FIRST:.0f} s at first, then ever longer, up to {THROTTLED_LONGEST:.0f} s; "
        f"for {MOST_AGE / 3600:.0f} h in all",
        "the same; that it doubles, and its jitter (half to all of it), are estimated",
    ),
    Assumption(
        "A synchronous invocation for which there is no concurrency fails at once, and API Gateway answers 5xx",
        "429 from Lambda",
        'AWS Lambda Developer Guide, "Understanding retry behavior in Lambda"',
    ),
    Assumption(
        "Asynchronous invocations are always accepted, so EventBridge never has to retry one",
        "no limit",
        'AWS Lambda Developer Guide, "Lambda quotas"',
    ),
    Assumption(
        "EventBridge delivers an event to its function",
        f"after {DELIVERY[0] * 1000:.0f} to {DELIVERY[1] * 1000:.0f} ms",
        f'{ESTIMATED}; the AWS Architecture Blog reports 80 ms at p90 ("Mastering millisecond latency")',
    ),
    Assumption(
        "A function's environment takes one event at a time; the one that ran last is taken first",
        f"it goes after {IDLE_FOR / 60:.0f} idle minutes",
        f'AWS Lambda Developer Guide, "Lambda execution environment lifecycle"; order and minutes are {ESTIMATED}',
    ),
    Assumption(
        "A new environment is there at once up to the limit, but has to start",
        f"{COLD_START * 1000:.0f} ms; a warm one needs {WARM_START * 1000:.0f} ms beside its calls",
        f"{ESTIMATED}; at 1,000 new ones each 10 s for a function the scaling rate is never met "
        '("Lambda scaling behavior")',
    ),
    Assumption(
        "Calls of DynamoDB and EventBridge",
        f"{min(CALL_TAKES.values()) * 1000:.0f} to {max(CALL_TAKES.values()) * 1000:.0f} ms, never throttled",
        ESTIMATED,
    ),
)
