"""The gate: the contract as it is now against the contract as it was released; what breaks is in `breaks`.

A tag is what others know, so a tag is also what makes a break final: whoever must break them, tags.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tools.base.console import console
from tools.base.problem import ProblemError
from tools.base.target import ROOT
from tools.project.contracts import baseline, calls
from tools.project.contracts.breaks import EVENT, Break, of_schemas, told
from tools.project.contracts.differences import resolved
from tools.project.contracts.files import ASYNCAPI, OPENAPI, SCHEMAS, generated


def check(base: str | None, root: Path = ROOT) -> None:
    """Compare with `base`, else the last tag, else the main branch. Raises `ProblemError` telling each break."""
    ref = baseline.ref(base, root)
    before = baseline.read(ref, root) if ref else {}
    if not before:
        why = f"{ref} has no {SCHEMAS.name}/" if ref else "git has no tag and no main branch here"
        console.print(f"nothing to compare with: {why}", soft_wrap=True)
        return
    now = {path.name: text for path, text in generated().items()}
    if found := told(breaks(before, now)):
        raise ProblemError(f"this would break those who rely on {ref}:\n" + "\n".join(f"  - {each}" for each in found))
    console.print(f"compared {len(before)} schemas with {ref}: nothing breaks those who rely on them", soft_wrap=True)


def breaks(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Break]:
    """Yield what breaks between the files of `schemas/` then and now, by name."""
    had, has = _details(before), _details(now)
    for event, detail in had.items():
        if event in has:
            yield from of_schemas(EVENT, event, detail, has[event])
        else:
            yield Break("event-removed", event, "", "it was published and is no more; keep it, new events go beside it")
    wrapped, wraps = _envelopes(before), _envelopes(now)
    for event in filter(wraps.__contains__, wrapped):
        yield from of_schemas(EVENT, event, wrapped[event], wraps[event], field="envelope")
    if OPENAPI in before:
        yield from calls.breaks(yaml.safe_load(before[OPENAPI]), yaml.safe_load(now[OPENAPI]))


def _details(files: Mapping[str, str]) -> dict[str, Any]:
    schemas = {Path(name).stem: json.loads(text) for name, text in files.items() if name.endswith(".json")}
    return {name: resolved(schema, schema) for name, schema in schemas.items()}


def _envelopes(files: Mapping[str, str]) -> dict[str, Any]:
    document = yaml.safe_load(files[ASYNCAPI]) if ASYNCAPI in files else {}
    messages = document.get("components", {}).get("messages", {})
    return {name: resolved(message["headers"], document) for name, message in messages.items()}
