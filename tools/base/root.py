"""Where this checkout lies, and what the project is called."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["name"]
"""The project's name: names of stacks, containers and files begin with it."""
