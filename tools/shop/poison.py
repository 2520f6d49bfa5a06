"""Publishes a poison event, and waits for it in the dead-letter queue."""

import json
from uuid import uuid4

from tools.base.console import console
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.waiting import wait_for
from tools.operating.dead_letters import DeadLetter, DeadLetterQueue
from tools.operating.publishing import publish


def send(stack: Stack) -> DeadLetter:
    """Publish an OrderCreated without an amount, and return the dead letter that it becomes.

    Lambda tries it three times: on AWS that takes about three minutes, on an emulator a second.
    """
    patience = 30 if stack.target.endpoint else 300
    order_id = str(uuid4())
    malformed = {"orderId": order_id, "customerId": "CUST-1", "sku": "BOOK", "quantity": 1, "currency": "USD"}
    publish(stack, "OrderCreated", json.dumps(malformed))
    console.print(f"sent an OrderCreated of order {order_id} without amount and createdAt", soft_wrap=True)
    queue = DeadLetterQueue(stack)
    with console.status(f"waiting for it in the dead-letter queue, {patience} s at the most"):
        found = wait_for(
            lambda: [letter for letter in queue.letters() if letter.order_id == order_id], seconds=patience, every=1
        )
    if not found:
        raise ProblemError(f"the event of order {order_id} did not arrive in the dead-letter queue in {patience} s")
    return found[0]
