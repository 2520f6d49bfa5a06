"""Writes documents as a person would: one order, no anchors, long texts as blocks."""

import json
from typing import Any

import yaml


class _Writer(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  what is the same is written out each time
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, indentless=False)


def _text(writer: _Writer, text: str) -> yaml.ScalarNode:
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Writer.add_representer(str, _text)


def as_json(document: dict[str, Any]) -> str:
    """Write a document as JSON."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_yaml(document: dict[str, Any], header: str) -> str:
    """Write a document as YAML, under a comment that says where it comes from."""
    comment = "".join(f"# {line}\n" for line in header.splitlines())
    return comment + "\n" + yaml.dump(document, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=110)
