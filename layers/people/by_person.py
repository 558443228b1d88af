"""Find by person: who bears a name, number or phone; the houses a person lives and lived in."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection

from layers.core.errors import Forbidden, NotFound
from layers.core.features import scope_sql
from layers.core.identifiers import is_id_number, normalise_id_number
from layers.core.looks import record_feature, record_in_each_area
from layers.core.quotas import spend
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.core.sealing import Sealer, mask, normalise
from layers.people.by_house import LIVES, Member
from layers.people.person import PERSONS

Kind = Literal["name", "id_number", "phone"]

_PHONE = re.compile(r"\+?\d{5,15}")
_COUNTRY = re.compile(r"^(\+|00)?86(?=1\d{10}$)")
_ID_LIKE = re.compile(r"\d{15}|\d{17}[\dX]")


class Home(NamedTuple):
    """A dwelling a person lives or lived in; `lon` and `lat` (CRS84) lie on the building."""

    building_id: int
    dwelling_id: int
    address: str | None
    unit: str
    floor: int
    room: str
    kind: str
    current: bool
    start: date | None
    end: date | None
    lon: float | None
    lat: float | None
    residence_id: int
    row_version: int


class Person(NamedTuple):
    """A person, masked."""

    id: int
    name: str
    former_name: str | None
    document_type: str | None
    id_number: str | None
    phone: str | None
    sex: str | None
    age: int | None
    register: str
    left_behind: str | None
    registered_area: str | None
    registered_address: str | None
    nationality: str | None
    area_code: str
    row_version: int


_WIDTH = len(Person._fields)


@dataclass(frozen=True)
class Found:
    """Persons a search found, each with the present homes; `more` when there are others."""

    persons: Sequence[tuple[Person, Sequence[Home]]]
    more: bool


PERSON_COLUMNS = """
  p.id, p.name, p.former_name, p.document_type, p.id_number, p.phone, p.sex,
  date_part('year', age(core.today(), p.birth_date))::integer AS age, p.register, p.left_behind,
  p.registered_area, p.registered_address, p.nationality, p.area_code, p.row_version
"""

_HOME_COLUMNS = f"""
  r.building_id, r.dwelling_id, coalesce(d.address, b.address), d.unit, d.floor, d.room_number,
  r.kind, {LIVES}, r.valid_from, r.valid_to, ST_X(point.point), ST_Y(point.point), r.id,
  r.row_version
"""
_LIVED_IN = """
  people.residence AS r JOIN housing.dwelling AS d ON d.id = r.dwelling_id
  LEFT JOIN housing.building AS b ON b.id = r.building_id
  LEFT JOIN LATERAL (SELECT ST_PointOnSurface(b.geom) AS point OFFSET 0) AS point ON true
"""
_HOME_ORDER = f"NOT ({LIVES}), NOT r.is_home, r.valid_from DESC NULLS LAST, r.id"

_HOMES = f"""
  SELECT r.person_id, {_HOME_COLUMNS}
  FROM {_LIVED_IN}
  WHERE r.person_id = ANY(%(ids)s) AND (%(former)s OR {LIVES}) ORDER BY {_HOME_ORDER}
"""

# Persons and their present homes in one trip.
_SEARCH = f"""
WITH p AS MATERIALIZED (
  SELECT {PERSON_COLUMNS} FROM people.person AS p
  WHERE p.{{kind}}_index = ANY(%(blinds)s) AND p.merged_into IS NULL AND {{scope}}
  ORDER BY p.id LIMIT %(limit)s
)
SELECT p.*, {_HOME_COLUMNS}
FROM p LEFT JOIN ({_LIVED_IN}) ON r.person_id = p.id AND {LIVES}
ORDER BY p.id, {_HOME_ORDER}
"""

_HOUSEHOLD = f"""
SELECT r.person_id, p.name, p.id_number, p.phone, p.sex,
  date_part('year', age(core.today(), p.birth_date))::integer, p.register, r.relation, r.kind,
  r.valid_from, r.valid_to, r.household, r.rented_room, r.bed, r.id, r.row_version
FROM people.residence AS mine
JOIN people.residence AS r ON r.dwelling_id = mine.dwelling_id AND {LIVES}
  AND r.household IS NOT DISTINCT FROM mine.household
