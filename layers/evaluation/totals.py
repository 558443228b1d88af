"""Totals by drill level: an area, what lies directly below it, and how much of everything is there.

Area codes are prefixes (2 province, 4 city, 6 county, 9 street, 12 community, 14 governance grid),
so a total is the sum of the rows whose code begins with the area's.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, text

from layers.core.errors import NotFound
from layers.core.rights import Right
from layers.core.scope import Reader

DIGITS = (2, 4, 6, 9, 12, 14)
GRID_DIGITS = 14


class Place(NamedTuple):
    """An area, or a governance grid; `code` is its prefix, `level` the code of area_level."""

    code: str
    name: str
    level: str


class BuildingTotal(NamedTuple):
    """A building of a grid: its rooms, and who lives there now; None without the right to see."""

    id: int
    name: str | None
    number: str | None
    dwellings: int | None
    residents: int | None


_PLACE = text(
    "SELECT area_code, name, level FROM territory.area "
    "WHERE area_code = :code AND valid_to IS NULL UNION ALL "
    "SELECT code, name, 'grid' FROM territory.grid "
    "WHERE code = :code AND kind = 'governance' AND valid_to IS NULL LIMIT 1"
)
_ABOVE = text(
    "SELECT area_code, name, level FROM territory.area "
    "WHERE area_code = ANY (:codes) AND valid_to IS NULL ORDER BY length(area_code)"
)
_AREAS = text(
    "SELECT area_code, name, level FROM territory.area WHERE valid_to IS NULL "
    "AND (:code = '' OR area_code LIKE :code || '%') AND length(area_code) = :digits "
    "ORDER BY area_code"
)
_LEVEL = text(
    "SELECT area_code, name, level FROM territory.area WHERE valid_to IS NULL "
    "AND level = :level AND area_code LIKE :code || '%' UNION ALL "
    "SELECT code, name, 'grid' FROM territory.grid WHERE :level = 'grid' "
    "AND kind = 'governance' AND valid_to IS NULL AND area_code LIKE :code || '%' ORDER BY 1"
)
_GRIDS = text(
    "SELECT code, name, 'grid' FROM territory.grid WHERE kind = 'governance' AND valid_to IS NULL "
    "AND area_code LIKE :code || '%' ORDER BY code"
)
_NEXT_DIGITS = text(
    "SELECT min(length(area_code)) FROM territory.area WHERE valid_to IS NULL "
    "AND (:code = '' OR area_code LIKE :code || '%') AND length(area_code) > length(:code)"
)
_BUILDINGS = text(
    """
    SELECT b.id, b.name, b.number,
      CASE WHEN :housing THEN (
        SELECT count(*) FROM housing.dwelling AS d
        WHERE d.building_id = b.id AND d.valid_to IS NULL
      ) END,
      CASE WHEN :people THEN (
        SELECT count(*) FROM people.residence AS r
        WHERE r.building_id = b.id AND r.is_home AND r.valid_to IS NULL
      ) END
    FROM housing.building AS b WHERE b.area_code = :code
    ORDER BY b.number NULLS LAST, b.name NULLS LAST, b.id
    """
)


def find_place(connection: Connection, reader: Reader, code: str) -> Place:
    """The area or grid of a code; the whole of what the reader sees for the empty one.

    Raises: NotFound when there is none, or it holds nothing the reader may see.
    """
    row = connection.execute(_PLACE, {"code": code}).one_or_none() if code else None
    if code and (row is None or not _touches(reader, code)):
        raise NotFound(f"no area {code!r} within your areas")
    return Place(*row) if row is not None else Place("", "", "")


def find_children(connection: Connection, reader: Reader, code: str) -> Sequence[Place]:
    """Areas directly below a code, by code; the grids of a community; nothing below a grid.

    Below the empty code stand the topmost areas there are, or those the reader was granted.
    """
    if len(code) >= GRID_DIGITS:
        return []
    granted = reader.scope(Right.BASE_READ)
    if not code and "" not in granted:
        return [find_place(connection, reader, area) for area in granted]
    digits = connection.execute(_NEXT_DIGITS, {"code": code}).scalar_one_or_none()
    statement, values = _AREAS, {"code": code, "digits": digits}
    if digits is None:
        statement, values = _GRIDS, {"code": code}
    places = [Place(*row) for row in connection.execute(statement, values)]
    return [place for place in places if _touches(reader, place.code)]


def find_level(connection: Connection, reader: Reader, code: str, level: str) -> Sequence[Place]:
    """The areas of one level below a code, or its grids, by code."""
    rows = connection.execute(_LEVEL, {"code": code, "level": level})
    return [place for place in (Place(*row) for row in rows) if _touches(reader, place.code)]


def find_buildings(connection: Connection, reader: Reader, grid: str) -> Sequence[BuildingTotal]:
    """The buildings of a governance grid with their rooms and residents, by number."""
    values = {
        "code": grid,
        "housing": reader.covers(Right.HOUSING_READ, grid),
        "people": reader.covers(Right.PEOPLE_READ, grid),
    }
    return [BuildingTotal(*row) for row in connection.execute(_BUILDINGS, values)]


def find_above(connection: Connection, code: str) -> Sequence[Place]:
    """The areas above a code that the reader may see, the highest first."""
    codes = [code[:digits] for digits in DIGITS if digits < len(code)]
    return [Place(*row) for row in connection.execute(_ABOVE, {"codes": codes})]


def sums_below(
    counts: Mapping[str, int], code: str, digits: int, areas: Sequence[str]
) -> Mapping[str, int]:
    """Rows below a code, by the first `digits` of their area code, in one pass over the codes.

    `counts` are the rows of each area code, `areas` the prefixes within which a reader may see
    them. Rows that belong to the area itself, to none below it, stand under their shorter code.
    """
    sums: dict[str, int] = {}
    prefixes = tuple(areas)
    for found, count in counts.items():
        if found.startswith(code) and found.startswith(prefixes):
            below = found[:digits]
            sums[below] = sums.get(below, 0) + count
    return sums


def _touches(reader: Reader, code: str) -> bool:
    """Whether the reader may see the area, or something in it."""
    areas = reader.scope(Right.BASE_READ)
    return any(code.startswith(area) or area.startswith(code) for area in areas)
