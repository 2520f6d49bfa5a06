"""Checks what has to be there before anything is installed: `python3 tools/prerequisites.py`.

Any Python 3 can run it, for one that is too old is among what it names; hence the standard library alone. Each thing
that is missing takes one line, with the package that brings it. Arguments are commands to look for as well.
"""

import importlib
import shutil
import sys
import sysconfig
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OLDEST, NEWEST = (3, 11), (3, 14)
"""The Pythons that Lambda runs, as the template's `PythonRuntime` lists them: functions are built with this Python."""
FEDORA_AND_MACOS = "Fedora: dnf install python3; macOS: brew install python@3.13"
MODULES = {"venv": "python3-venv", "ensurepip": "python3-venv", "ssl": "python3", "sqlite3": "python3"}
"""What a system splits off, or a Python lacks that was compiled without some library, and Debian's package of it."""
COMMANDS = {"git": "Debian, Ubuntu: apt install git; Fedora: dnf install git; macOS: xcode-select --install"}


def missing(commands: "Sequence[str]") -> "Iterator[str]":
    """Return a line for each thing that is missing."""
    version = "{}.{}".format(*sys.version_info)
    another = f"choose another with PYTHON= (Debian, Ubuntu: apt install python3 python3-venv; {FEDORA_AND_MACOS})"
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        supported = "{}.{} to {}.{}".format(*OLDEST, *NEWEST)
        yield f"Python {supported} is needed, and {sys.executable} is {version}: {another}"
    elif sys.implementation.name != "cpython" or "musl" in (sysconfig.get_config_var("HOST_GNU_TYPE") or ""):
        yield f"{sys.executable} is not CPython for glibc, as the image python:3.13-slim has it: {another}"
    for module, package in MODULES.items():
        if not _is_there(module):
            yield f"Python {version} lacks module {module}: Debian, Ubuntu: apt install {package}; {FEDORA_AND_MACOS}"
    for command in commands:
        if not shutil.which(command):
            yield f"there is no {command}: {COMMANDS[command]}"


def _is_there(module: str) -> bool:
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


if __name__ == "__main__":
    lines = list(missing(sys.argv[1:]))
    sys.stderr.write("".join(f"✘ {line}\n" for line in lines))
    sys.exit(1 if lines else 0)
