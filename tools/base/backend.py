"""What stands in for AWS on this machine."""

from enum import StrEnum


class Backend(StrEnum):
    """What stands in for AWS on this machine."""

    EMBEDDED = "embedded"
    """MiniStack, in a process of this checkout's own Python; no Docker."""
    MINISTACK = "ministack"
    """MiniStack's image, by docker-compose.yml."""
    LOCALSTACK = "localstack"
    """LocalStack's image, by docker-compose.yml; needs a token."""
