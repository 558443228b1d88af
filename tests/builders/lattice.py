"""Small road networks whose nodes and edges are known, and their ways found the slow way."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import hypot, inf
from typing import Any

import numpy as np
import shapely
from hypothesis import strategies as st

Spot = tuple[float, float]
STEP = 100.0
MILLIMETRE = 1e-3


@dataclass(frozen=True)
class Edge:
    """A straight way from node to node; `pace` is the cost of a metre."""

    tail: int
    head: int
    pace: float
    one_way: bool


@dataclass(frozen=True)
class Foot:
    """A place on an edge: how far along it, and how far off."""

    edge: int
    at: float
    off: float


@dataclass(frozen=True)
class LatticeRoads:
    """Nodes with their places, edges between them, and the same as the lines that were drawn.

    `lines` may hold several edges each and ends on others; `pace` and `one_way` are theirs.
    """

    nodes: list[Spot]
    edges: list[Edge]
    lines: list[list[Spot]]
    pace: list[float]
    one_way: list[bool]

    def drawn(self) -> Any:
        """The lines as shapes."""
        return np.array([shapely.LineString(each) for each in self.lines], dtype=object)

    def length(self, edge: int) -> float:
        """Metres of an edge."""
        (a, b), (c, d) = (self.nodes[each] for each in self._ends(edge))
        return hypot(c - a, d - b)

    def place(self, foot: Foot) -> Spot:
        """Where a foot is."""
        (a, b), (c, d) = (self.nodes[each] for each in self._ends(foot.edge))
        share = foot.at / self.length(foot.edge)
        return a + (c - a) * share, b + (d - b) * share

    def feet(self, spot: Spot) -> list[Foot]:
        """The foot on every edge, the nearest first."""
        found = []
        for number in range(len(self.edges)):
            (a, b), (c, d) = (self.nodes[each] for each in self._ends(number))
            length = self.length(number)
            share = ((spot[0] - a) * (c - a) + (spot[1] - b) * (d - b)) / length**2
            share = min(1.0, max(0.0, share))
            off = hypot(a + (c - a) * share - spot[0], b + (d - b) * share - spot[1])
            found.append(Foot(number, share * length, off))
        return sorted(found, key=lambda each: each.off)

    def costs(self) -> list[list[float]]:
        """The least cost from each node to each (Floyd and Warshall)."""
        count = len(self.nodes)
        cost = [[0.0 if i == j else inf for j in range(count)] for i in range(count)]
        for number, edge in enumerate(self.edges):
            spent = self.length(number) * edge.pace
            cost[edge.tail][edge.head] = min(cost[edge.tail][edge.head], spent)
            if not edge.one_way:
                cost[edge.head][edge.tail] = min(cost[edge.head][edge.tail], spent)
        for k in range(count):
            for i in range(count):
                for j in range(count):
                    cost[i][j] = min(cost[i][j], cost[i][k] + cost[k][j])
        return cost

    def between(self, costs: list[list[float]], one: Foot, other: Foot) -> float:
        """The least cost from one foot to another, straight ways left out."""
        first, last = self.edges[one.edge], self.edges[other.edge]
        left, rest = self.length(one.edge) - one.at, self.length(other.edge) - other.at
        leaving = [(first.head, left * first.pace)]
        if not first.one_way or one.at < MILLIMETRE:
            leaving.append((first.tail, one.at * first.pace))
        coming = [(last.tail, other.at * last.pace)]
        if not last.one_way or rest < MILLIMETRE:
            coming.append((last.head, rest * last.pace))
        ways = [a + costs[i][j] + b for i, a in leaving for j, b in coming]
        if one.edge == other.edge and (other.at >= one.at - MILLIMETRE or not first.one_way):
            ways.append(abs(other.at - one.at) * first.pace)
        return min(ways)

    def _ends(self, edge: int) -> tuple[int, int]:
        return self.edges[edge].tail, self.edges[edge].head


@st.composite
def lattices(draw: st.DrawFn) -> LatticeRoads:
    """Streets with gaps, several edges to a line, one-ways, dead ends, ends on others, bridges."""
    columns, rows = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    nodes = [_spot(i, j) for i in range(columns) for j in range(rows)]
    made = LatticeRoads(nodes, [], [], [], [])
    for i in range(columns):
        _street(draw, made, [i * rows + j for j in range(rows)])
    for j in range(rows):
        _street(draw, made, [i * rows + j for i in range(columns)])
    if not made.edges:
        _line(draw, made, [0, 1])
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, columns * rows - 1))
        x, y = nodes[start]
        nodes.append((x - 37.3 - len(nodes), y - 41.7))
        _line(draw, made, [start, len(nodes) - 1])
    if draw(st.booleans()):
        _ending_on(draw, made)
    if draw(st.booleans()):
        # From corner to corner over everything that lies between.
        bridge = (0, columns * rows - 1)
        over = shapely.LineString([nodes[each] for each in bridge])
        others = [spot for number, spot in enumerate(nodes) if number not in bridge]
        if all(over.distance(shapely.Point(each)) > 1 for each in others):
            _line(draw, made, list(bridge))
    return made


def _spot(i: int, j: int) -> Spot:
    """A node of the lattice, out of line so that no three are on one."""
    return i * STEP + (i * 7 + j * 13) % 11 * 1.7, j * STEP + (i * 5 + j * 3) % 7 * 2.3


def _street(draw: st.DrawFn, made: LatticeRoads, along: list[int]) -> None:
    """Lines along a row of nodes, broken and missing by chance."""
    run = along[:1]
    for node in along[1:]:
        chance = draw(st.sampled_from(("go", "go", "new", "gap")))
        if chance == "gap":
            _line(draw, made, run)
            run = [node]
        elif chance == "new":
            _line(draw, made, [*run, node])
            run = [node]
        else:
            run = [*run, node]
    _line(draw, made, run)


def _line(draw: st.DrawFn, made: LatticeRoads, run: list[int]) -> None:
    if len(run) < 2:
        return
    run = run[::-1] if draw(st.booleans()) else run
    pace, one_way = draw(st.sampled_from((1.0, 0.5, 3.0))), draw(st.integers(0, 3)) == 0
    made.lines.append([made.nodes[each] for each in run])
    made.pace.append(pace)
    made.one_way.append(one_way)
    made.edges.extend(Edge(a, b, pace, one_way) for a, b in pairwise(run))


def _ending_on(draw: st.DrawFn, made: LatticeRoads) -> None:
    """A line that ends in the middle of an edge, which has no vertex there."""
    number = draw(st.integers(0, len(made.edges) - 1))
    edge = made.edges[number]
    spot = made.place(Foot(number, made.length(number) * 0.37, 0.0))
    node = len(made.nodes)
    made.nodes.extend([spot, (spot[0] + 11.3, spot[1] + 9.1)])
    made.edges[number] = Edge(edge.tail, node, edge.pace, edge.one_way)
    made.edges.append(Edge(node, edge.head, edge.pace, edge.one_way))
    _line(draw, made, [node, node + 1])
