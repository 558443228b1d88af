"""Answers to a spatial question: a page of rows with exact counts, or the shapes of all of them.

One statement each. GeoJSON is made by the database, in CRS84 with seven decimals.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DataError

from layers.analysis.grouping import group_sql
from layers.analysis.matching import Matching, matching
from layers.analysis.place import Place
from layers.analysis.question import Question
from layers.core.errors import Fault, Invalid
from layers.core.features import DECIMALS
from layers.core.layer import Layer
from layers.core.scope import Reader

DISTANCE = "distance"
MOST_ROWS = 1_000
MOST_SHAPES = 5_000
_NOT_GROUPED = "NULL::text"
_NOT_OURS = "no `next` of a page of this question and sort"
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Paging:
    """Which page: `sort` is a field, "distance" (near only) or "id"; `after` is a page's `next`.

    `group` is a field by which the rows are also counted (`group_fields`). Later pages are not
    counted again.
    """

    sort: str = "id"
    descending: bool = False
    after: str | None = None
    limit: int = 100
    group: str | None = None


@dataclass(frozen=True)
class Answer:
    """GeoJSON texts of the rows of one page; `total` and `groups` only with the first page.

    `groups` are (code or None, rows), the largest first; they add up to `total`.
    """

    features: Sequence[str]
    next: str | None
    total: int | None
    groups: Sequence[tuple[str | None, int]] | None


@dataclass(frozen=True)
class Shapes:
    """GeoJSON texts with id and geometry only; `complete` is false when there are more."""

    features: Sequence[str]
    complete: bool


def find_answer(
    connection: Connection, question: Question, place: Place, reader: Reader, paging: Paging
) -> Answer:
    """One page of what the question finds, sorted, rows without a value last.

    Raises: Invalid for a sort or group that is no such field, or an `after` of another question.
    """
    statement, values = answer_statement(question, place, reader, paging)
    try:
        found = connection.exec_driver_sql(statement, values).all()
    except DataError as error:
        raise Invalid([Fault("after", _NOT_OURS)]) from error
    counted = found[0]
    rows = [row for row in found if row.feature is not None]
    limit = values["limit"] - 1
    last = rows[limit - 1] if len(rows) > limit else None
    groups = counted.groups and [(code, int(count)) for code, count in counted.groups]
    return Answer(
        features=[row.feature for row in rows[:limit]],
        next=_token(last.sort, last.id, last.spot) if last is not None else None,
        total=counted.total,
        groups=groups,
    )


def answer_statement(
    question: Question, place: Place, reader: Reader, paging: Paging
) -> tuple[str, dict[str, Any]]:
    """The one statement (pyformat) of `find_answer`, and its values."""
    found = matching(question, place, reader)
    sort, sort_type = _sort(question, found, paging.sort)
    values = dict(found.values) | {"limit": max(1, min(paging.limit, MOST_ROWS)) + 1}
    group, counts = _counts(question.layer, paging)
    continued = "TRUE"
    if paging.after is not None:
        continued, bound = _continued(paging, sort_type)
        values |= bound
    order = f"sort {'DESC' if paging.descending else 'ASC'} NULLS LAST, id, spot"
    row_id, source, where = "t.id", found.source, found.where
    if found.unread is not None and sort == row_id and group == _NOT_GROUPED:
        row_id, source, where = found.unread.id, found.unread.source, found.unread.where
        sort = row_id
    statement = f"""
WITH {", ".join(found.before)}, found AS MATERIALIZED (
  SELECT {row_id} AS id, {found.spot} AS spot, {found.home or "NULL::bigint"} AS home,
    {sort} AS sort, {group} AS code
  FROM {source} WHERE {where}
), page AS (
  SELECT id, spot, home, sort FROM found WHERE {continued} ORDER BY {order} LIMIT %(limit)s
), told AS (
  SELECT {_feature(question, found)} AS feature, page.sort, page.id, page.spot
  FROM page JOIN {question.layer.qualified_table} AS t USING (id) {_homes(found)}
)
SELECT counted.total, counted.groups, told.feature, told.sort::text AS sort, told.id, told.spot
FROM ({counts}) AS counted LEFT JOIN told ON TRUE ORDER BY told.{order.replace(", ", ", told.")}
"""
    return statement, values


def _counts(layer: Layer, paging: Paging) -> tuple[str, str]:
    """The column counted by, and the counts: only with the first page."""
    if paging.after is not None:
        return _NOT_GROUPED, "SELECT NULL::bigint AS total, NULL::json AS groups"
    if paging.group is None:
        return _NOT_GROUPED, "SELECT count(*) AS total, NULL::json AS groups FROM found"
    groups = (
        "SELECT json_agg(json_build_array(code, count) ORDER BY count DESC, code) FROM "
        "(SELECT code, count(*) AS count FROM found GROUP BY code) AS grouped"
    )
    group = group_sql(layer, paging.group)
    return group, f"SELECT count(*) AS total, coalesce(({groups}), '[]') AS groups FROM found"


def find_shapes(connection: Connection, question: Question, place: Place, reader: Reader) -> Shapes:
    """Where the rows lie: at most `MOST_SHAPES`, in the order of their ids."""
    found = matching(question, place, reader)
    before = ", ".join(found.before)
    geom = f"ST_PointOnSurface({found.geom})" if found.home else found.geom
    statement = f"""
