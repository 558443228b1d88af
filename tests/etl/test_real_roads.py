"""Ways along the roads of a real city, against the graph of OpenStreetMap's own nodes."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise
from math import inf
from pathlib import Path

import osmium
import pytest
import shapely
from pyproj import Geod
from sqlalchemy import Engine

from etl.mapping.osm_kinds import ROAD_CLASS
from layers.analysis.roads.nearest import Found, NearestQuestion, find_nearest
from layers.analysis.roads.speeds import speeds
from layers.analysis.roads.travel import Mode, Travel
from layers.core.database import reader_transaction
from layers.core.rights import Role
from tests.builders.two_sides import reader
from tests.etl.conftest import loading

CITIES = ("monaco_2021.osm.pbf", "shenzhen_longgang_2019.osm", "helsinki_centre_2019.osm.pbf")
EVERYWHERE = reader(Role.COMMANDER, "")
FACILITIES, ORIGINS, MOST = 12, 150, 20_000.0
_ELLIPSOID = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Graph:
    """Geodesic metres from node to node of the ways that may be used, and where nodes are."""

    links: Mapping[int, Mapping[int, float]]
    spots: Mapping[int, tuple[float, float]]

    def costs(self, start: int) -> dict[int, float]:
        """Metres from a node to all others."""
        cost, waiting = {start: 0.0}, [(0.0, start)]
        while waiting:
            spent, node = heappop(waiting)
            if spent > cost[node]:
                continue
            for other, more in self.links[node].items():
                if spent + more < cost.get(other, inf):
                    cost[other] = spent + more
                    heappush(waiting, (cost[other], other))
        return cost


def graph_of(path: Path, mode: Mode) -> Graph:
    links: dict[int, dict[int, float]] = defaultdict(dict)
    spots: dict[int, tuple[float, float]] = {}
    for way in osmium.FileProcessor(str(path)).with_locations():
        if not way.is_way() or way.tags.get("area") == "yes":
            continue
        if ROAD_CLASS.get(way.tags.get("highway", "")) not in speeds()[mode]:
            continue
        # Of a way that is cut off at the edge of the file the import takes what there is.
        nodes = [(n.ref, n.location.lon, n.location.lat) for n in way.nodes if n.location.valid()]
        sides = sides_of(way.tags) if mode != "walk" else (True, True)
        for (a, *start), (b, *end) in pairwise(nodes):
            spots[a], spots[b] = (start[0], start[1]), (end[0], end[1])
            metres = _ELLIPSOID.inv(*start, *end)[2]
            for one, other, is_open in ((a, b, sides[0]), (b, a, sides[1])):
                if is_open:
                    links[one][other] = min(metres, links[one].get(other, inf))
    return Graph(links, spots)


def sides_of(tags: Mapping[str, str]) -> tuple[bool, bool]:
    """Whether a way may be gone as it is drawn, and against it (OpenStreetMap wiki, Key:oneway)."""
    given = tags.get("oneway")
    if given in ("-1", "reverse"):
        return False, True
    implied = tags.get("junction") in ("roundabout", "circular") or tags["highway"] == "motorway"
    return True, not (given in ("yes", "true", "1") or (given is None and implied))


@pytest.fixture(scope="module", params=CITIES)
def loaded(
    request: pytest.FixtureRequest,
    module_engine: Engine,
    real_files: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A file whose roads are in the database."""
    path = real_files / "osm" / str(request.param)
    loading(module_engine, tmp_path_factory.mktemp("reports"))(path)
    return path


@pytest.mark.parametrize("mode", ["walk", "car"])
def test_ways_are_those_of_the_nodes_in_the_map(
    loaded: Path, module_engine: Engine, mode: Mode
) -> None:
    graph = graph_of(loaded, mode)
    chance = random.Random(1)
    names = sorted(graph.spots)
    hub = max(chance.sample(names, 40), key=lambda node: len(graph.costs(node)))
    reached = sorted(graph.costs(hub))
    facilities = chance.sample(reached, FACILITIES)
    origins = chance.sample(reached, ORIGINS)
    found = ask(module_engine, graph, origins, facilities, mode)
    costs = [graph.costs(node) for node in facilities]
    equal = 0
    for origin, each in zip(origins, found, strict=True):
        expected = min(cost.get(origin, inf) for cost in costs)
        metres = each.metres if each.facility is not None else inf
        # Never farther: what the map joins is joined here, and hardly anything besides.
        assert metres <= expected * 1.001 + 0.5
        equal += metres == pytest.approx(expected, rel=1e-3, abs=0.5)
    assert equal >= 0.98 * ORIGINS, equal


def ask(
    engine: Engine, graph: Graph, origins: list[int], facilities: list[int], mode: Mode
) -> list[Found]:
    """The nearest facility from which each origin is reached."""
    places = [
        [shapely.Point(graph.spots[node]) for node in nodes] for nodes in (origins, facilities)
    ]
    travel = Travel(mode, "metres", "from_facilities")
    with reader_transaction(engine, EVERYWHERE) as connection:
        question = NearestQuestion(places[0], places[1], MOST, travel)
        return find_nearest(connection, EVERYWHERE, question, lambda *told: None)
