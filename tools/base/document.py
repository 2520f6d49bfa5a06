"""JSON documents for other programs, as models."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel

from saga.clock import iso

Timestamp = Annotated[AwareDatetime, PlainSerializer(iso, return_type=str)]


class Document(BaseModel):
    """A part of a JSON document: keys in camelCase, times in ISO 8601, UTC, to the millisecond."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True, frozen=True)

    def json_text(self) -> str:
        """Return it as JSON, indented."""
        return self.model_dump_json(indent=2)
