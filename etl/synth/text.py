"""Turns columns of values into COPY's text format, many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import repeat
from math import isnan
from typing import Any

import numpy as np
import shapely

from etl.synth.shapes import Geometries

NULL = "\\N"
Column = Any
"""A numpy array, a list of text (None is NULL) or one value for all rows."""


@dataclass(frozen=True)
class Block:
    """Rows of one table ready for COPY."""

    table: str
    columns: tuple[str, ...]
    body: bytes
    rows: int


def cells(values: Column) -> Iterable[str]:
    """Return the text of every value of one column."""
    if values is None:
        return repeat(NULL)
    if isinstance(values, bool):
        return repeat("t" if values else "f")
    if isinstance(values, str | int | float):
        return repeat(str(values))
    if isinstance(values, np.ndarray):
        kind = values.dtype.kind
        if kind == "b":
            return ["t" if value else "f" for value in values.tolist()]
        if kind == "M":
            texts = np.datetime_as_string(values).tolist()
            return [NULL if text == "NaT" else text for text in texts]
        if kind == "f":
            return [NULL if isnan(value) else repr(value) for value in values.tolist()]
        if kind == "i":
            return list(map(str, values.tolist()))
        if kind == "U":
            return [text or NULL for text in values.tolist()]
    return [NULL if value is None else value for value in values]


def block(table: str, rows: int, columns: Mapping[str, Column]) -> Block:
    """Return rows of a table as COPY text. Text must hold no tab, line end or backslash."""
    lines = "\n".join(map("\t".join, zip(*map(cells, columns.values()), strict=False)))
    return Block(table, tuple(columns), (lines + "\n").encode() if rows else b"", rows)


def hexes(shapes: Geometries) -> list[str]:
    """Return EWKB in hexadecimal, EPSG:4326, longitude first."""
    marked = shapely.set_srid(shapes, 4326)
    result: list[str] = shapely.to_wkb(marked, hex=True, include_srid=True).tolist()
    return result


def multi(shapes: Geometries) -> Geometries:
    """Return polygons and lines wrapped as multi-geometries, one a row."""
    result = shapes.copy()
    for row in np.flatnonzero(shapely.get_type_id(shapes) == 2):
        result[row] = shapely.LineString(shapes[row].coords)
    kind = shapely.get_type_id(result)
    makers: tuple[tuple[int, Callable[..., Geometries]], ...] = (
        (3, shapely.multipolygons),
        (1, shapely.multilinestrings),
    )
    for single, maker in makers:
        rows = np.flatnonzero(kind == single)
        if len(rows):
            result[rows] = maker(result[rows], indices=np.arange(len(rows)))
    return result


def points(longitude: np.ndarray[Any, Any], latitude: np.ndarray[Any, Any]) -> list[str]:
    """Return points as EWKB in hexadecimal, EPSG:4326."""
    return hexes(np.asarray(shapely.points(longitude, latitude)))
