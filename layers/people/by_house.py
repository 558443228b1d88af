"""Find by house: a building with its dwellings and how many live in each; who lives in one."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection

from layers.core.database import Asks
from layers.core.errors import Forbidden, NotFound
from layers.core.looks import record_once
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.core.sealing import HIDDEN
from layers.housing.dwelling import DWELLINGS
from layers.housing.floors import Matrix, floor_numbers, lay_out


class Building(NamedTuple):
    """The building of a matrix; `lon` and `lat` (CRS84) lie on its footprint."""

    id: int
    name: str | None
    number: str | None
    address: str | None
    usage: str | None
    levels: int | None
    levels_below: int | None
    skipped_floors: str | None
    height: float | None
    levels_estimated: bool
    row_version: int
    compound: str | None
    area_code: str
    lon: float
    lat: float


class Room(NamedTuple):
    """One dwelling with the residents and households in it; both 0 without the right.

    `floor` is a level, 1.5 the mezzanine over floor 1. `next_inspection` is the day the open
    rental of it is due to be inspected.
    """

    id: int
    unit: str
    floor: float
    room: str
    column_number: int | None
    columns_wide: int
    floors_high: int
    usage: str | None
    tenure: str | None
    area: float | None
    state: str | None
    beds: int | None
    next_inspection: str | None
    residents: int
    households: int


class House(NamedTuple):
    """A building, its dwellings, and their places in the matrix."""

    building: Building
    rooms: Sequence[Room]
    matrix: Matrix
    people_visible: bool


class Member(NamedTuple):
    """One resident, masked; `end` is None while the person lives there.

    The residence is told by its id and version, so that it can be ended.
    """

    person_id: int
    name: str
    id_number: str | None
    phone: str | None
    sex: str | None
    age: int | None
    register: str | None
    relation: str | None
    kind: str
    start: date | None
    end: date | None
    household: str | None
    rented_room: str | None
    bed: str | None
    residence_id: int
    row_version: int


class Dwelling(NamedTuple):
    """A dwelling as its residents' list names it, and whether the reader may register people in it,
    or propose to.
    """

    id: int
    building_id: int
    unit: str
    floor: float
    room: str
    usage: str | None
    tenure: str | None
    area: float | None
    state: str | None
    address: str | None
    owner_name: str | None
    owner_phone: str | None
    may_register: bool
    may_propose: bool


_RESIDENT_RIGHTS = (Right.HOUSING_READ, Right.PEOPLE_READ)

# Open residences when no day is given, else those that cover the day.
LIVES = (
    "CASE WHEN %(on)s::date IS NULL THEN r.valid_to IS NULL ELSE "
    "(r.valid_from IS NULL OR r.valid_from <= %(on)s::date) "
    "AND (r.valid_to IS NULL OR r.valid_to > %(on)s::date) END"
)

_LEVEL = "CASE WHEN d.is_mezzanine THEN to_json(d.floor + 0.5) ELSE to_json(d.floor) END"

# On a day before rooms were merged, split or numbered anew they are shown as they were then, and
# who moved along with the merging is counted in the room of that day.
_HOUSE = f"""
WITH later AS MATERIALIZED (
  SELECT l.* FROM housing.dwelling_lineage AS l JOIN housing.dwelling AS d ON d.id = l.dwelling_id
  WHERE d.building_id = %(id)s AND l.on_day > %(on)s::date
), earlier AS (
  SELECT DISTINCT ON (dwelling_id) dwelling_id, was FROM later ORDER BY dwelling_id, on_day, id
), moved AS (
  SELECT DISTINCT ON (residence_id) residence_id, other_id
  FROM later, unnest(residences) AS residence_id ORDER BY residence_id, on_day, id
)
SELECT b.id, b.name, b.number, b.address, b.usage, b.levels, b.levels_below,
  b.skipped_floors, b.height, b.levels_estimated, b.row_version,
  (SELECT c.name FROM housing.compound AS c WHERE c.id = b.compound_id),
  b.area_code, ST_X(b.point), ST_Y(b.point),
  (SELECT json_agg(json_build_array(d.id, coalesce(e.was ->> 'unit', d.unit),
      coalesce(e.was -> 'floor', {_LEVEL}::jsonb), coalesce(e.was ->> 'room', d.room_number),
      CASE WHEN e.was IS NULL THEN d.column_number ELSE (e.was ->> 'column_number')::integer END,
      coalesce((e.was ->> 'columns_wide')::integer, d.columns_wide),
      coalesce((e.was ->> 'floors_high')::integer, d.floors_high), d.usage, d.tenure,
      d.floor_area, d.state, d.beds, due.next_inspection,
      coalesce(p.residents, 0), coalesce(p.households, 0)))
    FROM housing.dwelling AS d LEFT JOIN (
      SELECT coalesce(m.other_id, r.dwelling_id) AS dwelling_id, count(*) AS residents,
        count(DISTINCT coalesce(r.household, '')) AS households
      FROM people.residence AS r LEFT JOIN moved AS m ON m.residence_id = r.id
      WHERE r.building_id = %(id)s AND {LIVES} GROUP BY 1
    ) AS p ON p.dwelling_id = d.id
    LEFT JOIN earlier AS e ON e.dwelling_id = d.id
    LEFT JOIN (
      SELECT l.dwelling_id, min(l.next_inspection) AS next_inspection FROM housing.rental AS l
      JOIN housing.dwelling AS m ON m.id = l.dwelling_id
      WHERE m.building_id = %(id)s AND l.valid_to IS NULL GROUP BY l.dwelling_id
    ) AS due ON due.dwelling_id = d.id
    WHERE d.building_id = %(id)s
      AND (d.valid_to IS NULL OR d.valid_to > coalesce(%(on)s::date, core.today()))
      AND NOT EXISTS (SELECT FROM later WHERE kind = 'split' AND other_id = d.id))
