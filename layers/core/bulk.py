"""The set-based sibling of `apply_change`: COPY in, areas by join, one history row a layer.

Row triggers are off for the transaction (`wangge.bulk`), so everything they would do is done
here for the whole set at once.
"""

import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from layers.core.layer import Layer
from layers.core.placing import Place, find_places, forget_places, rehome_heirs

CHUNK_CHARACTERS = 1 << 20

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
    connection: Connection,
    layer: Layer,
    columns: Mapping[str, Sequence[Any]],
    layers: Sequence[Layer],
) -> BulkResult:
    """Inserts or updates rows by (source, source_key); `columns` must have both.

    Areas are set by one join, those of rows that hang on updated ones too; equal rows are left
    alone, so loading a file again changes nothing. Call `begin_bulk` before, `record_bulk` after.

    Raises: sqlalchemy.exc.DBAPIError when a value breaks the table's rules; nothing is kept.
    """
    run = connection.exec_driver_sql
    stage = f"stage_{layer.table.name}"
    run(
        f"CREATE TEMP TABLE {stage} ON COMMIT DROP AS "
        f"SELECT * FROM {layer.qualified_table} WITH NO DATA"
    )
    run("CREATE TEMP TABLE changed_row (id bigint, is_new boolean) ON COMMIT DROP")
    copy_columns(connection, stage, columns)
    place = find_places(connection, layer, stage, "ctid")
    result = _merge(connection, layer, stage, columns, place)
    forget_places(connection)
    if result.updated or (result.inserted and layer.name == "residences"):
        # Nothing hangs on a new row yet, but a person moves into a new home.
        only = "" if layer.name == "residences" else "WHERE NOT is_new"
        rehome_heirs(connection, layer, f"SELECT id FROM changed_row {only}", layers)
    run(f"DROP TABLE changed_row, {stage}")
    return result


def _merge(
    connection: Connection, layer: Layer, stage: str, columns: Collection[str], place: Place
) -> BulkResult:
    table = layer.qualified_table
    placed = {name: sql for name, sql in place.columns.items() if name not in columns}
    if "area_code" in placed:  # a row without a place lies outside all areas
        placed["area_code"] = f"coalesce({placed['area_code']}, '')"
    written = (*columns, *placed)
    names = ", ".join(f'"{name}"' for name in written)
    values = ", ".join((*(f't."{name}"' for name in columns), *placed.values()))
    insert = f"INSERT INTO {table} AS old ({names}) SELECT {values} FROM {stage} AS t {place.joins}"
    met = connection.exec_driver_sql(
        f"SELECT EXISTS (SELECT FROM {stage} AS new JOIN {table} AS old "
        "ON old.source = new.source AND old.source_key = new.source_key)"
    ).scalar_one()
    if met:
        return _upsert(connection, stage, written, insert)
    # A first load needs no conflict handling, which costs a third of it.
    added = connection.exec_driver_sql(
        f"WITH added AS ({insert} RETURNING id) INSERT INTO changed_row SELECT id, true FROM added"
    )
    return BulkResult(added.rowcount, 0, 0)


def _upsert(connection: Connection, stage: str, columns: Sequence[str], insert: str) -> BulkResult:
    kept = [name for name in columns if name not in ("source", "source_key")]
    sets = ", ".join(f'"{name}" = EXCLUDED."{name}"' for name in kept)
    old = ", ".join(_comparable(f'old."{name}"', name) for name in kept)
    new = ", ".join(_comparable(f'EXCLUDED."{name}"', name) for name in kept)
    total = connection.exec_driver_sql(f"SELECT count(*) FROM {stage}").scalar_one()
    connection.exec_driver_sql(
        f"""
        WITH merged AS (
          {insert} ON CONFLICT (source, source_key) WHERE source_key IS NOT NULL
          DO UPDATE SET {sets},
            row_version = old.row_version + 1, updated_at = now()
          WHERE ROW({old}) IS DISTINCT FROM ROW({new})
          RETURNING old.id, xmax = 0 AS is_new
        )
        INSERT INTO changed_row SELECT id, is_new FROM merged
        """
    )
    inserted, updated = connection.exec_driver_sql(
        "SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM changed_row"
    ).one()
    return BulkResult(inserted, updated, total - inserted - updated)


def _comparable(expression: str, name: str) -> str:
    """Geometry compares by box under IS DISTINCT FROM; its bytes compare whole."""
    return f"ST_AsBinary({expression})" if name == "geom" else expression


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