WITH {before}
SELECT json_build_object('type', 'Feature', 'id', t.id,
  'geometry', ST_AsGeoJSON({geom}, 6)::json,
  'properties', json_build_object('building_id', {found.home or "NULL::bigint"}))::text
FROM {found.source} WHERE {found.where} ORDER BY t.id, {found.spot} LIMIT %(limit)s
"""
    values = dict(found.values) | {"limit": MOST_SHAPES + 1}
    rows = [str(row[0]) for row in connection.exec_driver_sql(statement, values)]
    return Shapes(rows[:MOST_SHAPES], len(rows) <= MOST_SHAPES)


def _sort(question: Question, found: Matching, name: str) -> tuple[str, str]:
    """The expression sorted by and its SQL type."""
    layer = question.layer
    if name == "id":
        return "t.id", "bigint"
    if name == DISTANCE and question.relation == "near":
        return found.metres, "float8"
    if name not in layer.fields or layer.fields[name].sensitivity:
        allowed = [each for each, info in layer.fields.items() if not info.sensitivity]
        near = [DISTANCE] if question.relation == "near" else []
        raise Invalid([Fault("sort", f"one of {', '.join(['id', *near, *allowed])} expected")])
    declared = str(layer.column(name).type.compile(_DIALECT))
    return f't."{name}"', declared.partition(" COLLATE")[0]


def _continued(paging: Paging, sort_type: str) -> tuple[str, dict[str, Any]]:
    """The rows after the last one of the page before, whose values the token holds."""
    value, row_id, spot = _read_token(paging.after or "")
    values = {"after_id": row_id, "after_spot": spot}
    same = "(id, spot) > (%(after_id)s, %(after_spot)s)"
    if value is None:
        return f"sort IS NULL AND {same}", values
    beyond = "<" if paging.descending else ">"
    mark = f"CAST(%(after_value)s AS {sort_type})"
    return (
        f"(sort {beyond} {mark} OR (sort = {mark} AND {same}) OR sort IS NULL)",
        values | {"after_value": value},
    )


def _token(value: str | None, row_id: int, spot: int) -> str:
    text = json.dumps([value, row_id, spot], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_token(token: str) -> tuple[str | None, int, int]:
    try:
        padded = token + "=" * (-len(token) % 4)
        value, row_id, spot = json.loads(base64.urlsafe_b64decode(padded))
        if not (isinstance(row_id, int) and isinstance(spot, int)):
            raise ValueError("no ids")
        return (None if value is None else str(value), row_id, spot)
    except (binascii.Error, ValueError, TypeError) as error:
        raise Invalid([Fault("after", _NOT_OURS)]) from error


def _homes(found: Matching) -> str:
    return "LEFT JOIN housing.building AS b ON b.id = page.home" if found.home else ""


def _feature(question: Question, found: Matching) -> str:
    """A GeoJSON Feature of one row of a page as text."""
    layer = question.layer
    lies = "b.geom" if found.home else "t.geom"
    geom = f"ST_PointOnSurface({lies})" if found.home else lies
    names = [name for name in (*layer.fields, "row_version") if name != "building_id"]
    pairs = [f"'{name}', t.\"{name}\"" for name in names]
    if found.home:
        pairs.append("'building_id', page.home")
    if question.relation == "near":
        metres = found.metres.replace(found.geom, lies)
        pairs.append(f"'{DISTANCE}', round({metres}::numeric, 1)")
    return (
        "json_build_object('type', 'Feature', 'id', t.id, 'geometry', "
        f"ST_AsGeoJSON({geom}, {DECIMALS})::json, 'properties', "
        f"json_build_object({', '.join(pairs)}))::text"
    )
