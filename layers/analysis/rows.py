"""All rows that a question finds, in columns as people read them: for files that leave the house.

Codes stand beside their texts, ids beside the names of what they refer to; sealed fields are
masked, as on screen.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection

from layers.analysis.matching import Matching, matching
from layers.analysis.place import Place
from layers.analysis.question import Question
from layers.core.errors import Forbidden
from layers.core.features import scope_sql
from layers.core.layer import Layer, Title
from layers.core.model import FieldInfo, FieldKind, field_kind
from layers.core.rights import Right
from layers.core.scope import Reader

BATCH_ROWS = 2_000
# How the columns that are no field of a layer are called, Chinese and English.
_ID: Title = ("编号", "ID")
_DISTANCE: Title = ("距离 (m)", "Distance (m)")
_HOME: Title = ("所在楼栋编号", "Building ID")
_ADDRESS: Title = ("所在楼栋地址", "Building address")
_OF_CODE: Title = ("{}代码", "{} (code)")
_OF_ID: Title = ("{}编号", "{} (ID)")

_AREA_NAME = (
    "coalesce((SELECT g.name FROM territory.grid AS g WHERE g.code = t.area_code LIMIT 1), "
    "(SELECT a.name FROM territory.area AS a WHERE a.area_code = t.area_code "
    "AND a.valid_to IS NULL LIMIT 1))"
)


@dataclass(frozen=True)
class RowColumn:
    """One column: its title, its kind of value, and the field it comes from, if any.

    `is_text` marks the reading of a code or an id beside it.
    """

    title: str
    kind: FieldKind
    sql: str
    field: str | None = None
    is_text: bool = False


class RowCount(NamedTuple):
    """Rows found, and how many of them the reader may take out."""

    found: int
    exportable: int


@dataclass(frozen=True)
class FoundRows:
    """Columns, the GeoJSON name of the geometry type, and the rows, each with its WKB last."""

    columns: tuple[RowColumn, ...]
    geometry: str
    batches: Iterator[Sequence[Sequence[Any]]]


def count_rows(
    connection: Connection, question: Question, place: Place, reader: Reader
) -> RowCount:
    """How many rows the question finds, and how many lie where the reader may export.

    Raises: Forbidden when the reader may export nowhere.
    """
    areas = reader.scope(Right.DATA_EXPORT)
    if not areas:
        raise Forbidden(f"taking data out needs the right {Right.DATA_EXPORT}")
    everywhere = ("",) if question.layer.scope == "public" else areas
    allowed, values = scope_sql("t.area_code", everywhere, "export")
    found = matching(question, place, reader)
    row = connection.exec_driver_sql(
        f"WITH {', '.join(found.before)} SELECT count(*), count(*) FILTER (WHERE {allowed}) "
        f"FROM {found.source} WHERE {found.where}",
        {**found.values, **values},
    ).one()
    return RowCount(int(row[0]), int(row[1]))


def find_rows(
    connection: Connection,
    question: Question,
    place: Place,
    reader: Reader,
    layers: Mapping[str, Layer],
    language: int = 0,
) -> FoundRows:
    """Every row of the question by id, read as they are taken; `language` is 0 Chinese, 1 English.

    The rows must be taken within the transaction, which has to be one that streams.
    """
    found = matching(question, place, reader)
    columns = tuple(_columns(question, found, layers, language))
    geom = f"ST_PointOnSurface({found.geom})" if found.home else found.geom
    selected = ", ".join(column.sql for column in columns)
    address = "LEFT JOIN housing.building AS h ON h.id = home.id" if found.home else ""
    result = connection.execution_options(stream_results=True).exec_driver_sql(
        f"WITH {', '.join(found.before)} SELECT {selected}, ST_AsBinary({geom}) "
        f"FROM {found.source} {address} WHERE {found.where} ORDER BY t.id, {found.spot}",
        dict(found.values),
    )
    kind = "Point" if found.home else str(question.layer.geometry_kind)
    return FoundRows(columns, kind, result.partitions(BATCH_ROWS))


def _columns(
    question: Question, found: Matching, layers: Mapping[str, Layer], language: int
) -> Iterator[RowColumn]:
    taken: set[str] = set()
    for column in _all_columns(question, found, layers, language):
        title = column.title
        if title in taken:
            title = f"{title} ({column.field})"
        taken.add(title)
        yield RowColumn(title, column.kind, column.sql, column.field, column.is_text)


def _all_columns(
    question: Question, found: Matching, layers: Mapping[str, Layer], language: int
) -> Iterator[RowColumn]:
    yield RowColumn(_ID[language], "integer", "t.id")
    for name, info in question.layer.fields.items():
        kind = field_kind(question.layer.column(name))
        yield from _field_columns(name, info, kind, layers, language)
    if question.relation == "near":
        metres = f"round(({found.metres})::numeric, 1)::float8"
        yield RowColumn(_DISTANCE[language], "number", metres)
    if found.home:
        yield RowColumn(_HOME[language], "integer", "home.id")
        yield RowColumn(_ADDRESS[language], "text", "coalesce(h.address, h.name)")


def _field_columns(
    name: str, info: FieldInfo, kind: FieldKind, layers: Mapping[str, Layer], language: int
) -> Iterator[RowColumn]:
    title, column = info.title[language], f't."{name}"'
    if info.codes:
        named = ("name_zh", "name_en")[language]
        reading = (
            f"(SELECT coalesce(c.{named}, c.name_zh) FROM core.code AS c "
            f"WHERE c.table_name = '{info.codes}' AND c.code = {column} LIMIT 1)"
        )
        yield RowColumn(_OF_CODE[language].format(title), kind, column, name)
        yield RowColumn(title, "text", reading, name, is_text=True)
    elif name == "area_code":
        yield RowColumn(_OF_CODE[language].format(title), kind, column, name)
        yield RowColumn(title, "text", _AREA_NAME, name, is_text=True)
    elif info.reference:
        yield RowColumn(_OF_ID[language].format(title), kind, column, name)
        target = layers[info.reference]
        if target.title_field:
            reading = (
                f'(SELECT r."{target.title_field}"::text FROM {target.qualified_table} AS r '
                f"WHERE r.id = {column})"
            )
            yield RowColumn(title, "text", reading, name, is_text=True)
    else:
        unit = f" ({info.unit})" if info.unit else ""
        yield RowColumn(f"{title}{unit}", kind, column, name)
