"""The set-based sibling of `apply_change`: COPY in, areas by join, one history row a layer.

Row triggers are off for the transaction (`wangge.bulk`), so everything they would do is done
here for the whole set at once.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from layers.core.layer import Layer

CHUNK_CHARACTERS = 1 << 20
STAGE = "stage_"

_HASHED = frozenset({str, int, float, bool, date, datetime})
_SPECIAL = "\\\t\n\r\x00"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": ""})


@dataclass(frozen=True)
class BulkResult:
    """Rows of one bulk load by what became of them."""

    inserted: int
    updated: int
    unchanged: int


def begin_bulk(connection: Connection) -> None:
    """Switches the row triggers off until the transaction ends, and waits out other bulk loads."""
    connection.execute(text("SELECT set_config('wangge.bulk', 'on', true)"))
    connection.execute(text("SELECT pg_advisory_xact_lock(7260003)"))


def copy_columns(connection: Connection, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
    """Appends rows given column by column by COPY.

    None is NULL, bytes are bytea, geometry is hexadecimal (E)WKB.
    """
    cells = [_cells(column) for column in columns.values()]
    lines = ("\t".join(row) + "\n" for row in zip(*cells, strict=True))
    copy_text(connection, table, tuple(columns), _LineStream(lines))


def copy_text(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    lines: io.TextIOBase | io.BytesIO,
) -> None:
    """Appends rows already written in COPY's text format."""
    names = ", ".join(f'"{name}"' for name in columns)
    raw = connection.connection.cursor()
    try:
        raw.copy_expert(f"COPY {table} ({names}) FROM STDIN", lines, size=CHUNK_CHARACTERS)
    finally:
        raw.close()


def bulk_load(
    connection: Connection, layer: Layer, columns: Mapping[str, Sequence[Any]]
) -> BulkResult:
    """Inserts or updates rows by (source, source_key); `columns` must have both.

    Areas are set by one join; equal rows are left alone, so loading a file again changes
    nothing. Call `begin_bulk` before and `record_bulk` after.

    Raises: sqlalchemy.exc.DBAPIError when a value breaks the table's rules; nothing is kept.
    """
    stage = f"{STAGE}{layer.table.name}"
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {stage}")
    names = ", ".join(f'"{name}"' for name in columns)
    connection.exec_driver_sql(
        f"CREATE TEMP TABLE {stage} ON COMMIT DROP AS "
        f"SELECT {names}, ''::text COLLATE \"C\" AS area_code FROM {layer.qualified_table} "
        "WITH NO DATA"
        if "area_code" not in columns
        else f"CREATE TEMP TABLE {stage} ON COMMIT DROP AS SELECT {names} "
        f"FROM {layer.qualified_table} WITH NO DATA"
    )
    if "area_code" not in columns:
        connection.exec_driver_sql(f"ALTER TABLE {stage} ALTER area_code SET DEFAULT ''")
    copy_columns(connection, stage, columns)
    place_rows(connection, layer, stage)
    return _merge(connection, layer, stage, (*dict.fromkeys((*columns, "area_code")),))


def place_rows(connection: Connection, layer: Layer, table: str) -> None:
    """Sets `area_code` of every row of `table` (the layer's own or a stage of it)."""
    if layer.name == "grids":
        connection.exec_driver_sql(
            f"UPDATE {table} SET area_code = code "
            "WHERE kind = 'governance' AND code IS NOT NULL AND area_code <> code"
        )
        _place_by_geometry(connection, table, "AND (t.kind <> 'governance' OR t.code IS NULL)")
    elif layer.area_from == "geom":
        _place_by_geometry(connection, table, "")
    elif layer.area_from == "code":
        connection.exec_driver_sql(f"UPDATE {table} SET area_code = core.region_prefix(code)")
    elif layer.area_from in layer.fields:
        column = layer.column(layer.area_from)
        owner = next(iter(column.foreign_keys)).column.table
        connection.exec_driver_sql(
            f"UPDATE {table} AS t SET area_code = o.area_code "
            f"FROM {owner.schema}.{owner.name} AS o "
            f"WHERE o.id = t.{column.name} AND t.area_code <> o.area_code"
        )


def _place_by_geometry(connection: Connection, table: str, only: str) -> None:
    """Grids look for their points, not points for their grid: few polygons, each made ready once.

    A stage has no id, but nobody else writes to it, so the place of a row in it will do.
    """
    key = "ctid" if table.startswith(STAGE) else "id"
    connection.exec_driver_sql(
        f"CREATE TEMP TABLE place_point ON COMMIT DROP AS SELECT t.{key} AS row, "
        f"ST_PointOnSurface(t.geom) AS point FROM {table} AS t WHERE t.geom IS NOT NULL {only}"
    )
    connection.exec_driver_sql("CREATE INDEX ON place_point USING gist (point)")
    connection.exec_driver_sql("ANALYZE place_point")
    connection.exec_driver_sql(
        f"""
        WITH gridded AS MATERIALIZED (
          SELECT p.row, min(g.code) AS code
          FROM territory.grid AS g JOIN place_point AS p
            ON g.geom && p.point AND ST_Covers(g.geom, p.point)
          WHERE g.kind = 'governance' AND g.valid_to IS NULL GROUP BY p.row
        ), found AS MATERIALIZED (
          SELECT p.row, coalesce(
            gridded.code,
            (SELECT a.area_code FROM territory.area AS a
              WHERE a.valid_to IS NULL
                AND a.geom && p.point AND ST_Covers(a.geom, p.point)
              ORDER BY length(a.area_code) DESC, a.area_code LIMIT 1),
            '') AS code
          FROM place_point AS p LEFT JOIN gridded ON gridded.row = p.row
        )
        UPDATE {table} AS t SET area_code = found.code FROM found
        WHERE t.{key} = found.row AND t.area_code IS DISTINCT FROM found.code
        """
    )
    connection.exec_driver_sql("DROP TABLE place_point")


