"""The faults of the embedded emulator: a file says what is at fault, for as long as the process that wrote it lives.

The emulator's process reads it (`process.py`: publishes get lost, events come twice and out of order), and so does each
function's (`inside/sitecustomize.py`: providers, AWS calls). Nothing is deployed for it, and nothing of it ships.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "EMULATOR_FAULTS"
"""The variable that names the file to the emulator and its functions."""


@dataclass(frozen=True)
class Faults:
    """The file of one emulator."""

    file: Path

    def set(self, said: dict[str, Any]) -> None:
        """Let these be the faults, in place of those before; none if there are none."""
        if not said:
            self.file.unlink(missing_ok=True)
            return
        # In one piece, for others read it at any time.
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps({"owner": os.getpid(), **said}))
        new.replace(self.file)

    def were_left(self) -> bool:
        """Return whether a process set some that did not live to put them back."""
        try:
            os.kill(json.loads(self.file.read_text())["owner"], 0)
        except FileNotFoundError:
            return False
        except (OSError, ValueError, KeyError):
            return True
        return False
