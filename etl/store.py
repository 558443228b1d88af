"""Checked rows into the database: keys of code tables and references, then one bulk load."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, text

from etl.check import CheckedRow
from etl.value_check import Codes, code_names
from layers.catalogue import LAYERS
from layers.core.bulk import BulkResult, begin_bulk, bulk_load, record_bulk, rehome
from layers.core.layer import Layer
from layers.core.sealing import Sealer
from layers.core.values import sealed_values

_PLACES = ("areas", "grids")


def read_codes(connection: Connection, layers: Iterable[Layer]) -> Codes:
    """Codes valid today of every table the layers use, with their names in both languages."""
    tables = sorted(
        {info.codes for layer in layers for info in layer.fields.values() if info.codes}
    )
    rows = connection.execute(
        text(
            "SELECT table_name, code, name_zh, name_en FROM core.code "
            "WHERE table_name = ANY(:tables) "
            "AND (valid_from IS NULL OR valid_from <= current_date) "
            "AND (valid_to IS NULL OR valid_to > current_date) ORDER BY table_name, position"
        ),
        {"tables": tables},
    )
    titles: dict[str, dict[str, tuple[str, str | None]]] = {}
    for row in rows:
        titles.setdefault(row.table_name, {})[row.code] = (row.name_zh, row.name_en)
    return {name: code_names(found) for name, found in titles.items()}


def read_centroids(connection: Connection) -> dict[str, tuple[float, float]]:
    """Centroid, longitude and latitude, of every area that has a polygon, by code prefix."""
    rows = connection.execute(
        text(
            "SELECT area_code, ST_X(c) AS x, ST_Y(c) AS y FROM (SELECT area_code, "
            "ST_Centroid(geom) AS c FROM territory.area WHERE geom IS NOT NULL) AS placed"
        )
    )
    return {row.area_code: (row.x, row.y) for row in rows}


def find_references(connection: Connection, target: Layer, values: Iterable[str]) -> dict[str, int]:
    """Ids of the target's rows by business code or source key, for the values that name one."""
    asked = sorted(set(values))
    rows = connection.execute(
        text(
            f"SELECT code, source_key, id FROM {target.qualified_table} "
            "WHERE code = ANY(:asked) OR source_key = ANY(:asked) ORDER BY id DESC"
        ),
        {"asked": asked},
    )
    found: dict[str, int] = {}
    for row in rows:
        found.update({key: row.id for key in (row.source_key, row.code) if key})
    return found


def codes_taken(
    connection: Connection, layer: Layer, source: str, keys: Mapping[str, str]
) -> frozenset[str]:
    """Business codes that a row of another source, or with another key, holds already.

    `keys` gives each code's source key.
    """
    rows = connection.execute(
        text(
            f"SELECT code, source, source_key FROM {layer.qualified_table} WHERE code = ANY(:codes)"
        ),
        {"codes": list(keys)},
    )
    return frozenset(
        row.code for row in rows if (row.source, row.source_key) != (source, keys[row.code])
    )


def adopt_areas(connection: Connection, source: str, prefixes: Sequence[str]) -> None:
    """Gives areas entered otherwise the key under which code lists and polygons find them."""
    connection.execute(
        text(
            "UPDATE territory.area SET source = :source, source_key = area_code "
            "WHERE area_code = ANY(:prefixes) AND valid_to IS NULL "
            "AND (source, source_key) IS DISTINCT FROM (:source, area_code)"
        ),
        {"source": source, "prefixes": list(prefixes)},
    )


def load_order(layers: Iterable[str]) -> list[Layer]:
    """The layers of those names, areas and grids first: the others get their area from them."""
    names = set(layers)
    first = [layer for layer in LAYERS if layer.name in names & set(_PLACES)]
    first.sort(key=lambda layer: _PLACES.index(layer.name))
    return first + [layer for layer in LAYERS if layer.name in names - set(_PLACES)]


def store_rows(
    connection: Connection,
    layer: Layer,
    rows: Sequence[CheckedRow],
    source: str,
    note: str,
    sealer: Sealer | None,
) -> BulkResult:
    """Inserts or updates the rows by (source, key) and tells listeners; the caller commits.

    Raises: ValueError when sensitive values come without a sealer.
    """
    begin_bulk(connection)
    fields = list(dict.fromkeys(name for row in rows for name in row.values))
    with_geometry = layer.geometry_kind is not None and any(
        row.geometry is not None for row in rows
    )
    sensitive = [name for name in layer.sensitive_fields if name in fields]
    if sensitive and sealer is None:
        raise ValueError(f"{layer.name}: {', '.join(sensitive)} can't be stored without the key")
    stored = _stored_columns(layer, fields)
    columns = [*stored, "source", "source_key", *(["geom"] if with_geometry else [])]
    defaults = {name: _default(layer, name) for name in fields}
    result = bulk_load(
        connection,
        layer,
        columns,
        _lines(layer, rows, stored, source, with_geometry, defaults, sealer),
    )
    record_bulk(connection, layer, note)
    if layer.name in _PLACES and with_geometry:
        rehome(connection, LAYERS)
    return result


def count_outside(
    connection: Connection, layer: Layer, source: str, keys: Sequence[str]
) -> frozenset[str]:
    """Keys of the rows just stored that lie outside all areas and grids."""
    if layer.area_from != "geom" or layer.scope == "public":
        return frozenset()
    rows = connection.execute(
        text(
            f"SELECT source_key FROM {layer.qualified_table} "
            "WHERE area_code = '' AND source = :source"
        ),
        {"source": source},
    )
    return frozenset(row.source_key for row in rows) & frozenset(keys)


def _stored_columns(layer: Layer, fields: Sequence[str]) -> list[str]:
    present = set(layer.table.columns.keys())
    columns: list[str] = []
    for name in fields:
        columns.append(name)
        if name in layer.sensitive_fields:
            columns += [c for c in (f"{name}_cipher", f"{name}_index") if c in present]
    return columns


def _lines(
    layer: Layer,
    rows: Sequence[CheckedRow],
    columns: Sequence[str],
    source: str,
    with_geometry: bool,
    defaults: Mapping[str, Any],
    sealer: Sealer | None,
) -> Iterator[tuple[Any, ...]]:
    shapes = _hex([row.geometry for row in rows]) if with_geometry else [None] * len(rows)
    has_sensitive = any(name in layer.sensitive_fields for name in defaults)
    for row, shape in zip(rows, shapes, strict=True):
        values = {
            name: default if row.values.get(name) is None else row.values[name]
            for name, default in defaults.items()
        }
        if has_sensitive and sealer is not None:
            values = sealed_values(layer, values, sealer)
        line = (*(values.get(name) for name in columns), source, row.key)
        yield (*line, shape) if with_geometry else line


def _hex(geometries: Sequence[Any]) -> list[str | None]:
    batch = np.full(len(geometries), None, dtype=object)
    batch[:] = geometries
    return list(shapely.to_wkb(shapely.set_srid(batch, 4326), hex=True, include_srid=True))


def _default(layer: Layer, name: str) -> Any:
    """What stands for "no value" in a column that must have one."""
    column = layer.table.columns[name]
    if column.nullable or column.server_default is None:
        return None
    expression = str(getattr(column.server_default, "arg", ""))
    if expression == "now()":
        return datetime.now(UTC)
    if expression in {"true", "false"}:
        return expression == "true"
    return expression.strip("'")
