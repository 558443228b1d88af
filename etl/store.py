"""Checked rows into the database: keys of code tables and references, then one bulk load."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from etl.check import CheckedRows
from etl.value_check import Codes, code_names
from layers.catalogue import LAYERS
from layers.core.bulk import BulkResult, begin_bulk, bulk_load, record_bulk
from layers.core.identifiers import normalise_id_number
from layers.core.layer import Layer
from layers.core.placing import rehome
from layers.core.sealing import Sealer
from layers.core.values import sealed_columns

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
            "AND (valid_from IS NULL OR valid_from <= core.today()) "
            "AND (valid_to IS NULL OR valid_to > core.today()) ORDER BY table_name, position"
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


def read_grid_codes(connection: Connection) -> frozenset[str]:
    """Codes of all governance grids in force."""
    statement = (
        "SELECT code FROM territory.grid "
        "WHERE kind = 'governance' AND valid_to IS NULL AND code IS NOT NULL"
    )
    return frozenset(connection.execute(text(statement)).scalars())


def find_references(
    connection: Connection, target: Layer, values: Iterable[str], sealer: Sealer | None
) -> dict[str, int]:
    """Ids of the target's rows for the values that name one.

    A row is named by its business code, its source key, or the ID number that only the key finds.
    """
    asked = sorted(set(values))
    found: dict[str, int] = {}
    for field in target.sensitive_fields:
        info = target.fields[field]
        if sealer is None or info.check != "id_number" or not info.search:
            continue
        place = f"{target.name}.{field}"
        blinds = {sealer.blind(place, normalise_id_number(value)): value for value in asked}
        rows = connection.execute(
            text(
                f"SELECT {field}_index AS blind, id FROM {target.qualified_table} "
                f"WHERE {field}_index = ANY(:blinds) ORDER BY id DESC"
            ),
            {"blinds": list(blinds)},
        )
        found.update({blinds[bytes(row.blind)]: row.id for row in rows})
    rows = connection.execute(
        text(
            f"SELECT code, source_key, id FROM {target.qualified_table} "
            "WHERE code = ANY(:asked) OR source_key = ANY(:asked) ORDER BY id DESC"
        ),
        {"asked": asked},
    )
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
    rows: CheckedRows,
    source: str,
    note: str,
    sealer: Sealer | None,
) -> BulkResult:
    """Inserts or updates the rows by (source, key) and tells listeners; the caller commits.

    Raises: ValueError when sensitive values come without a sealer.
    """
    begin_bulk(connection)
    columns: dict[str, Sequence[Any]] = {}
    for name, column in rows.values.items():
        if name in layer.sensitive_fields:
            if sealer is None:
                raise ValueError(f"{layer.name}: {name} can't be stored without the key")
            columns |= sealed_columns(layer, name, column, sealer)
        else:
            columns[name] = _with_default(layer, name, column)
    columns["source"] = [source] * len(rows)
    columns["source_key"] = rows.keys
    has_shapes = layer.geometry_kind is not None and not shapely.is_missing(rows.geometries).all()
    if has_shapes:
        columns["geom"] = _hex(rows.geometries)
    result = bulk_load(connection, layer, columns, LAYERS)
    record_bulk(connection, layer, note)
    if layer.name in _PLACES and has_shapes:
        rehome(connection, LAYERS)
    return result


def count_outside(
    connection: Connection, layer: Layer, source: str, keys: Sequence[str]
) -> frozenset[str]:
    """Keys of the rows just stored that lie outside all areas and grids."""
    if layer.area_from not in ("geom", "given") or layer.scope == "public":
        return frozenset()
    rows = connection.execute(
        text(
            f"SELECT source_key FROM {layer.qualified_table} "
            "WHERE area_code = '' AND source = :source"
        ),
        {"source": source},
    )
    return frozenset(row.source_key for row in rows) & frozenset(keys)


def _with_default(layer: Layer, name: str, column: Sequence[Any]) -> Sequence[Any]:
    default = _default(layer, name)
    if default is None or None not in column:
        return column
    return [default if value is None else value for value in column]


def _hex(geometries: NDArray[Any]) -> list[str | None]:
    return list(shapely.to_wkb(shapely.set_srid(geometries, 4326), hex=True, include_srid=True))


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
