"""The base of every event: the class that the type chain of a saga is made of.

An event extends the event that it follows and carries all its fields, so no service has to look anything up. This
chain of types is the state machine as well: statuses, predecessors and final statuses are derived from it.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID, uuid5

from pydantic import AwareDatetime
from pydantic.alias_generators import to_camel, to_snake
from pydantic_core import to_json

from saga.clock import now
from saga.value import Value

Timestamp = AwareDatetime

EVENT_ID = "eventId"
"""The name on the wire of an event's id."""
EVENT_IDS = UUID("0d4f3f0c-6a0b-5a3e-9f57-6b0f6a3f8a11")
"""The namespace of all event ids. It never changes: consumers remember the ids that follow from it."""


class Event(Value):
    """What happened in a saga: the detail of one EventBridge event.

    The class that derives from it directly is the root of one saga. It declares the saga's key and `created_at`, when
    the saga began, names the `source` of its events, and keeps their registry: of those in its own package, so that a
    class that a test derives from one of them is not in it.
    """

    if TYPE_CHECKING:
        # Not there at run time: Pydantic would evaluate all of them again for each event.
        root: ClassVar[type["Event"]]
        """The class that all events of the saga derive from."""
        source: ClassVar[str]
        """The `source` of every event of the saga on the bus."""
        key_field: ClassVar[str]
        """The field that is the saga's key: the same value in all events of one saga, and the key of its record."""
        key_name: ClassVar[str]
        """The key's name on the wire and in the table, camelCase."""
        events: ClassVar[dict[str, type["Event"]]]
        """Every event of the saga by its detail-type."""
        by_status: ClassVar[dict[str, type["Event"]]]
        """Every event of the saga by the status that it leads to, former statuses included."""

        detail_type: ClassVar[str]
        """The `detail-type` on the bus: the name of the class."""
        status: ClassVar[str]
        """The status that the saga has after the event: the name in capitals, unless the class gives another."""
        statuses: ClassVar[tuple[str, ...]]
        """The status, then those that a record of an older release may have in its place."""
        follows: ClassVar[tuple[type["Event"], ...]]
        """The events that this one may follow: the class that it extends, unless it names them."""
        compensates: ClassVar[type["Event"] | None]
        """The event whose effect this one undoes."""
        terminal: ClassVar[bool]
        """Whether the saga ends here."""
        waits: ClassVar[bool]
        """Whether the saga waits here for somebody outside, which may take longer than its deadline."""
        stoppable: ClassVar[bool]
        """Whether somebody may stop the saga here: the step that consumes the event gives it up then."""
        keeps: ClassVar[bool]
        """Whether the record of a saga that ends right after this event is kept for good."""

        # The root declares it, after its key: JSON has the fields as the classes declare them.
        created_at: Timestamp

    def __init_subclass__(  # noqa: PLR0913  the keywords of the class statement
        cls,
        *,
        source: str | None = None,
        key: str | None = None,
        status: str | None = None,
        formerly: tuple[str, ...] = (),
        follows: tuple[type["Event"], ...] = (),
        compensates: type["Event"] | None = None,
        terminal: bool = False,
        waits: bool = False,
        stoppable: bool = False,
        keeps: bool = False,
        **options: Any,
    ) -> None:
        """Derive what the class says about itself, and enter it into its saga's registry.

        A root gives `source` and `key`, the name of its key's field. An event gives its `status` if it is not its name
        in capitals, and statuses that it had `formerly`. Raises `TypeError` if two events share a name or a status.
        """
        super().__init_subclass__(**options)
        if Event in cls.__bases__:
            if not (source and key):
                raise TypeError(f"{cls.__name__} is the root of a saga: it needs source= and key=")
            cls.source, cls.key_field, cls.key_name = source, key, to_camel(key)
            cls.root, cls.events, cls.by_status = cls, {}, {}
            return
        cls.detail_type = cls.__name__
        cls.status = status or to_snake(cls.__name__).upper()
        cls.statuses = (cls.status, *formerly)
        cls.follows = follows or tuple(base for base in cls.__bases__ if hasattr(base, "detail_type"))
        cls.compensates, cls.terminal, cls.waits = compensates, terminal, waits
        cls.stoppable, cls.keeps = stoppable, keeps
        if _package(cls) != _package(cls.root):
            return
        for registry, names in ((cls.events, (cls.detail_type,)), (cls.by_status, cls.statuses)):
            for name in names:
                if name in registry:
                    raise TypeError(f"{cls.__name__}: {name} is {registry[name].__name__}'s already")
                registry[name] = cls

    @classmethod
    def new(cls, **fields: Any) -> Self:
        """Return an event with these fields, by their names in Python; mypy checks them.

        Raises `pydantic.ValidationError` if a field is missing or ill-typed.
        """
        return cls.model_validate(fields, by_name=True, by_alias=False)

    @classmethod
    def after(cls, consumed: "Event", **added: Any) -> Self:
        """Return the event of this type that follows `consumed`: its fields, as far as this one has them, and `added`.

        mypy checks that together they are all fields of this event. Raises `pydantic.ValidationError` if one is
        missing or ill-typed.
        """
        return cls.new(**{**dict(consumed), **added})

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> Self:
        """Return the event with these fields, camelCase, as JSON has them. Raises `pydantic.ValidationError`."""
        return cls.model_validate_json(to_json(fields))

    @classmethod
    def follows_from(cls, status: str) -> bool:
        """Return whether a saga of this status may still come to this event."""
        return any(status in event.statuses or event.follows_from(status) for event in cls.follows)

    @classmethod
    def id_for(cls, key: str) -> str:
        """Return the id of the event of this type in the saga with this key (RFC 9562, UUID version 5).

        A saga takes a status once, so the two name one event, however often it is published.
        """
        return str(uuid5(EVENT_IDS, f"{cls.detail_type}:{key}"))

    def detail(self) -> str:
        """Return the event as it goes on the bus: fields and id as JSON text, the same bytes for the same event.

        The id is for consumers, which may see an event twice. It is not a field: steps and records do without it.
        """
        return to_json(self.fields() | {EVENT_ID: self.id_for(self.key)}).decode()

    @property
    def key(self) -> str:
        """The value of the saga's key."""
        key: str = getattr(self, self.key_field)
        return key

    def is_older_than(self, age: timedelta) -> bool:
        """Return whether the saga began longer ago than `age`."""
        return now() - self.created_at > age


def _package(cls: type) -> str:
    return cls.__module__.partition(".")[0]