JOIN people.person AS p ON p.id = r.person_id
WHERE mine.id = (
  SELECT r.id FROM people.residence AS r WHERE r.person_id = %(id)s AND {LIVES}
  ORDER BY NOT r.is_home, r.valid_from DESC NULLS LAST, r.id LIMIT 1
)
ORDER BY (r.relation IN ('0', '02', '03')) IS NOT TRUE, p.birth_date NULLS LAST, r.person_id
"""


def kind_of(query: str) -> Kind:
    """What a query is taken for: an ID number (15 or 18 characters), a phone, else a name."""
    compact = normalise(query)
    if _ID_LIKE.fullmatch(compact) and is_id_number(compact):
        return "id_number"
    if _PHONE.fullmatch(compact):
        return "phone"
    return "id_number" if _ID_LIKE.fullmatch(compact) else "name"


def search_persons(
    connection: Connection, reader: Reader, query: str, sealer: Sealer, limit: int = 20
) -> Found:
    """Persons of exactly this name, ID number or phone within the reader's areas; logged.

    The audit log keeps the masked query and its keyed index, so that an auditor can tell whether
    a known person was looked for, but cannot read who was.

    Raises: Forbidden without the right to search and to see persons; QuotaSpent.
    """
    for right in (Right.PEOPLE_SEARCH, Right.PEOPLE_READ):
        if not reader.scope(right):
            raise Forbidden(f"searching persons needs the right {right}")
    spend(connection, reader, "person_search")
    kind = kind_of(query)
    blinds = [sealer.blind(f"{PERSONS.name}.{kind}", form) for form in _forms(kind, query)]
    searched, values = scope_sql("p.area_code", reader.scope(Right.PEOPLE_SEARCH), "search")
    visible, more_values = scope_sql("p.area_code", reader.scope(Right.PEOPLE_READ), "read")
    statement = _SEARCH.format(kind=kind, scope=f"{searched} AND {visible}")
    asked = values | more_values | {"blinds": blinds, "limit": limit + 1, "on": None}
    homes: dict[Person, list[Home]] = {}
    for row in connection.exec_driver_sql(statement, asked):
        person, home = Person(*row[:_WIDTH]), row[_WIDTH:]
        lived = homes.setdefault(person, [])
        if home[0] is not None:
            lived.append(Home(*home))
    _log_search(connection, reader, kind, query, blinds[0], len(homes))
    return Found(list(homes.items())[:limit], len(homes) > limit)


def _forms(kind: Kind, query: str) -> list[str]:
    compact = normalise(query)
    if kind == "id_number":
        return [normalise_id_number(compact)]
    if kind == "phone":
        local = _COUNTRY.sub("", compact)
        return list(dict.fromkeys((local, compact, f"+86{local}", f"86{local}")))
    return [compact]


def _log_search(
    connection: Connection, reader: Reader, kind: Kind, query: str, blind: bytes, found: int
) -> None:
    asked = {"by": kind, "query": mask(kind, query.strip()), "index": blind.hex(), "found": found}
    record_in_each_area(connection, reader, PERSONS, "person_search", Right.PEOPLE_SEARCH, asked)


def find_homes(
    connection: Connection, ids: Sequence[int], *, former: bool, on: date | None = None
) -> Mapping[int, Sequence[Home]]:
    """The homes within the reader's areas by person, present ones first; `former` adds all others.

    With `on`, present are those lived in on that day.

    A residence is told by its id and version, so that it can be ended.
    """
    found: dict[int, list[Home]] = {}
    if ids:
        values: dict[str, Any] = {"ids": list(ids), "former": former, "on": on}
        for person_id, *cells in connection.exec_driver_sql(_HOMES, values):
            found.setdefault(person_id, []).append(Home(*cells))
    return found


def find_houses(
    connection: Connection, reader: Reader, person_id: int, on: date | None = None
) -> tuple[Person, Sequence[Home], Sequence[Member]]:
    """A person, the homes within the reader's areas (present first) and the present household.

    With `on`, present is what was so on that day. The look is logged.

    Raises: Forbidden without the right to see persons; NotFound outside the reader's areas.
    """
    if not reader.scope(Right.PEOPLE_READ):
        raise Forbidden(f"persons need the right {Right.PEOPLE_READ}")
    row = connection.exec_driver_sql(
        f"SELECT {PERSON_COLUMNS} FROM people.person AS p WHERE p.id = %(id)s", {"id": person_id}
    ).one_or_none()
    person = Person(*row) if row is not None else None
    if person is None or not reader.covers(Right.PEOPLE_READ, person.area_code):
        raise NotFound(f"no feature {person_id} in {PERSONS.name}")
    homes = find_homes(connection, [person_id], former=True, on=on).get(person_id, ())
    asked = {"id": person_id, "on": on}
    household = [Member(*cells) for cells in connection.exec_driver_sql(_HOUSEHOLD, asked)]
    record_feature(connection, reader, PERSONS, person_id, person.area_code)
    return person, homes, household
