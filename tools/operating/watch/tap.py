"""A tap on the bus: a rule and a queue of its own, for the time of one watch.

EventBridge filters, by the rule's pattern. The queue takes events from this one rule and from nobody else; its policy
is all the permission that such a target has (Amazon EventBridge User Guide, "Using resource-based policies for Amazon
EventBridge"). It is encrypted with SQS's own key, for which EventBridge needs no further right.

Rule and queue are removed when the watch ends, however it ends. Only a watch that is killed (`kill -9`) leaves them;
their name tells when it began, and the next watch after a day removes them. A rule that is left keeps the bus, hence
the stack, from being deleted.
"""

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_fixed

from saga.clock import now
from tools.base.command import explanation
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import Target

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import TargetTypeDef
    from mypy_boto3_sqs import SQSClient

Envelope = dict[str, Any]
"""An event as EventBridge hands it on: `id`, `time`, `detail-type`, `detail` and more."""

OLD = timedelta(days=1)
"""Age from which a tap is taken for a leftover; a watch ends long before that."""
RETENTION = 300
"""Seconds that the queue keeps an event: for as long may a terminal be stopped without missing one."""
SETTLING = 1.0
"""Seconds until a new queue can surely be used (Amazon SQS API Reference, "CreateQueue")."""
CONFIG = Config(read_timeout=30)
"""A call may wait for events for 20 s; removing a tap takes a minute at the worst, when nothing answers."""


@dataclass(frozen=True)
class Bus:
    """The stack's bus, and the clients for it and for queues."""

    target: Target
    name: str
    events: "EventBridgeClient"
    sqs: "SQSClient"

    @classmethod
    def of(cls, stack: Stack) -> Self:
        """Return the bus of a stack."""
        return cls(
            stack.target, stack.output("EventBusName"), stack.client("events", CONFIG), stack.client("sqs", CONFIG)
        )

    @property
    def prefix(self) -> str:
        """What the names of all its taps begin with."""
        return f"{self.target.stack_name}-watch-"


