"""To whom a case may be dispatched: units that serve its place, the likeliest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from layers.core.scope import Reader
from layers.incidents.take_step import find_case

MOST_STAFF = 200


@dataclass(frozen=True)
class Employee:
    """Somebody of a unit who serves the place of the case."""

    id: int
    name: str
    post: str


@dataclass(frozen=True)
class Candidate:
    """A unit that serves the place of the case.

    `distance` is metres from the case, None for a unit without a place; `open` its cases in hand;
    `similar` how many of the category it was given in the last half year.
    """

    id: int
    name: str
    kind: str
    area_code: str
    distance: int | None
    open: int
    similar: int
    staff: Sequence[Employee]


_UNITS = text(
    """
WITH alike AS (
  SELECT unit_id, count(*) AS cases FROM incidents.incident
  WHERE category = :category AND unit_id IS NOT NULL AND reported_at > now() - interval '180 days'
  GROUP BY unit_id
), in_hand AS (
  SELECT unit_id, count(*) AS cases FROM incidents.incident
  WHERE closed_at IS NULL AND state IN ('pending_handle', 'handling', 'handle_finish')
  GROUP BY unit_id
)
SELECT u.id, u.name, u.kind, u.area_code,
  round(ST_Distance(u.geom::geography, i.geom::geography))::integer AS distance,
  coalesce(in_hand.cases, 0) AS open, coalesce(alike.cases, 0) AS "similar"
FROM organisation.unit AS u
JOIN incidents.incident AS i ON i.id = :id AND starts_with(i.area_code, u.area_code)
LEFT JOIN alike ON alike.unit_id = u.id
LEFT JOIN in_hand ON in_hand.unit_id = u.id
WHERE u.kind <> 'centre' AND (u.valid_to IS NULL OR u.valid_to > core.today())
ORDER BY "similar" DESC, length(u.area_code) DESC, distance NULLS LAST, u.id
"""
)
_STAFF = text(
    "SELECT unit_id, id, name, post FROM organisation.staff WHERE unit_id = ANY(:units) "
    "AND starts_with(:area, area_code) AND (valid_to IS NULL OR valid_to > core.today()) "
    f"ORDER BY length(area_code) DESC, id LIMIT {MOST_STAFF}"
)


def find_candidates(
    connection: Connection, reader: Reader, incident_id: int
) -> Sequence[Candidate]:
    """Units whose area holds the case, with their staff there, those that had the like of it first.

    The connection must be in a `reader_transaction` of the reader.

    Raises: NotFound when the case does not exist or lies outside the reader's scope.
    """
    case, _ = find_case(connection, reader, incident_id)
    asked: Mapping[str, Any] = {"id": incident_id, "category": case.category}
    rows = connection.execute(_UNITS, asked).all()
    staff: dict[int, list[Employee]] = {row.id: [] for row in rows}
    for unit, *employee in connection.execute(
        _STAFF, {"units": list(staff), "area": case.area_code}
    ):
        staff[unit].append(Employee(*employee))
    return [Candidate(**row._mapping, staff=staff[row.id]) for row in rows]
