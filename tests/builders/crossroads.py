"""A few roads of known lengths in the database, and places beside them, in metres from a crossing.

Main street runs 3 km to the east and west, Side street 1 km to the north; Ring leaves Main street
400 m in the east and comes back 400 m in the west, one-way in that order. A motorway crosses Side
street on a bridge at 500 m and is reached at its western end only.
"""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Engine, text

from layers.core.crs import ReferenceSystem
from layers.core.database import owner_transaction
from tests.builders.two_sides import insert

METRIC = ReferenceSystem("EPSG:4549")
ORIGIN = np.array([510_000.0, 3_340_000.0])
COMMUNITY = "990101001009"

Spot = tuple[float, float]
_ROADS: tuple[tuple[str, str, bool, list[Spot]], ...] = (
    ("主街", "tertiary", False, [(-3000, 0), (-400, 0), (0, 0), (400, 0), (3000, 0)]),
    ("支路", "residential", False, [(0, 0), (0, 1000)]),
    ("环路", "residential", True, [(400, 0), (400, -300), (-400, -300), (-400, 0)]),
    ("高架", "motorway", False, [(3000, 500), (-2900, 500), (-3000, 0)]),
)


def point(x: float, y: float) -> BaseGeometry:
    """A place in CRS84."""
    return degrees(shapely.Point(x, y))


def degrees(given: BaseGeometry) -> BaseGeometry:
    """A shape in metres from the crossing in CRS84."""
    moved = shapely.transform(given, lambda xy: xy + ORIGIN)
    shape: BaseGeometry = METRIC.geometry_to_wgs84(moved)
    return shape


def metres(given: BaseGeometry) -> BaseGeometry:
    """A shape in CRS84 in metres from the crossing."""
    return shapely.transform(given, lambda xy: np.column_stack(METRIC.from_wgs84(*xy.T)) - ORIGIN)


def build_crossroads(engine: Engine) -> None:
    """Fills an empty, migrated database."""
    with owner_transaction(engine) as connection:
        ground = degrees(shapely.box(-4000, -4000, 4000, 4000))
        connection.execute(
            text(
                "INSERT INTO territory.area (code, name, level, geom) VALUES "
                "(:code, '甲', 'community', ST_Multi(ST_GeomFromText(:ground, 4326)))"
            ),
            {"code": COMMUNITY, "ground": ground.wkt},
        )
        for name, road_class, oneway, spots in _ROADS:
            values = {"name": name, "road_class": road_class, "oneway": oneway}
            line = mapping(degrees(shapely.MultiLineString([spots])))
            insert(connection, "roads", values, line)
