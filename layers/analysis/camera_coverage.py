"""What cameras can see: ground within range and field of view that no building hides.

Each camera looks along rays three degrees apart, from its place outwards to its range, across its
field of view around its heading; a camera without heading or with a full circle looks all round. A
ray ends where it first meets the wall of a building that the camera does not stand in or on. What
lies between neighbouring rays is seen. Heights are not reckoned with: whatever is behind a building
is hidden, also from a camera above its roof. Indoor cameras see nothing outdoors.

Metres are those of the local CGCS2000 zone (`metric_srid`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from layers.core.crs import metric_srid, reference_system
from layers.core.errors import Fault, Forbidden, Invalid
from layers.core.features import BoundingBox, scope_sql
from layers.core.rights import Right
from layers.core.scope import Reader

Floats: TypeAlias = NDArray[np.float64]

RAY_DEGREES = 3.0
USUAL_RANGE = 50
USUAL_VIEW = 90
MOST_CAMERAS = 30_000
_BATCH = 500
# A wall this near to the camera is what it hangs on.
_MOUNT_METRES = 1.0


@dataclass(frozen=True)
class CoverageQuestion:
    """Cameras in an area (a code's prefix) and box; ranges and views of those that say none.

    `with_buildings` lets buildings hide what is behind them.
    """

    area: str = ""
    bbox: BoundingBox | None = None
    usual_range: float = USUAL_RANGE
    usual_view: float = USUAL_VIEW
    with_buildings: bool = True


@dataclass(frozen=True)
class GridCoverage:
    """A governance grid: its ground and what of it is seen, m²; `geometry` GeoJSON in CRS84."""

    code: str
    name: str
    geometry: str
    ground: float
    seen: float
    cameras: int

    @property
    def share(self) -> float:
        """The part of the ground that is seen."""
        return self.seen / self.ground if self.ground else 0.0


@dataclass(frozen=True)
class Coverage:
    """Grids by code, and all ground seen together (CRS84); how many cameras looked."""

    grids: Sequence[GridCoverage]
    seen: BaseGeometry
    cameras: int


_BOX = "t.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)"
_CAMERAS = (
    "SELECT ST_X(t.geom), ST_Y(t.geom), t.heading, t.field_of_view, t.range, t.area_code "
    "FROM places.camera AS t WHERE NOT coalesce(t.indoor, false) AND t.valid_to IS NULL "
    "AND t.geom IS NOT NULL AND {within} ORDER BY t.id LIMIT %(most)s"
)
_BUILDINGS = "SELECT ST_AsBinary(t.geom) FROM housing.building AS t WHERE t.valid_to IS NULL AND "
_GRIDS = (
    "SELECT t.code, t.name, ST_AsGeoJSON(t.geom, 7), ST_AsBinary(t.geom) "
    "FROM territory.grid AS t WHERE t.kind = 'governance' AND t.valid_to IS NULL AND {within} "
    "ORDER BY t.code"
)


def find_coverage(
    connection: Connection,
    reader: Reader,
    question: CoverageQuestion,
    tell: Callable[[int, str], None],
) -> Coverage:
    """What the cameras that the reader may see can see, by grid.

    `tell` hears how many per cent are done.

    Raises: Forbidden without the right to see cameras; Invalid for too many of them.
    """
    if not reader.scope(Right.PLACES_READ):
        raise Forbidden(f"this needs the right {Right.PLACES_READ}")
    rows = _rows(connection, _CAMERAS, reader, Right.PLACES_READ, question)
    if len(rows) > MOST_CAMERAS:
        raise Invalid([Fault("area", f"more than {MOST_CAMERAS:,} cameras; ask for a part")])
    grids = _rows(connection, _GRIDS, reader, Right.BASE_READ, question)
    if not rows:
        return Coverage([_grid(row, None, 0, None) for row in grids], shapely.Polygon(), 0)
    lon, lat = (np.array([row[i] for row in rows], dtype=float) for i in (0, 1))
    srid = metric_srid(float(lon.mean()), float(lat.mean()))
    system = reference_system(f"EPSG:{srid}")
    x, y = system.from_wgs84(lon, lat)
    looks = _looks(rows, question)
    walls = None
    if question.with_buildings:
        walls = _walls(connection, reader, system, (x, y), float(looks[:, 2].max()))
    seen = []
    for start in range(0, len(rows), _BATCH):
        part = slice(start, start + _BATCH)
        seen.append(shapely.union_all(_visible(x[part], y[part], looks[part], walls)))
        tell(min(90, start * 90 // len(rows)), f"{min(start + _BATCH, len(rows))} / {len(rows)}")
    together = shapely.union_all(seen)
    return Coverage(
        _by_grid(grids, together, system, [row[5] for row in rows]),
        system.geometry_to_wgs84(together),
        len(rows),
    )


def _rows(
    connection: Connection, statement: str, reader: Reader, right: Right, question: CoverageQuestion
) -> list[Any]:
    within, values = _within(reader, right, question)
    filled = statement.format(within=within)
    return list(connection.exec_driver_sql(filled, {**values, "most": MOST_CAMERAS + 1}))


def _within(reader: Reader, right: Right, question: CoverageQuestion) -> tuple[str, dict[str, Any]]:
    held, area = reader.scope(right), question.area
    if area and not any(area.startswith(each) or each.startswith(area) for each in held):
        raise Forbidden(f"area {area} lies outside your areas")
    inner = tuple(each for each in held if each.startswith(area)) or (area,)
    scope, scoped = scope_sql("t.area_code", inner, "area")
    if question.bbox is None:
        return scope, dict(scoped)
    west, south, east, north = question.bbox
    corners = {"west": west, "south": south, "east": east, "north": north}
    return f"{scope} AND {_BOX}", {**scoped, **corners}


def _looks(rows: Sequence[Any], question: CoverageQuestion) -> Floats:
    """Of each camera: heading and field of view in degrees, range in metres."""
    looks = np.array([[row[2], row[3], row[4]] for row in rows], dtype=float)
    heading, view, reach = looks.T
    view[np.isnan(view)] = question.usual_view
    view[np.isnan(heading)] = 360.0
    heading[np.isnan(heading)] = 0.0
    reach[np.isnan(reach)] = question.usual_range
    return looks


def _walls(
    connection: Connection,
    reader: Reader,
    system: Any,
    places: tuple[Floats, Floats],
    reach: float,
) -> _Walls | None:
    """The buildings that may stand in the way."""
    x, y = places
    around = shapely.box(x.min() - reach, y.min() - reach, x.max() + reach, y.max() + reach)
    west, south, east, north = system.geometry_to_wgs84(around).bounds
    scope, values = scope_sql("t.area_code", reader.scope(Right.BASE_READ), "area")
    corners = {"west": west, "south": south, "east": east, "north": north}
    found = connection.exec_driver_sql(f"{_BUILDINGS}{scope} AND {_BOX}", {**values, **corners})
    shapes = shapely.from_wkb([bytes(row[0]) for row in found])
    if not len(shapes):
        return None
    return _Walls(_in_metres(np.asarray(shapes, dtype=object), system))


def visible_ground(
    x: Floats, y: Floats, looks: Floats, walls: Sequence[BaseGeometry]
) -> list[BaseGeometry]:
    """What each camera sees among buildings, as polygons; all in one metric system.

    `looks` has a row for each: heading and field of view in degrees, range in metres.
    """
    return _visible(x, y, looks, _Walls(walls) if walls else None)


class _Walls:
    """Outlines of buildings, found by what touches them."""

    def __init__(self, buildings: Sequence[BaseGeometry]) -> None:
        self._outlines = np.asarray(shapely.boundary(np.asarray(buildings, dtype=object)))
        self._tree = shapely.STRtree(self._outlines)

    def shortened(self, eyes: Floats, ends: Floats, length: Floats) -> Floats:
        """How far each ray from an eye to its end goes: to the first wall, or its length."""
        rays = np.asarray(shapely.linestrings(np.stack([eyes, ends], axis=1)), dtype=object)
        ray, wall = self._tree.query(rays, predicate="intersects")
        crossed = shapely.intersection(rays[ray], self._outlines[wall])
        met = np.asarray(shapely.distance(shapely.points(eyes[ray]), crossed))
        kept = length.copy()
        np.minimum.at(kept, ray, np.where(met < _MOUNT_METRES, np.inf, met))
        return kept


def _visible(x: Floats, y: Floats, looks: Floats, walls: _Walls | None) -> list[BaseGeometry]:
    owner, azimuth = _rays(looks)
    length = looks[owner, 2]
    ends = _along(x[owner], y[owner], azimuth, length)
    if walls is not None:
        length = walls.shortened(np.column_stack([x[owner], y[owner]]), ends, length)
        ends = _along(x[owner], y[owner], azimuth, length)
    starts = np.searchsorted(owner, np.arange(len(looks)))
    polygons = []
    for number, edge in enumerate(np.split(ends, starts[1:])):
        ring = edge if looks[number, 1] >= 360 else np.vstack([[x[number], y[number]], edge])
        polygons.append(shapely.make_valid(shapely.Polygon(ring)))
    return polygons


def _rays(looks: Floats) -> tuple[NDArray[np.int64], Floats]:
    """For each ray the number of its camera and its azimuth, clockwise from north in radians."""
    owner, azimuth = [], []
    for number, (heading, view, _) in enumerate(looks):
        count = max(2, round(view / RAY_DEGREES) + (view < 360))
        spread = np.linspace(-view / 2, view / 2, count, endpoint=bool(view < 360))
        owner.append(np.full(count, number))
        azimuth.append(np.radians(heading + spread))
    return np.concatenate(owner), np.concatenate(azimuth)


def _along(x: Floats, y: Floats, azimuth: Floats, length: Floats) -> Floats:
    return np.column_stack([x + length * np.sin(azimuth), y + length * np.cos(azimuth)])


def _by_grid(
    grids: Sequence[Any], seen: BaseGeometry, system: Any, areas: Sequence[str]
) -> list[GridCoverage]:
    parts = shapely.get_parts(seen)
    tree = shapely.STRtree(parts)
    counted: dict[str, int] = {}
    for area in areas:
        counted[area] = counted.get(area, 0) + 1
    found = []
    for row in grids:
        shape = _in_metres(shapely.from_wkb(bytes(row[3])), system)
        met = parts[tree.query(shape, predicate="intersects")]
        lit = float(shapely.area(shapely.intersection(met, shape)).sum())
        found.append(_grid(row, shape, counted.get(row[0], 0), lit))
    return found


def _grid(row: Any, shape: BaseGeometry | None, cameras: int, seen: float | None) -> GridCoverage:
    if shape is None:
        outline = shapely.from_wkb(bytes(row[3]))
        middle = outline.centroid
        system = reference_system(f"EPSG:{metric_srid(middle.x, middle.y)}")
        shape = _in_metres(outline, system)
    return GridCoverage(row[0], row[1] or "", row[2], float(shape.area), seen or 0.0, cameras)


def _in_metres(shapes: Any, system: Any) -> Any:
    return shapely.transform(shapes, lambda xy: np.column_stack(system.from_wgs84(*xy.T)))
