"""Looks for an order's dead letters on the deployed stack."""

from tools.base.waiting import wait_for
from tools.operating.dead_letters import DeadLetter, DeadLetterQueue


def letters_of(order_id: str, queue: DeadLetterQueue) -> list[DeadLetter]:
    """Return what lies in the queue of this order."""
    return [letter for letter in queue.letters() if letter.order_id == order_id]


def arrived(order_id: str, queue: DeadLetterQueue) -> list[DeadLetter]:
    """Wait for an order's dead letters, and return them; none if none came."""
    return wait_for(lambda: letters_of(order_id, queue), seconds=30, every=0.5)
