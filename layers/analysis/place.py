"""The ground a question is asked about: a drawing, or features of a layer, made ready to compare.

Coordinates are WGS 84 longitude and latitude in degrees (EPSG:4326); lengths are metres. Circles,
corridors and the outlines shown are made in the local projected system (`metric_srid`), a
Gauss-Kruger zone of 3 degrees whose scale at x metres from its meridian is 1 + x^2 / (2 R^2)
(Snyder, Map Projections: A Working Manual, USGS Professional Paper 1395, 1987, equation 8-11 with
k0 = 1). At 1.5 degrees, 167 km on the equator, that is 1.000344: lengths are off by at most 3.5 in
10,000, 7 cm of a corridor 200 m wide. Distances to features are geodesic.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity
from sqlalchemy import Connection, func, select

from layers.core.crs import metric_srid, reference_system
from layers.core.errors import Fault, Invalid, NotFound
from layers.core.features import visible
from layers.core.layer import Layer
from layers.core.scope import Reader
from layers.core.shapes import NO_SHAPE

Relation = Literal["within", "near", "along"]
RELATIONS: tuple[Relation, ...] = get_args(Relation)

LARGEST_AREA_KM2 = 10_000
LONGEST_LINE_KM = 500
LARGEST_RADIUS = 50_000
LARGEST_DISTANCE = 20_000
LARGEST_WIDTH = 2_000
MOST_VERTICES = 20_000
MOST_FEATURES = 500
_ARC_SEGMENTS = 64
# What a zone's plane and the corners of an arc may be wrong by, and a little more.
_DOUBT = 1e-3
_STRAIGHT_DEGREES = 0.01
_NOWHERE = shapely.Point()
_AREAS = ("Polygon", "MultiPolygon")
_LINES = ("LineString", "MultiLineString")
_DRAWN = ("Point", *_LINES, *_AREAS)


@dataclass(frozen=True)
class Drawing:
    """A GeoJSON geometry drawn on the map."""

    geometry: Mapping[str, Any]


@dataclass(frozen=True)
class Circle:
    """A centre (longitude, latitude) and a radius in metres."""

    center: tuple[float, float]
    radius: float


@dataclass(frozen=True)
class Features:
    """Features of one layer, taken together."""

    layer: Layer
    ids: tuple[int, ...]


Subject: TypeAlias = Drawing | Circle | Features


@dataclass(frozen=True)
class Place:
    """`ground` is the area to lie in, or for "near" what to be near to; `outline` is shown.

    Only for "near": whatever meets `surely_near` is near enough, what does not meet `perhaps_near`
    is not; in between the distance must be measured.
    """

    ground: BaseGeometry
    outline: BaseGeometry
    surely_near: BaseGeometry = _NOWHERE
    perhaps_near: BaseGeometry = _NOWHERE


def find_place(
    connection: Connection,
    reader: Reader,
    subject: Subject,
    relation: Relation,
    metres: float | None,
) -> Place:
    """What a question compares with; `metres` is the distance of "near", the width of "along".

    Raises: NotFound when a feature is not there for this reader; Invalid for a shape that crosses
    itself, is too large, or does not suit the relation.
    """
    ground = _ground(connection, reader, subject)
    _check_kind(ground, relation)
    _check_size(ground)
    if relation == "within":
        return Place(ground, ground)
    length = metres or 0.0
    if relation == "near":
        # A long edge is straight in degrees, as it is drawn, and not a great circle.
        ground = shapely.segmentize(ground, _STRAIGHT_DEGREES)
        buffers = [
            _buffered(ground, length * share, "round") for share in (1, 1 - _DOUBT, 1 + _DOUBT)
        ]
        return Place(ground, *buffers)
    corridor = _buffered(_joined(ground), length / 2, "flat")
    return Place(corridor, corridor)


def drawn_shape(geometry: Mapping[str, Any]) -> BaseGeometry:
    """The shape of a GeoJSON geometry (CRS84).

    Raises: Invalid naming what is wrong and, where it crosses itself, the place.
    """
    if geometry.get("type") not in _DRAWN:
        raise _fault(f"one of {', '.join(_DRAWN)} expected, got {str(geometry.get('type'))[:40]!r}")
    try:
        made = shapely.force_2d(shape(dict(geometry)))
    except NO_SHAPE as error:
        raise _fault(f"no GeoJSON {geometry['type']}: {error}") from error
    if made.is_empty:
        raise _fault("the drawing is empty")
    west, south, east, north = made.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _fault(f"longitude -180..180 and latitude -90..90 expected, got {made.bounds}")
    if shapely.get_num_coordinates(made) > MOST_VERTICES:
        raise _fault(f"more than {MOST_VERTICES:,} corners; simplify the drawing")
    if not made.is_valid:
        raise _fault(_where_invalid(made))
    if made.geom_type in _LINES and made.length == 0:
        raise _fault("the line has no length")
    return made


def _ground(connection: Connection, reader: Reader, subject: Subject) -> BaseGeometry:
    if isinstance(subject, Drawing):
        return drawn_shape(subject.geometry)
    if isinstance(subject, Circle):
        return _buffered(shapely.Point(subject.center), subject.radius, "round")
    return _found(connection, reader, subject)


def _found(connection: Connection, reader: Reader, subject: Features) -> BaseGeometry:
    layer, table = subject.layer, subject.layer.table
    if layer.geometry_kind is None:
        raise Invalid([Fault("subject.layer", f"{layer.name} has no geometry of its own")])
    rows = connection.execute(
        select(table.c.id, func.ST_AsBinary(table.c.geom)).where(
            visible(layer, reader), table.c.id.in_(subject.ids), table.c.geom.is_not(None)
        )
    ).all()
    missing = sorted(set(subject.ids) - {row[0] for row in rows})
    if missing:
        raise NotFound(f"no feature {missing[0]} in {layer.name}")
    shapes = shapely.from_wkb([bytes(row[1]) for row in rows])
    # A stored shape may cross itself where a file brought it in; what it covers is meant.
    return shapely.union_all(shapely.make_valid(shapes))


def _check_kind(ground: BaseGeometry, relation: Relation) -> None:
    if relation == "within" and ground.geom_type not in _AREAS:
        raise _fault("an area is needed to lie within; ask what is near or along it instead")
    if relation == "along" and ground.geom_type not in _LINES:
        raise _fault("a line is needed to lie along; ask what is within or near it instead")


def _check_size(ground: BaseGeometry) -> None:
    projected = _projected(ground)
    area, length = projected.area / 1e6, projected.length / 1e3
    if area > LARGEST_AREA_KM2:
        raise _fault(f"{area:,.0f} km²; at most {LARGEST_AREA_KM2:,} km² can be asked about")
    if ground.geom_type in _LINES and length > LONGEST_LINE_KM:
        raise _fault(f"{length:,.0f} km; at most {LONGEST_LINE_KM} km can be asked about")


def _joined(line: BaseGeometry) -> BaseGeometry:
    """Pieces that meet end to end as one line, so that its ends alone are cut off flat."""
    return shapely.line_merge(line) if line.geom_type == "MultiLineString" else line


def _buffered(given: BaseGeometry, metres: float, cap: Literal["round", "flat"]) -> BaseGeometry:
    grown = _projected(given).buffer(metres, quad_segs=_ARC_SEGMENTS, cap_style=cap)
    back: BaseGeometry = reference_system(_zone(given)).geometry_to_wgs84(grown)
    return back


def _projected(given: BaseGeometry) -> BaseGeometry:
    system = reference_system(_zone(given))
    return shapely.transform(given, lambda xy: np.column_stack(system.from_wgs84(*xy.T)))


def _zone(given: BaseGeometry) -> str:
    west, south, east, north = given.bounds
    return f"EPSG:{metric_srid((west + east) / 2, (south + north) / 2)}"


def _where_invalid(made: BaseGeometry) -> str:
    """In words: the outline crosses itself at 121.40000, 31.10000."""
    reason = explain_validity(made)
    problem, _, place = reason.partition("[")
    if not place:
        return reason
    longitude, latitude = (float(part) for part in place.rstrip("]").split()[:2])
    what = "the outline crosses itself" if "Self-intersection" in problem else problem
    return f"{what} at {longitude:.5f}, {latitude:.5f}"


def _fault(reason: str) -> Invalid:
    return Invalid([Fault("subject", reason)])
