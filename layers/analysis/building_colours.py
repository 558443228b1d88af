"""What buildings can be coloured by: a value of each building, and the classes it falls into.

Use and age are fields of the building and travel in its tiles. The share of rented rooms and the
open incidents are counted, within the reader's scope, for the buildings of one tile at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from layers.core.database import Asks
from layers.core.errors import Forbidden, NotFound
from layers.core.features import scope_sql
from layers.core.layer import Layer
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.core.tiles import Tile
from layers.housing.building import BUILDINGS
from layers.housing.dwelling import DWELLINGS
from layers.incidents.incident import INCIDENTS

# An incident belongs to the nearest building no farther than this.
BESIDE_METRES = 30.0
# Degrees that cover BESIDE_METRES between the equator and 60° north, before measuring.
_NEAR_NORTH, _NEAR_EAST = 0.0003, 0.0006

RENTED = "T3"


@dataclass(frozen=True)
class Colouring:
    """One way to colour buildings.

    `classes` are the codes of the value, or the smallest value of each class in order; a building
    without a value, or below the first class, belongs to none. `layers` are those whose change
    changes the values, `value` is a field in the tile and None where `counted` gives the values:
    a query of `id` and `value`, with `where` for the buildings meant and `only` for what narrows
    the counting to them.
    """

    name: str
    right: Right
    layers: tuple[Layer, ...]
    classes: tuple[str, ...] | tuple[int, ...]
    value: str | None = None
    counted: str | None = None
    only: str = ""


class ClassCount(NamedTuple):
    """Buildings of one class: of a code, or with values from `start` below the next class."""

    code: str | None
    start: int | None
    buildings: int


class Classes(NamedTuple):
    """The classes of a colouring in order, the buildings in none, and all that may be seen."""

    classes: Sequence[ClassCount]
    without: int
    buildings: int


_RENTALS = f"""
SELECT b.id, CASE WHEN d.rooms > 0 THEN ceil(100.0 * d.rented / d.rooms)::integer END AS value
FROM housing.building AS b LEFT JOIN (
  SELECT d.building_id, count(*) AS rooms, count(*) FILTER (WHERE d.tenure = '{RENTED}') AS rented
  FROM housing.dwelling AS d WHERE (d.valid_to IS NULL OR d.valid_to > core.today()) {{only}}
  GROUP BY d.building_id
) AS d ON d.building_id = b.id WHERE {{where}}
"""
_ROOMS_OF = "AND d.building_id IN (SELECT b.id FROM housing.building AS b WHERE {where})"

# The nearest of all buildings the reader sees, not of those in `where`: an incident counts once.
_INCIDENTS = f"""
SELECT b.id, n.value FROM housing.building AS b LEFT JOIN (
  SELECT near.id, count(*)::integer AS value FROM incidents.incident AS i CROSS JOIN LATERAL (
    SELECT h.id FROM housing.building AS h
    WHERE h.geom && ST_Expand(i.geom, {_NEAR_EAST}, {_NEAR_NORTH})
      AND ST_DWithin(h.geom::geography, i.geom::geography, {BESIDE_METRES})
    ORDER BY ST_Distance(h.geom::geography, i.geom::geography), h.id LIMIT 1
  ) AS near WHERE i.closed_at IS NULL AND i.state NOT IN ('closed', 'void') {{only}}
  GROUP BY near.id
) AS n ON n.id = b.id WHERE {{where}}
"""
_AROUND_THEM = (
    "AND i.geom && (SELECT ST_Expand(ST_SetSRID(ST_Extent(b.geom)::geometry, 4326), "
    f"{_NEAR_EAST}, {_NEAR_NORTH}) FROM housing.building AS b WHERE {{where}})"
)

COLOURINGS: Mapping[str, Colouring] = {
    each.name: each
    for each in (
        Colouring(
            "usage",
            Right.BASE_READ,
            (BUILDINGS,),
            ("B1", "B2", "B3", "B4", "B5", "B6"),
            value="usage",
        ),
        Colouring(
            "age",
            Right.BASE_READ,
            (BUILDINGS,),
            (1800, 1980, 1990, 2000, 2010, 2020),
            value="built_year",
        ),
        Colouring(
            "rentals",
            Right.HOUSING_READ,
            (BUILDINGS, DWELLINGS),
            (0, 1, 11, 31, 51),
            counted=_RENTALS,
            only=_ROOMS_OF,
        ),
        Colouring(
            "incidents",
            Right.INCIDENTS_READ,
            (BUILDINGS, INCIDENTS),
            (1, 2, 4, 10),
            counted=_INCIDENTS,
            only=_AROUND_THEM,
        ),
    )
}


def colouring_for(reader: Reader, name: str) -> Colouring:
    """A way to colour buildings.

    Raises: NotFound for a name there is none of; Forbidden without the rights it needs.
    """
    found = COLOURINGS.get(name)
    if found is None:
        raise NotFound(f"buildings are coloured by: {', '.join(COLOURINGS)}")
    for right in (Right.BASE_READ, found.right):
        if not reader.scope(right):
            raise Forbidden(f"colouring buildings by {name} needs the right {right}")
    return found


def count_classes(connection: Asks, reader: Reader, colouring: Colouring) -> Classes:
    """How many of the buildings that the reader may see fall into each class."""
    scope, values = _scope(reader, colouring)
    is_coded = isinstance(colouring.classes[0], str)
    values["classes"] = list(colouring.classes)
    place = (
        "array_position(%(classes)s::text[], value)"
        if is_coded
        else "width_bucket(value, %(classes)s::integer[])"
    )
    statement = f"SELECT coalesce({place}, 0), count(*) FROM ({_asked(colouring, scope)}) AS v "
    counted: dict[int, int] = {
        row[0]: row[1] for row in connection.exec_driver_sql(statement + "GROUP BY 1", values)
    }
    classes = [
        ClassCount(
            each if isinstance(each, str) else None,
            each if isinstance(each, int) else None,
            counted.get(number, 0),
        )
        for number, each in enumerate(colouring.classes, 1)
    ]
    return Classes(classes, counted.get(0, 0), sum(counted.values()))


def find_values(
    connection: Asks, reader: Reader, colouring: Colouring, tile: Tile
) -> list[tuple[int, int]]:
    """Building and value of those in a tile that have one.

    Raises: NotFound for a colouring whose values are in the tiles themselves.
    """
    if colouring.counted is None:
        raise NotFound(f"values of {colouring.name} are a field of the buildings' tiles")
    scope, values = _scope(reader, colouring)
    west, south, east, north = tile.bounds()
    values |= {"west": west, "south": south, "east": east, "north": north}
    inside = "b.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)"
    where = f"{inside} AND {scope}"
    asked = colouring.counted.format(where=where, only=colouring.only.format(where=where))
    found = connection.exec_driver_sql(
        f"SELECT id, value FROM ({asked}) AS v WHERE value IS NOT NULL ORDER BY id", values
    )
    return [(row[0], row[1]) for row in found]


def _scope(reader: Reader, colouring: Colouring) -> tuple[str, dict[str, Any]]:
    """Buildings where both the building and what is counted may be seen."""
    seen, values = scope_sql("b.area_code", reader.scope(Right.BASE_READ), "seen_")
    counted, more = scope_sql("b.area_code", reader.scope(colouring.right), "counted_")
    return f"{seen} AND {counted}", {**values, **more}


def _asked(colouring: Colouring, where: str) -> str:
    if colouring.counted is None:
        return f"SELECT b.{colouring.value} AS value FROM housing.building AS b WHERE {where}"
    return colouring.counted.format(where=where, only="")
