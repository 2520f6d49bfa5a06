"""The template as it is deployed to AWS: with versions, and as SAM transforms that for CloudFormation."""

import json
from collections.abc import Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any

from samtranslator.translator.transform import transform

from tests.contract.template import TEMPLATE
from tools.deploying.deploy import LAYER
from tools.deploying.parameters import declared
from tools.deploying.versions import with_versions

Template = dict[str, Any]
DECLARED = declared()
DEFAULTS = {name: str(parameter["Default"]) for name, parameter in DECLARED.items()}


class _NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


def transformed(
    code: str = "0", template: Template = TEMPLATE, values: Mapping[str, str] = MappingProxyType({})
) -> dict[str, dict[str, Any]]:
    """Return the resources of the template with versions, by logical id, for a digest of code and parameters."""
    built = deepcopy(template)
    built["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    for resource in built["Resources"].values():
        if resource["Type"] == LAYER:
            resource["Properties"]["ContentUri"] = "s3://bucket/layer"
    # SAM changes what it is handed.
    whole = deepcopy(with_versions(built, DEFAULTS | dict(values), lambda _: code))
    resources: dict[str, dict[str, Any]] = transform(whole, DEFAULTS | dict(values), _NoManagedPolicies())["Resources"]
    return resources


def versions(
    code: str = "0", template: Template = TEMPLATE, values: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """Return the logical id of each function's version: a new one is a new version."""
    resources = transformed(code, template, values)
    return {
        resource["Properties"]["FunctionName"]["Ref"]: name
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Lambda::Version"
    }


def read_by_functions() -> list[str]:
    """Return the parameters that the functions' own properties refer to, directly or in a condition."""
    functions = [each["Properties"] for each in transformed().values() if each["Type"] == "AWS::Lambda::Function"]
    # Reserved concurrency is the function's, and no version's: a changed one is in force at once.
    text = json.dumps([{**each, "ReservedConcurrentExecutions": 0} for each in functions])
    conditions = json.dumps([body for name, body in _conditions().items() if f'"Fn::If": ["{name}"' in text])
    return [name for name in DECLARED if f'"Ref": "{name}"' in text + conditions]


def _conditions() -> dict[str, Any]:
    return dict(with_versions(TEMPLATE, DEFAULTS, lambda _: "0")["Conditions"])
