"""A payment provider that is away for some minutes, at ten orders a second: the bounds of docs/outages.md, in small."""

import pytest

from tests.simulation.shop.outage.figures import Figures, broken
from tests.simulation.shop.outage.outage import Misfortune, Outage, Plan
from tests.simulation.shop.outage.providers import Kind

A_GAP = 15
"""Minutes between two turns of an order that waits for long."""


def over(kind: Kind, rate: float = 10, minutes: float = 4, **plan: object) -> Outage:
    outage = Outage(Plan(kind, rate, minutes, peace=30, **plan))  # type: ignore[arg-type]  fields by their names
    outage.run()
    return outage


@pytest.mark.parametrize("kind", Kind)
def test_an_outage_keeps_its_bounds(kind: Kind) -> None:
    figures = Figures.of(over(kind))
    assert broken(kind, figures) == []
    assert figures.orders > 10 * 4 * 60
