"""The picture of the choreography: complete, linked, and readable."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from xml.etree import ElementTree as ET

from tests.unit.stories import CONSUMED_BY, PUBLISHED_BY
from tools.project.choreography import page, picture
from tools.project.choreography.flow import Flow

FLOW = Flow.of_this_project()
PICTURE = ET.fromstring(picture.svg(FLOW))  # noqa: S314  made here
SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {group.attrib["id"]: group for group in PICTURE.findall(f"{SVG}g")}
NODES = {name.removeprefix("node-"): group for name, group in DRAWN.items() if name.startswith("node-")}
EDGES = {name: group for name, group in DRAWN.items() if not name.startswith("node-")}


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def contains(self, x: float, y: float) -> bool:
        return self.left < x < self.right and self.top < y < self.bottom


def box_of(node: ET.Element) -> Box:
    rect, note = node.find(f".//{SVG}rect"), node.find(f".//{SVG}polygon")
    if rect is not None:
        x, y, width, height = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        return Box(x, y, x + width, y + height)
    assert note is not None
    xs, ys = zip(*(map(float, point.split(",")) for point in note.attrib["points"].split()), strict=True)
    return Box(min(xs), min(ys), max(xs), max(ys))


BOXES = {name: box_of(node) for name, node in NODES.items()}


def points_of(edge: ET.Element) -> Iterator[tuple[float, float]]:
    """Walk along an edge: its path is cubic curves, each followed by a straight piece down or up."""
    (path,) = edge.findall(f"{SVG}path")
    start, *pieces = path.attrib["d"].removeprefix("M").split("C")
    x, y = map(float, start.split(","))
    yield x, y
    for piece in pieces:
        curve, _, straight = piece.partition("V")
        first, second, end = ([*map(float, point.split(","))] for point in curve.split(" "))
        for t in (step / 20 for step in range(1, 21)):
            a, b, c, d = (1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3
            yield (
                a * x + b * first[0] + c * second[0] + d * end[0],
                a * y + b * first[1] + c * second[1] + d * end[1],
            )
        x, y = end[0], float(straight)
        yield x, y


def test_the_picture_has_a_box_for_each_event_and_each_function_that_publishes_and_links_to_its_row() -> None:
    events = {name for name, node in NODES.items() if node.get("data-event") == name}
    functions = {name for name, node in NODES.items() if node.get("data-function") == name}
    assert events == set(FLOW.events)
    assert functions == {name for name, each in FLOW.functions.items() if each.publishes}
    rows = page.draw(FLOW)
    for name, node in NODES.items():
        (link,) = node.findall(f"{SVG}a")
        assert link.attrib["href"] == f"#{name}"
        assert rows.count(f'id="{name}"') == 1


def test_the_picture_has_an_edge_for_each_event_that_is_published_or_consumed_from_box_to_box() -> None:
    expected = [(f"{function}-{event}", function, event) for event in FLOW.events for function in PUBLISHED_BY[event]]
    expected += [
        (f"{event}-{CONSUMED_BY[event]}", CONSUMED_BY[event], event) for event in FLOW.events if event in CONSUMED_BY
    ]
    drawn = [(name, edge.get("data-function"), edge.get("data-event")) for name, edge in EDGES.items()]
    assert sorted(drawn, key=str) == sorted(expected, key=str)
    for name, edge in EDGES.items():
        source, target = (BOXES[end] for end in name.split("-"))
        (x, y), *_, (end_x, end_y) = points_of(edge)
        assert source.left < x < source.right
        assert y == source.bottom
        assert target.left < end_x < target.right
        assert target.top - picture.ARROW <= end_y <= target.top


def test_no_two_boxes_of_the_picture_overlap() -> None:
    assert [(one, other) for one, other in combinations(BOXES, 2) if BOXES[one].overlaps(BOXES[other])] == []


def test_no_edge_of_the_picture_runs_through_a_box() -> None:
    crossed = [
        (edge, box) for edge in EDGES for box in BOXES if any(BOXES[box].contains(*at) for at in points_of(EDGES[edge]))
    ]
    assert crossed == []


def test_the_picture_shows_everything_that_is_drawn() -> None:
    left, top, width, height = map(float, PICTURE.attrib["viewBox"].split())
    shown = Box(left, top, left + width, top + height)
    assert [name for name, box in BOXES.items() if not shown.contains(box.left, box.top)] == []
    assert [name for name, box in BOXES.items() if not shown.contains(box.right, box.bottom)] == []
    assert [name for name, edge in EDGES.items() if not all(shown.contains(*at) for at in points_of(edge))] == []
