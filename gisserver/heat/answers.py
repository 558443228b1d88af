"""Surfaces and zones as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from layers.analysis.heat.fives import LEAST
from layers.analysis.heat.kernel import Grid
from layers.analysis.heat.surface import PERIOD, Frame, Heat
from layers.analysis.heat.zones import Zone
from layers.core.calendar import CHINA
from layers.core.cells import Ints, cell_size, latitude, longitude

# Values have at most four digits and a carry.
_DIGITS = np.array([f"{value:>5}," for value in range(10_001)], dtype="S6")


def surface_json(heat: Heat) -> str:
    """The surface as JSON text: head, then for each frame its runs of cells and their values.

    A run is three numbers: row, first column, length; its values follow one another in `values`,
    to be multiplied by `unit`. Cells outside the runs are 0.
    """
    frames = (
        _frame_json(frame, values) for frame, values in zip(heat.frames, heat.values, strict=True)
    )
    head = json.dumps(_head(heat), ensure_ascii=False, separators=(",", ":"))
    return f'{head[:-1]},"frames":[{",".join(frames)}]}}'


def _head(heat: Heat) -> dict[str, Any]:
    question, grid = heat.question, heat.grid
    return {
        "layer": question.places.layer.name,
        "radius": question.radius,
        "weight": question.weight,
        "per_days": PERIOD.days if question.is_over_time else None,
        "least_persons": LEAST if heat.is_personal else None,
        "unit": heat.unit,
        "maximum": round(float(heat.values.max(initial=0)) * heat.unit, 9),
        "breaks": heat.breaks,
        "grid": None if grid is None else _grid(grid),
    }


def _grid(grid: Grid) -> dict[str, Any]:
    width, height = cell_size(grid.row + grid.rows / 2, grid.level)
    return {
        "level": grid.level,
        "column": grid.column,
        "row": grid.row,
        "columns": grid.columns,
        "rows": grid.rows,
        "cell_width": round(float(width), 2),
        "cell_height": round(float(height), 2),
        "bounds": [
            round(float(each), 9)
            for each in (
                longitude(grid.column, grid.level),
                latitude(grid.row + grid.rows, grid.level),
                longitude(grid.column + grid.columns, grid.level),
                latitude(grid.row, grid.level),
            )
        ],
    }


def _frame_json(frame: Frame, values: Ints) -> str:
    head = {
        "from": frame.since and frame.since.astimezone(CHINA).isoformat(),
        "to": frame.until and frame.until.astimezone(CHINA).isoformat(),
        "count": frame.count,
        "weight": frame.weight,
        "runs": _runs(values),
    }
    numbers = _DIGITS[values[values > 0]].tobytes().replace(b" ", b"")[:-1].decode()
    return f'{json.dumps(head, separators=(",", ":"))[:-1]},"values":[{numbers}]}}'


def _runs(values: Ints) -> list[int]:
    """Row, first column and length of each unbroken row of cells that are not 0."""
    rows, columns = values.shape
    # A column of nothing on either side: no run goes over the end of a row.
    filled = np.zeros((rows, columns + 2), dtype=np.int8)
    filled[:, 1:-1] = values > 0
    turn = np.diff(filled.ravel())
    start, end = np.flatnonzero(turn == 1), np.flatnonzero(turn == -1)
    runs = np.stack([start // (columns + 2), start % (columns + 2), end - start], axis=1)
    return [int(each) for each in runs.ravel()]


def zones_json(zones: Iterable[Zone]) -> str:
    """Zones as a GeoJSON FeatureCollection."""
    features = ",".join(_zone_json(zone) for zone in zones)
    return f'{{"type":"FeatureCollection","features":[{features}]}}'


def _zone_json(zone: Zone) -> str:
    properties = {
        "number": zone.number,
        "incidents": len(zone.incidents),
        "incidents_before": len(zone.before),
        "change": zone.change,
        "is_significant": zone.is_significant,
        "residents": zone.residents,
        "rate": zone.rate,
        "ground": zone.ground,
        "categories": [{"code": code, "count": count} for code, count in zone.categories],
        "area_code": zone.area_code,
    }
    told = json.dumps(properties, separators=(",", ":"))
    return f'{{"type":"Feature","id":{zone.number},"geometry":{zone.geometry},"properties":{told}}}'
