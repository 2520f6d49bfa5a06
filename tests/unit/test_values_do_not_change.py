"""What passes between functions, ports and adapters cannot be changed on the way: each says the same to everybody."""

import dataclasses
from inspect import isclass
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from contract import events
from orders import new_order
from payments import gateway, ledger, stripe_account
from saga import marks, record, settings
from shipping import carrier

MODULES = [events, record, marks, settings, new_order, gateway, ledger, stripe_account, carrier]
MADE_HERE = [
    found
    for module in MODULES
    for found in vars(module).values()
    if isclass(found) and found.__module__ == module.__name__
]
DATACLASSES = [found for found in MADE_HERE if dataclasses.is_dataclass(found)]
MODELS = [found for found in MADE_HERE if issubclass(found, BaseModel)]


@pytest.mark.parametrize("kind", DATACLASSES, ids=lambda kind: kind.__name__)
def test_no_attribute_of_a_dataclass_can_be_set(kind: Any) -> None:
    value = object.__new__(kind)
    for name in [*(field.name for field in dataclasses.fields(kind)), "no_field"]:
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, name, "another")


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.__name__)
def test_a_field_of_a_model_cannot_be_set(kind: type[BaseModel]) -> None:
    value = kind.model_construct()
    for name in kind.model_fields:
        with pytest.raises(ValidationError, match="Instance is frozen"):
            setattr(value, name, "another")
