"""Other names of roads, compounds and buildings: old ones, nicknames and short forms.

Row-level security (`address.sql`) shows a name to those who work in its area or a part of it, and
lets those add and remove it who may write houses in all of it.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from layers.core.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.housing.address_text import clean

KINDS = ("street", "compound", "building")
REASONS = ("former", "nickname", "short")
LONGEST_NAME = 120


class Alias(NamedTuple):
    """In an area, `alias` means the road, compound or building `name`."""

    id: int
    kind: str
    alias: str
    name: str
    reason: str
    area_code: str


_COLUMNS = ", ".join(Alias._fields)


def add_alias(
    connection: Connection,
    reader: Reader,
    *,
    kind: str,
    alias: str,
    name: str,
    reason: str,
    area_code: str,
) -> Alias:
    """Adds a name; it is kept as texts are compared.

    Raises: Forbidden without the right to write houses in the area; Invalid; Conflict when it is
    there already.
    """
    if not reader.covers(Right.HOUSING_WRITE, area_code):
        raise Forbidden(f"other names need the right {Right.HOUSING_WRITE} in their area")
    told = clean(alias).text
    if faults := alias_faults(kind, told, name, reason):
        raise Invalid(faults)
    values = {"kind": kind, "alias": told, "name": name, "reason": reason, "area": area_code}
    insert = text(
        "INSERT INTO housing.address_alias (kind, alias, name, reason, area_code) "
        f"VALUES (:kind, :alias, :name, :reason, :area) RETURNING {_COLUMNS}"
    )
    try:
        return Alias(*connection.execute(insert, values).one())
    except IntegrityError as error:
        raise Conflict(f"{told} is a name of {name} there already") from error


def alias_faults(kind: str, alias: str, name: str, reason: str) -> list[Fault]:
    """What is wrong with a name."""
    faults = []
    if kind not in KINDS:
        faults.append(Fault("kind", f"one of {', '.join(KINDS)} expected"))
    if reason not in REASONS:
        faults.append(Fault("reason", f"one of {', '.join(REASONS)} expected"))
    for field, value in (("alias", alias), ("name", name)):
        if not 2 <= len(value) <= LONGEST_NAME:
            faults.append(Fault(field, f"2 to {LONGEST_NAME} characters expected"))
    if alias == name:
        faults.append(Fault("alias", "the same as the name"))
    return faults


def list_aliases(connection: Connection, reader: Reader, name: str | None = None) -> list[Alias]:
    """Names in the reader's areas by the place they mean; those of one place if asked.

    Raises: Forbidden without the right to see the base map.
    """
    if not reader.scope(Right.BASE_READ):
        raise Forbidden(f"other names need the right {Right.BASE_READ}")
    rows = connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM housing.address_alias "
            "WHERE CAST(:name AS text) IS NULL OR name = :name ORDER BY name, alias, id LIMIT 1000"
        ),
        {"name": name},
    )
    return [Alias(*row) for row in rows]


def delete_alias(connection: Connection, reader: Reader, alias_id: int) -> None:
    """Removes a name.

    Raises: NotFound when it is not there or not in areas where the reader may write houses.
    """
    deleted = connection.execute(
        text("DELETE FROM housing.address_alias WHERE id = :id RETURNING id"), {"id": alias_id}
    )
    if deleted.one_or_none() is None:
        raise NotFound(f"no other name {alias_id} in areas where you may write houses")
