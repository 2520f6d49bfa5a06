"""docs/outages.md shows what was measured, and what was measured keeps the bounds."""

import pytest

from tests.simulation.shop.outage import page
from tests.simulation.shop.outage.figures import broken
from tests.simulation.shop.outage.providers import Kind


def test_the_page_is_what_its_figures_and_the_models_assumptions_give() -> None:
    assert page.renewed(page.PAGE.read_text(), page.kept()) == page.PAGE.read_text()


def test_the_page_has_the_kinds_that_were_measured() -> None:
    assert set(page.kept()) == set(Kind)


@pytest.mark.parametrize("kind", page.kept())
def test_the_page_has_a_kind_before_and_after_and_the_bounds_hold(kind: Kind) -> None:
    sides = page.kept()[kind]
    plans = {side: (seen.figures.rate, seen.figures.minutes) for side, seen in sides.items()}
    # 60 minutes of refused connections take the code of before more than half an hour.
    assert plans == {"before": (10, 20 if kind is Kind.REFUSE else 60), "after": (10, 60)}
    assert broken(kind, sides["after"].figures) == []
    assert page.PAGE.with_name(f"outages-{kind}.svg").exists()
