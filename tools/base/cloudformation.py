"""Reads CloudFormation's YAML as the SAM translator does, by libyaml: about seven times faster."""

from typing import Any

import yaml
from samtranslator.yaml_helper import intrinsics_multi_constructor

_Loader: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class _Intrinsics(_Loader):  # type: ignore[misc]  # which of the two is known at run time
    """Writes short forms out: `!GetAtt Role.Arn` is `{"Fn::GetAtt": ["Role", "Arn"]}`."""


_Intrinsics.add_multi_constructor("!", intrinsics_multi_constructor)


def parse_template(text: str) -> dict[str, Any]:
    """Return a template as a dictionary. Raises `yaml.YAMLError` if it is not YAML."""
    template: dict[str, Any] = yaml.load(text, _Intrinsics)  # noqa: S506  # a safe loader
    return template


def compose(text: str) -> yaml.Node | None:
    """Return a template's nodes, which know their lines. Raises `yaml.YAMLError` if it is not YAML."""
    return yaml.compose(text, _Loader)
