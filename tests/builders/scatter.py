"""A hundred-odd buildings, roads and incidents strewn over a few kilometres: what lies where."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Engine, text

from layers.core.crs import ReferenceSystem
from layers.core.database import owner_transaction

WEST, SOUTH, SIZE = 120.4, 30.2, 0.03
METRIC = ReferenceSystem("EPSG:4549")
AREA = "990101001001"


@dataclass(frozen=True)
class Scatter:
    """Shapes in metres (EPSG:4549) by layer and id; `centres` are the points that give an area."""

    shapes: dict[str, dict[int, BaseGeometry]]
    centres: dict[str, dict[int, BaseGeometry]]


def to_metres(given: BaseGeometry) -> BaseGeometry:
    """A WGS 84 shape in metres."""
    return shapely.transform(given, lambda xy: np.column_stack(METRIC.from_wgs84(*xy.T)))


def build_scatter(engine: Engine, seed: int = 7, count: int = 120) -> Scatter:
    """Fills an empty, migrated database: buildings, roads, incidents of one area."""
    chance = random.Random(seed)
    with owner_transaction(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO territory.area (code, name, level, geom) VALUES (:area, '甲', "
                "'community', ST_Multi(ST_MakeEnvelope(:w, :s, :e, :n, 4326)))"
            ),
            {"area": AREA}
            | {"w": WEST - 0.01, "s": SOUTH - 0.01, "e": WEST + 2 * SIZE, "n": SOUTH + 2 * SIZE},
        )
        for _ in range(count):
            _building(connection, chance)
            _incident(connection, chance)
        for _ in range(count // 4):
            _road(connection, chance)
        return Scatter(*_read(connection))


def somewhere(chance: random.Random) -> tuple[float, float]:
    """A place in the square."""
    return WEST + chance.random() * SIZE, SOUTH + chance.random() * SIZE


def _building(connection: Connection, chance: random.Random) -> None:
    x, y = somewhere(chance)
    size = chance.uniform(0.0001, 0.0015)
    arms = sorted(chance.uniform(0, 2 * np.pi) for _ in range(chance.randint(3, 9)))
    ring = [
        (x + size * np.cos(a) * r, y + size * np.sin(a) * r) for a in arms for r in [_r(chance)]
    ]
    made = shapely.Polygon(ring)
    if not made.is_valid or made.area == 0:
        made = made.convex_hull.buffer(size / 4)
    values = {"usage": chance.choice(["B1", "B2", "B3", None]), "levels": chance.randint(1, 30)}
    connection.execute(
        text(
            "INSERT INTO housing.building (name, usage, levels, geom) VALUES "
            "(:name, :usage, :levels, ST_Multi(ST_GeomFromText(:wkt, 4326)))"
        ),
        values | {"wkt": made.wkt, "name": f"{chance.choice('甲乙丙')}{values['levels']}幢"},
    )


def _r(chance: random.Random) -> float:
    return chance.uniform(0.3, 1)


def _incident(connection: Connection, chance: random.Random) -> None:
    x, y = somewhere(chance)
    connection.execute(
        text(
            "INSERT INTO incidents.incident (category, report_source, description, geom) VALUES "
            "('UM-0101', 'SRC01', '井盖', ST_SetSRID(ST_MakePoint(:x, :y), 4326))"
        ),
        {"x": x, "y": y},
    )


def _road(connection: Connection, chance: random.Random) -> None:
    x, y = somewhere(chance)
    line = shapely.LineString(
        [(x, y)]
        + [
            (x + chance.uniform(-0.008, 0.008), y + chance.uniform(-0.008, 0.008))
            for _ in range(chance.randint(1, 4))
        ]
    )
    connection.execute(
        text(
            "INSERT INTO territory.road (name, road_class, geom) VALUES "
            "('路', 'primary', ST_Multi(ST_GeomFromText(:wkt, 4326)))"
        ),
        {"wkt": line.wkt},
    )


def _read(connection: Connection) -> Any:
    shapes: dict[str, dict[int, BaseGeometry]] = {}
    centres: dict[str, dict[int, BaseGeometry]] = {}
    for layer, table in (
        ("buildings", "housing.building"),
        ("incidents", "incidents.incident"),
        ("roads", "territory.road"),
    ):
        rows = connection.execute(
            text(f"SELECT id, ST_AsBinary(geom), ST_AsBinary(ST_PointOnSurface(geom)) FROM {table}")
        ).all()
        shapes[layer] = {row[0]: to_metres(shapely.from_wkb(bytes(row[1]))) for row in rows}
        centres[layer] = {row[0]: to_metres(shapely.from_wkb(bytes(row[2]))) for row in rows}
    return shapes, centres
