"""Reading any layer: rights and scope in the SQL, GeoJSON made by the database.

Geometry comes out as GeoJSON in CRS84 (longitude, latitude), seven decimals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Float,
    Select,
    String,
    and_,
    bindparam,
    cast,
    false,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError

from layers.core.errors import Fault, Forbidden, Invalid, NotFound
from layers.core.layer import Layer
from layers.core.model import field_kind
from layers.core.output_system import CRS84, DEGREE_DECIMALS, OutputSystem
from layers.core.scope import Reader
from layers.core.sorting import Place, SortKey, beyond, sort_columns, sort_order
from layers.core.values import converted

MAX_LIMIT = 10_000
_COMMA: Any = literal_column("','")
_CANCELLED = "57014"
DECIMALS = DEGREE_DECIMALS

BoundingBox = tuple[float, float, float, float]
SIDES = ("west", "south", "east", "north")
"""Names of a box's parameters in the SQL."""


@dataclass(frozen=True)
class Query:
    """Which features: all conditions hold together. `bbox` is west, south, east, north (CRS84).

    `area` is the prefix of an area code: the area and all below it. `where` is a condition over the
    layer's table. `sort` comes before the order by id, and pages then continue after `place` in
    place of `after`. `properties` are the only ones wanted, None all; geometry is told in `system`.
    """

    bbox: BoundingBox | None = None
    area: str = ""
    equals: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    ids: Sequence[int] | None = None
    where: ColumnElement[bool] | None = None
    sort: Sequence[SortKey] = ()
    place: Place | None = None
    properties: Sequence[str] | None = None
    with_geometry: bool = True
    system: OutputSystem = CRS84
    after: int | None = None
    offset: int = 0
    limit: int = 100

    @property
    def is_of_all(self) -> bool:
        """Whether nothing is asked of the features, so that all of the reader's areas match."""
        of_rows = (self.bbox, self.ids, self.where, self.since, self.until)
        return all(each is None for each in of_rows) and not self.equals and not self.area

    @property
    def is_first(self) -> bool:
        """Whether the page is the first one."""
        return self.after is None and self.place is None and not self.offset


@dataclass(frozen=True)
class Page:
    """GeoJSON texts of features in order, and the id to continue after when there are more.

    They are one text with commas between, as answers hold them: a page of a thousand would else be
    put together of a thousand pieces, time and again. `count` says how many they are. A sorted
    page also says at which `place` it continues; `matched` is how many features there are in all
    when that was asked too.
    """

    text: str
    count: int
    next_after: int | None
    place: Place | None = None
    matched: int | None = None


@dataclass(frozen=True)
class FoundFeature:
    """GeoJSON text of one feature, its area, its version and when it was written."""

    feature: str
    area_code: str
    row_version: int
    updated_at: datetime


def find_features(connection: Connection, layer: Layer, reader: Reader, query: Query) -> Page:
    """Features of a layer within the reader's scope, ordered as asked and then by id.

    Raises: Forbidden without the layer's read right; Invalid for a property the layer does not
    have or a value of another type.
    """
    limit = min(query.limit, MAX_LIMIT)
    table = layer.table
    feature = feature_json(layer, query.properties, query.with_geometry, query.system)
    wanted = [visible(layer, reader), *conditions(layer, query)]
    if query.after is not None:
        wanted.append(table.c.id > query.after)
    if query.place is not None:
        wanted.append(beyond(layer, query.sort, query.place))
    order = sort_order(layer, query.sort)
    if query.offset:
        # Rows that are skipped are not made into text.
        page = select(table.c.id).where(*wanted).order_by(*order)
        wanted = [table.c.id.in_(page.offset(query.offset).limit(limit + 1))]
    statement = (
        select(table.c.id, feature.label("feature"), *sort_columns(layer, query.sort))
        .where(*wanted)
        .order_by(*order)
        .limit(limit + 1)
    )
    if not query.sort:
        found, last_id, features = connection.execute(joined(statement, limit)).one()
        return Page(features, min(found, limit), last_id if found > limit else None)
    rows = connection.execute(statement).all()
    kept = rows[:limit]
    features = ",".join(row.feature for row in kept)
    if len(rows) <= limit:
        return Page(features, len(kept), None)
    last = kept[-1]
    return Page(features, len(kept), last.id, Place(tuple(last[2:]), last.id))


def joined(page: Select[Any], limit: Any, *more: Any) -> Select[Any]:
    """One row of a page (id, feature) in the order of ids that may hold one row more than `limit`.

    It says how many there are, the last id within the limit, the features within it as one text,
    and `more`.
    """
    rows = page.subquery("page")
    number = func.row_number().over(order_by=rows.c.id)
    numbered = select(rows.c.id, rows.c.feature, number.label("number")).subquery("numbered")
    is_wanted = numbered.c.number <= limit
    return select(
        func.count(),
        func.max(numbered.c.id).filter(is_wanted),
        func.coalesce(func.string_agg(numbered.c.feature, _COMMA).filter(is_wanted), ""),
        *more,
    ).select_from(numbered)


