"""Holds documents against JSON Schemas, as other teams' validators do."""

import json
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from tests.contract.template import ROOT
from tools.project.contracts.files import ASYNCAPI, OPENAPI, generated

FILES = {path.name: text for path, text in generated().items()}
SCHEMAS: dict[str, dict[str, Any]] = {
    name.removesuffix(".json"): json.loads(text) for name, text in FILES.items() if name.endswith(".json")
}
BUS: dict[str, Any] = yaml.safe_load(FILES[ASYNCAPI])
API: dict[str, Any] = yaml.safe_load(FILES[OPENAPI])
OFFICIAL_ASYNCAPI: dict[str, Any] = json.loads((ROOT / "tests" / "contract" / "asyncapi-3.0.0.schema.json").read_text())


def faults(schema: dict[str, Any], document: object) -> list[str]:
    """Return what is wrong with a document, formats included: the field, or what is said of the whole."""
    found = Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(document)
    return [".".join(map(str, fault.absolute_path)) or fault.message for fault in found]


def inside(document: dict[str, Any], reference: str) -> dict[str, Any]:
    """Return a part of a document as a schema of its own, with what it refers to within reach."""
    return {"$ref": reference, "components": document["components"]}
