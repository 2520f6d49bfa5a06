"""Adds versions and an alias to the built template, as AWS needs them to shift traffic gradually."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tools.base.cloudformation import parse_template
from tools.base.template import FUNCTION

Template = dict[str, Any]
ADDED: Template = parse_template(Path(__file__).with_suffix(".yaml").read_text())
"""What is added to the template: parameters of its own, and properties of all functions."""
OF_THE_ALIAS = {"AutoPublishAlias", "DeploymentPreference", "EventInvokeConfig", "Events"}
"""Properties of a SAM function that say how its versions are called, and are no part of a version."""
NAMES = ("Parameters", "Conditions", "Resources")
"""Where the names stand that a template's intrinsic functions refer to."""


def with_versions(template: Template, values: Mapping[str, str], code: Callable[[str], str]) -> Template:
    """Return a SAM template in which each function publishes a version of itself behind the alias `live`.

    SAM names a version by a function's code and its *unresolved* properties, so a parameter's new value would publish
    none, and `live` would keep the old value (SAM issue 3820). Here a version is named by a digest of the code, the
    properties, and whatever they refer to, directly or through others: values of parameters, conditions, resources.

    `values` are the values of all parameters, `code` returns the digest of a function's code by its logical id.
    """
    whole: Template = _merged(template, ADDED)
    return whole | {
        "Resources": {
            name: _published(resource, _version(name, whole, values, code(name)))
            if resource["Type"] == FUNCTION
            else resource
            for name, resource in whole["Resources"].items()
        }
    }


def digest(folder: Path) -> str:
    """Return the digest of all files below a folder, by their paths in it and what they hold."""
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return found.hexdigest()


def _version(function: str, template: Template, values: Mapping[str, str], code: str) -> str:
    own = _merged(template["Globals"]["Function"], template["Resources"][function]["Properties"])
    own = {name: value for name, value in own.items() if name not in OF_THE_ALIAS}
    depends_on = _dependencies(own, template, values)
    return hashlib.sha256(json.dumps([code, own, depends_on], sort_keys=True).encode()).hexdigest()


def _dependencies(node: Any, template: Template, values: Mapping[str, str]) -> Template:
    """Return what a part of the template refers to, directly or through others, by name.

    Every word that is a name counts: a false hit costs a version too many, a reference overlooked an outdated one.
    """
    named = {name: part for kind in NAMES for name, part in template[kind].items()} | dict(values)
    found: Template = {}
    left = [node]
    while left:
        new = set(re.findall(r"\w+", json.dumps(left))) & (named.keys() - found.keys())
        left = [named[name] for name in new]
        found |= {name: named[name] for name in new}
    return found


def _published(function: Template, version: str) -> Template:
    # Not in Globals: SAM takes it for each function alone.
    return function | {"Properties": function["Properties"] | {"AutoPublishCodeSha256": version}}


def _merged(one: Any, other: Any) -> Any:
    """Return two mappings as one, recursively; where both have a value, the other's."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return other
    return one | {name: _merged(one[name], value) if name in one else value for name, value in other.items()}
