"""Who may be the person about to be entered: found by keyed index, within the reader's areas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, text

from layers.core.errors import Conflict, Forbidden
from layers.core.features import find_feature, scope_sql
from layers.core.identifiers import normalise_id_number
from layers.core.looks import record_in_each_area
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.core.sealing import Sealer, mask
from layers.people.by_person import PERSON_COLUMNS, Home, Person, find_homes
from layers.people.person import PERSONS

MOST = 10

Likeness = Literal["id_number", "name_birth_date", "name_phone"]

_OWN = text(
    "SELECT id_number_index AS id_number, name_index AS name, phone_index AS phone, birth_date "
    "FROM people.person WHERE id = :id"
)
_ELSEWHERE = text("SELECT people.is_held_elsewhere(:blind)")


@dataclass(frozen=True)
class Alike:
    """A person within the reader's areas, masked, with the present homes, and what is alike."""

    person: Person
    homes: Sequence[Home]
    alike: Sequence[Likeness]


@dataclass(frozen=True)
class Duplicates:
    """Persons alike; `is_held_elsewhere` when the number is another area's, and no more of it."""

    persons: Sequence[Alike]
    is_held_elsewhere: bool

    @property
    def found(self) -> bool:
        """Whether there is anything to ask about."""
        return bool(self.persons) or self.is_held_elsewhere


class Duplicated(Conflict):
    """Somebody alike is registered already; carries who."""

    def __init__(self, duplicates: Duplicates, told: Mapping[str, Any]) -> None:
        super().__init__("somebody alike is registered already; take that person or say why not")
        self.duplicates = duplicates
        self._told = told

    @property
    def members(self) -> Mapping[str, Any]:
        """The persons as JSON."""
        return {"duplicates": self._told}


def find_duplicates(
    connection: Connection, reader: Reader, values: Mapping[str, Any], sealer: Sealer
) -> Duplicates:
    """Persons with the same ID number, or the same name with the same birth date or phone; logged.

    The connection must be in a `reader_transaction` of the reader.

    Raises: Forbidden without the right to enter persons and to see them.
    """
    if not reader.scope(Right.PEOPLE_READ) or not (
        reader.areas_to_write(PERSONS) or reader.scope(Right.PEOPLE_PROPOSE)
    ):
        raise Forbidden(f"entering persons needs the right {Right.PEOPLE_PROPOSE}")
    blinds = _blinds(values, sealer)
    if not blinds:
        return Duplicates((), False)
    asked = {"id_number": None, "name": None, "phone": None, **blinds}
    alike = _alike(connection, reader, asked | {"birth_date": values.get("birth_date"), "but": -1})
    held = bool(
        "id_number" in blinds
        and connection.execute(_ELSEWHERE, {"blind": blinds["id_number"]}).scalar_one()
    )
    _log(connection, reader, values, blinds, len(alike), held)
    return Duplicates(alike, held)


def find_alike(connection: Connection, reader: Reader, person_id: int) -> Sequence[Alike]:
    """Persons within the reader's areas who may be the same as one that is registered; logged.

    Raises: NotFound, Forbidden for a person the reader does not see.
    """
    find_feature(connection, PERSONS, reader, person_id)
    own = connection.execute(_OWN, {"id": person_id}).mappings().one()
    alike = _alike(connection, reader, {**own, "but": person_id})
    detail = {"of": person_id, "found": len(alike)}
    record_in_each_area(connection, reader, PERSONS, "duplicate_search", Right.PEOPLE_READ, detail)
    return alike


def _alike(connection: Connection, reader: Reader, asked: Mapping[str, Any]) -> list[Alike]:
    visible, bounds = scope_sql("p.area_code", reader.scope(Right.PEOPLE_READ), "read")
    statement = f"""
        SELECT {PERSON_COLUMNS}, p.id_number_index = %(id_number)s AS same_number,
          p.birth_date = %(birth_date)s::date AS same_birth, p.phone_index = %(phone)s AS same_phone
        FROM people.person AS p
        WHERE p.merged_into IS NULL AND p.id <> %(but)s AND {visible}
          AND (p.id_number_index = %(id_number)s OR p.name_index = %(name)s
            AND (p.birth_date = %(birth_date)s::date OR p.phone_index = %(phone)s))
        ORDER BY (p.id_number_index = %(id_number)s) IS NOT TRUE, p.id LIMIT {MOST}
    """
    rows = connection.exec_driver_sql(statement, {**asked, **bounds}).all()
    homes = find_homes(connection, [row.id for row in rows], former=False)
    return [Alike(Person(*row[:-3]), homes.get(row.id, ()), _likenesses(*row[-3:])) for row in rows]


def _blinds(values: Mapping[str, Any], sealer: Sealer) -> dict[str, bytes]:
    given = {name: str(values[name]) for name in ("id_number", "name", "phone") if values.get(name)}
    if "id_number" in given:
        given["id_number"] = normalise_id_number(given["id_number"])
    return {name: sealer.blind(f"{PERSONS.name}.{name}", value) for name, value in given.items()}


def _likenesses(number: bool | None, birth: bool | None, phone: bool | None) -> list[Likeness]:
    if number:
        return ["id_number"]
    found: list[Likeness] = []
    if birth:
        found.append("name_birth_date")
    if phone:
        found.append("name_phone")
    return found


def _log(
    connection: Connection,
    reader: Reader,
    values: Mapping[str, Any],
    blinds: Mapping[str, bytes],
    found: int,
    held: bool,
) -> None:
    kind = "id_number" if "id_number" in blinds else next(iter(blinds))
    detail = {
        "by": kind,
        "query": mask(kind, str(values[kind]).strip()),
        "index": blinds[kind].hex(),
        "found": found,
        "elsewhere": held,
    }
    record_in_each_area(connection, reader, PERSONS, "duplicate_search", Right.PEOPLE_READ, detail)
