"""Care of one person, and which rooms of a building have somebody in care; own right, logged."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from layers.core.errors import Forbidden, NotFound
from layers.core.features import scope_sql
from layers.core.layer import Layer
from layers.core.looks import record_once
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.housing.building import BUILDINGS
from layers.people.care import CARE_RECORDS, TODAY, has_ended, next_visit
from layers.people.elderly import AGE
from layers.people.person import PERSONS


class CaredRoom(NamedTuple):
    """A room with somebody in care at home; `overdue` when a visit or review of one is."""

    dwelling_id: int
    persons: int
    care_groups: Sequence[str]
    overdue: bool


_PERSON = """
SELECT p.area_code, (p.birth_date + interval '{age} years' <= core.today()) IS TRUE
FROM people.person AS p WHERE p.id = %(id)s AND {held}
"""
_RECORDS = """
SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.ended, r.id DESC), '[]')::text FROM (
  SELECT c.id, c.care_group, c.lawful_basis, c.purpose, c.responsible, c.review_date,
    c.visit_interval, c.last_visit, c.note, c.valid_from, c.valid_to, c.row_version,
    {ended} AS ended, CASE WHEN NOT {ended} THEN {next_visit} END AS next_visit,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', v.id, 'visited_on', v.visited_on,
      'kind', v.kind, 'found', v.found, 'next_step', v.next_step, 'visited_by', v.visited_by)
      ORDER BY v.visited_on DESC, v.id DESC), '[]')
      FROM people.care_visit AS v WHERE v.record_id = c.id) AS visits
  FROM people.care_record AS c WHERE c.person_id = %(id)s AND {held}
) AS r
"""
_SERVICES = """
SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.requested_on DESC, s.id DESC), '[]')::text FROM (
  SELECT e.id, e.kind, e.requested_on, e.wish, e.provider_id, e.state, e.done_on, e.follow_up_on,
    e.satisfaction, e.remark, e.row_version,
    (SELECT o.name FROM people.service_provider AS o WHERE o.id = e.provider_id) AS provider_name
  FROM people.elderly_service AS e WHERE e.person_id = %(id)s AND {held}
) AS s
"""
_WORDS = {"ended": has_ended("c"), "next_visit": next_visit("c"), "today": TODAY}
_ROOMS = """
SELECT r.dwelling_id, count(DISTINCT c.person_id)::integer, array_agg(DISTINCT c.care_group),
  bool_or(c.review_date < {today} OR ({next_visit} < {today}) IS TRUE)
FROM people.residence AS r JOIN people.care_record AS c ON c.person_id = r.person_id
WHERE r.building_id = %(id)s AND r.is_home AND r.valid_to IS NULL
  AND NOT {ended} AND {held} AND {home_held}
GROUP BY r.dwelling_id ORDER BY r.dwelling_id
"""


def find_person_care(connection: Connection, reader: Reader, person_id: int) -> dict[str, Any]:
    """Records with their visits and services of a person, the latest first; logged.

    `of_age` tells whether elderly services are for this person, `editable` whether the reader may
    write here. Sealed fields are hidden.

    Raises: Forbidden without the right to see care; NotFound for a person that may not be seen or
    lives where the reader does not hold it.
    """
    held = _held(reader, "p")
    asked = held[1] | {"id": person_id}
    person = connection.exec_driver_sql(_PERSON.format(held=held[0], age=AGE), asked).one_or_none()
    if person is None:
        raise NotFound(f"no feature {person_id} in {PERSONS.name}")
    area, of_age = person
    told: dict[str, Any] = {}
    for name, statement, alias in (("records", _RECORDS, "c"), ("services", _SERVICES, "e")):
        condition, _ = _held(reader, alias)
        found = connection.exec_driver_sql(statement.format(held=condition, **_WORDS), asked)
        told[name] = json.loads(found.scalar_one())
    _record(connection, reader, PERSONS, person_id, area, {"person": person_id})
    return {"of_age": of_age, "editable": reader.covers(Right.CARE_WRITE, area), **told}


def find_cared_rooms(connection: Connection, reader: Reader, building_id: int) -> list[CaredRoom]:
    """Rooms of a building in which somebody in care is at home; logged.

    Raises: Forbidden without the right to see care; NotFound for a building that may not be seen or
    lies where the reader does not hold it.
    """
    held, values = _held(reader, "c")
    building, _ = _held(reader, "b")
    asked = values | {"id": building_id}
    area = connection.exec_driver_sql(
        f"SELECT b.area_code FROM housing.building AS b WHERE b.id = %(id)s AND {building}", asked
    ).scalar_one_or_none()
    if area is None:
        raise NotFound(f"no feature {building_id} in {BUILDINGS.name}")
    statement = _ROOMS.format(held=held, home_held=_held(reader, "r")[0], **_WORDS)
    rooms = [CaredRoom(*row) for row in connection.exec_driver_sql(statement, asked)]
    _record(connection, reader, BUILDINGS, building_id, area, {})
    return rooms


def _record(
    connection: Connection,
    reader: Reader,
    layer: Layer,
    feature_id: int,
    area: str,
    detail: Mapping[str, int],
) -> None:
    told = {"of": CARE_RECORDS.name, **detail}
    record_once(connection, reader, layer, "care", feature_id, (area,), told)


def _held(reader: Reader, alias: str) -> tuple[str, dict[str, str]]:
    areas = reader.scope(Right.CARE_READ)
    if not areas:
        raise Forbidden(f"care records need the right {Right.CARE_READ}")
    return scope_sql(f"{alias}.area_code", areas, "held")
