"""Ground that facilities serve: what lies beside the roads reached within a time or distance.

The roads reached end exactly where the limit is spent, in the middle of a link too. A larger limit
holds all that a smaller one does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from layers.analysis.roads.network import Floats, Ints, Stretches
from layers.analysis.roads.spread import Start, Ways, unreached
from layers.analysis.roads.travel import LONGEST, RoadNetwork, Travel, find_network
from layers.core.errors import Fault, Invalid
from layers.core.scope import Reader

MOST_FACILITIES = 5_000
MOST_APART = 200
MOST_LIMITS = 10
USUAL_BESIDE = 50.0
LARGEST_BESIDE = 500.0
_SHORTEST = 1e-6
_ARC_SEGMENTS = 4
# Where two spans of a line are one, in metres.
_TOUCHING = 1e-6


@dataclass(frozen=True)
class AreaQuestion:
    """Facilities (points in CRS84), limits in the unit of travel, metres beside the roads.

    `apart` asks for areas of each facility, else they serve together.

    Raises: Invalid naming what cannot be asked.
    """

    facilities: Sequence[BaseGeometry]
    limits: Sequence[float]
    travel: Travel
    beside: float = USUAL_BESIDE
    apart: bool = False

    def __post_init__(self) -> None:
        faults = []
        most, count = MOST_APART if self.apart else MOST_FACILITIES, len(self.facilities)
        if not 1 <= count <= most:
            kind = " apart" if self.apart else ""
            faults.append(Fault("facilities", f"1 to {most:,} expected{kind}, not {count:,}"))
        longest = LONGEST[self.travel.unit]
        if not 1 <= len(self.limits) <= MOST_LIMITS or not all(
            0 < each <= longest for each in self.limits
        ):
            reason = f"1 to {MOST_LIMITS} above 0 and up to {longest:,.0f} {self.travel.unit}"
            faults.append(Fault("limits", reason))
        if faults:
            raise Invalid(faults)


@dataclass(frozen=True)
class ServiceArea:
    """What is served within a limit: a valid MultiPolygon in CRS84, and metres of road in it.

    `facility` is the number of the facility, None for all of them together. A road is counted
    once, whichever way it is gone.
    """

    facility: int | None
    limit: float
    ground: BaseGeometry
    road: float


@dataclass(frozen=True)
class Served:
    """Areas by facility and limit, smallest first; straight metres from each facility to its road.

    Those are None where no road is near enough.
    """

    areas: Sequence[ServiceArea]
    access: Sequence[float | None]


def find_service_areas(
    connection: Connection,
    reader: Reader,
    question: AreaQuestion,
    tell: Callable[[int, str], None],
) -> Served:
    """The ground that each facility, or all together, serve along the roads the reader may see.

    `tell` hears how many per cent are done.

    Raises: Forbidden without the right to see roads; Invalid for too many roads.
    """
    travel, limits = question.travel, sorted(set(question.limits))
    places = question.facilities
    roads = find_network(connection, reader, travel, places, limits[-1])
    tell(20, f"{len(roads.network.line)} links")
    joined = roads.network.joined
    starts: list[tuple[int, Start]] = [
        (number, (int(node), float(metres) * travel.access_cost))
        for number, (node, metres) in enumerate(zip(joined.node, joined.metres, strict=True))
        if node >= 0
    ]
    ground = _Ground(roads, travel, limits, question.beside)
    areas: list[ServiceArea] = []
    if question.apart:
        for done, (number, start) in enumerate(starts):
            areas += ground.served(number, [start])
            tell(20 + 80 * done // len(starts), f"{done + 1} / {len(starts)}")
    else:
        areas += ground.served(None, [start for _, start in starts])
    access = [None if np.isnan(each) else float(each) for each in joined.metres]
    return Served(areas, access)


class _Ground:
    """Areas from starts, one for each limit."""

    def __init__(
        self, roads: RoadNetwork, travel: Travel, limits: Sequence[float], beside: float
    ) -> None:
        self._roads, self._travel, self._limits, self._beside = roads, travel, limits, beside
        network = roads.network
        cost = network.length * roads.per_metre
        self._ways = Ways(network, cost, backward=travel.is_backward)
        self._stretches = Stretches(network.lines)

    def served(self, facility: int | None, starts: Sequence[Start]) -> list[ServiceArea]:
        network, length = self._roads.network, self._roads.network.length
        spread = self._ways.spread(starts, self._limits[-1])
        low, high = np.zeros(len(length)), length
        ground: BaseGeometry = shapely.MultiPolygon()
        found = []
        for limit in self._limits:
            gap = unreached(
                network, self._roads.per_metre, spread, limit, backward=self._travel.is_backward
            )
            new = self._beside_new((low, high), gap)
            # The large one is taken up once, not on every step of the union of the small ones.
            ground = shapely.union(ground, shapely.union_all(new))
            low, high = gap
            road = float((length - (high - low)).sum())
            found.append(ServiceArea(facility, limit, self._told(ground), road))
        return found

    def _beside_new(
        self, before: tuple[Floats, Floats], now: tuple[Floats, Floats]
    ) -> Sequence[BaseGeometry]:
        """Ground beside what of the gaps before is no longer one."""
        network = self._roads.network
        (low, high), (lower, upper) = before, now
        closed = lower >= upper
        link = np.arange(len(low))
        spans = np.vstack(
            [
                np.column_stack([link, low, np.where(closed, high, lower)]),
                np.column_stack([link, upper, high])[~closed],
            ]
        )
        spans = spans[spans[:, 2] - spans[:, 1] > _SHORTEST]
        number = spans[:, 0].astype(np.int64)
        starts, ends = (network.start[number] + spans[:, each] for each in (1, 2))
        lines = self._stretches.lines(_joined(network.line[number], starts, ends))
        bands: Sequence[BaseGeometry] = list(
            shapely.buffer(lines, self._beside, quad_segs=_ARC_SEGMENTS)
        )
        return bands

    def _told(self, ground: BaseGeometry) -> BaseGeometry:
        polygons = shapely.get_parts(self._roads.system.geometry_to_wgs84(ground))
        return shapely.MultiPolygon(list(polygons))


def _joined(line: Ints, start: Floats, end: Floats) -> list[tuple[int, float, float]]:
    """Spans that follow one another on a line as one."""
    order = np.lexsort((start, line))
    found: list[tuple[int, float, float]] = []
    for each, low, high in zip(
        line[order].tolist(), start[order].tolist(), end[order].tolist(), strict=True
    ):
        if found and found[-1][0] == each and low - found[-1][2] <= _TOUCHING:
            found[-1] = (each, found[-1][1], max(high, found[-1][2]))
        else:
            found.append((each, low, high))
    return found
