"""Prints the story of an order for a person: the drawing, the record, the dead letters, and where to look further."""

from collections.abc import Iterator

from tools.base.console import console, styled
from tools.base.events import KEY
from tools.operating.interventions import told
from tools.operating.logs import times_of
from tools.operating.story import links
from tools.operating.story.chart import picture
from tools.operating.story.sources import Sources
from tools.operating.story.story import Story
from tools.operating.timeline import show_record

FEW = 3
"""Traces that are linked to."""


def tell(story: Story, sources: Sources) -> None:
    """Print the whole story."""
    console.print(picture(story, console.width))
    show_record(story.record)
    for line in told(story.record):
        console.print(styled("[yellow]●[/] {}", line), soft_wrap=True)
    on = "" if sources.stack.target.endpoint else f" STAGE={sources.stack.target.stage}"
    for letter in story.dead_letters:
        console.print(
            styled("[red]✘[/] dead letter: [bold]{}[/], came by {}", letter.event, letter.way), soft_wrap=True
        )
        console.print(styled("  function {}, because [red]{}[/]", letter.function, letter.reason), soft_wrap=True)
    if story.dead_letters:
        console.print(f"  redrive them with `make redrive ORDER={story.order_id}{on}`", soft_wrap=True)
    console.print(f"its log lines: `make logs ORDER={story.order_id}{on}`", soft_wrap=True)
    if not sources.stack.target.endpoint:
        for link in _links(story, sources):
            console.print(link, soft_wrap=True)


def _links(story: Story, sources: Sources) -> Iterator[str]:
    region = sources.stack.target.session.region_name or "us-east-1"
    query = (
        f'filter {KEY} = "{story.order_id}" or correlation_id = "{story.order_id}"\n'
        "| fields @timestamp, service, message, consumed, delivery, published, milliseconds, reason\n"
        "| sort @timestamp asc"
    )
    since, until = times_of(story.record)
    yield f"in CloudWatch: {links.logs(region, sources.logs.name, query, since, until or story.looked_at)}"
    for trace_id in story.trace_ids[:FEW]:
        yield f"in X-Ray: {links.trace(region, trace_id)}"
    if len(story.trace_ids) > FEW:
        yield f"and {len(story.trace_ids) - FEW} traces more: JSON=yes has their ids"
