"""Two rows of one person made one: what the merged one has goes over, both histories stay."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from layers.core.errors import Conflict, Fault, Forbidden, Invalid, Stale
from layers.core.features import find_feature
from layers.core.looks import record_in_each_area
from layers.core.scope import Reader
from layers.people.person import PERSONS

SHORTEST_REASON, LONGEST_REASON = 4, 500

_MERGE = text("SELECT people.merge_persons(:survivor, :merged)")
_WHY = text("SELECT set_config('wangge.reason', :reason, true)")
_MERGED = text("SELECT merged_into FROM people.person WHERE id = :id")
_FOUND = text(
    "SELECT p.id, p.name, p.id_number, p.updated_at, p.updated_by FROM people.person AS p "
    "WHERE p.merged_into = :id ORDER BY p.id"
)


class Seen(NamedTuple):
    """A person at the version that whoever merges has seen."""

    id: int
    row_version: int


class MergedPerson(NamedTuple):
    """A row merged into another, masked; its history is that of any row of its id."""

    id: int
    name: str
    id_number: str | None
    merged_at: datetime
    merged_by: str | None


def merge(
    connection: Connection, reader: Reader, survivor: Seen, merged: Seen, reason: str | None
) -> None:
    """Makes the merged person the survivor: homes, care records, proposals and blanks go over.

    The connection must be in a `reader_transaction`, which must roll back when this raises.

    Raises: Invalid without a reason or for one and the same; NotFound; Stale; Forbidden outside
    the areas where the reader may write; Conflict when one is merged already.
    """
    told = (reason or "").strip()
    faults = []
    if not SHORTEST_REASON <= len(told) <= LONGEST_REASON:
        faults.append(Fault("reason", f"{SHORTEST_REASON} to {LONGEST_REASON} characters needed"))
    if survivor.id == merged.id:
        faults.append(Fault("merged", "a person is not merged into itself"))
    if faults:
        raise Invalid(faults)
    for seen in (survivor, merged):
        _check(connection, reader, seen)
    connection.execute(_WHY, {"reason": told})
    try:
        connection.execute(_MERGE, {"survivor": survivor.id, "merged": merged.id})
    except IntegrityError as error:
        raise Conflict("both have what there may be only once; settle that first") from error
    detail = {"survivor": survivor.id, "merged": merged.id}
    record_in_each_area(connection, reader, PERSONS, "merge", PERSONS.write, detail, reason=told)


def merged_persons(connection: Connection, person_id: int) -> Sequence[MergedPerson]:
    """The rows merged into a person, those within the reader's areas."""
    return [MergedPerson(*row) for row in connection.execute(_FOUND, {"id": person_id})]


def _check(connection: Connection, reader: Reader, seen: Seen) -> None:
    found = find_feature(connection, PERSONS, reader, seen.id)
    if not reader.covers(PERSONS.write, found.area_code):
        raise Forbidden(f"persons/{seen.id} lies outside the areas you may write")
    if found.row_version != seen.row_version:
        raise Stale(PERSONS.name, seen.id, seen.row_version, found.row_version)
    if connection.execute(_MERGED, {"id": seen.id}).scalar_one() is not None:
        raise Conflict(f"persons/{seen.id} is merged into another already")
