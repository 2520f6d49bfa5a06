"""The limits that a shell sets to its processes."""

import resource

MANY_FILES = 4096
"""Files that are open at once at the most; a shell of macOS allows 256 unless it is asked."""


def allow_many_files() -> int:
    """Let this process and its children open as many files as the machine allows them; return how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = MANY_FILES if hard == resource.RLIM_INFINITY else min(MANY_FILES, hard)
    if soft == resource.RLIM_INFINITY or soft >= allowed:
        return MANY_FILES if soft == resource.RLIM_INFINITY else soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return allowed
