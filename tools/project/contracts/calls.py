"""What breaks clients of the HTTP API between two OpenAPI documents; see `tools.project.contracts.breaks`."""

from collections.abc import Iterator, Mapping
from typing import Any

from tools.project.contracts.breaks import ANSWER, REQUEST, Break, of_schemas
from tools.project.contracts.differences import resolved

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
Call = Mapping[str, Any]


def breaks(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Break]:
    """Yield what breaks between two documents."""
    had, has = _calls(before), _calls(now)
    for path in dict.fromkeys(path for path, _ in had):
        if path not in {known for known, _ in has}:
            yield Break("path-removed", path, "", "it was there and is gone; keep it beside the new one")
    for path, method in had:
        name = f"{method.upper()} {path}"
        if (path, method) in has:
            yield from _of_call(name, had[path, method], has[path, method])
        elif path in {known for known, _ in has}:
            yield Break("method-removed", name, "", "it was there and is gone; keep it")


def _of_call(name: str, before: Call, now: Call) -> Iterator[Break]:
    yield from of_schemas(REQUEST, name, _asked(before), _asked(now))
    for status, answer in before["responses"].items():
        if status not in now["responses"]:
            yield Break("status-removed", name, status, "it was answered and is no more; keep it, clients act on it")
        else:
            answered = now["responses"][status]
            yield from of_schemas(ANSWER, f"{name} {status}", _said(answer), _said(answered))
    if before["security"] != now["security"]:
        yield Break("security-changed", name, "", "clients would not get in; let them in as before, too")


def _calls(document: Mapping[str, Any]) -> dict[tuple[str, str], Call]:
    """Return every call with nothing left to look up elsewhere: its parameters, and how it is signed."""
    schemes = document.get("components", {}).get("securitySchemes", {})
    calls = {}
    for path, item in document.get("paths", {}).items():
        for method in filter(item.__contains__, METHODS):
            call = resolved(item[method], document)
            asked = call.get("security", document.get("security", []))
            calls[path, method] = call | {
                "parameters": resolved(item.get("parameters", []), document) + call.get("parameters", []),
                "security": [{name: schemes[name] | {"description": ""} for name in way} for way in asked],
            }
    return calls


def _asked(call: Call) -> dict[str, Any]:
    """Write a request as one schema: a field for each parameter, and the body."""
    parameters = {f"{each['in']} {each['name']}": each for each in call["parameters"]}
    required = [name for name, parameter in parameters.items() if parameter.get("required")]
    fields = {name: parameter["schema"] for name, parameter in parameters.items()}
    body = call.get("requestBody", {})
    return {
        "type": "object",
        "properties": fields | _bodies(body),
        "required": required + (list(_bodies(body)) if body.get("required") else []),
    }


def _said(answer: Call) -> dict[str, Any]:
    """Write an answer as one schema: a field for each header, and the body."""
    headers = {f"header {name}": header for name, header in answer.get("headers", {}).items()}
    required = [name for name, header in headers.items() if header.get("required")]
    fields = {name: header["schema"] for name, header in headers.items()}
    return {
        "type": "object",
        "properties": fields | _bodies(answer),
        "required": required + list(_bodies(answer)),
    }


def _bodies(message: Call) -> dict[str, Any]:
    return {
        "body" if media == "application/json" else f"body {media}": content.get("schema", {})
        for media, content in message.get("content", {}).items()
    }
