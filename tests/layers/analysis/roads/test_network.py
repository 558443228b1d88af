"""Networks and ways along them, against Floyd and Warshall on graphs that are known."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from layers.analysis.roads.network import Network, Stretches, make_network
from layers.analysis.roads.spread import Ways, unreached
from tests.builders.lattice import Foot, LatticeRoads, Spot, lattices

SPOTS = st.lists(st.tuples(st.floats(-80, 380), st.floats(-80, 380)), min_size=2, max_size=4)


def network_of(roads: LatticeRoads, spots: list[Spot], **more: Any) -> Network:
    places = np.array([shapely.Point(each) for each in spots], dtype=object)
    one_way = np.array(roads.one_way)
    return make_network(roads.drawn(), one_way, places, 1_000.0, **{"island": 0.0, **more})


def pace_of(roads: LatticeRoads, network: Network) -> Any:
    return np.array(roads.pace)[network.line]


def nearest_foot(roads: LatticeRoads, spot: Spot) -> Foot:
    """The only nearest place on the roads, else the example does not tell."""
    best, *others = roads.feet(spot)
    at = np.array(roads.place(best))
    for other in others:
        same = np.hypot(*(at - roads.place(other))) < 1e-9
        assume(same or other.off > best.off + 1e-6)
    return best


@given(lattices(), SPOTS, st.booleans())
def test_costs_are_those_of_floyd_and_warshall(
    roads: LatticeRoads, spots: list[Spot], backward: bool
) -> None:
    network = network_of(roads, spots)
    feet = [nearest_foot(roads, each) for each in spots]
    pace = pace_of(roads, network)
    ways = Ways(network, network.length * pace, backward=backward)
    costs = roads.costs()
    for one, foot in enumerate(feet):
        assert network.joined.metres[one] == pytest.approx(foot.off, abs=1e-6)
        spread = ways.spread([(int(network.joined.node[one]), 0.0)])
        for other, there in enumerate(feet):
            ends = (there, foot) if backward else (foot, there)
            expected = roads.between(costs, *ends)
            node = int(network.joined.node[other])
            assert spread.cost[node] == pytest.approx(expected, rel=1e-6, abs=0.02)
            if expected < inf:
                links = [link for link, _ in spread.way(node)]
                walked = float((network.length * pace)[links].sum())
                assert walked == pytest.approx(float(spread.cost[node]), abs=1e-9)


@given(lattices(), SPOTS)
def test_the_nearest_of_several_starts_is_known(roads: LatticeRoads, spots: list[Spot]) -> None:
    network = network_of(roads, spots)
    ways = Ways(network, network.length * pace_of(roads, network))
    starts = [
        (int(node), float(metres))
        for node, metres in zip(network.joined.node, network.joined.metres, strict=True)
    ]
    every = np.array([ways.spread([start]).cost for start in starts])
    together = ways.spread(starts)
    assert together.cost == pytest.approx(every.min(axis=0))
    reached = np.isfinite(together.cost)
    own = every[together.start[reached], np.flatnonzero(reached)]
    assert own == pytest.approx(together.cost[reached])
    assert (together.start[~reached] == -1).all()


@given(lattices(), SPOTS, st.floats(1, 500), st.floats(0.05, 0.95), st.booleans())
def test_roads_are_reached_exactly_as_far_as_the_limit(
    roads: LatticeRoads, spots: list[Spot], limit: float, share: float, backward: bool
) -> None:
    network = network_of(roads, spots)
    foot = nearest_foot(roads, spots[0])
    pace = pace_of(roads, network)
    ways = Ways(network, network.length * pace, backward=backward)
    spread = ways.spread([(int(network.joined.node[0]), 0.0)], limit)
    low, high = unreached(network, pace, spread, limit, backward=backward)
    costs, stretches = roads.costs(), Stretches(network.lines)
    for link, length in enumerate(network.length):
        at = network.start[link] + share * length
        spot = tuple(stretches.coordinates(int(network.line[link]), at, at)[0])
        there = nearest_foot(roads, (float(spot[0]), float(spot[1])))
        cost = roads.between(costs, *((there, foot) if backward else (foot, there)))
        is_reached = not low[link] < share * length < high[link]
        if abs(cost - limit) > 0.02:
            assert is_reached == (cost < limit)


@given(lattices(), SPOTS)
def test_links_hold_every_metre_of_road_once(roads: LatticeRoads, spots: list[Spot]) -> None:
    network = network_of(roads, spots)
    assert network.length.sum() == pytest.approx(shapely.length(roads.drawn()).sum(), abs=0.01)
    spans = zip(network.line, network.start, network.end, strict=True)
    parts = Stretches(network.lines).lines((int(a), float(b), float(c)) for a, b, c in spans)
    assert shapely.length(parts) == pytest.approx(network.length, abs=1e-6)


def simple(*lines: list[Spot], places: list[Spot] = [], **more: Any) -> Network:  # noqa: B006
    drawn = np.array([shapely.LineString(each) for each in lines], dtype=object)
    points = np.array([shapely.Point(each) for each in places], dtype=object)
    more = {"most_access": 50.0, "island": 0.0, **more}
    return make_network(drawn, np.zeros(len(lines), dtype=bool), points, **more)


def test_lines_that_cross_do_not_meet() -> None:
    assert simple([(0, 0), (100, 0)], [(50, -50), (50, 50)]).nodes == 4
    assert simple([(0, 0), (50, 0), (100, 0)], [(50, -50), (50, 0), (50, 50)]).nodes == 5


@pytest.mark.parametrize(("gap", "nodes"), [(0.0, 3), (0.09, 3), (0.11, 4)])
def test_ends_a_decimetre_apart_meet(gap: float, nodes: int) -> None:
    assert simple([(0, 0), (100, 0)], [(100 + gap, 0), (200, 0)]).nodes == nodes


@pytest.mark.parametrize(("gap", "nodes"), [(0.0, 4), (0.09, 4), (0.11, 4)])
def test_an_end_on_a_line_meets_it(gap: float, nodes: int) -> None:
    network = simple([(0, 0), (100, 0)], [(40, gap), (40, 50)])
    assert network.nodes == nodes
    assert len(network.line) == (3 if gap < 0.1 else 2)


def test_what_goes_on_over_a_line_does_not_meet_it() -> None:
    tunnel: list[Spot] = [(0, 0), (100, 0)]
    assert simple(tunnel, [(50, -50), (50, 0)], [(50, 0), (50, 50)]).nodes == 5


def test_a_line_meets_itself() -> None:
    ring = simple([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)])
    assert (ring.nodes, len(ring.line)) == (1, 1)
    knot = simple([(0, 0), (50, 0), (100, 0), (100, 50), (50, 0), (50, 90)])
    assert (knot.nodes, len(knot.line)) == (3, 3)


def test_close_vertices_of_one_line_are_no_meeting() -> None:
    dense = [(each * 0.05, 0.0) for each in range(200)]
    assert simple(dense).nodes == 2


def test_a_place_joins_at_the_foot_of_the_perpendicular() -> None:
    places: list[Spot] = [(30, 20), (70, -50.1), (120, 0), (0, 0)]
    network = simple([(0, 0), (100, 0)], places=places)
    assert network.joined.metres[[0, 2, 3]] == pytest.approx([20, 20, 0])
    assert network.joined.node[1] == -1
    assert np.isnan(network.joined.metres[1])
    assert network.start.tolist() == [0, 30]
    assert network.end.tolist() == [30, 100]


def test_nothing_joins_an_island() -> None:
    street: list[Spot] = [(0, 0), (3000, 0)]
    path: list[Spot] = [(0, 30), (100, 30)]
    network = simple(street, path, places=[(50, 30)], island=2000.0)
    assert network.joined.metres[0] == pytest.approx(30)
    assert len(network.line) == 2
    alone = simple(path, places=[(50, 30)], island=2000.0)
    assert alone.joined.metres[0] == pytest.approx(0)


def test_there_may_be_no_roads_or_places() -> None:
    empty = np.zeros(0, dtype=object)
    network = make_network(empty, np.zeros(0, dtype=bool), np.array([shapely.Point(0, 0)]), 50.0)
    assert network.nodes == 0
    assert network.joined.node.tolist() == [-1]
    assert Ways(network, network.length).spread([]).cost.tolist() == []
