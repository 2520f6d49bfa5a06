"""docs/outages.md shows what was measured, and what was measured keeps the bounds."""

import pytest

from tests.simulation.shop.outage import page
from tests.simulation.shop.outage.figures import broken
from tests.simulation.shop.outage.providers import Kind


def test_the_page_is_what_its_figures_and_the_models_assumptions_give() -> None:
    assert page.renewed(page.PAGE.read_text(), page.kept()) == page.PAGE.read_text()


@pytest.mark.parametrize("kind", Kind)
def test_the_page_has_each_kind_before_and_after_and_the_bounds_hold(kind: Kind) -> None:
    sides = page.kept()[kind]
    assert {(seen.figures.rate, seen.figures.minutes) for seen in sides.values()} == {(10, 60)}
    assert sides.keys() == {"before", "after"}
    assert broken(kind, sides["after"].figures) == []
    assert page.PAGE.with_name(f"outages-{kind}.svg").exists()
