"""The SAM template: what it declares, and on which line."""

from functools import cached_property
from typing import Any

import yaml

from tools.base.cloudformation import compose, parse_template
from tools.base.target import ROOT

TEMPLATE = "template.yaml"
FUNCTION = "AWS::Serverless::Function"
SCHEDULES = {"Schedule", "ScheduleV2"}
"""The types of an event source that runs a function at times."""


class Template:
    """A template's text, read as the SAM translator reads it: short forms as in `{"Fn::GetAtt": ["Role", "Arn"]}`.

    Raises `yaml.YAMLError` if it is not YAML.
    """

    def __init__(self, text: str) -> None:
        parsed = parse_template(text)
        self.resources: dict[str, Any] = parsed["Resources"]
        self.globals: dict[str, Any] = parsed.get("Globals", {})
        self._text = text

    @classmethod
    def of_this_project(cls) -> "Template":
        """Read this checkout's."""
        return cls((ROOT / TEMPLATE).read_text())

    def of_type(self, *types: str) -> dict[str, dict[str, Any]]:
        """Return the properties of all resources of these types, by their logical ids."""
        return {name: each.get("Properties", {}) for name, each in self.resources.items() if each["Type"] in types}

    @cached_property
    def _document(self) -> yaml.Node | None:
        return compose(self._text)

    def line(self, *path: str | int) -> int:
        """Return the line of a mapping's key, or of a list's item, by its path: `("Resources", "OrdersTable")`.

        Raises `KeyError` if there is nothing of that path.
        """
        node = self._document
        line = 0
        for step in path:
            match node:
                case yaml.MappingNode(value=pairs):
                    pair = next((pair for pair in pairs if pair[0].value == step), None)
                    if pair is None:
                        raise KeyError(path)
                    key, node = pair
                    line = key.start_mark.line
                case yaml.SequenceNode(value=items) if isinstance(step, int):
                    node = items[step]
                    line = node.start_mark.line
                case _:
                    raise KeyError(path)
        return line + 1