FROM (
  SELECT *, ST_PointOnSurface(geom) AS point FROM housing.building WHERE id = %(id)s OFFSET 0
) AS b
"""

_DWELLING = """
SELECT id, building_id, unit, CASE WHEN is_mezzanine THEN floor + 0.5 ELSE floor END::float,
  room_number, usage, tenure, floor_area, state, address, owner_name, owner_phone, area_code
FROM housing.dwelling WHERE id = %(id)s
"""

# In the room on that day, or at any time when the former ones are asked for too: who moved along
# when rooms were merged is still found in the room that is no more.
_IN_ROOM = """
(CASE WHEN %(on)s::date IS NULL THEN
  r.dwelling_id = %(id)s OR (%(former)s AND EXISTS (SELECT FROM housing.dwelling_lineage AS l
    WHERE l.other_id = %(id)s AND r.id = ANY (l.residences)))
ELSE %(id)s = coalesce((SELECT l.other_id FROM housing.dwelling_lineage AS l
    WHERE l.residences @> ARRAY[r.id] AND l.on_day > %(on)s::date ORDER BY l.on_day, l.id LIMIT 1),
  r.dwelling_id) END)
"""

# GB/T 4761: who heads the household stands first, then the oldest.
_MEMBERS = f"""
SELECT r.person_id, coalesce(p.name, '{HIDDEN}'), p.id_number, p.phone, p.sex,
  date_part('year', age(core.today(), p.birth_date))::integer, p.register, r.relation, r.kind,
  r.valid_from, r.valid_to, r.household, r.rented_room, r.bed, r.id, r.row_version
FROM people.residence AS r LEFT JOIN people.person AS p ON p.id = r.person_id
WHERE r.building_id = %(building)s AND {_IN_ROOM} AND (%(former)s OR {LIVES})
ORDER BY r.valid_to IS NOT NULL, r.valid_to DESC, r.household NULLS LAST,
  (r.relation IN ('0', '02', '03')) IS NOT TRUE, p.birth_date NULLS LAST, r.person_id
