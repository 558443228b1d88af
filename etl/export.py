"""A layer out to a file: GeoPackage, GeoJSON, FlatGeobuf, Shapefile or CSV.

Only what every reader of the layer may see leaves: sensitive fields are masked, their sealed
columns are never selected. With a reader, row-level security holds as it does on the map.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas
import shapely
from sqlalchemy import Connection, Engine, text

from layers.catalogue import layer_by_name
from layers.core.database import owner_transaction, reader_transaction
from layers.core.layer import Layer
from layers.core.scope import Reader

_HIDDEN = frozenset({"geom", "row_version"})


class ExportError(ValueError):
    """A layer can't be written; the message says what was asked and what is allowed."""


@dataclass(frozen=True, slots=True)
class _Rows:
    columns: tuple[str, ...]
    values: list[tuple[Any, ...]]
    shapes: list[Any] | None


def export_layer(engine: Engine, layer: Layer, path: Path, reader: Reader | None = None) -> int:
    """Writes the rows the reader may see (None: all) and returns their number.

    The format follows from the suffix; coordinates are WGS 84; rows of other layers are named by
    their business code, so that `load` finds them again. CSV has a column `wkt` and a
    byte order mark for Excel. Raises: ExportError for another suffix.
    """
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise ExportError(f"{path.name}: format not known; allowed: {', '.join(_WRITERS)}")
    if layer.geometry_kind is None and path.suffix.lower() != ".csv":
        raise ExportError(f"layer {layer.name} has no geometry; allowed: .csv")
    transaction = (
        owner_transaction(engine) if reader is None else reader_transaction(engine, reader)
    )
    with transaction as connection:
        rows = _read(connection, layer)
    path.parent.mkdir(parents=True, exist_ok=True)
    write(layer, rows, path)
    return len(rows.values)


def _read(connection: Connection, layer: Layer) -> _Rows:
    sealed = {f"{name}_{part}" for name in layer.sensitive_fields for part in ("cipher", "index")}
    columns = tuple(
        column.name
        for column in layer.table.columns
        if column.computed is None and column.name not in sealed | _HIDDEN
    )
    has_shape = layer.geometry_kind is not None
    names = [_expression(layer, name) for name in columns]
    names += ["ST_AsBinary(t.geom)"] if has_shape else []
    found = connection.execute(
        text(f"SELECT {', '.join(names)} FROM {layer.qualified_table} AS t ORDER BY t.id")
    ).fetchall()
    width = len(columns)
    values = [tuple(row)[:width] for row in found]
    if not has_shape:
        return _Rows(columns, values, None)
    shapes = [bytes(row[width]) if row[width] is not None else None for row in found]
    return _Rows(columns, values, shapes)


def _expression(layer: Layer, name: str) -> str:
    """A column as a file has it: a reference by the code under which it is found again."""
    info = layer.fields.get(name)
    if info is None or info.reference is None:
        return f't."{name}"'
    target = layer_by_name(info.reference).qualified_table
    return f'(SELECT coalesce(o.code, o.source_key) FROM {target} AS o WHERE o.id = t."{name}")'


def _geometries(shapes: Sequence[bytes | None]) -> Any:
    return shapely.from_wkb(np.array(shapes, dtype=object))


def _write_csv(layer: Layer, rows: _Rows, path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        if rows.shapes is None:
            writer.writerow(rows.columns)
            writer.writerows(rows.values)
            return
        writer.writerow((*rows.columns, "wkt"))
        texts = shapely.to_wkt(_geometries(rows.shapes), rounding_precision=8)
        writer.writerows((*row, wkt) for row, wkt in zip(rows.values, texts, strict=True))


def _write_vector(driver: str, **options: str) -> Callable[[Layer, _Rows, Path], None]:
    def write(layer: Layer, rows: _Rows, path: Path) -> None:
        table = pandas.DataFrame(rows.values, columns=list(rows.columns))
        frame = geopandas.GeoDataFrame(
            table, geometry=_geometries(rows.shapes or []), crs="EPSG:4326"
        )
        path.unlink(missing_ok=True)
        frame.to_file(path, driver=driver, layer=layer.name, engine="pyogrio", **options)

    return write


_WRITERS: dict[str, Callable[[Layer, _Rows, Path], None]] = {
    ".gpkg": _write_vector("GPKG"),
    ".geojson": _write_vector("GeoJSON"),
    ".fgb": _write_vector("FlatGeobuf"),
    ".shp": _write_vector("ESRI Shapefile", encoding="UTF-8"),
    ".csv": _write_csv,
}
