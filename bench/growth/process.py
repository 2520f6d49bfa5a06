"""A function's process, as Linux tells of it: its memory and its processor time."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ALL = Path("/proc")


@dataclass(frozen=True)
class Process:
    """A process by its folder (proc(5))."""

    folder: Path

    @property
    def processor_seconds(self) -> float:
        """Processor time so far, of the program and of the system for it."""
        after_the_name = (self.folder / "stat").read_text().rpartition(")")[2].split()
        user, system = after_the_name[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    @property
    def peak_megabytes(self) -> float:
        """The most memory that it had at once, since it started or since `forget_peak`."""
        lines = (self.folder / "status").read_text().splitlines()
        (kilobytes,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
        return int(kilobytes) / 1_024

    def forget_peak(self) -> None:
        """Reset the peak to what the process has now."""
        (self.folder / "clear_refs").write_text("5")


def process_of(function: str, processes: Path = ALL) -> Process | None:
    """Find the process in which the emulator runs a function; None where the system is not Linux."""
    for folder in processes.glob("[0-9]*"):
        # Processes end meanwhile, and those of others are not to be looked at.
        with suppress(OSError):
            if f"-{function}-" in str((folder / "cwd").readlink()):
                return Process(folder)
    return None