"""


_LINEAGE = """
SELECT l.kind, l.on_day, l.dwelling_id, l.other_id,
  CASE WHEN l.other_id IS NULL THEN l.was ->> 'room' WHEN l.other_id = %(id)s THEN k.room_number
    ELSE o.room_number END AS room
FROM housing.dwelling_lineage AS l JOIN housing.dwelling AS k ON k.id = l.dwelling_id
LEFT JOIN housing.dwelling AS o ON o.id = l.other_id
WHERE (l.dwelling_id = %(id)s OR l.other_id = %(id)s)
  AND NOT (l.kind = 'split' AND l.other_id IS NULL)
ORDER BY l.on_day DESC, l.id DESC
"""


def find_house(connection: Asks, reader: Reader, building_id: int, on: date | None = None) -> House:
    """A building with its dwellings and the number of residents in each, on a day or now.

    Raises: NotFound outside the reader's areas; Forbidden without the right to see dwellings there.
    """
    if not reader.scope(Right.BASE_READ):
        raise Forbidden(f"buildings need the right {Right.BASE_READ}")
    row = next(iter(connection.exec_driver_sql(_HOUSE, {"id": building_id, "on": on})), None)
    building = Building(*row[:-1]) if row is not None else None
    if row is None or building is None or not reader.covers(Right.BASE_READ, building.area_code):
        raise NotFound(f"no feature {building_id} in buildings")
    if not reader.covers(Right.HOUSING_READ, building.area_code):
        raise Forbidden(f"dwellings need the right {Right.HOUSING_READ}")
    rooms = [Room(*cells) for cells in row[-1] or ()]
    people_visible = reader.covers(Right.PEOPLE_READ, building.area_code)
    if not people_visible:
        rooms = [room._replace(residents=0, households=0) for room in rooms]
    matrix = lay_out(rooms, building.levels, floor_numbers(building.skipped_floors))
    return House(building, rooms, matrix, people_visible)


def find_residents(
    connection: Connection,
    reader: Reader,
    dwelling_id: int,
    on: date | None = None,
    *,
    former: bool = False,
) -> tuple[Dwelling, list[tuple[str | None, list[Member]]]]:
    """A dwelling and its households: (household number, members), present ones first.

    `former` adds those who have moved out. A resident whose own area the reader may not see is
    listed without any detail, so that the number is right. The look is logged.

    Raises: Forbidden without the right to see dwellings and persons; NotFound outside the areas.
    """
    for right in _RESIDENT_RIGHTS:
        if not reader.scope(right):
            raise Forbidden(f"residents need the right {right}")
    row = connection.exec_driver_sql(_DWELLING, {"id": dwelling_id}).one_or_none()
    if row is None or not all(reader.covers(right, row.area_code) for right in _RESIDENT_RIGHTS):
        raise NotFound(f"no feature {dwelling_id} in dwellings")
    values: dict[str, Any] = {"id": dwelling_id, "building": row.building_id}
    values |= {"on": on, "former": former}
    groups: dict[tuple[bool, str | None], list[Member]] = {}
    for cells in connection.exec_driver_sql(_MEMBERS, values):
        member = Member(*cells)
        groups.setdefault((member.end is None, member.household), []).append(member)
    told = {"returned": sum(len(members) for members in groups.values())}
    record_once(connection, reader, DWELLINGS, "open", dwelling_id, (row.area_code,), told)
    may = (
        reader.covers(right, row.area_code) for right in (Right.PEOPLE_WRITE, Right.PEOPLE_PROPOSE)
    )
    return Dwelling(*row[:-1], *may), [
        (household, members) for (_, household), members in groups.items()
    ]


def find_lineage(connection: Connection, dwelling_id: int) -> list[dict[str, Any]]:
    """What became of a room: merged, split, numbered anew; the latest first.

    Each names the room that stays, the other one, and the number it had or the room had before.
    """
    rows = connection.exec_driver_sql(_LINEAGE, {"id": dwelling_id})
    return [dict(row._mapping) for row in rows]
