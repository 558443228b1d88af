"""Values as CoverageJSON 1.0 (OGC 21-069r2): a grid of regular axes, ranges written out."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from gisserver.coverages.grids import Grid
from gisserver.coverages.rasters import Raster, Values
from gisserver.coverages.sources import Field, Times

MEDIA_TYPE = "application/vnd.cov+json"
MOST_VALUES = 1_000_000
"""Numbers written out take five times the room of a GeoTIFF."""
_DIGITS = 7
"""What a 32-bit float holds."""


def coverage_json(
    raster: Raster, field: Field, frames: Sequence[Times], sliced: Collection[str]
) -> bytes:
    """The document; `sliced` names the axes (x, y) that were cut at one place."""
    axes = _axes(raster.grid)
    referencing = [_spatial(raster.grid)]
    if frames:
        axes["t"] = _times(frames)
        referencing.append(
            {"coordinates": ["t"], "system": {"type": "TemporalRS", "calendar": "Gregorian"}}
        )
    shape = {"t": len(frames) or 1, "y": raster.grid.rows, "x": raster.grid.columns}
    left_out = {*sliced, *({"t"} if len(frames) <= 1 else ())}
    names = [name for name in shape if name not in left_out]
    document = {
        "type": "Coverage",
        "domain": {
            "type": "Domain",
            "domainType": "Grid",
            "axes": axes,
            "referencing": referencing,
        },
        "parameters": {field.name: _parameter(field)},
        "ranges": {
            field.name: {
                "type": "NdArray",
                "dataType": "float",
                "axisNames": names,
                "shape": [shape[name] for name in names],
                "values": _numbers(raster.values),
            }
        },
    }
    return msgspec.json.encode(document)


def _axes(grid: Grid) -> dict[str, Any]:
    west, north = grid.west + grid.cell_width / 2, grid.north - grid.cell_height / 2
    return {
        "x": _axis(west, grid.cell_width, grid.columns),
        "y": _axis(north, -grid.cell_height, grid.rows),
    }


def _axis(first: float, step: float, number: int) -> Mapping[str, Any]:
    """The middles of the cells."""
    if number == 1:
        return {"values": [first]}
    return {"start": first, "stop": first + step * (number - 1), "num": number}


def _times(frames: Sequence[Times]) -> Mapping[str, Any]:
    moments = [[each.isoformat() for each in frame] for frame in frames]
    return {
        "values": [begin for begin, _ in moments],
        "bounds": [each for frame in moments for each in frame],
    }


def _spatial(grid: Grid) -> dict[str, Any]:
    kind = "ProjectedCRS" if grid.system.is_projected else "GeographicCRS"
    coordinates = ["y", "x"] if grid.system.is_north_first else ["x", "y"]
    return {"coordinates": coordinates, "system": {"type": kind, "id": grid.system.uri}}


def _parameter(field: Field) -> Mapping[str, Any]:
    observed: dict[str, Any] = {"label": _told(field.title)}
    if field.definition is not None:
        observed["id"] = field.definition
    symbol = {"value": field.unit, "type": "http://www.opengis.net/def/uom/UCUM/"}
    return {
        "type": "Parameter",
        "description": _told(field.about),
        "unit": {"label": {"en": field.unit_text}, "symbol": symbol},
        "observedProperty": observed,
    }


def _told(words: tuple[str, str]) -> Mapping[str, str]:
    return {"zh": words[0], "en": words[1]}


def _numbers(values: Values) -> list[float]:
    """Row by row from north; what is no number becomes null."""
    numbers = values.astype(np.float64).ravel()
    largest = float(np.nanmax(np.abs(numbers), initial=0.0)) if np.isfinite(numbers).any() else 0.0
    decimals = _DIGITS - 1 - math.floor(math.log10(largest)) if largest > 0 else 0
    rounded: list[float] = np.round(numbers, decimals).tolist()
    return rounded
