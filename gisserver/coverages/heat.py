"""Heat of a layer's places as a coverage: the numbers of `/api/heat`, on the same cells.

A part holds the same numbers as the whole, which are rounded once: so it is computed whole and
cut. Where the whole is too large for that, only the part is computed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np

from gisserver.coverages.grids import Box, Grid, moved, system_of
from gisserver.coverages.rasters import Raster, Values
from gisserver.coverages.sources import Field, Times
from gisserver.heat.raster import heat_tags, unit_text
from gisserver.heat.reading import COUNTED
from layers.analysis.heat.kernel import grid_around
from layers.analysis.heat.places import LIVING, RESIDENTS
from layers.analysis.heat.surface import Heat, HeatQuestion, find_heat
from layers.core.cells import column_at, mercator, mercator_side, row_at
from layers.core.database import Asks
from layers.core.errors import Invalid
from layers.core.layer import Layer
from layers.core.output_system import CRS84
from layers.core.scope import Reader

PREFIX = "heat-"
MERCATOR = system_of("EPSG:3857")


def layer_of(name: str) -> Layer | None:
    """The layer whose heat a collection is, None for another name."""
    return COUNTED.get(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else None


def collection_of(layer: Layer) -> str:
    """The name of the collection of a layer's heat."""
    return f"{PREFIX}{layer.name}"


def heat_title(layer: Layer) -> tuple[str, str]:
    """Chinese and English."""
    zh, en = layer.title
    return f"{zh}热力", f"Heat of {en.lower()}"


def heat_field(question: HeatQuestion) -> Field:
    """What is measured: places, or their weights, on a square kilometre and in thirty days."""
    zh, _ = question.places.layer.title
    told = unit_text(question)
    per = "每平方公里" + ("每 30 天" if question.is_over_time else "")
    return Field("heat", ("热力", "Heat"), (f"{per}的{zh}密度", f"Density: {told}"), "km-2", told)


@dataclass(frozen=True)
class HeatSource:
    """Heat of what a reader may see, asked within the reader's transaction.

    `extent` is the box (degrees) of all that the reader sees of the layer, `times` the first and
    last time of it.
    """

    connection: Asks
    reader: Reader
    question: HeatQuestion
    extent: Box | None
    times: tuple[datetime, datetime] | None = None
    is_continuous: bool = False

    @property
    def name(self) -> str:
        """The name of the collection."""
        return collection_of(self.question.places.layer)

    @property
    def title(self) -> tuple[str, str]:
        """Chinese and English."""
        return heat_title(self.question.places.layer)

    @property
    def field(self) -> Field:
        """What is measured."""
        return heat_field(self.question)

    @cached_property
    def grid(self) -> Grid | None:
        """The cells within the radius of all that may be there, in Web Mercator."""
        return None if self.extent is None else heat_grid(self.extent, self.question)

    @cached_property
    def whole(self) -> Heat | None:
        """All of the surface, None when it is too large to be computed at once."""
        try:
            return find_heat(self.connection, self.reader, self.question)
        except Invalid:
            if self.question.places.bbox is not None:
                raise
            return None

    @property
    def frames(self) -> tuple[Times, ...]:
        """Begin and end of each band, for what happens in time; the open ends as they are known."""
        if self.times is None or self.whole is None:
            return ()
        first, last = self.times
        return tuple((each.since or first, each.until or last) for each in self.whole.frames)

    def read(self, rows: range, columns: range, step: float) -> Raster:
        """The surface on some of the cells."""
        if self.grid is None:
            raise ValueError("there is no place to make a surface of")
        part = self.grid.part(rows, columns)
        heat = self.whole or self._part(part)
        values = np.zeros((len(heat.values), part.rows, part.columns), dtype=np.float32)
        if heat.grid is not None:
            _paste(heat, part, values)
        return Raster(part, values)

    def _part(self, part: Grid) -> Heat:
        places = replace(self.question.places, bbox=moved(part.bounds, MERCATOR, CRS84))
        return find_heat(self.connection, self.reader, replace(self.question, places=places))

    def tags(self) -> dict[str, str]:
        """How it was computed and what its numbers are."""
        question = self.question
        is_personal = question.weight == RESIDENTS or question.places.layer.name in LIVING
        return heat_tags(question, is_personal=is_personal)


def heat_grid(extent: Box, question: HeatQuestion) -> Grid:
    """The cells of a question within the radius of a box in degrees."""
    level = question.level
    columns, rows = column_at(extent[::2], level), row_at(extent[1::2], level)
    cells = grid_around(columns, rows, level, question.radius)
    x, y = mercator(cells.column, cells.row, level)
    side = mercator_side(level)
    return Grid(MERCATOR, x, y, side, side, cells.columns, cells.rows)


def _paste(heat: Heat, part: Grid, values: Values) -> None:
    """The surface where it shares cells with the part; elsewhere is nothing, which is 0."""
    if heat.grid is None:
        return
    west, north = mercator(heat.grid.column, heat.grid.row, heat.grid.level)
    left = round((west - part.west) / part.cell_width)
    top = round((part.north - north) / part.cell_height)
    rows = range(max(top, 0), min(top + heat.grid.rows, part.rows))
    columns = range(max(left, 0), min(left + heat.grid.columns, part.columns))
    if rows and columns:
        found = heat.values[
            :, rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
        ]
        values[:, rows.start : rows.stop, columns.start : columns.stop] = found * heat.unit
