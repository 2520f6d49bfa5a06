"""The parts of an order's story."""

from typing import Literal

from tools.base.document import Document, Timestamp
from tools.operating.dead_letters import Way

FAILED = "failed"
"""The delivery of an event whose step raised an error."""


class Origin(Document):
    """Who put an event on the bus that a step consumed."""

    kind: Literal["creation", "step", "recovery", "replay", "unknown"]
    """`unknown` if no log line tells: it was redriven, a held saga was released, or somebody else sent it."""
    function: str | None = None
    """The function that published it: what started the saga, recovery, or a step."""
    replay: str | None = None
    """The name of the replay."""


class Delivery(Document):
    """One event, handed to one step, once."""

    function: str
    """The step, by its name in the template."""
    began: Timestamp
    ended: Timestamp
    milliseconds: float
    """How long the step took; the start of a new Lambda environment is not in it."""
    consumed: str | None
    consumed_id: str | None
    origin: Origin
    waited: float | None
    """Milliseconds from its publish to this: the bus, Lambda's queue, a cold start; None if it is not known."""
    attempt: int
    """1; more if this very event was handed to this step before: Lambda tried again, or the bus delivered twice."""
    delivery: str
    """first, duplicate, stale, lost race; or failed."""
    published: str | None
    published_id: str | None
    reason: str | None
    """Why the step failed."""
    cold_start: bool
    trace_id: str | None


class Publication(Document):
    """An event that went on the bus, or should have, without a step."""

    kind: Literal["announced", "published again", "left to recovery"]
    """By what started the saga; by recovery; not at all, as the order was stored but could not be published."""
    function: str
    at: Timestamp
    published: str
    published_id: str | None
    reason: str | None
    """Why it was not published."""


class Change(Document):
    """An entry of the record's history."""

    status: str
    at: Timestamp
    function: str | None
    """Who made it; None if no log line tells."""


class Letter(Document):
    """A dead letter that concerns the order."""

    way: Way
    function: str
    event: str
    reason: str
