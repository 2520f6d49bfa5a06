"""Publishes a poison event, and waits for it in the dead-letter queue."""

import json
from uuid import uuid4

from tools.base.console import console
from tools.base.events import FIRST, KEY, NOUN
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.waiting import wait_for
from tools.emulator.backends import adapter
from tools.operating.dead_letters import DeadLetter, DeadLetterQueue
from tools.operating.publishing import publish


def send(stack: Stack) -> DeadLetter:
    """Publish a first event that has nothing but its key, and return the dead letter that it becomes.

    Lambda tries it three times: on AWS that takes about three minutes, on an emulator that retries sooner a second.
    """
    patience = adapter(stack.target).dead_letter_seconds
    key = str(uuid4())
    publish(stack, FIRST.detail_type, json.dumps({KEY: key}))
    console.print(f"sent {FIRST.detail_type} of {NOUN} {key}, without all its other fields", soft_wrap=True)
    queue = DeadLetterQueue(stack)
    with console.status(f"waiting for it in the dead-letter queue, {patience} s at the most"):
        found = wait_for(
            lambda: [letter for letter in queue.letters() if letter.order_id == key], seconds=patience, every=0.2
        )
    if not found:
        raise ProblemError(f"the event of {NOUN} {key} did not arrive in the dead-letter queue in {patience} s")
    return found[0]