class Tap:
    """A rule and a queue of one name: `my-shop-dev-watch-20260131T093000-ab12`, after the time of its beginning."""

    def __init__(self, bus: Bus, name: str | None = None) -> None:
        self.name = name or f"{bus.prefix}{_stamp(now())}-{secrets.token_hex(2)}"
        self._bus = bus
        self._queue_url = ""

    def open(self, pattern: str) -> None:
        """Make the rule and the queue. Raises `ProblemError` if AWS refuses; what was made till then is left."""
        rule_arn = self._bus.events.put_rule(
            Name=self.name,
            EventBusName=self._bus.name,
            EventPattern=pattern,
            Description="Of a `make watch` or `make console`, which removes it when it ends.",
        )["RuleArn"]
        _, partition, _, region, account, _ = rule_arn.split(":", 5)
        queue_arn = f"arn:{partition}:sqs:{region}:{account}:{self.name}"
        # The policy comes with the queue: set afterwards, it might take effect a minute later.
        self._queue_url = self._bus.sqs.create_queue(
            QueueName=self.name,
            Attributes={
                "MessageRetentionPeriod": str(RETENTION),
                "SqsManagedSseEnabled": "true",
                "Policy": _policy(queue_arn, rule_arn),
            },
        )["QueueUrl"]
        # Tried for a minute, and not for a day as if nothing were said: the queue may be gone by then.
        target: TargetTypeDef = {"Id": "watch", "Arn": queue_arn, "RetryPolicy": {"MaximumEventAgeInSeconds": 60}}
        refused = self._bus.events.put_targets(Rule=self.name, EventBusName=self._bus.name, Targets=[target])[
            "FailedEntries"
        ]
        if refused:
            raise ProblemError(f"EventBridge refused the queue {self.name} as a target: {refused[0]}")

    def take(self, seconds: int) -> list[Envelope]:
        """Wait up to `seconds`, 20 at the most, for events; return up to ten, which are then gone from the queue.

        As they come: SQS keeps no order, and now and then gives a message twice. Raises `ProblemError` if the queue is
        gone.
        """
        no_queue = self._bus.sqs.exceptions.QueueDoesNotExist
        calls = Retrying(
            retry=retry_if_exception_type(no_queue), wait=wait_fixed(SETTLING), stop=stop_after_attempt(3), reraise=True
        )
        try:
            messages = calls(
                self._bus.sqs.receive_message,
                QueueUrl=self._queue_url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=seconds,
            ).get("Messages", [])
        except no_queue:
            raise ProblemError(f"the queue {self.name} was deleted: start the watch again") from None
        if messages:
            self._bus.sqs.delete_message_batch(
                QueueUrl=self._queue_url,
                Entries=[
                    {"Id": str(index), "ReceiptHandle": message["ReceiptHandle"]}
                    for index, message in enumerate(messages)
                ],
            )
        return [json.loads(message["Body"]) for message in messages]

    def remove(self) -> None:
        """Remove the rule and the queue, whichever of them there is. Raises `ProblemError` naming what may be left."""
        try:
            # Each is tried, whatever becomes of the other; the rule first, so that nothing is sent to no queue.
            with ExitStack() as both:
                both.callback(self._remove_queue)
                both.callback(self._remove_rule)
        except (BotoCoreError, ClientError) as error:
            why = explanation(error, self._bus.target)
            raise ProblemError(
                f"the rule and the queue {self.name} may be left, the first watch after a day removes them: {why}"
            ) from None

    def _remove_rule(self) -> None:
        with suppress(self._bus.events.exceptions.ResourceNotFoundException):
            self._bus.events.remove_targets(Rule=self.name, EventBusName=self._bus.name, Ids=["watch"])
            self._bus.events.delete_rule(Name=self.name, EventBusName=self._bus.name)

    def _remove_queue(self) -> None:
        # By name, for a creation that was interrupted may have taken effect and given no URL.
        with suppress(self._bus.sqs.exceptions.QueueDoesNotExist):
            url = self._queue_url or self._bus.sqs.get_queue_url(QueueName=self.name)["QueueUrl"]
            self._bus.sqs.delete_queue(QueueUrl=url)


@contextmanager
def tapped(bus: Bus, pattern: str) -> Iterator[Tap]:
    """Tap the bus for as long as the block runs, and leave nothing behind, however far it came."""
    tap = Tap(bus)
    try:
        tap.open(pattern)
        yield tap
    finally:
        tap.remove()


def sweep(bus: Bus, age: timedelta = OLD) -> list[str]:
    """Remove the taps that are older than `age`, which watches left that were killed; return their names."""
    rules = bus.events.get_paginator("list_rules").paginate(EventBusName=bus.name, NamePrefix=bus.prefix)
    queues = bus.sqs.get_paginator("list_queues").paginate(QueueNamePrefix=bus.prefix)
    names = {rule["Name"] for page in rules for rule in page["Rules"]}
    names |= {url.rpartition("/")[2] for page in queues for url in page.get("QueueUrls", [])}
    name_of_a_tap = re.compile(rf"{re.escape(bus.prefix)}(\d{{8}}T\d{{6}})-[0-9a-f]{{4}}")
    began = {name: found[1] for name in names if (found := name_of_a_tap.fullmatch(name))}
    left = sorted(name for name, stamp in began.items() if stamp <= _stamp(now() - age))
    for name in left:
        Tap(bus, name).remove()
    return left


def _stamp(time: datetime) -> str:
    return time.strftime("%Y%m%dT%H%M%S")


def _policy(queue_arn: str, rule_arn: str) -> str:
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "events.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": queue_arn,
                    "Condition": {"ArnEquals": {"aws:SourceArn": rule_arn}},
                }
            ],
        }
    )
