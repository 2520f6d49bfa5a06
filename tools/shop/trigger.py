"""What a trigger is."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Trigger:
    """What to post, and the end that it promises: values that the final record has, and fields that it has."""

    body: dict[str, Any]
    promises: dict[str, str]
    fields: tuple[str, ...]
