"""The machine that it was measured on, in words."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

TOOLS = ("ministack", "boto3", "botocore", "pydantic", "aws-lambda-powertools", "microburst")


def description() -> dict[str, str]:
    """Return what the figures depend on, by name, in the order to read it."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{_memory_in_gib():.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}, {platform.python_implementation()} "
        f"{platform.python_version()}",
        "load before": f"{os.getloadavg()[0]:.1f} processes wanted a processor in the minute before",
        "versions": ", ".join(f"{tool} {version(tool)}" for tool in TOOLS),
    }


def _processor() -> str:
    # Only Linux tells by this file; elsewhere the name of the kind has to do.
    file = Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _memory_in_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
