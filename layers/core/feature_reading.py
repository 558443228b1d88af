"""Features read in one trip to the database, by statements that are written once.

What is asked most (a page by a box or by the place in the order of ids, one feature by its id)
differs only in its values. Such a statement is compiled once for each layer, scope and cut; then
scope, question and number of all travel together. The rules are those of `features`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, func, select
from sqlalchemy.dialects.postgresql import psycopg2

from layers.core.database import OneTrip
from layers.core.errors import NotFound
from layers.core.features import (
    MAX_LIMIT,
    SIDES,
    BoundingBox,
    FoundFeature,
    Page,
    Query,
    areas_read,
    conditions,
    feature_json,
    within,
)
from layers.core.layer import Layer
from layers.core.output_system import CRS84, OutputSystem
from layers.core.scope import Reader

_DIALECT = psycopg2.dialect()  # type: ignore[no-untyped-call]
_ANY_BOX: BoundingBox = (0.0, 0.0, 0.0, 0.0)
_KEPT = 512

Statement = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class _Shape:
    """What a statement is written for; the values of its parameters are not of it."""

    layer: Layer
    areas: tuple[str, ...]
    properties: tuple[str, ...] | None
    with_geometry: bool
    system: OutputSystem
    has_box: bool = False
    has_after: bool = False
    has_offset: bool = False
    is_counted: bool = False


def is_plain(query: Query) -> bool:
    """Whether nothing but a box, a place in the order of ids and a cut is asked for."""
    of_rows = (query.where, query.ids, query.since, query.until, query.place)
    asks_more = query.equals or query.area or query.sort
    return not asks_more and all(each is None for each in of_rows)


def read_page(trip: OneTrip, layer: Layer, reader: Reader, query: Query, *, counted: bool) -> Page:
    """The page that `find_features` would find of a plain query; `counted` tells of how many.

    Raises: Forbidden without the layer's read right.
    """
    shape = _shape(layer, reader, query, counted=counted)
    limit = min(query.limit, MAX_LIMIT)
    # Of a box the plan hangs on how large it is, and of an offset on how far it goes.
    if shape.has_box or shape.has_offset:
        rows = trip.rows(*_question(shape, query))
    else:
        text, fixed = _page_statement(shape)
        rows = trip.prepared_rows(text, {**fixed, "most": limit + 1}, {"after": query.after})
    kept = rows[:limit]
    following = kept[-1][0] if len(rows) > limit and kept else None
    matched = None
    if counted:
        # Beyond the last row nobody tells how many there are.
        is_beyond = not rows and not query.is_first
        told = trip.rows(*_count_question(layer, reader, query)) if is_beyond else rows
        matched = next((row[-1] for row in told), 0)
    return Page([row[1] for row in kept], following, matched=matched)


def page_question(layer: Layer, reader: Reader, query: Query, *, counted: bool) -> Statement:
    """Statement (pyformat) and values of a plain query's page and one row more.

    Its rows are id and feature, and with `counted` how many there are in all.

    Raises: Forbidden without the layer's read right.
    """
    return _question(_shape(layer, reader, query, counted=counted), query)


def _question(shape: _Shape, query: Query) -> Statement:
    text, fixed = _page_statement(shape)
    return text, {**fixed, **_values(query)}


def _count_question(layer: Layer, reader: Reader, query: Query) -> Statement:
    text, fixed = _count_statement(_shape(layer, reader, query, counted=True))
    return text, {**fixed, **_values(query)}


def _shape(layer: Layer, reader: Reader, query: Query, *, counted: bool) -> _Shape:
    return _Shape(
        layer,
        areas_read(layer, reader),
        None if query.properties is None else tuple(query.properties),
        query.with_geometry,
        query.system,
        has_box=query.bbox is not None and layer.geometry_kind is not None,
        has_after=query.after is not None,
        has_offset=query.offset > 0,
        is_counted=counted,
    )


def _values(query: Query) -> dict[str, Any]:
    most = min(query.limit, MAX_LIMIT) + 1
    values: dict[str, Any] = {"after": query.after, "skipped": query.offset, "most": most}
    if query.bbox is not None:
        values |= dict(zip(SIDES, query.bbox, strict=True))
    return values


def read_feature(
    trip: OneTrip,
    layer: Layer,
    reader: Reader,
    feature_id: int,
    properties: tuple[str, ...] | None = None,
    *,
    with_geometry: bool = True,
    system: OutputSystem = CRS84,
) -> FoundFeature:
    """What `find_feature` finds.

    Raises: NotFound when it does not exist or lies outside the reader's scope.
    """
    shape = _Shape(layer, areas_read(layer, reader), properties, with_geometry, system)
    text, fixed = _feature_statement(shape)
    for row in trip.prepared_rows(text, fixed, {"id": feature_id}):
        return FoundFeature(row[0], row[1], row[2], row[3])
    raise NotFound(f"no feature {feature_id} in {layer.name}")


@lru_cache(maxsize=_KEPT)
def _page_statement(shape: _Shape) -> Statement:
    table = shape.layer.table
    feature = feature_json(shape.layer, shape.properties, shape.with_geometry, shape.system)
    columns = [table.c.id, feature.label("feature")]
    most = bindparam("most", type_=BigInteger)
    if not (shape.is_counted or shape.has_offset):
        page = select(*columns).where(*_rows(shape), *_following(shape, table.c.id))
        return _compiled(page.order_by(table.c.id).limit(most))
    # Rows that are counted or skipped are not made into text.
    met = select(table.c.id).where(*_rows(shape)).cte("met")
    ids = select(met.c.id).where(*_following(shape, met.c.id)).order_by(met.c.id).limit(most)
    if shape.has_offset:
        ids = ids.offset(bindparam("skipped", type_=BigInteger))
    if shape.is_counted:
        met_count = select(func.count()).select_from(met).scalar_subquery()
        columns.append(met_count.label("matched"))
    return _compiled(select(*columns).where(table.c.id.in_(ids)).order_by(table.c.id))


@lru_cache(maxsize=_KEPT)
def _count_statement(shape: _Shape) -> Statement:
    counted = select(func.count()).select_from(shape.layer.table).where(*_rows(shape))
    return _compiled(counted)


@lru_cache(maxsize=_KEPT)
def _feature_statement(shape: _Shape) -> Statement:
    table = shape.layer.table
    feature = feature_json(shape.layer, shape.properties, shape.with_geometry, shape.system)
    columns = (table.c.area_code, table.c.row_version, table.c.updated_at)
    wanted = table.c.id == bindparam("id", type_=BigInteger)
    return _compiled(select(feature, *columns).where(within(shape.layer, shape.areas), wanted))


def _rows(shape: _Shape) -> list[Any]:
    """Conditions of all rows that match, wherever the page begins."""
    box = Query(bbox=_ANY_BOX if shape.has_box else None)
    return [within(shape.layer, shape.areas), *conditions(shape.layer, box)]


def _following(shape: _Shape, column: Any) -> list[Any]:
    return [column > bindparam("after", type_=BigInteger)] if shape.has_after else []


def _compiled(statement: Select[Any]) -> Statement:
    compiled = statement.compile(dialect=_DIALECT)
    # What is told with each question has no value yet.
    fixed = {name: value for name, value in compiled.params.items() if value is not None}
    return str(compiled), fixed
