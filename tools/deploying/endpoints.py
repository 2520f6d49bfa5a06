"""Ships botocore's list of endpoints without the services that no function calls.

botocore reads the whole list before it creates the first client: 1.2 MB of JSON, more than all else that it reads. The
loader in `saga/aws.py` looks for the short one first.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

from botocore.loaders import Loader

SHORT = "saga/botocore/endpoints.json"
"""Where the loader in `saga/aws.py` looks for the list, in an artifact."""


def ship_endpoints(build: Path, source: Path) -> None:
    """Write the list into each artifact of a build, without the services that no module of `source` calls."""
    called = set(_called(source))
    endpoints = Loader().load_data("endpoints")
    partitions = [
        partition | {"services": {name: found for name, found in partition["services"].items() if name in called}}
        for partition in endpoints["partitions"]
    ]
    for package in build.glob("*/saga"):
        short = package.parent / SHORT
        short.parent.mkdir(exist_ok=True)
        short.write_text(json.dumps({**endpoints, "partitions": partitions}))


def _called(source: Path) -> Iterator[str]:
    """Yield the services that clients are created for: `client("dynamodb")`."""
    for path in source.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(
                    func=ast.Name("client") | ast.Attribute(attr="client"), args=[ast.Constant(str(service)), *_]
                ):
                    yield service
