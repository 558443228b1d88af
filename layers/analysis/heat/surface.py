"""Heat: how much there is to a square kilometre, and to thirty days where there is a time.

Counts in cells (`core.cell`) are made by the database, spread by a kernel with a radius in metres
(`kernel.py`) and, where persons are counted, first rounded to whole fives (`fives.py`). The numbers
are rounded once, to four digits of the highest; map, legend, columns and GeoTIFF all show those.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np

from layers.analysis.heat.counts import Counts, Edges, count_places
from layers.analysis.heat.fives import in_fives
from layers.analysis.heat.frames import Step, frame_edges
from layers.analysis.heat.kernel import CELLS_PER_RADIUS, Grid, grid_around, ground, smooth
from layers.analysis.heat.places import Places, select_places
from layers.core.cells import (
    LEVEL,
    Floats,
    Ints,
    column_at,
    level_for,
    row_at,
)
from layers.core.database import Asks
from layers.core.errors import Fault, Invalid
from layers.core.features import BoundingBox
from layers.core.scope import Reader

RADIUS = (50.0, 5000.0)
MOST_VALUES = 600_000
MOST_CELLS = 12_000_000
DIGITS = 4
CLASSES = 6
PERIOD = timedelta(days=30)
# Cells are a third of the radius or less from here to the poles, and hardly more below.
_LATITUDE = 30.0


@dataclass(frozen=True)
class HeatQuestion:
    """Heat of which places; `radius` in metres, `weight` a numeric field or "residents".

    With `step` the time is cut into frames; it needs both ends of the time.
    """

    places: Places
    radius: float
    weight: str | None = None
    step: Step | None = None

    @property
    def level(self) -> int:
        """Zoom of the cells: those of one radius are the same for every reader and area."""
        return level_for(self.radius / CELLS_PER_RADIUS, row_at(_LATITUDE, LEVEL))

    @property
    def is_over_time(self) -> bool:
        """Whether values are for thirty days: of what happens, in a time with both ends."""
        places = self.places
        return bool(places.layer.time_field and places.since and places.until)


@dataclass(frozen=True)
class Frame:
    """What one frame holds: its time, how many places and the sum of their weights."""

    since: datetime | None
    until: datetime | None
    count: int
    weight: float


@dataclass(frozen=True)
class Heat:
    """A surface for each frame: `values[frame, row, column] * unit`, rows from north.

    The unit of the result is weight per km², and per 30 days when `question.is_over_time`. A cell
    without anything within the radius is 0. `breaks` are where the classes of the legend begin.
    """

    question: HeatQuestion
    grid: Grid | None
    values: Ints
    unit: float
    breaks: tuple[float, ...]
    frames: tuple[Frame, ...]
    is_personal: bool


def find_heat(connection: Asks, reader: Reader, question: HeatQuestion) -> Heat:
    """The heat of what the reader may see; places beyond the reader's areas count for nothing.

    Raises: Invalid naming the parameter that cannot be answered; Forbidden without the right.
    """
    low, high = RADIUS
    if not low <= question.radius <= high:
        raise Invalid([Fault("radius", f"{low:g} to {high:g} metres expected")])
    edges = _edges(question)
    bbox = question.places.bbox
    within = None if bbox is None else box_within_reach(bbox, question.radius)
    asked = replace(question.places, bbox=within)
    selection = select_places(connection, reader, asked, question.weight)
    counts = count_places(connection, selection, question.level, edges)
    if selection.is_personal:
        cells, weight = in_fives(counts.cells, counts.count)
        counts = Counts(cells, weight, weight)
    return _heat(question, edges, counts, is_personal=selection.is_personal)


def _edges(question: HeatQuestion) -> Edges:
    places = question.places
    has_both = places.since is not None and places.until is not None
    if question.step is None and not has_both:
        return [places.since, places.until]
    if places.since is None or places.until is None:
        raise Invalid([Fault("datetime", "frames need a start and an end")])
    if places.since >= places.until:
        raise Invalid([Fault("datetime", "the end must lie after the start")])
    if question.step is None:
        return [places.since, places.until]
    return [*frame_edges(places.since, places.until, question.step)]


def box_within_reach(bbox: BoundingBox, radius: float) -> BoundingBox:
    """The box (degrees) with what lies within the radius (metres) around it."""
    west, south, east, north = bbox
    up = radius / 110_000
    aside = up / math.cos(math.radians(min(80.0, max(abs(south), abs(north)) + up)))
    return west - aside, south - up, east + aside, north + up


def _heat(
    question: HeatQuestion,
    edges: Edges,
    counts: Counts,
    *,
    is_personal: bool,
) -> Heat:
    times = list(pairwise(edges))
    frame, column, row = counts.cells
    number = np.bincount(frame, counts.count, minlength=len(times))
    weight = np.bincount(frame, counts.weight, minlength=len(times))
    frames = tuple(
        Frame(since, until, round(number[i]), float(weight[i]))
        for i, (since, until) in enumerate(times)
    )
    if not len(frame):
        nothing = np.zeros((len(times), 0, 0), dtype=np.int64)
        return Heat(question, None, nothing, 1.0, (), frames, is_personal)
    grid = grid_around(column, row, question.level, question.radius)
    if len(times) * grid.rows * grid.columns > MOST_CELLS:
        raise _too_fine(question)
    density = smooth(grid, len(times), frame, column, row, counts.weight, question.radius)
    density /= ground(grid)
    if question.is_over_time:
        density *= np.array([PERIOD / (end - start) for start, end in times])[:, None, None]  # type: ignore[operator]
    grid, density = _cut(question, grid, density)
    unit, values = _rounded(density)
    if np.count_nonzero(values) > MOST_VALUES:
        raise _too_fine(question)
    breaks = nice_breaks(float(values.max(initial=0)) * unit)
    return Heat(question, grid, values, unit, breaks, frames, is_personal)


def _too_fine(question: HeatQuestion) -> Invalid:
    return Invalid(
        [
            Fault(
                "radius",
                f"{question.radius:g} m is too fine for so large an area in so many frames: take a "
                "larger radius, a longer step, an area or a bbox",
            )
        ]
    )


def _cut(question: HeatQuestion, grid: Grid, density: Floats) -> tuple[Grid, Floats]:
    """Only the cells that the box asked for touches."""
    bbox = question.places.bbox
    if bbox is None:
        return grid, density
    west, east = (int(each) for each in column_at(bbox[::2], grid.level))
    south, north = (int(each) for each in row_at(bbox[1::2], grid.level))
    left, top = max(west - grid.column, 0), max(north - grid.row, 0)
    kept = density[:, top : max(south + 1 - grid.row, 0), left : max(east + 1 - grid.column, 0)]
    rows, columns = kept.shape[1:]
    return Grid(grid.level, grid.column + left, grid.row + top, columns, rows), kept


def _rounded(density: Floats) -> tuple[float, Ints]:
    top = float(density.max(initial=0))
    if top <= 0:
        return 1.0, np.zeros(density.shape, dtype=np.int64)
    exponent = math.floor(math.log10(top)) - (DIGITS - 1)
    # 10 ** -3 is the double nearest to 0.001; a product of tenths is not.
    return float(f"1e{exponent}"), np.rint(density * 10.0**-exponent).astype(np.int64)


def nice_breaks(top: float) -> tuple[float, ...]:
    """The `CLASSES` highest of 1, 2, 5, 10, 20, 50, … that are not above `top`, rising.

    Heat falls off around its peaks by factors, not by steps, so classes that double show as much
    of the slopes as of the peaks, and their numbers stay readable.
    """
    if top <= 0:
        return ()
    power = math.floor(math.log10(top))
    ladder = [
        float(f"{digit}e{exponent}")
        for exponent in range(power - 3, power + 1)
        for digit in (1, 2, 5)
    ]
    return tuple(each for each in ladder if each <= top)[-CLASSES:]
