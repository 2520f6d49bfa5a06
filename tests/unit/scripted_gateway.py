"""The simulated gateway, with answers that no customer of its gives."""

from collections.abc import Mapping
from pathlib import Path

from payments.gateway import Charge, Payment
from payments.simulated_gateway import SimulatedGateway


class ScriptedGateway(SimulatedGateway):
    """A gateway that answers an operation as the story has it; what the story does not say, the simulation does."""

    def __init__(self, books: Path) -> None:
        super().__init__(books)
        self.says: Mapping[str, Charge] = {}

    def charge(self, payment: Payment) -> Charge:
        return self.says.get("charge") or super().charge(payment)

    def status(self, payment: Payment) -> Charge:
        return self.says.get("status") or super().status(payment)
