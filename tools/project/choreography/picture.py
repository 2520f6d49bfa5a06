"""Draws the choreography as SVG: functions are boxes, events are the notes between them.

igraph assigns the places, by Sugiyama's method: layers from top to bottom, with few crossings. The same choreography
makes the same picture on every machine: text is never measured, and the coordinates are simple fractions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import chain, pairwise

from igraph import Graph

from tools.project.choreography.flow import Flow, Function

CHARACTER, LINE, MARGIN = 8, 17, 22
"""Pixels that a character, a line, and the margins of a box take."""
LAYER, COLUMN_GAP = 70, 20
"""Pixels from one layer to the next, and between the columns."""
FOLD, ARROW = 8, 7
"""Pixels of a note's folded corner, and of an arrowhead."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Node:
    """A function or an event, with the lines of its label."""

    name: str
    kind: str
    classes: str
    lines: tuple[str, ...]

    @property
    def width(self) -> int:
        """Pixels from left to right, for its longest line."""
        return max(map(len, self.lines)) * CHARACTER + MARGIN

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return len(self.lines) * LINE + MARGIN // 2

    def draw(self, x: float, y: float) -> str:
        """Return it as SVG around its centre, with a link to its own name in the page that it stands in."""
        left, top, right, bottom = x - self.width / 2, y - self.height / 2, x + self.width / 2, y + self.height / 2
        if self.kind == "function":
            box = f'<rect x="{left:g}" y="{top:g}" width="{self.width}" height="{self.height}" rx="9"/>'
        else:
            corner = f"{right - FOLD:g},{top:g} {right - FOLD:g},{top + FOLD:g} {right:g},{top + FOLD:g}"
            sides = f"{left:g},{top:g} {right - FOLD:g},{top:g} {right:g},{top + FOLD:g} {right:g},{bottom:g}"
            box = f'<polygon points="{sides} {left:g},{bottom:g}"/><polyline points="{corner}"/>'
        first = y - (len(self.lines) - 1) * LINE / 2 + 4
        text = "".join(
            f'<text x="{x:g}" y="{first + index * LINE:g}">{escape(line)}</text>'
            for index, line in enumerate(self.lines)
        )
        return (
            f'<g id="node-{self.name}" class="node {self.classes}" data-{self.kind}="{self.name}">'
            f'<a href="#{self.name}"><title>{self.name}</title>{box}{text}</a></g>\n'
        )


@dataclass(frozen=True)
class Edge:
    """A function publishes an event, or a rule brings an event to a function."""

    source: Node
    target: Node
    way: str

    def draw(self, route: list[Point]) -> str:
        """Return it as SVG from its source to its target; `route` holds their centres, and where it passes layers."""
        (x, y), (*_, (end_x, end_y)) = route[0], route
        down = 1 if end_y > y else -1
        consumes = self.source.kind == "event"
        end = end_y - down * (self.target.height / 2 + (ARROW if consumes else 0))
        # Straight through each layer on the way, so that it touches no box there; curved between the layers.
        straight = [(x, y, y + down * self.source.height / 2)]
        straight += [(x, y - down * LINE, y + down * LINE) for x, y in route[1:-1]]
        straight += [(end_x, end, end)]
        path = f"M{x:g},{straight[0][2]:g}" + "".join(
            f"C{x:g},{(leaves + enters) / 2:g} {to:g},{(leaves + enters) / 2:g} {to:g},{enters:g}V{left:g}"
            for (x, _, leaves), (to, enters, left) in pairwise(straight)
        )
        head = f"{end_x:g},{end + down * ARROW:g} {end_x - ARROW / 2:g},{end:g} {end_x + ARROW / 2:g},{end:g}"
        function, event = (self.target, self.source) if consumes else (self.source, self.target)
        return (
            f'<g id="{self.source.name}-{self.target.name}" class="edge {"consumes" if consumes else "publishes"} '
            f'{self.way}" data-function="{function.name}" data-event="{event.name}"><path d="{path}"/>'
            + (f'<polygon points="{head}"/>' if consumes else "")
            + "</g>\n"
        )


def svg(flow: Flow) -> str:
    """Return the picture as an SVG element; its colours are left to the page, by the classes of its parts."""
    nodes = {node.name: node for node in _nodes(flow)}
    edges = list(_edges(flow, nodes))
    column = max(node.width for node in nodes.values()) + COLUMN_GAP
    graph = Graph.DictList(
        [{"name": name} for name in nodes],
        [{"source": edge.source.name, "target": edge.target.name} for edge in edges],
        directed=True,
    )
    layout = graph.layout_sugiyama(hgap=column, vgap=LAYER, maxiter=1000)
    places: dict[str, Point] = {name: tuple(place) for name, place in zip(nodes, layout, strict=True)}
    routes = [
        [places[edge.source.name], *map(tuple, between), places[edge.target.name]]
        for edge, between in zip(edges, layout.edge_routing, strict=True)
    ]
    across, down = zip(*chain(places.values(), *routes), strict=True)
    left, top = min(across) - column / 2, min(down) - LAYER / 2
    width, height = max(across) + column / 2 - left, max(down) + LAYER / 2 - top
    return (
        f'<svg role="img" aria-label="The choreography" xmlns="http://www.w3.org/2000/svg" width="{width:g}" '
        f'viewBox="{left:g} {top:g} {width:g} {height:g}" font-size="12" text-anchor="middle">\n'
        + "".join(edge.draw(route) for edge, route in zip(edges, routes, strict=True))
        + "".join(node.draw(*places[node.name]) for node in nodes.values())
        + "</svg>\n"
    )


def way_of(flow: Flow, event: str) -> str:
    """Return which way an event goes: `failure`, `compensation`, or `success`."""
    if flow.is_failure(event):
        return "failure"
    return "compensation" if flow.is_compensation(event) else "success"


def _nodes(flow: Flow) -> Iterator[Node]:
    for name, function in flow.functions.items():
        if function.is_step or function.publishes:
            yield Node(name, "function", _class_of(flow, function), (name, *function.triggers))
    for event, kind in flow.events.items():
        lines = (event, kind.status) if kind.terminal else (event,)
        yield Node(event, "event", f"event {way_of(flow, event)}{' terminal' if kind.terminal else ''}", lines)


def _edges(flow: Flow, nodes: dict[str, Node]) -> Iterator[Edge]:
    for event in flow.events:
        for publisher in flow.publishers(event):
            yield Edge(nodes[publisher.name], nodes[event], way_of(flow, event))
        for consumer in flow.consumers(event):
            yield Edge(nodes[event], nodes[consumer.name], way_of(flow, event))


def _class_of(flow: Flow, function: Function) -> str:
    return "function compensation" if flow.compensates(function) else "function"
