"""What the console can break of a provider."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Provider:
    """A provider whose adapter a service puts behind the kernel's guards."""

    label: str
    says: str = ""
    refusals: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """What an operation answers, or raises, that is refused: a class of the port by module and name, and the reason."""
