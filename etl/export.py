"""A layer out to a file: GeoPackage, GeoJSON, FlatGeobuf, Shapefile, Excel or CSV.

Only what every reader of the layer may see leaves: sensitive fields are masked, their sealed
columns are never selected. With a reader, row-level security holds as it does on the map.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Column as TableColumn
from sqlalchemy import Connection, Engine, text

from etl.writing import WRITERS, Column, Rows, write_rows
from layers.catalogue import layer_by_name
from layers.core.database import owner_transaction, reader_transaction
from layers.core.layer import Layer
from layers.core.model import field_kind
from layers.core.scope import Reader

_HIDDEN = frozenset({"geom", "row_version"})
_TABLES = (".xlsx", ".csv")
_BATCH_ROWS = 5_000


class ExportError(ValueError):
    """A layer can't be written; the message says what was asked and what is allowed."""


def export_layer(engine: Engine, layer: Layer, path: Path, reader: Reader | None = None) -> int:
    """Writes the rows the reader may see (None: all) and returns their number.

    The format follows from the suffix; coordinates are WGS 84; rows of other layers are named by
    their business code, so that `load` finds them again. Excel and CSV have a column `wkt`, CSV a
    byte order mark for Excel. Raises: ExportError for another suffix.
    """
    suffix = path.suffix.lower()
    if suffix not in WRITERS:
        raise ExportError(f"{path.name}: format not known; allowed: {', '.join(WRITERS)}")
    if layer.geometry_kind is None and suffix not in _TABLES:
        raise ExportError(f"layer {layer.name} has no geometry; allowed: {', '.join(_TABLES)}")
    transaction = (
        owner_transaction(engine)
        if reader is None
        else reader_transaction(engine, reader, streams=True)
    )
    with transaction as connection:
        return write_rows(_rows(connection, layer), path)


def _rows(connection: Connection, layer: Layer) -> Rows:
    sealed = {f"{name}_{part}" for name in layer.sensitive_fields for part in ("cipher", "index")}
    columns = [
        column
        for column in layer.table.columns
        if column.computed is None and column.name not in sealed | _HIDDEN
    ]
    names = [_expression(layer, column.name) for column in columns]
    names += ["ST_AsBinary(t.geom)"] if layer.geometry_kind is not None else []
    result = connection.execution_options(stream_results=True).execute(
        text(f"SELECT {', '.join(names)} FROM {layer.qualified_table} AS t ORDER BY t.id")
    )
    return Rows(
        name=layer.name,
        columns=tuple(_column(layer, column) for column in columns),
        geometry=layer.geometry_kind,
        batches=result.partitions(_BATCH_ROWS),
    )


def _column(layer: Layer, column: TableColumn[Any]) -> Column:
    info = layer.fields.get(column.name)
    is_reference = info is not None and info.reference is not None
    return Column(column.name, "text" if is_reference else field_kind(column))


def _expression(layer: Layer, name: str) -> str:
    """A column as a file has it: a reference by the code under which it is found again."""
    info = layer.fields.get(name)
    if info is None or info.reference is None:
        return f't."{name}"'
    target = layer_by_name(info.reference).qualified_table
    return f'(SELECT coalesce(o.code, o.source_key) FROM {target} AS o WHERE o.id = t."{name}")'
