"""The roles of `deploy/github-oidc.yaml` as they are in an account, and what CloudFormation says that it needs."""

import re
from fnmatch import fnmatchcase
from typing import Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

from tests.contract.template import ROOT
from tests.contract.versions import transformed
from tools.base.cloudformation import parse_template

Statement = dict[str, Any]
REGION = "eu-central-1"
ROLES: dict[str, Any] = parse_template((ROOT / "deploy" / "github-oidc.yaml").read_text())
SUBJECT_PREFIX = "repo:octo-org@123456/octo-repo@456789"


def role(name: str, stage: str) -> dict[str, Any]:
    """Return a role's properties, with the values that its template's intrinsics have for a stage."""
    values = {
        "AWS::AccountId": "123456789012",
        "AWS::Partition": "aws",
        "AWS::Region": REGION,
        "Provider": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
        "Stage": stage,
        "SubjectPrefix": SUBJECT_PREFIX,
    }
    holds = {"CreatesProvider": True, "IsProd": stage == "prod"}

    def resolved(node: Any) -> Any:
        match node:
            case list():
                value: Any = [resolved(item) for item in node]
            case {"Ref": name}:
                value = values.get(name)
            case {"Fn::Sub": text}:
                value = re.sub(r"\$\{([^}]+)\}", lambda found: values[found[1]], text)
            case {"Fn::GetAtt": [logical_id, "Arn"]}:
                value = arn(logical_id, stage)
            case {"Fn::If": [condition, then, otherwise]}:
                value = resolved(then if holds[condition] else otherwise)
            case dict():
                value = {key: resolved(inner) for key, inner in node.items()}
            case _:
                value = node
        return value

    properties: dict[str, Any] = resolved(ROLES["Resources"][name]["Properties"])
    return properties


def arn(name: str, stage: str) -> str:
    """Return the name that a role has in the account, as an ARN."""
    text = ROLES["Resources"][name]["Properties"]["RoleName"]["Fn::Sub"]
    return f"arn:aws:iam::123456789012:role/{text.replace('${Stage}', stage).replace('${AWS::Region}', REGION)}"


def statements(name: str, stage: str, *policies: str) -> list[Statement]:
    """Return the statements of a role for a stage: those of the policies that are named, or all."""
    return [
        statement
        for policy in role(name, stage)["Policies"]
        if not policies or policy["PolicyName"] in policies
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def allows(statement: Statement, action: str, resource: str) -> bool:
    """Return whether a statement allows an action on a resource, its conditions aside."""
    return any(fnmatchcase(action, pattern) for pattern in listed(statement["Action"])) and reaches(statement, resource)


def reaches(statement: Statement, resource: str) -> bool:
    """Return whether a statement is about a resource."""
    return any(fnmatchcase(resource, pattern) for pattern in listed(statement["Resource"]))


def listed(value: Any) -> list[str]:
    """Return what is written as one value or as several as a list."""
    return value if isinstance(value, list) else [value]


def types_of_the_stack() -> list[str]:
    """Return the types of all resources of the stack, sorted."""
    return sorted({resource["Type"] for resource in resources_of_the_stack()})


def resources_of_the_stack() -> list[dict[str, Any]]:
    """Return all resources that CloudFormation makes of the template, as SAM transforms it for prod."""
    nested = parse_template((ROOT / "observability.yaml").read_text())["Resources"].values()
    return [*transformed(values={"GradualDeployments": "true"}).values(), *nested]


def needed(kind: str) -> set[str]:
    """Return the permissions that a resource type's own schema lists (CloudFormation's registry, "handlers")."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    handlers = [
        schema["handlers"][name] for name in ("create", "read", "update", "delete") if name in schema["handlers"]
    ]
    return {permission for handler in handlers for permission in handler["permissions"]}