def count_features(connection: Connection, layer: Layer, reader: Reader, query: Query) -> int:
    """How many features `find_features` would page through, whatever its limit."""
    statement = (
        select(func.count())
        .select_from(layer.table)
        .where(visible(layer, reader), *conditions(layer, query))
    )
    return int(connection.execute(statement).scalar_one())


def count_in_time(
    connection: Connection, layer: Layer, reader: Reader, query: Query, milliseconds: int
) -> int | None:
    """The same, or None when counting takes longer; the transaction goes on either way."""
    connection.exec_driver_sql(f"SAVEPOINT counting; SET LOCAL statement_timeout = {milliseconds}")
    try:
        return count_features(connection, layer, reader, query)
    except DBAPIError as error:
        if getattr(error.orig, "pgcode", None) != _CANCELLED:
            raise
        return None
    finally:
        connection.exec_driver_sql("ROLLBACK TO counting")  # with the time limit of before


def count_by_area(connection: Connection, layer: Layer, *, former: bool = False) -> dict[str, int]:
    """Rows of each area code that hold now, everywhere; the connection must be the owner's.

    `former` counts those that held before too.
    """
    column = layer.table.c.area_code
    condition = "TRUE" if former else layer.in_force
    statement = select(column, func.count()).where(text(condition)).group_by(column)
    rows = connection.execute(statement)
    return {row[0]: row[1] for row in rows}


def count_within(counts: Mapping[str, int], layer: Layer, reader: Reader) -> int:
    """What `count_features` would count for a reader, out of the rows of each area code.

    Raises: Forbidden when the reader holds the layer's read right nowhere.
    """
    areas = reader.areas_to_read(layer)
    if not areas:
        raise Forbidden(f"{layer.name} needs the right {layer.read}")
    prefixes = ("",) if layer.scope == "public" else areas
    return sum(count for code, count in counts.items() if code.startswith(prefixes))


