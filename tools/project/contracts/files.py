"""Everything that lies in `schemas/`."""

import tomllib
from pathlib import Path

from tools.base.target import ROOT
from tools.project.choreography.flow import Flow
from tools.project.contracts import asyncapi, schemas
from tools.project.contracts.examples import examples
from tools.project.contracts.text import as_yaml
from tools.shop import openapi

SCHEMAS = ROOT / "schemas"
ASYNCAPI, OPENAPI = "asyncapi.yaml", "openapi.yaml"


def generated(flow: Flow | None = None) -> dict[Path, str]:
    """Return every file of `schemas/` with its text; nothing else belongs there. Raises `ProblemError`."""
    flow = flow or Flow.of_this_project()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    known = examples(flow.events)
    texts = schemas.documents(flow.events, known) | {
        ASYNCAPI: as_yaml(asyncapi.document(flow, known, version), asyncapi.HEADER),
        OPENAPI: as_yaml(openapi.document(flow.events, known, version), openapi.HEADER),
    }
    return {SCHEMAS / name: text for name, text in texts.items()}
