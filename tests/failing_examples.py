"""What Hypothesis found to fail is kept, so that the next run begins with it; CI keeps the folder as an artifact."""

from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase

from tools.base.root import ROOT

EXAMPLES = DirectoryBasedExampleDatabase(ROOT / ".hypothesis" / "examples")
"""Git ignores it, and `make clean` removes it."""


def keep() -> None:
    """Keep them in all tests but those that say otherwise, and time none: machines are slow, and have other work.

    Hypothesis' own profile for CI would keep none.
    """
    settings.register_profile("kept", derandomize=False, database=EXAMPLES, deadline=None)
    settings.load_profile("kept")