def find_feature(
    connection: Connection,
    layer: Layer,
    reader: Reader,
    feature_id: int,
    properties: Sequence[str] | None = None,
    *,
    with_geometry: bool = True,
    system: OutputSystem = CRS84,
) -> FoundFeature:
    """One feature with the area and version that decide who may edit it.

    `properties` are the only ones wanted, None all.

    Raises: NotFound when it does not exist or lies outside the reader's scope.
    """
    table = layer.table
    columns = (table.c.area_code, table.c.row_version, table.c.updated_at)
    statement = select(feature_json(layer, properties, with_geometry, system), *columns).where(
        visible(layer, reader), table.c.id == feature_id
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(f"no feature {feature_id} in {layer.name}")
    return FoundFeature(str(row[0]), row[1], row[2], row[3])


def find_extent(connection: Connection, layer: Layer, reader: Reader) -> BoundingBox | None:
    """West, south, east, north (CRS84) of what the reader may see; None when that is nothing."""
    if layer.geometry_kind is None:
        return None
    statement: Select[Any] = select(
        text("ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)")
    ).select_from(
        select(func.ST_Extent(layer.table.c.geom).label("e"))
        .where(visible(layer, reader))
        .subquery()
    )
    row = connection.execute(statement).one()
    return None if row[0] is None else (row[0], row[1], row[2], row[3])


def find_times(
    connection: Connection, layer: Layer, reader: Reader
) -> tuple[datetime, datetime] | None:
    """First and last time of what the reader may see; None when there is none."""
    if layer.time_field is None:
        return None
    time = layer.column(layer.time_field)
    statement = select(func.min(time), func.max(time)).where(visible(layer, reader))
    first, last = connection.execute(statement).one()
    return None if first is None else (first, last)


def visible(layer: Layer, reader: Reader) -> ColumnElement[bool]:
    """The condition that keeps a reader inside the areas in which the layer may be read.

    Raises: Forbidden when the reader holds the right nowhere.
    """
    return within(layer, areas_read(layer, reader))


def areas_read(layer: Layer, reader: Reader) -> tuple[str, ...]:
    """Areas in which a reader may read a layer: the empty one is everywhere.

    Raises: Forbidden when the reader holds the right nowhere.
    """
    areas = reader.areas_to_read(layer)
    if not areas:
        raise Forbidden(f"{layer.name} needs the right {layer.read}")
    return ("",) if layer.scope == "public" or "" in areas else areas


def within(layer: Layer, areas: Sequence[str]) -> ColumnElement[bool]:
    """The condition of a layer's rows that lie in any of the areas."""
    if "" in areas:
        return true()
    return or_(false(), *(within_area(layer.table.c.area_code, area) for area in areas))


def within_area(column: ColumnElement[str], area: str) -> ColumnElement[bool]:
    """Codes that begin with `area`, as a range that a plain index answers."""
    return and_(column >= area, column < after_area(area))


def scope_sql(column: str, areas: Sequence[str], prefix: str) -> tuple[str, dict[str, str]]:
    """The same for a statement written by hand: a condition and its values, named by `prefix`.

    The empty area means everywhere, no area at all means nothing.
    """
    if "" in areas:
        return "TRUE", {}
    parts: list[str] = []
    values: dict[str, str] = {}
    for i, area in enumerate(areas):
        low, high = f"{prefix}{i}", f"{prefix}{i}_end"
        parts.append(f"({column} >= %({low})s AND {column} < %({high})s)")
        values |= {low: area, high: after_area(area)}
    return f"({' OR '.join(parts) or 'FALSE'})", values


def after_area(area: str) -> str:
    """The first code beyond every code that begins with `area`."""
    return area[:-1] + chr(ord(area[-1]) + 1)


def conditions(layer: Layer, query: Query) -> list[ColumnElement[bool]]:
    """The query's conditions as SQL.

    Raises: Invalid for an unknown property, a wrong type, or a box or time the layer has not.
    """
    found: list[ColumnElement[bool]] = []
    if query.bbox is not None and layer.geometry_kind is not None:
        sides = (bindparam(*side, Float) for side in zip(SIDES, query.bbox, strict=True))
        # ST_Envelope makes a box without area a point or a line, which can meet something.
        envelope = func.ST_Envelope(func.ST_MakeEnvelope(*sides, 4326))
        found.append(layer.table.c.geom.op("&&", is_comparison=True)(envelope))
        found.append(func.ST_Intersects(layer.table.c.geom, envelope))
    if query.area:
        found.append(within_area(layer.table.c.area_code, query.area))
    if query.ids is not None:
        found.append(layer.table.c.id == func.any(cast(list(query.ids), ARRAY(BigInteger))))
    for name, value in query.equals.items():
        found.append(_equal(layer, name, value))
    if query.since is not None or query.until is not None:
        found.extend(_during(layer, query.since, query.until))
    if query.where is not None:
        found.append(query.where)
    return found


def _equal(layer: Layer, name: str, value: str) -> ColumnElement[bool]:
    asked = asked_value(layer, name, value)
    condition: ColumnElement[bool] = layer.column(name) == asked
    return condition


def asked_value(layer: Layer, name: str, value: str) -> Any:
    """The value that is looked for in a property, in the column's type.

    Raises: Invalid for a property the layer does not have or a value of another type.
    """
    if name not in layer.fields:
        raise Invalid([Fault(name, f"no property of {layer.name}: {', '.join(layer.fields)}")])
    kind = field_kind(layer.column(name))
    try:
        return converted(_from_text(value, kind), kind)
    except ValueError as error:
        raise Invalid([Fault(name, str(error))]) from error


def _from_text(value: str, kind: str) -> Any:
    if kind == "boolean" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return value


def _during(
    layer: Layer, since: datetime | None, until: datetime | None
) -> list[ColumnElement[bool]]:
    if layer.time_field is None:
        raise Invalid([Fault("datetime", f"{layer.name} has no time")])
    column = layer.column(layer.time_field)
    found = []
    if since is not None:
        found.append(column >= since)
    if until is not None:
        found.append(column <= until)
    return found


def feature_json(
    layer: Layer,
    properties: Sequence[str] | None = None,
    with_geometry: bool = True,
    system: OutputSystem = CRS84,
) -> ColumnElement[str]:
    """A GeoJSON Feature of one row as text: id, geometry, declared properties, row_version.

    Only the named `properties` when there are any, and none of what is left out is read.
    """
    wanted = None if properties is None else frozenset(properties)
    return literal_column(_feature_sql(layer, wanted, with_geometry, system), String)


@lru_cache(maxsize=1024)
def _feature_sql(
    layer: Layer, properties: frozenset[str] | None, with_geometry: bool, system: OutputSystem
) -> str:
    """Texts put together, which takes two thirds of the time of one nested JSON object."""
    row = layer.qualified_table
    names = [
        name for name in (*layer.fields, "row_version") if properties is None or name in properties
    ]
    pairs = ", ".join(f"'{name}', {row}.\"{name}\"" for name in names)
    geometry = "'null'"
    if layer.geometry_kind is not None and with_geometry:
        geometry = f"coalesce({system.geometry_sql(f'{row}.geom')}, 'null')"
    return (
        f"""'{{"type":"Feature","id":' || {row}.id || ',"geometry":' || {geometry} || """
        f"""',"properties":' || json_build_object({pairs})::text || '}}'"""
    )


def find_history(
    connection: Connection, layer: Layer, reader: Reader, feature_id: int, limit: int = 100
) -> list[Mapping[str, Any]]:
    """Changes of one feature, newest first: at, actor, action, reason, row_version, before, after.

    `area_code` is where it lay then.

    Raises: Forbidden without the layer's read right.
    """
    if not reader.areas_to_read(layer):
        raise Forbidden(f"{layer.name} needs the right {layer.read}")
    rows = connection.execute(
        text(
            "SELECT id, at, actor, action, reason, row_version, before, after, area_code "
            "FROM core.history WHERE layer = :layer AND feature_id = :id "
            "ORDER BY id DESC LIMIT :limit"
        ).bindparams(bindparam("limit", limit)),
        {"layer": layer.name, "id": feature_id},
    )
    return [dict(row) for row in rows.mappings()]
