"""Reads the sources of an order's story."""

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.operating import record
from tools.operating.dead_letters import DeadLetterQueue
from tools.operating.logs import LogGroup
from tools.operating.story.story import Story


class Sources:
    """Where the story of one order is read: the orders table, the log group, the dead-letter queue, the stack."""

    def __init__(self, stack: Stack, order_id: str) -> None:
        self.stack = stack
        self.order_id = order_id

    def story(self, *, letters: bool = True) -> Story:
        """Read it all and tell the story; the dead-letter queue takes a second, so it may be left out.

        Raises `ProblemError` if there is no such order.
        """
        with ThreadPoolExecutor() as meanwhile:
            found = meanwhile.submit(DeadLetterQueue(self.stack).letters) if letters else None
            told = self._record()
            lines = self.logs.lines_of(self.order_id, told)
            functions = self._functions
        return Story.of(told, lines, found.result() if found else [], functions)

    @cached_property
    def logs(self) -> LogGroup:
        """The log group of all functions."""
        return LogGroup(self.stack)

    def _record(self) -> dict[str, Any]:
        """Read the order's record, consistently. Raises `ProblemError` if there is none, or if it is no order's."""
        found = record.find(self.stack, self.order_id)
        if found is None:
            raise ProblemError(record.no_order(self.stack, self.order_id))
        return found

    @cached_property
    def _functions(self) -> dict[str, str]:
        """The functions' names in the template by their names on AWS."""
        return self.stack.functions()
