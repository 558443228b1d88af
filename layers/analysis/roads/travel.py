"""How one goes: mode, what is counted and in which direction; and the roads this needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, func, select

from layers.analysis.roads.network import (
    ISLAND,
    Bools,
    Floats,
    Joined,
    Lines,
    Network,
    make_network,
)
from layers.analysis.roads.speeds import MODES, Mode, minutes_per_metre, speeds, walking_speed
from layers.core.crs import ReferenceSystem, metric_srid, reference_system
from layers.core.errors import Fault, Invalid
from layers.core.features import visible
from layers.core.scope import Reader
from layers.territory.basemap import ROADS

__all__ = ["DIRECTIONS", "MODES", "UNITS", "Direction", "Mode", "Travel", "Unit"]

Unit = Literal["minutes", "metres"]
UNITS: tuple[Unit, ...] = get_args(Unit)
Direction = Literal["from_facilities", "to_facilities"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)

USUAL_ACCESS = 300.0
LARGEST_ACCESS = 2_000.0
LONGEST = {"minutes": 120.0, "metres": 50_000.0}
MOST_ROADS = 100_000
# Beyond, lengths in one projected zone are no longer good to one in a thousand.
_WIDEST_DEGREES = 2.0


@dataclass(frozen=True)
class Travel:
    """By `mode`, counting `unit`, where roads are at most `access` straight metres away.

    `direction` says which way one-way roads are gone.
    """

    mode: Mode = "walk"
    unit: Unit = "minutes"
    direction: Direction = "from_facilities"
    access: float = USUAL_ACCESS

    @property
    def is_backward(self) -> bool:
        """Whether ways are looked for against the direction of travel, from the facilities."""
        return self.direction == "to_facilities"

    @property
    def access_cost(self) -> float:
        """What a straight metre off the roads costs: it is walked."""
        return 1.0 if self.unit == "metres" else minutes_per_metre(walking_speed())

    def farthest(self, limit: float) -> float:
        """Metres within which everything lies that costs no more than the limit."""
        if self.unit == "metres":
            return limit
        fastest = max([*speeds()[self.mode].values(), walking_speed()])
        return limit / minutes_per_metre(fastest)


@dataclass(frozen=True)
class RoadNetwork:
    """A network with what a metre of each link costs and how many minutes it takes.

    Coordinates are those of `system`, in metres, also of the `places` that are joined.
    """

    network: Network
    places: Lines
    per_metre: Floats
    minutes: Floats
    system: ReferenceSystem


def find_network(
    connection: Connection,
    reader: Reader,
    travel: Travel,
    places: Sequence[BaseGeometry],
    limit: float,
    *,
    more: Sequence[BaseGeometry] = (),
    asked: str = "facilities",
) -> RoadNetwork:
    """The roads that the reader may see within the limit of places, with these joined to them.

    Places are points in CRS84. Those of `more` follow them and are joined too, but for what lies
    beyond the limit of all `places`. `asked` is the input to name when it cannot be answered.

    Raises: Forbidden without the right to see roads; Invalid when the places lie too far apart or
    there are too many roads.
    """
    system = _system(places, asked)
    # What is an island must be seen as a whole around everything that is joined.
    box = _box(places, system, travel.farthest(limit) + travel.access + ISLAND)
    every = np.array([*places, *more], dtype=object)
    is_near = np.asarray(shapely.intersects(box, every))
    near = in_metres(every[is_near], system)
    lines, one_way, classes = _roads(connection, reader, travel.mode, box, system, asked)
    if travel.mode == "walk":
        one_way = np.zeros(len(lines), dtype=bool)
    network = make_network(lines, one_way, near, travel.access)
    node, metres = np.full(len(every), -1, dtype=np.int64), np.full(len(every), np.nan)
    node[is_near], metres[is_near] = network.joined.node, network.joined.metres
    every[is_near] = near
    speed = speeds()[travel.mode]
    pace = np.array([minutes_per_metre(speed[each]) for each in classes], dtype=float)
    minutes = pace[network.line]
    per_metre = minutes if travel.unit == "minutes" else np.ones(len(minutes))
    network = replace(network, joined=Joined(node, metres))
    return RoadNetwork(network, every, per_metre, minutes, system)


def in_metres(shapes: Any, system: ReferenceSystem) -> Any:
    """Shapes in CRS84 (one or an array) in the metres of a system."""
    return shapely.transform(shapes, lambda xy: np.column_stack(system.from_wgs84(*xy.T)))


def _system(places: Sequence[BaseGeometry], asked: str) -> ReferenceSystem:
    west, south, east, north = shapely.total_bounds(np.array(places, dtype=object))
    if max(east - west, north - south) > _WIDEST_DEGREES:
        raise Invalid([Fault(asked, "these lie more than 2° apart; ask for a part")])
    return reference_system(f"EPSG:{metric_srid((west + east) / 2, (south + north) / 2)}")


def _box(places: Sequence[BaseGeometry], system: ReferenceSystem, metres: float) -> BaseGeometry:
    points = in_metres(np.array(places, dtype=object), system)
    west, south, east, north = shapely.total_bounds(points)
    wide = shapely.box(west - metres, south - metres, east + metres, north + metres)
    # The side of a box in metres bends in degrees.
    whole: BaseGeometry = system.geometry_to_wgs84(wide.segmentize(10_000)).envelope
    return whole


def _roads(
    connection: Connection,
    reader: Reader,
    mode: Mode,
    box: BaseGeometry,
    system: ReferenceSystem,
    asked: str,
) -> tuple[Lines, Bools, Sequence[str]]:
    """Each line of the roads that the mode may use, whether it is one-way, and its class."""
    road = ROADS.table.c
    west, south, east, north = box.bounds
    statement = (
        select(
            road.road_class,
            func.coalesce(road.oneway, False),
            func.ST_AsBinary(road.geom),
        )
        .where(
            visible(ROADS, reader),
            road.road_class.in_(speeds()[mode]),
            road.geom.op("&&")(func.ST_MakeEnvelope(west, south, east, north, 4326)),
        )
        .order_by(road.id)
        .limit(MOST_ROADS + 1)
    )
    rows = connection.execute(statement).all()
    if len(rows) > MOST_ROADS:
        reason = f"more than {MOST_ROADS:,} roads lie within reach; ask for a part or less far"
        raise Invalid([Fault(asked, reason)])
    if not rows:
        return np.zeros(0, dtype=object), np.zeros(0, dtype=bool), []
    shapes = shapely.from_wkb([bytes(row[2]) for row in rows])
    parts, number = shapely.get_parts(shapes, return_index=True)
    one_way = np.array([row[1] for row in rows], dtype=bool)[number]
    return in_metres(parts, system), one_way, [rows[each][0] for each in number.tolist()]