def _merge(connection: Connection, layer: Layer, stage: str, columns: Sequence[str]) -> BulkResult:
    table = layer.qualified_table
    names = ", ".join(f'"{name}"' for name in columns)
    insert = f"INSERT INTO {table} AS old ({names}) SELECT {names} FROM {stage}"
    met = connection.exec_driver_sql(
        f"SELECT EXISTS (SELECT FROM {stage} AS new JOIN {table} AS old "
        "ON old.source = new.source AND old.source_key = new.source_key)"
    ).scalar_one()
    if met:
        result = _upsert(connection, stage, columns, insert)
    else:
        # A first load needs no conflict handling, which costs a third of it.
        result = BulkResult(connection.exec_driver_sql(insert).rowcount, 0, 0)
    connection.exec_driver_sql(f"DROP TABLE {stage}")
    return result


def _upsert(connection: Connection, stage: str, columns: Sequence[str], insert: str) -> BulkResult:
    kept = [name for name in columns if name not in ("source", "source_key")]
    sets = ", ".join(f'"{name}" = EXCLUDED."{name}"' for name in kept)
    old = ", ".join(_comparable(f'old."{name}"', name) for name in kept)
    new = ", ".join(_comparable(f'EXCLUDED."{name}"', name) for name in kept)
    total = connection.exec_driver_sql(f"SELECT count(*) FROM {stage}").scalar_one()
    written = connection.exec_driver_sql(
        f"""
        WITH merged AS (
          {insert} ON CONFLICT (source, source_key) WHERE source_key IS NOT NULL
          DO UPDATE SET {sets},
            row_version = old.row_version + 1, updated_at = now()
          WHERE ROW({old}) IS DISTINCT FROM ROW({new})
          RETURNING (xmax = 0) AS fresh
        )
        SELECT count(*) FILTER (WHERE fresh), count(*) FILTER (WHERE NOT fresh) FROM merged
        """
    ).one()
    return BulkResult(written[0], written[1], total - written[0] - written[1])


def _comparable(expression: str, name: str) -> str:
    """Geometry compares by box under IS DISTINCT FROM; its bytes compare whole."""
    return f"ST_AsBinary({expression})" if name == "geom" else expression


def rehome(connection: Connection, layers: Sequence[Layer]) -> None:
    """Places every row of every layer again, owners before heirs: after areas or grids changed.

    Call `begin_bulk` before.
    """
    by_geometry = [layer for layer in layers if layer.area_from == "geom"]
    waiting = [
        layer for layer in layers if layer.area_from in layer.fields and layer not in by_geometry
    ]
    waiting = [layer for layer in waiting if layer.area_from != "code"]
    for layer in by_geometry:
        place_rows(connection, layer, layer.qualified_table)
    placed = {layer.name for layer in layers} - {layer.name for layer in waiting}
    while waiting:
        ready = [w for w in waiting if w.fields[w.area_from].reference in placed]
        for layer in ready:
            place_rows(connection, layer, layer.qualified_table)
            placed.add(layer.name)
        waiting = [w for w in waiting if w.name not in placed]
        if not ready:
            raise ValueError(f"areas of {[w.name for w in waiting]} come from no known layer")


def record_bulk(connection: Connection, layer: Layer, note: str) -> None:
    """Writes the one history row of a bulk load and tells listeners that the layer changed."""
    connection.execute(
        text("SELECT core.record_bulk(:layer, :right, :public, :note)"),
        {
            "layer": layer.name,
            "right": layer.read.value,
            "public": layer.scope == "public",
            "note": note,
        },
    )


def _cells(column: Sequence[Any]) -> list[str]:
    """The values in COPY's text format; equal ones, of which a column has many, made once."""
    kinds = set(map(type, column)) - {type(None)}
    if kinds == {str}:
        joined = "".join(filter(None, column))
        if not any(sign in joined for sign in _SPECIAL):
            return ["\\N" if value is None else value for value in column]
    if len(kinds) > 1 or not kinds <= _HASHED:  # 1, 1.0 and True are equal and not the same
        return [_cell(value) for value in column]
    known = {value: _cell(value) for value in dict.fromkeys(column)}
    return [known[value] for value in column]


def _cell(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value).translate(_ESCAPES)


class _LineStream(io.TextIOBase):
    """What COPY reads from: lines made on demand."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._rest = ""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> str:
        wanted = CHUNK_CHARACTERS if size is None or size < 0 else size
        parts, length = [self._rest], len(self._rest)
        while length < wanted:
            line = next(self._lines, None)
            if line is None:
                break
            parts.append(line)
            length += len(line)
        joined = "".join(parts)
        self._rest = joined[wanted:]
        return joined[:wanted]
