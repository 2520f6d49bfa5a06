"""Which function of the embedded emulator waits for a debugger: a file says so, while the process that wrote it lives.

The emulator's process reads it (`process.py`: one environment), and so does each function's (`inside/sitecustomize.py`:
debugpy, and the code of this checkout). Nothing is deployed for it, and nothing of it ships.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "EMULATOR_DEBUG"
"""The variable that names the file to the emulator and its functions."""


@dataclass(frozen=True)
class Debugging:
    """The file of one emulator."""

    file: Path

    def begin(self, said: Mapping[str, Any]) -> None:
        """Write what is debugged, in one piece: others read it at any time."""
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps({"owner": os.getpid(), **said}))
        new.replace(self.file)

    def end(self) -> None:
        """Remove the file."""
        self.file.unlink(missing_ok=True)

    def read(self) -> dict[str, Any]:
        """Return what the file says, also if its writer was killed; nothing if there is none."""
        try:
            said: dict[str, Any] = json.loads(self.file.read_text())
        except (OSError, ValueError):
            return {}
        return said
