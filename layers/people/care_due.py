"""What is due in care: lists of records and services whose figures, rows and tiles agree.

A list has one condition, by which it is counted, paged through and drawn. Homes are shown to who
may see care where they lie; a person without one is in the list, but on no map.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple, get_args

from layers.core.database import Asks
from layers.core.day_position import position_token, read_position
from layers.core.errors import Fault, Forbidden, Invalid
from layers.core.features import scope_sql
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.core.tiles import Tile
from layers.housing.house_tile import IN_TILE, tile_of_houses
from layers.people.care import TODAY, has_ended, next_visit
from layers.territory.areas_below import area_name_sql, digits_below

RecordList = Literal["visit_overdue", "visit_soon", "review_overdue", "review_soon"]
ServiceList = Literal["service_open", "service_follow_up"]
ListName = RecordList | ServiceList

RECORD_LISTS: tuple[RecordList, ...] = get_args(RecordList)
SERVICE_LISTS: tuple[ServiceList, ...] = get_args(ServiceList)
LISTS: tuple[ListName, ...] = (*RECORD_LISTS, *SERVICE_LISTS)
VISIT_SOON_DAYS = 7
REVIEW_SOON_DAYS = 30
MOST_ROWS = 200
LAYER = "care_due"

_VISIT = next_visit("c")
_SOON = "{day} BETWEEN {today} AND {today} + {days}"
_DAYS: Mapping[ListName, str] = {
    "visit_overdue": _VISIT,
    "visit_soon": _VISIT,
    "review_overdue": "c.review_date",
    "review_soon": "c.review_date",
    "service_open": "c.requested_on",
    "service_follow_up": "c.done_on",
}
_CONDITIONS: Mapping[ListName, str] = {
    "visit_overdue": f"{_VISIT} < {TODAY}",
    "visit_soon": _SOON.format(day=_VISIT, today=TODAY, days=VISIT_SOON_DAYS),
    "review_overdue": f"c.review_date < {TODAY}",
    "review_soon": _SOON.format(day="c.review_date", today=TODAY, days=REVIEW_SOON_DAYS),
    "service_open": "c.state IN ('requested', 'assigned')",
    "service_follow_up": "c.state = 'done' AND c.follow_up_on IS NULL",
}
_RECORDS = "people.care_record AS c"
_SERVICES = "people.elderly_service AS c"
_HOME = """
LEFT JOIN LATERAL (
  SELECT r.building_id, r.dwelling_id FROM people.residence AS r
  WHERE r.person_id = page.person_id AND r.is_home AND r.valid_to IS NULL AND {home_held}
  ORDER BY r.id DESC LIMIT 1
) AS h ON TRUE
"""


@dataclass(frozen=True)
class WantedCare:
    """All conditions hold together: `area` is a prefix of area codes.

    `care_group` and `responsible` narrow the lists of records, `service_kind` those of services.
    """

    area: str = ""
    care_group: str | None = None
    responsible: str | None = None
    service_kind: str | None = None


class CareCounts(NamedTuple):
    """How many each list has: in all, of a care group, of a kind of service or of an area."""

    key: str | None
    name: str | None
    visit_overdue: int
    visit_soon: int
    review_overdue: int
    review_soon: int
    service_open: int
    service_follow_up: int


@dataclass(frozen=True)
class CareFigures:
    """Counts in all, by care group, by kind of service, and by the areas just below the one asked
    (below what all of the reader's areas share when none is asked).
    """

    total: CareCounts
    groups: Sequence[CareCounts]
    kinds: Sequence[CareCounts]
    areas: Sequence[CareCounts]


class DueCare(NamedTuple):
    """A care record of a list and the home to go to, the name masked.

    `days_overdue` is negative when the day is still to come. Name and home (degrees, EPSG:4326)
    are None for a reader who may not see them, the home also where there is none.
    """

    id: int
    person_id: int
    area_code: str
    care_group: str
    responsible: str
    last_visit: date | None
    visit_interval: int | None
    review_date: date
    row_version: int
    due_on: date
    days_overdue: int
    person_name: str | None
    building_id: int | None
    dwelling_id: int | None
    address: str | None
    unit: str | None
    floor: float | None
    room: str | None
    lon: float | None
    lat: float | None


class DueService(NamedTuple):
    """A service of a list, the name masked; `days_overdue` is since it was asked for or done.

    The home (degrees, EPSG:4326) as in `DueCare`.
    """

    id: int
    person_id: int
    area_code: str
    kind: str
    requested_on: date
    wish: str | None
    state: str
    done_on: date | None
    provider_id: int | None
    provider_name: str | None
    row_version: int
    due_on: date
    days_overdue: int
    person_name: str | None
    building_id: int | None
    dwelling_id: int | None
    address: str | None
    unit: str | None
    floor: float | None
    room: str | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class CarePage:
    """A page of a list, the longest waiting first, what to continue after when there are more, and
    how many there are on all pages.
    """

    rows: Sequence[DueCare] | Sequence[DueService]
    next_after: str | None
    total: int


def care_list(name: str) -> ListName:
    """The list of that name.

    Raises: Invalid naming the lists there are.
    """
    for each in LISTS:
        if each == name:
            return each
    raise Invalid([Fault("list", f"no list {name!r}; there are: {', '.join(LISTS)}")])


def care_figures(asks: Asks, reader: Reader, wanted: WantedCare) -> CareFigures:
    """How many are in each list: as many as paging through it gives.

    Raises: Forbidden without the right to see care records.
    """
    areas = _care_areas(reader)
    values: dict[str, Any] = {}
    listed = []
    for source, lists in ((_RECORDS, RECORD_LISTS), (_SERVICES, SERVICE_LISTS)):
        where, more = _where(areas, wanted, source)
        values |= more
        part, is_service = ("kind", True) if source is _SERVICES else ("care_group", False)
        holds = ", ".join(
            f"{_CONDITIONS[name] if name in lists else 'FALSE'} AS {name}" for name in LISTS
        )
        listed.append(
            f"SELECT c.area_code, c.{part} AS part, {is_service} AS of_service, {holds} "
            f"FROM {source} WHERE {where}"
        )
    values["digits"] = digits_below(wanted.area, areas)
    counts = ", ".join(f"count(*) FILTER (WHERE {name})" for name in LISTS)
    below = "left(area_code, %(digits)s)"
    statement = f"""
        WITH counted AS (
          SELECT grouping(part) = 0 AS of_part, grouping({below}) = 0 AS of_area, of_service,
            part, {below} AS area, {counts}
          FROM ({" UNION ALL ".join(listed)}) AS listed
          GROUP BY GROUPING SETS ((), (of_service, part), ({below}))
        ) SELECT n.of_part, n.of_area, n.of_service, coalesce(n.part, n.area),
          CASE WHEN n.of_area THEN {area_name_sql("n.area")} END, n.*
        FROM counted AS n
        LEFT JOIN core.code AS k ON k.code = n.part
          AND k.table_name = CASE WHEN n.of_service THEN 'elderly_service' ELSE 'care_group' END
        ORDER BY k.position NULLS LAST, n.part, n.area
    """
    told = [
        (row[0], row[1], row[2], CareCounts(row[3], row[4], *row[-len(LISTS) :]))
        for row in map(tuple, asks.exec_driver_sql(statement, values))
    ]
    return CareFigures(
        total=next(counts for of_part, of_area, _, counts in told if not of_part and not of_area),
        groups=[counts for of_part, _, of_service, counts in told if of_part and not of_service],
        kinds=[counts for of_part, _, of_service, counts in told if of_part and of_service],
        areas=[counts for _, of_area, _, counts in told if of_area],
    )


def care_page(
    asks: Asks, name: ListName, reader: Reader, wanted: WantedCare, limit: int, after: str | None
) -> CarePage:
    """A page of a list. Ended records are in none.

    Raises: Forbidden without the right to see care records; Invalid when `after` is none of a
    page's.
    """
    areas = _care_areas(reader)
    is_service = name in SERVICE_LISTS
    source = _SERVICES if is_service else _RECORDS
    where, values = _where(areas, wanted, source)
    home_held, more = scope_sql("r.area_code", areas, "home")
    continued = "TRUE"
    if after is not None:
        continued = "(due_on, id) > (%(after_day)s::date, %(after_id)s)"
        values |= read_position(after)
    own = "c.id, c.person_id, c.area_code, "
    if is_service:
        own += "c.kind, c.requested_on, c.wish, c.state, c.done_on, c.provider_id, "
        own += "(SELECT s.name FROM people.service_provider AS s WHERE s.id = c.provider_id), "
    else:
        own += "c.care_group, c.responsible, c.last_visit, c.visit_interval, c.review_date, "
    statement = f"""
        WITH listed AS (
          SELECT {own} c.row_version, {_DAYS[name]} AS due_on
          FROM {source} WHERE ({_CONDITIONS[name]}) AND {where}
        )
        SELECT all_pages.total, page.*, core.today() - page.due_on, p.name, h.building_id,
          h.dwelling_id, coalesce(d.address, b.address), d.unit, d.floor, d.room_number,
          ST_X(spot.point), ST_Y(spot.point)
        FROM (SELECT count(*) AS total FROM listed) AS all_pages
        LEFT JOIN (
          SELECT * FROM listed WHERE {continued} ORDER BY due_on, id LIMIT %(limit)s
        ) AS page ON TRUE
        LEFT JOIN people.person AS p ON p.id = page.person_id
        {_HOME.format(home_held=home_held)}
        LEFT JOIN housing.dwelling AS d ON d.id = h.dwelling_id
        LEFT JOIN housing.building AS b ON b.id = h.building_id
        LEFT JOIN LATERAL (SELECT ST_PointOnSurface(b.geom) AS point OFFSET 0) AS spot ON TRUE
        ORDER BY page.due_on, page.id
    """
    found = asks.exec_driver_sql(statement, values | more | {"limit": limit + 1})
    rows = [tuple(row) for row in found]
    kept = [row[1:] for row in rows if row[1] is not None]
    made = [DueService(*row) for row in kept] if is_service else [DueCare(*row) for row in kept]
    last = made[limit - 1] if len(made) > limit else None
    following = position_token(last.due_on, last.id) if last else None
    return CarePage(made[:limit], following, rows[0][0])


def care_tile(asks: Asks, name: ListName, reader: Reader, wanted: WantedCare, tile: Tile) -> bytes:
    """One tile as bytes, not packed: layer `care_due`, coordinates of Web Mercator (3857).

    From zoom 14 each building with homes of the list with `count`, `overdue` and `due_soon`; below,
    cells of some 40 pixels with the same. Open services are neither.

    Raises: Forbidden without the right to see care records.
    """
    areas = _care_areas(reader)
    source = _SERVICES if name in SERVICE_LISTS else _RECORDS
    where, values = _where(areas, wanted, source)
    home_held, more = scope_sql("r.area_code", areas, "home")
    overdue, soon = (f"count(*) FILTER (WHERE {name.endswith(end)})" for end in _ENDS)
    houses = f"""
        SELECT b.id, ST_PointOnSurface(b.geom) AS point, count(*) AS count,
          {overdue} AS overdue, {soon} AS due_soon
        FROM (SELECT c.person_id FROM {source} WHERE ({_CONDITIONS[name]}) AND {where}) AS page
        {_HOME.format(home_held=home_held)}
        JOIN housing.building AS b ON b.id = h.building_id
        WHERE {IN_TILE}
        GROUP BY b.id
    """
    return tile_of_houses(asks, LAYER, houses, values | more, tile)


_ENDS = ("_overdue", "_soon")


def _care_areas(reader: Reader) -> tuple[str, ...]:
    areas = tuple(reader.scope(Right.CARE_READ))
    if not areas:
        raise Forbidden(f"care records need the right {Right.CARE_READ}")
    return areas


def _where(areas: Sequence[str], wanted: WantedCare, source: str) -> tuple[str, dict[str, Any]]:
    """What holds for all lists of a source, with values under names that suit both sources."""
    held, values = scope_sql("c.area_code", areas, "held")
    within, more = scope_sql("c.area_code", (wanted.area,), "within")
    parts = [held, within]
    asked: dict[str, Any] = {**values, **more}
    chosen: tuple[tuple[str, str | None], ...] = (("kind", wanted.service_kind),)
    if source is _RECORDS:
        parts.append(f"NOT {has_ended('c')}")
        chosen = (("care_group", wanted.care_group), ("responsible", wanted.responsible))
    for column, value in chosen:
        if value is not None:
            parts.append(f"c.{column} = %({column})s")
            asked[column] = value
    return " AND ".join(parts), asked
