"""Which rentals are to be inspected: lists whose counts, rows and tiles share one condition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple, get_args

from layers.core.database import Asks
from layers.core.day_position import position_token, read_position
from layers.core.errors import Fault, Forbidden, Invalid
from layers.core.features import after_area, scope_sql
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.core.tiles import Tile
from layers.housing.house_tile import IN_TILE, tile_of_houses
from layers.territory.areas_below import area_name_sql, digits_below

ListName = Literal["overdue", "due_soon", "to_rectify", "all"]

LISTS: tuple[ListName, ...] = get_args(ListName)
SOON_DAYS = 7
MOST_ROWS = 200
LAYER = "rentals_due"

_OPEN = "(r.valid_to IS NULL OR r.valid_to > core.today())"
_OVERDUE = "r.next_inspection < core.today()"
_SOON = f"r.next_inspection >= core.today() AND r.next_inspection <= core.today() + {SOON_DAYS}"
_HAZARD = "r.hazard IS NOT NULL AND r.hazard <> '00'"
_CONDITIONS: Mapping[ListName, str] = {
    "overdue": _OVERDUE,
    "due_soon": _SOON,
    "to_rectify": _HAZARD,
    "all": "TRUE",
}
_FROM = (
    "housing.rental AS r JOIN housing.dwelling AS d ON d.id = r.dwelling_id "
    "JOIN housing.building AS b ON b.id = d.building_id"
)


@dataclass(frozen=True)
class Wanted:
    """Which rentals: `area` is a prefix of area codes, `rental_class` a code of the class."""

    area: str = ""
    rental_class: str | None = None


class DueRental(NamedTuple):
    """One rental of a list, the lessor masked; `lon` and `lat` are degrees (CRS84)."""

    id: int
    dwelling_id: int
    building_id: int
    address: str | None
    unit: str
    floor: int
    room: str
    rental_class: str | None
    last_inspection: date | None
    next_inspection: date | None
    hazard: str | None
    rectify_by: date | None
    tenants: int | None
    lessor_name: str | None
    area_code: str
    row_version: int
    lon: float
    lat: float


class Counts(NamedTuple):
    """How many rentals each list has, of a class or an area or in all.

    A class has its colour (green, yellow, orange, red) and the days between inspections.
    """

    key: str | None
    name: str | None
    colour: str | None
    interval: int | None
    overdue: int
    due_soon: int
    to_rectify: int
    all: int


@dataclass(frozen=True)
class DueFigures:
    """Counts in all, by class (in the classes' order) and by the areas just below the one asked
    (below what all of the reader's areas share when none is asked).
    """

    total: Counts
    classes: Sequence[Counts]
    areas: Sequence[Counts]


@dataclass(frozen=True)
class DuePage:
    """Rentals, the longest overdue first, and what to continue after when there are more."""

    rows: Sequence[DueRental]
    next_after: str | None


def due_list(name: str) -> ListName:
    """The list of that name.

    Raises: Invalid naming the lists there are.
    """
    for each in LISTS:
        if each == name:
            return each
    raise Invalid([Fault("list", f"no list {name!r}; there are: {', '.join(LISTS)}")])


def due_figures(asks: Asks, reader: Reader, wanted: Wanted) -> DueFigures:
    """How many rentals are in each list: as many as paging through it gives.

    Raises: Forbidden without the right to see rentals.
    """
    where, values = _where(reader, wanted)
    values["digits"] = digits_below(wanted.area, reader.scope(Right.HOUSING_READ))
    counts = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in _CONDITIONS.values())
    statement = f"""
        WITH counted AS (
          SELECT grouping(r.rental_class) = 0 AS of_class,
            grouping(left(r.area_code, %(digits)s)) = 0 AS of_area, r.rental_class,
            left(r.area_code, %(digits)s) AS area, {counts}
          FROM {_FROM} WHERE {where}
          GROUP BY GROUPING SETS ((), (r.rental_class), (left(r.area_code, %(digits)s)))
        ) SELECT c.of_class, c.of_area, CASE WHEN c.of_class THEN c.rental_class ELSE c.area END,
          CASE WHEN c.of_area THEN {area_name_sql("c.area")} END,
          CASE WHEN c.of_class THEN k.extra ->> 'colour' END,
          CASE WHEN c.of_class THEN (k.extra ->> 'inspection_interval_days')::integer END, c.*
        FROM counted AS c
        LEFT JOIN core.code AS k ON k.table_name = 'rental_class' AND k.code = c.rental_class
        ORDER BY k.position NULLS LAST, c.area
    """
    rows = [tuple(row) for row in asks.exec_driver_sql(statement, values)]
    size = len(LISTS)
    told = [(row[0], row[1], Counts(*row[2:6], *row[-size:])) for row in rows]
    totals = [counts for of_class, of_area, counts in told if not of_class and not of_area]
    return DueFigures(
        total=totals[0]._replace(key=None),
        classes=[counts for of_class, _, counts in told if of_class],
        areas=[counts for _, of_area, counts in told if of_area],
    )


def due_page(
    asks: Asks, name: ListName, reader: Reader, wanted: Wanted, limit: int, after: str | None
) -> DuePage:
    """A page of a list.

    Raises: Forbidden without the right to see rentals; Invalid when `after` is none of a page's.
    """
    where, values = _where(reader, wanted)
    key = "coalesce(r.next_inspection, 'infinity'::date)"
    parts = [where, f"({_CONDITIONS[name]})"]
    if after is not None:
        parts.append(f"({key}, r.id) > (%(after_day)s::date, %(after_id)s)")
        values |= read_position(after)
    statement = f"""
        SELECT page.*, (SELECT min(i.rectify_by) FROM housing.inspection AS i
            WHERE i.rental_id = page.id AND i.result = 'hazard' AND i.rectified_on IS NULL),
          ST_X(at.point), ST_Y(at.point), coalesce(page.next_inspection::text, 'infinity')
        FROM (
          SELECT r.id, r.dwelling_id, d.building_id, coalesce(d.address, b.address) AS address,
            d.unit, d.floor, d.room_number, r.rental_class, r.last_inspection, r.next_inspection,
            r.hazard, r.tenants, r.lessor_name, r.area_code, r.row_version, {key} AS day
          FROM {_FROM} WHERE {" AND ".join(parts)} ORDER BY {key}, r.id LIMIT %(limit)s
        ) AS page
        JOIN housing.building AS b ON b.id = page.building_id
        CROSS JOIN LATERAL (SELECT ST_PointOnSurface(b.geom) AS point OFFSET 0) AS at
        ORDER BY page.day, page.id
    """
    rows = [tuple(row) for row in asks.exec_driver_sql(statement, values | {"limit": limit + 1})]
    kept = [DueRental._make((*row[:11], row[16], *row[11:15], *row[17:19])) for row in rows[:limit]]
    more = len(rows) > limit
    return DuePage(kept, position_token(rows[limit - 1][-1], kept[-1].id) if more else None)


def due_tile(asks: Asks, name: ListName, reader: Reader, wanted: Wanted, tile: Tile) -> bytes:
    """One tile as bytes, not packed: layer `rentals_due`, coordinates of Web Mercator (3857).

    From zoom 14 each building with `count`, `overdue`, `due_soon` and the `colour` of the
    strictest class; below, cells of some 40 pixels with the same.
    """
    where, values = _where(reader, wanted)
    houses = f"""
        SELECT b.id, ST_PointOnSurface(b.geom) AS point, count(*) AS count,
          count(*) FILTER (WHERE {_OVERDUE}) AS overdue,
          count(*) FILTER (WHERE {_SOON}) AS due_soon,
          max(ARRAY[lpad(k.position::text, 4, '0'), k.extra ->> 'colour']) AS strictest
        FROM {_FROM}
        LEFT JOIN core.code AS k ON k.table_name = 'rental_class' AND k.code = r.rental_class
        WHERE {IN_TILE} AND {where} AND ({_CONDITIONS[name]})
        GROUP BY b.id
    """
    return tile_of_houses(asks, LAYER, houses, values, tile, colour="strictest")


def _where(reader: Reader, wanted: Wanted) -> tuple[str, dict[str, Any]]:
    if not reader.scope(Right.HOUSING_READ):
        raise Forbidden(f"rentals need the right {Right.HOUSING_READ}")
    scope, bounds = scope_sql("r.area_code", reader.scope(Right.HOUSING_READ), "read")
    parts, values = [_OPEN, scope], dict[str, Any](bounds)
    if wanted.area:
        parts.append("r.area_code >= %(area)s AND r.area_code < %(area_end)s")
        values |= {"area": wanted.area, "area_end": after_area(wanted.area)}
    if wanted.rental_class is not None:
        parts.append("r.rental_class = %(rental_class)s")
        values["rental_class"] = wanted.rental_class
    return " AND ".join(parts), values
