"""The nearest facility of each origin along roads, and the way there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from layers.analysis.roads.network import Stretches
from layers.analysis.roads.speeds import minutes_per_metre, walking_speed
from layers.analysis.roads.spread import Ways
from layers.analysis.roads.travel import LONGEST, RoadNetwork, Travel, find_network
from layers.core.errors import Fault, Invalid
from layers.core.scope import Reader

MOST_PLACES = 5_000
NoWay = Literal["no_road", "no_facility"]
_BATCH = 250


@dataclass(frozen=True)
class NearestQuestion:
    """Origins and facilities (points in CRS84); `most` is the limit in the unit of travel.

    Raises: Invalid naming what cannot be asked.
    """

    origins: Sequence[BaseGeometry]
    facilities: Sequence[BaseGeometry]
    most: float
    travel: Travel
    with_routes: bool = False

    def __post_init__(self) -> None:
        faults = [
            Fault(name, f"1 to {MOST_PLACES:,} expected, not {len(places):,}")
            for name, places in (("origins", self.origins), ("facilities", self.facilities))
            if not 1 <= len(places) <= MOST_PLACES
        ]
        longest = LONGEST[self.travel.unit]
        if not 0 < self.most <= longest:
            faults.append(Fault("most", f"above 0 and up to {longest:,.0f} {self.travel.unit}"))
        if faults:
            raise Invalid(faults)


@dataclass(frozen=True)
class Found:
    """The nearest facility of an origin by its number, None when there is none for a `reason`.

    `no_road`: no road is near enough to the origin; `no_facility`: none is reached within the
    limit. `metres` and `minutes` are those of the whole way; `access` and `facility_access` are the
    straight metres in it, at the origin and the facility. `route` is a LineString in CRS84 in the
    direction of travel.
    """

    facility: int | None
    reason: NoWay | None = None
    metres: float = 0.0
    minutes: float = 0.0
    access: float | None = None
    facility_access: float | None = None
    route: BaseGeometry | None = None


def find_nearest(
    connection: Connection,
    reader: Reader,
    question: NearestQuestion,
    tell: Callable[[int, str], None],
) -> list[Found]:
    """For each origin the facility that costs least to go to, or to come from.

    `tell` hears how many per cent are done.

    Raises: Forbidden without the right to see roads; Invalid for too many roads.
    """
    travel, origins = question.travel, question.origins
    roads = find_network(
        connection,
        reader,
        travel,
        origins,
        question.most,
        more=question.facilities,
        asked="origins",
    )
    tell(20, f"{len(roads.network.line)} links")
    search = _Search(roads, travel, len(origins))
    found = []
    for number in range(len(origins)):
        if number % _BATCH == 0:
            tell(20 + 80 * number // len(origins), f"{number} / {len(origins)}")
        found.append(search.found(number, question.most, with_route=question.with_routes))
    return found


class _Search:
    """One spread from all facilities; each origin is asked where its way goes."""

    def __init__(self, roads: RoadNetwork, travel: Travel, origins: int) -> None:
        network, joined = roads.network, roads.network.joined
        self._roads, self._travel, self._origins = roads, travel, origins
        self._length = network.length
        self._stretches = Stretches(network.lines)
        self._served = np.flatnonzero(joined.node[origins:] >= 0).tolist()
        access = joined.metres[origins:] * travel.access_cost
        node = joined.node[origins:]
        ways = Ways(network, self._length * roads.per_metre, backward=travel.is_backward)
        self._spread = ways.spread(
            [(int(node[each]), float(access[each])) for each in self._served]
        )

    def found(self, origin: int, most: float, *, with_route: bool) -> Found:
        joined = self._roads.network.joined
        node = int(joined.node[origin])
        if node < 0:
            return Found(None, "no_road")
        access = float(joined.metres[origin])
        cost = float(self._spread.cost[node]) + access * self._travel.access_cost
        if not cost <= most:
            return Found(None, "no_facility", access=access)
        facility = self._served[int(self._spread.start[node])]
        facility_access = float(joined.metres[self._origins + facility])
        way = list(self._spread.way(node))
        links = [link for link, _ in way]
        straight = access + facility_access
        minutes = float((self._length[links] * self._roads.minutes[links]).sum())
        return Found(
            facility,
            metres=float(self._length[links].sum()) + straight,
            minutes=minutes + straight * minutes_per_metre(walking_speed()),
            access=access,
            facility_access=facility_access,
            route=self._route(origin, facility, way) if with_route else None,
        )

    def _route(self, origin: int, facility: int, way: Sequence[tuple[int, int]]) -> BaseGeometry:
        network, places = self._roads.network, self._roads.places
        parts = [shapely.get_coordinates(places[origin])]
        for link, node in way:
            part = self._stretches.coordinates(
                int(network.line[link]), float(network.start[link]), float(network.end[link])
            )
            parts.append(part if network.tail[link] == node else part[::-1])
        parts.append(shapely.get_coordinates(places[self._origins + facility]))
        line = shapely.LineString(np.vstack(parts))
        told = self._roads.system.geometry_to_wgs84(shapely.remove_repeated_points(line))
        whole: BaseGeometry = told if self._travel.is_backward else shapely.reverse(told)
        return whole
