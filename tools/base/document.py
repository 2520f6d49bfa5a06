"""JSON documents for other programs, as models."""

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Document(BaseModel):
    """A part of a JSON document: keys in camelCase, times in ISO 8601, UTC, to the millisecond."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True, frozen=True)

    def json_text(self) -> str:
        """Return it as JSON, indented."""
        return self.model_dump_json(indent=2)
