"""A small evaluator of IAM policies: enough of AWS's logic for the statements that the template uses.

It follows the IAM User Guide's "Policy evaluation logic" for identity policies without denials: a request is allowed
if a statement allows its action on its resource and all conditions hold. Whatever it does not know it refuses to judge.
"""

from fnmatch import fnmatchcase
from typing import Any

from tests.contract.template import FUNCTIONS, RESOURCES

Statement = dict[str, Any]


def statements(function: str) -> list[Statement]:
    """Return all statements of a function's role: its own, and those of the managed policies attached to it."""
    (role, _) = FUNCTIONS[function]["Role"]["Fn::GetAtt"]
    properties = RESOURCES[role]["Properties"]
    documents = [policy["PolicyDocument"] for policy in properties["Policies"]]
    documents += [
        RESOURCES[managed["Ref"]]["Properties"]["PolicyDocument"] for managed in properties["ManagedPolicyArns"]
    ]
    return [statement for document in documents for statement in document["Statement"]]


def allows(statement: Statement, action: str, resource: str, context: dict[str, set[str]]) -> bool:
    """Return whether a statement allows an action on a resource, by its logical id, under these condition keys."""
    if unknown := set(statement) - {"Effect", "Action", "Resource", "Condition"}:
        raise ValueError(f"this evaluator does not know {unknown}")
    if statement["Effect"] != "Allow":
        raise ValueError("this evaluator knows no denials")
    return (
        any(fnmatchcase(action, pattern) for pattern in _listed(statement["Action"]))
        and any(fnmatchcase(resource, _name(pattern)) for pattern in _listed(statement["Resource"]))
        and all(_holds(operator, keys, context) for operator, keys in statement.get("Condition", {}).items())
    )


def may(function: str, action: str, resource: str, context: dict[str, set[str]] | None = None) -> bool:
    """Return whether a function may do something."""
    return any(allows(statement, action, resource, context or {}) for statement in statements(function))


def _holds(operator: str, keys: dict[str, list[str]], context: dict[str, set[str]]) -> bool:
    if operator != "ForAllValues:StringEquals":
        raise ValueError(f"this evaluator does not know {operator}")
    return all(context.get(key, set()) <= set(allowed) for key, allowed in keys.items())


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _name(resource: Any) -> str:
    if isinstance(resource, str):
        return resource
    ((intrinsic, value),) = resource.items()
    if intrinsic == "Fn::GetAtt" and value[1] == "Arn":
        return str(value[0])
    if intrinsic == "Fn::Sub":
        return str(value).replace("${", "").replace(".Arn}", "")
    raise ValueError(f"this evaluator does not know {resource}")
