"""Reads YAML and remembers on which line each text stands."""

from typing import Any

import yaml


class Located(str):
    """A text of a YAML file, and the line that it stands on."""

    __slots__ = ("line",)
    line: int


class _Loader(yaml.SafeLoader):
    """Reads CloudFormation's short forms as `{"Ref": …}` and `{"GetAtt": …}`."""


def _text(loader: _Loader, node: yaml.ScalarNode) -> Located:
    text = Located(loader.construct_scalar(node))
    text.line = node.start_mark.line + 1
    return text


def _short_form(loader: _Loader, function: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.SequenceNode):
        return {function: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        return {function: loader.construct_mapping(node, deep=True)}
    return {function: _text(loader, node)}  # type: ignore[arg-type]  # a node of the third and last kind


_Loader.add_constructor("tag:yaml.org,2002:str", _text)
_Loader.add_multi_constructor("!", _short_form)


def load(text: str) -> Any:
    """Read YAML; every text in it, keys included, is a `Located`. Raises `yaml.YAMLError`."""
    return yaml.load(text, _Loader)  # noqa: S506  a SafeLoader
