"""Features read in one trip to the database, by statements that are written once.

What is asked most (a page by a box or by the place in the order of ids, one feature by its id)
differs only in its values. Such a statement is compiled once for each layer, scope and cut; then
scope, question and number of all travel together. The rules are those of `features`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
    joined,
    within,
)
from layers.core.layer import Layer
from layers.core.output_system import CRS84, OutputSystem
from layers.core.scope import Reader

_DIALECT = psycopg2.dialect()  # type: ignore[no-untyped-call]
_ANY_BOX: BoundingBox = (0.0, 0.0, 0.0, 0.0)
_KEPT = 512
PIECE = 1000

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

    A large page is read in pieces, each in a trip: what the driver once made room for it keeps.

    Raises: Forbidden without the layer's read right.
    """
    left = min(query.limit, MAX_LIMIT)
    piece = _read_piece(trip, layer, reader, replace(query, limit=min(left, PIECE)), counted)
    matched, texts, count = piece.matched, [piece.text], piece.count
    while piece.next_after is not None and count < left:
        size = min(left - count, PIECE)
        following = replace(query, after=piece.next_after, offset=0, limit=size)
        piece = _read_piece(trip, layer, reader, following, counted=False)
        texts.append(piece.text)
        count += piece.count
    return Page(",".join(filter(None, texts)), count, piece.next_after, matched=matched)


def _read_piece(trip: OneTrip, layer: Layer, reader: Reader, query: Query, counted: bool) -> Page:
    shape, limit = _shape(layer, reader, query, counted=counted), query.limit
    # Of a box the plan hangs on how large it is, and of an offset on how far it goes.
    if shape.has_box or shape.has_offset:
        rows = trip.rows(*_question(shape, query))
    else:
        text, fixed = _page_statement(shape)
        sizes = {"most": limit + 1, "limit": limit}
        rows = trip.prepared_rows(text, {**fixed, **sizes}, {"after": query.after})
    ((found, last, features, *matched),) = rows
    following = last if found > limit else None
    return Page(features, min(found, limit), following, matched=next(iter(matched), None))


def page_question(layer: Layer, reader: Reader, query: Query, *, counted: bool) -> Statement:
    """Statement (pyformat) and values of a plain query's page and one row more.

    Its only row says how many there are, with one that is not wanted any more; the last id and the
    features of those that are; and with `counted` how many there are in all.

    Raises: Forbidden without the layer's read right.
    """
    return _question(_shape(layer, reader, query, counted=counted), query)


def _question(shape: _Shape, query: Query) -> Statement:
    text, fixed = _page_statement(shape)
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
    limit = min(query.limit, MAX_LIMIT)
    sizes = {"limit": limit, "most": limit + 1, "skipped": query.offset}
    values: dict[str, Any] = {"after": query.after, **sizes}
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
    columns = (table.c.id, feature.label("feature"))
    most, limit = (bindparam(name, type_=BigInteger) for name in ("most", "limit"))
    if not (shape.is_counted or shape.has_offset):
        page = select(*columns).where(*_rows(shape), *_following(shape, table.c.id))
        return _compiled(joined(page.order_by(table.c.id).limit(most), limit))
    # Rows that are counted or skipped are not made into text.
    met = select(table.c.id).where(*_rows(shape)).cte("met")
    ids = select(met.c.id).where(*_following(shape, met.c.id)).order_by(met.c.id).limit(most)
    if shape.has_offset:
        ids = ids.offset(bindparam("skipped", type_=BigInteger))
    page = select(*columns).where(table.c.id.in_(ids)).order_by(table.c.id)
    if not shape.is_counted:
        return _compiled(joined(page, limit))
    return _compiled(joined(page, limit, select(func.count()).select_from(met).scalar_subquery()))


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
