"""A way that a saga may go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Branch:
    """A way that a saga may go: what a client posts, and in which world."""

    name: str
    body: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    """What the world is made with: the arguments of `Shop`."""
    late: str | None = None
    """The event that reaches its function only much later."""
    in_doubt: bool = False
    """Whether the function died before, just after its first call took effect."""
