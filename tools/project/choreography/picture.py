"""Lays the choreography out with Graphviz: functions are boxes, events are the notes between them."""

import re

import pygraphviz

from tools.project.choreography.flow import Flow, Function

CHARACTER, LINE, MARGIN = 7.4, 17, 22
"""Points that a character, a line and the margins of a box take. Fixed, so that no machine's fonts move the picture."""
INCH = 72
"""Points."""


def graph(flow: Flow) -> pygraphviz.AGraph:
    """Give the graph, without a layout. Events and functions link to their own names in the page that it stands in."""
    drawn = pygraphviz.AGraph(directed=True, rankdir="TB", nodesep="0.3", ranksep="0.32", bgcolor="transparent")
    for name, function in flow.functions.items():
        if function.is_step or function.publishes:
            _node(drawn, name, [*function.triggers, name], _class_of(flow, function), "box")
    for event, kind in flow.events.items():
        terminal = " terminal" if kind.terminal else ""
        _node(drawn, event, [event, kind.status] if terminal else [event], f"event {way_of(flow, event)}{terminal}")
        for publisher in flow.publishers(event):
            drawn.add_edge(publisher.name, event, **{"class": way_of(flow, event), "arrowhead": "none"})
        for consumer in flow.consumers(event):
            drawn.add_edge(event, consumer.name, **{"class": way_of(flow, event), "arrowsize": "0.7"})
    return drawn


def svg(drawn: pygraphviz.AGraph) -> str:
    """Lay a graph out and give it as an SVG element; its colours are left to the page, by the classes of its parts."""
    text: str = drawn.draw(format="svg", prog="dot").decode()
    text = re.sub(r"<!--.*?-->\n?", "", text[text.index("<svg") :], flags=re.DOTALL)
    text = re.sub(r' (?:fill|stroke|font-family|xml:space|xmlns:xlink)="[^"]*"', "", text)
    text = re.sub(r'width="(\d+)pt" height="\d+pt"', r'role="img" aria-label="The choreography" width="\1"', text)
    return text.replace("xlink:", "")


def way_of(flow: Flow, event: str) -> str:
    """Give which way an event goes: `failure`, `compensation`, or `success`."""
    if flow.is_failure(event):
        return "failure"
    return "compensation" if flow.is_compensation(event) else "success"


def _class_of(flow: Flow, function: Function) -> str:
    return "function compensation" if flow.compensates(function) else "function"


def _node(drawn: pygraphviz.AGraph, name: str, lines: list[str], kind: str, shape: str = "note") -> None:
    drawn.add_node(
        name,
        shape=shape,
        label="\\n".join(lines),
        fixedsize="true",
        width=f"{(max(map(len, lines)) * CHARACTER + MARGIN) / INCH:.2f}",
        height=f"{(len(lines) * LINE + MARGIN / 2) / INCH:.2f}",
        style="rounded" if shape == "box" else "",
        fontname="sans-serif",
        fontsize="12",
        URL=f"#{name}",
        tooltip=name,
        **{"class": kind},
    )
