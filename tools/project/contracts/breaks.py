"""Which change breaks whom.

An event is read by others, and read again by ourselves. Other teams' consumers were written against the last release
and read what the next one publishes: old readers, new writer. The steps of the next release read what the last one
wrote, from the bus, from the orders' records, from the dead-letter queue, days later from the archive: new readers, old
writer. So events are held to full compatibility, both ways at once (Confluent Schema Registry, "Schema Evolution and
Compatibility", type FULL): an optional field may come, or a whole event, and nothing else.

- A field that goes or becomes optional is missed by the old readers.
- A field that becomes required, or comes as a required one, is missing in the old events.
- A narrowed type refuses old events. A widened one is refused by old readers, who hold what they get against the schema
  that they know. A changed one does both. Another default gives old events another meaning.

Confluent lets an optional field go as well. Here it may not, for somebody reads it. A strict reading of JSON Schema
refuses even a new optional field, since an old event may have had one of its name; but nobody else writes these events.

The HTTP API has a direction for each half. A request is written by clients: it may ask less of them, never more. An
answer is read by them: it may promise more, never less. A new status code is no break, since a client takes one that it
does not know for the first of its class (RFC 9110, section 15); one that goes is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tools.project.contracts.differences import Kind, Schema, differences


@dataclass(frozen=True)
class Relied:
    """What somebody relies on: what breaks them, and what to do instead; and how the names of these rules begin."""

    prefix: str
    instead: Mapping[Kind, str]


BESIDE = "publish a new event beside it"
EVENT = Relied(
    "",
    {
        Kind.REMOVED: f"keep it, or {BESIDE}",
        Kind.MADE_REQUIRED: "events that were written before do not have it: make it optional, `… | None = None`",
        Kind.MADE_OPTIONAL: f"consumers rely on it: keep it required, or {BESIDE}",
        Kind.NARROWED: f"events that were written before would be refused: add an optional field, or {BESIDE}",
        Kind.WIDENED: f"consumers' own schemas would refuse it: add an optional field, or {BESIDE}",
        Kind.CHANGED: f"neither old events nor old consumers know it: add an optional field, or {BESIDE}",
        Kind.DEFAULT_CHANGED: "events that were written before would mean something else: keep it",
    },
)
REQUEST = Relied(
    "request-",
    {
        Kind.REMOVED: "clients still send it: keep it",
        Kind.MADE_REQUIRED: "clients do not send it: make it optional",
        Kind.NARROWED: "clients' requests would be refused: go on taking them, or add an optional field",
        Kind.CHANGED: "clients' requests would be refused: go on taking them, or add an optional field",
        Kind.DEFAULT_CHANGED: "requests without it would mean something else: keep it",
    },
)
ANSWER = Relied(
    "answer-",
    {
        Kind.REMOVED: "clients read it: keep it",
        Kind.MADE_OPTIONAL: "clients rely on it: keep it required",
        Kind.WIDENED: "clients do not know what to do with it: add an optional field",
        Kind.CHANGED: "clients do not know what to do with it: add an optional field",
    },
)


@dataclass(frozen=True)
class Break:
    """A change that breaks somebody: by which rule, of which event or call, at which field, and what to do instead."""

    rule: str
    subject: str
    field: str
    message: str


def of_schemas(relied: Relied, subject: str, before: Schema, now: Schema, field: str = "") -> Iterator[Break]:
    """Yield what breaks between two resolved schemas."""
    for found in differences(before, now, field):
        if found.kind in relied.instead:
            message = f"{found.said}; {relied.instead[found.kind]}"
            yield Break(f"{relied.prefix}{found.kind}", subject, found.field, message)


def told(breaks: Iterable[Break]) -> list[str]:
    """Return a line for each break; one that is the same in several events, which extend each other, is told once."""
    subjects: dict[tuple[str, str, str], list[str]] = {}
    for each in breaks:
        subjects.setdefault((each.rule, each.field, each.message), []).append(each.subject)
    return [
        f"{rule}: {f'{field} of ' if field else ''}{', '.join(where)}: {message}"
        for (rule, field, message), where in subjects.items()
    ]
