"""Follows the story of an order live, until it ends."""

from datetime import timedelta

from rich.live import Live

from tools.base.console import console
from tools.base.times import clock, span
from tools.base.waiting import wait_for
from tools.operating.story.chart import picture
from tools.operating.story.sources import Sources
from tools.operating.story.story import Story

PATIENCE = 1200
"""Seconds that an order is followed: longer than its deadline, 15 minutes, and a few recoveries."""
LATE = timedelta(seconds=15)
"""How long a log line may take to arrive: so long after its end an order is still followed, if lines are missing."""


def follow(sources: Sources, *, silent: bool = False, patience: float = PATIENCE) -> Story:
    """Follow an order until its status is final and its log lines are there, and return its story.

    On a terminal the drawing is drawn anew as the order goes on; elsewhere each step is a line; `silent` prints
    nothing. After `patience` seconds it gives the story as it then is. Raises `ProblemError` if there is no such order.
    """
    # CloudWatch Logs takes few searches a second (its quotas), an emulator many.
    every = 0.3 if sources.stack.target.endpoint else 2
    if silent:
        wait_for(lambda: _is_over(sources.story(letters=False)), seconds=patience, every=every)
    elif console.is_terminal:
        with Live(console=console, transient=True) as live:

            def draw() -> bool:
                story = sources.story(letters=False)
                live.update(picture(story, console.width), refresh=True)
                return _is_over(story)

            try:
                wait_for(draw, seconds=patience, every=every)
            except KeyboardInterrupt:
                # What was seen last stays on the screen.
                live.transient = False
                raise
    else:
        said = set[str]()

        def say() -> bool:
            story = sources.story(letters=False)
            for line in _lines(story):
                if line not in said:
                    console.print(line, soft_wrap=True)
            said.update(_lines(story))
            return _is_over(story)

        wait_for(say, seconds=patience, every=every)
    return sources.story()


def _is_over(story: Story) -> bool:
    late = story.looked_at - story.history[-1].at > LATE
    return story.terminal and (late or not story.untold)


def _lines(story: Story) -> list[str]:
    said = [
        (told.at, f"{told.function} {told.kind} {told.published} {told.published_id}") for told in story.publications
    ]
    for told in story.deliveries:
        outcome = told.reason or (
            f"published {told.published} {told.published_id}" if told.published else "published nothing"
        )
        consumed = f"{told.function} consumed {told.consumed} {told.consumed_id}: {told.delivery}"
        said.append((told.ended, f"{consumed}, {outcome}, {span(told.milliseconds)}"))
    return [f"{clock(at)} {what}" for at, what in sorted(said)]
