"""What is shipped to Lambda, weighed."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

KINDS = {".so": "binaries", ".pyc": "bytecode", ".py": "sources"}
REST = "the rest"
OTHERS = "others"
MB = 1_000_000

Weights = Mapping[str, Mapping[str, float]]
"""Megabytes by top-level package and kind of file."""


def weigh(folder: Path, least: float = 0.1) -> Weights:
    """Weigh a folder's files; packages of less than `least` MB are counted together. The heaviest package is first."""
    weights: dict[str, Counter[str]] = {}
    for path in folder.rglob("*"):
        if path.is_file():
            kind = KINDS.get(path.suffix, REST)
            weights.setdefault(package_of(path.relative_to(folder)), Counter())[kind] += path.stat().st_size
    light = [name for name, kinds in weights.items() if kinds.total() < least * MB]
    others = sum((weights.pop(name) for name in light), Counter[str]())
    ordered = sorted(weights.items(), key=lambda item: -item[1].total())
    return {name: {kind: size / MB for kind, size in kinds.items()} for name, kinds in [*ordered, (OTHERS, others)]}


def package_of(path: Path) -> str:
    """Return the top-level package that a file belongs to: `pydantic` also for its metadata and its bytecode."""
    first = path.parts[1] if path.parts[0] == "__pycache__" else path.parts[0]
    return first.partition("-")[0] if first.endswith(".dist-info") else first.partition(".")[0]
