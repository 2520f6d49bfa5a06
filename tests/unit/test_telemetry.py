"""All that each function emits, by value: names, units, dimensions and values of metrics, and the fields of lines."""

from collections.abc import Iterator

import pytest

from saga.telemetry import Line
from shipping import provider as carriers
from tests.telemetry import telemetry
from tests.unit.emitted import Emitted, emitted
from tests.unit.scenes import SCENES
from tests.unit.scenes_of_steps import Scene
from tests.unit.world import World

__all__ = ["emitted"]


@pytest.fixture(autouse=True)
def _as_the_carrier_is() -> Iterator[None]:
    """Take away what a scene put in the place of the carrier's operation."""
    yield
    vars(carriers.adapter).pop("book", None)


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_function_emits_this_and_nothing_else(world: World, emitted: Emitted, scene: Scene) -> None:
    order_id = scene.play(world)

    assert emitted.metrics() == scene.metrics
    about = {"orderId": order_id, "correlation_id": order_id}
    expected = [
        {name: value.replace("{order}", str(order_id)) if isinstance(value, str) else value for name, value in said}
        for said in ({**about, **line}.items() for line in scene.lines)
    ]
    assert emitted.lines() == [{name: value for name, value in line.items() if value is not None} for line in expected]


def test_the_table_has_the_metrics_of_the_scenes_and_no_others() -> None:
    emitted = {(scene.function, metric, unit) for scene in SCENES for metric, (unit, _) in scene.metrics.items()}
    table, by_steps = telemetry(), telemetry().functions["FirstDeliveries"]
    listed = {(function, metric, unit) for metric, unit in table.units.items() for function in table.functions[metric]}
    assert emitted <= listed
    # What is the same for all steps is shown by some of them.
    assert {each for each in listed - emitted if table.functions[each[1]] != by_steps} == set()
    assert {metric for _, metric, _ in emitted} == table.units.keys()


def test_the_table_has_the_lines_of_the_scenes_and_no_others() -> None:
    logged = {(scene.function, line["event"], line["level"]) for scene in SCENES for line in scene.lines}
    lines, by_steps = telemetry().lines, telemetry().lines["step"].functions
    listed = {(function, kind, line.level) for kind, line in lines.items() for function in line.functions}
    assert logged <= listed
    assert {each for each in listed - logged if lines[each[1]].functions != by_steps} == set()
    assert {kind for _, kind, _ in logged} == lines.keys() == {line.value for line in Line}


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_line_has_the_fields_of_the_table_and_those_of_powertools(
    world: World, emitted: Emitted, scene: Scene
) -> None:
    scene.play(world)

    for line in emitted.whole_lines():
        of = telemetry().lines[line["event"]]
        assert line["message"] == line["event"]
        assert line.keys() <= of.fields | of.sometimes | telemetry().always
        # What is None is left out.
        assert of.fields - line.keys() <= {"replay", "published", "publishedId"}
