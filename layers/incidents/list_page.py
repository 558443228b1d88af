"""Pages and counts of the work lists, each in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from layers.core.database import Asks
from layers.core.errors import Fault, Invalid
from layers.core.scope import Reader
from layers.incidents.incident import INCIDENTS
from layers.incidents.work_list import OPEN, Filter, Sort, WorkList, condition, where

MOST_ROWS = 200

_TABLE = INCIDENTS.qualified_table
# Cases without a deadline come after all that have one.
_DUE = "coalesce(due_at, 'infinity')"
_ORDER: Mapping[Sort, tuple[str, str, str]] = {
    "due": (_DUE, "", ">"),
    "newest": ("reported_at", " DESC", "<"),
    "oldest": ("reported_at", "", ">"),
}


class Row(NamedTuple):
    """One case of a list; `lon` and `lat` are degrees (CRS84)."""

    id: int
    row_version: int
    code: str | None
    category: str
    state: str
    place: str | None
    description: str
    area_code: str
    unit_id: int | None
    unit: str | None
    handler: str | None
    reported_at: datetime
    registered_at: datetime | None
    warn_at: datetime | None
    due_at: datetime | None
    paused_at: datetime | None
    closed_at: datetime | None
    supervision: str | None
    extension_days: int | None
    rework_count: int
    lon: float
    lat: float


@dataclass(frozen=True)
class Page:
    """Rows in order, and what to continue after when there are more."""

    rows: Sequence[Row]
    next_after: str | None


_OWN = tuple(name for name in Row._fields if name not in ("unit", "handler", "lon", "lat"))
_COLUMNS = ", ".join(
    {
        "unit": "organisation.unit_name(unit_id)",
        "handler": "organisation.staff_name(handler_id)",
        "lon": "ST_X(geom)",
        "lat": "ST_Y(geom)",
    }.get(name, name)
    for name in Row._fields
)


def find_page(
    asks: Asks,
    each: WorkList,
    reader: Reader,
    wanted: Filter,
    sort: Sort,
    limit: int,
    after: str | None = None,
) -> Page:
    """Rows of a list in order, continued after the last row of the page before.

    Raises: Invalid when `after` is not what a page of this order gave.
    """
    conditions, values = where([each], reader, wanted)
    key, direction, compares = _ORDER[sort]
    parts = [conditions, condition(each, reader)]
    if after is not None:
        parts.append(f"({key}, id) {compares} (%(after_key)s::timestamptz, %(after_id)s)")
        values |= _position(after)
    limit = min(limit, MOST_ROWS)
    # Names are looked up for the rows of the page only, not for all that are sorted.
    statement = (
        f"SELECT {_COLUMNS}, sort_key::text FROM (SELECT {', '.join(_OWN)}, handler_id, geom, "
        f"{key} AS sort_key FROM {_TABLE} WHERE {' AND '.join(parts)} "
        f"ORDER BY {key}{direction}, id{direction} LIMIT %(limit)s) AS page "
        f"ORDER BY sort_key{direction}, id{direction}"
    )
    rows = [tuple(row) for row in asks.exec_driver_sql(statement, values | {"limit": limit + 1})]
    kept = [Row._make(row[:-1]) for row in rows[:limit]]
    is_more = len(rows) > limit
    following = f"{rows[limit - 1][-1].replace(' ', 'T')}~{kept[-1].id}" if is_more else None
    return Page(kept, following)


def count_lists(
    asks: Asks, lists: Sequence[WorkList], reader: Reader, wanted: Filter
) -> dict[str, int]:
    """How many rows each list has under the same filters: what paging through it would give."""
    if not lists:
        return {}
    rows, values = where(lists, reader, wanted)
    of_open = [each for each in lists if each.condition.startswith(OPEN)]
    others = [each for each in lists if each not in of_open]
    # One pass over the open cases for all of their lists; each of the others by its own index.
    passes = ", ".join(f"count(*) FILTER (WHERE {condition(each, reader)})" for each in of_open)
    parts = [
        f"(SELECT count(*) FROM {_TABLE} WHERE {rows} AND {condition(each, reader)})"
        for each in others
    ]
    statement = (
        f"SELECT {', '.join((passes or 'count(*)', *parts))} FROM {_TABLE} WHERE {rows} AND {OPEN}"
    )
    (row,) = asks.exec_driver_sql(statement, values)
    counts = list(row) if of_open else list(row)[1:]
    return dict(zip((each.name for each in (*of_open, *others)), counts, strict=True))


def _position(after: str) -> dict[str, Any]:
    moment, _, row_id = after.rpartition("~")
    try:
        key = moment if moment == "infinity" else datetime.fromisoformat(moment).isoformat()
        return {"after_key": key, "after_id": int(row_id)}
    except ValueError as error:
        raise Invalid([Fault("after", "no position that a page of this list gave")]) from error
