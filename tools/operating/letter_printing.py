"""Prints dead letters for a person."""

from collections import Counter
from collections.abc import Mapping, Sequence

from saga.clock import iso, now
from tools.base.console import console, styled
from tools.base.events import NOUN
from tools.base.times import span
from tools.operating.dead_letters import DeadLetter
from tools.operating.letter_groups import Group, by_cause


def show(letter: DeadLetter) -> None:
    """Print one dead letter."""
    console.print(
        styled("[bold]{}[/] of {} {}", letter.detail_type, NOUN, letter.order_id or "unknown"), soft_wrap=True
    )
    console.print(f"  came by {letter.way}, function {letter.function or 'unknown'}", soft_wrap=True)
    console.print(styled("  because [red]{}[/]", letter.reason), soft_wrap=True)


def show_by_cause(letters: Sequence[DeadLetter], fates: Mapping[str, str] | None = None) -> None:
    """Print dead letters by cause, the largest group first; with `fates`, what becomes of each, by its receipt."""
    if not letters:
        console.print("there are no dead letters")
    for group in sorted(by_cause(letters).values(), key=len, reverse=True):
        _show(Group.of(group))
        if fates:
            counts = Counter(fates[letter.receipt] for letter in group).most_common()
            said = [fate if count == len(group) else f"{count} {fate}" for fate, count in counts]
            console.print(f"  → {', '.join(said)}", soft_wrap=True)


def _show(group: Group) -> None:
    letters = f"{group.count:,} letter{'s'[: group.count > 1]}"
    function = group.function or "an unknown function"
    console.print(styled("[bold]{}[/]: {}, {}, {}", letters, group.event, function, group.error), soft_wrap=True)
    if group.oldest:
        age = span((now() - group.oldest).total_seconds() * 1000)
        console.print(f"  the oldest came by {group.way} at {iso(group.oldest)}, {age} ago", soft_wrap=True)
    console.print(styled("  because [red]{}[/]", group.example), soft_wrap=True)
    console.print(f"  for example {NOUN} {group.example_id or 'unknown'}", soft_wrap=True)
