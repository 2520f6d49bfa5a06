"""What functions ask providers, and what they are answered, as it passes between them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Question:
    """What a provider was asked, and what the function was answered."""

    operation: str
    asked: tuple[Any, ...]
    """The arguments of the operation."""
    answer: Any = None
    """None if the function was told of a fault instead, or died."""


class Overheard:
    """Stands between functions and a provider, and writes down what passes."""

    def __init__(self, provider: Any, questions: list[Question]) -> None:
        self._provider, self._questions = provider, questions

    def __getattr__(self, name: str) -> Callable[..., Any]:
        operation = getattr(self._provider, name)

        def overheard(*asked: Any, **named: Any) -> Any:
            answer = None
            try:
                answer = operation(*asked, **named)
            finally:
                self._questions.append(Question(name, (*asked, *named.values()), answer))
            return answer

        return overheard
