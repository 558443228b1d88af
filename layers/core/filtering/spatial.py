"""Geometry literals: GeoJSON or a box in any reference system, turned into stored coordinates."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError
from shapely.geometry import GeometryCollection, box, shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, literal

from layers.core.filtering.faults import MAX_COLLECTION_VERTICES, refused
from layers.core.filtering.value import Value
from layers.core.shapes import NO_SHAPE

FURTHEST = 1e9
BOX_EDGE_PARTS = 16
SPATIAL_RELATIONS = {
    "s_intersects": "ST_Intersects",
    "s_within": "ST_Within",
    "s_contains": "ST_Contains",
    "s_disjoint": "ST_Disjoint",
    "s_equals": "ST_Equals",
    "s_touches": "ST_Touches",
    "s_crosses": "ST_Crosses",
    "s_overlaps": "ST_Overlaps",
}
# The rest cannot be asked of a mixture of points, lines and surfaces.
OF_ANY_MIXTURE = {"s_intersects", "s_disjoint"}

ToStored = Callable[[BaseGeometry], BaseGeometry]


def stored_from(epsg: int | None) -> ToStored:
    """Turns geometries of a reference system, axes in its own order, into WGS 84 lon, lat.

    None is CRS84, which needs no change.

    Raises: Invalid for a number that is no reference system.
    """
    if epsg is None:
        return lambda geometry: geometry
    try:
        source = pyproj.CRS.from_epsg(epsg)
        transformer = pyproj.Transformer.from_crs(source, "OGC:CRS84")
    except CRSError:
        raise refused(f"EPSG:{epsg} is no known reference system") from None

    def turned(geometry: BaseGeometry) -> BaseGeometry:
        def places(xy: Any) -> Any:
            return np.column_stack(transformer.transform(*xy.T))

        made: BaseGeometry = shapely.transform(geometry, places)
        return made

    return turned


def given_geometry(node: dict[str, Any], to_stored: ToStored) -> Value:
    """A geometry literal, flat, in stored coordinates.

    Raises: Invalid for what is no valid geometry or lies where the reference system has no place.
    """
    made = _box(node["bbox"]) if "bbox" in node and "type" not in node else _shape(node)
    if made.is_empty or not np.isfinite(shapely.get_coordinates(made)).all():
        raise refused("a geometry without coordinates, or with one that is no number")
    if np.abs(shapely.get_coordinates(made)).max() > FURTHEST:
        raise refused(f"a coordinate is beyond {FURTHEST:g}")
    turned = to_stored(made)
    places = np.abs(shapely.get_coordinates(turned))
    if not np.isfinite(places).all() or places[:, 0].max() > 180 or places[:, 1].max() > 90:
        raise refused("a geometry lies outside what the reference system describes")
    if not turned.is_valid:
        raise refused(f"the geometry is not valid: {shapely.is_valid_reason(turned)}")
    if isinstance(turned, GeometryCollection):
        # Lines that all cross each other meet in as many places as the square of their number.
        if len(places) > MAX_COLLECTION_VERTICES:
            raise refused(f"a collection of more than {MAX_COLLECTION_VERTICES} vertices")
        turned = shapely.unary_union(turned)
    sql = func.ST_GeomFromWKB(literal(shapely.to_wkb(turned)), 4326)
    return Value("geometry", sql, turned.geom_type, turned)


def check_relation(relation: str, *values: Value) -> None:
    """Nothing, when the relation can be asked of these geometries.

    Raises: Invalid for a collection of different dimensions where it cannot.
    """
    for value in values:
        if relation not in OF_ANY_MIXTURE and value.told == "GeometryCollection":
            raise refused(f"{relation}: a collection of points, lines and surfaces has no answer")


def _shape(node: dict[str, Any]) -> BaseGeometry:
    try:
        made = shape(node)
        if not isinstance(made, BaseGeometry):
            raise ValueError
        return shapely.force_2d(made)
    except NO_SHAPE:
        kind = str(node.get("type"))[:30]
        raise refused(f"{kind}: the coordinates make no geometry") from None


def _box(numbers: Any) -> BaseGeometry:
    if not isinstance(numbers, list) or len(numbers) not in (4, 6) or not _are_numbers(numbers):
        raise refused("BBOX: four or six numbers expected")
    half = len(numbers) // 2
    (west, south), (east, north) = numbers[:2], numbers[half : half + 2]
    if south > north:
        raise refused("BBOX: the second number is above its counterpart")
    if west > east:
        if west > 180 or east < -180:
            raise refused("BBOX: the first number is above its counterpart")
        return shapely.union(_edges(west, south, 180, north), _edges(-180, south, east, north))
    return _edges(west, south, east, north)


def _edges(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """A box whose edges may bend when they are turned; a point or a line when it has no area."""
    longest = max(east - west, north - south)
    if longest == 0:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    made: BaseGeometry = shapely.segmentize(box(west, south, east, north), longest / BOX_EDGE_PARTS)
    return made


def _are_numbers(values: list[Any]) -> bool:
    return all(
        isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= FURTHEST
        for value in values
    )
