"""Coverages drawn: the terrain in light and shade, heat in the classes of its legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gisserver.coverages.colours import (
    Colour,
    Step,
    between,
    ground_legend,
    heat_legend,
    in_classes,
)
from gisserver.coverages.cutting import read_on
from gisserver.coverages.elevation import ElevationSource
from gisserver.coverages.grids import Grid
from gisserver.coverages.heat import HeatSource
from gisserver.coverages.png import Picture
from gisserver.coverages.rasters import Mask, Values
from gisserver.coverages.shading import exaggeration, shade
from gisserver.coverages.views import beyond_the_world, metres
from layers.analysis.heat.surface import nice_breaks


@dataclass(frozen=True)
class Background:
    """What stands where there is nothing, and where the system has no places."""

    colour: Colour = (255, 255, 255)
    is_transparent: bool = True
    void_colour: Colour = (255, 255, 255)
    void_is_transparent: bool = True


def drawn(source: ElevationSource | HeatSource, grid: Grid, behind: Background) -> Picture:
    """The pixels of a map as red, green, blue and opacity."""
    if isinstance(source, ElevationSource):
        colours, there = _ground(source, grid)
    else:
        values = read_on(source, grid).values[0]
        colours, there = in_classes(values, legend_of(source, values))
    picture = np.empty((4, grid.rows, grid.columns), dtype=np.uint8)
    picture[:3] = np.clip(np.rint(colours), 0, 255).astype(np.uint8)
    picture[3] = 255
    void = beyond_the_world(grid)
    _fill(picture, ~there, behind.colour, is_transparent=behind.is_transparent)
    _fill(picture, void, behind.void_colour, is_transparent=behind.void_is_transparent)
    return picture


def _fill(picture: Picture, where: Mask, colour: Colour, *, is_transparent: bool) -> None:
    for channel, value in enumerate((*colour, 0 if is_transparent else 255)):
        picture[channel][where] = value


def legend_of(source: ElevationSource | HeatSource, values: Values | None = None) -> Sequence[Step]:
    """The lines of the legend: of all of the coverage, so that maps of its parts fit together.

    `values` stand for the whole where that is too large to be computed.
    """
    if isinstance(source, ElevationSource):
        terrain = source.terrain
        if terrain.lowest is None or terrain.highest is None:
            return ground_legend(0, 1)
        return ground_legend(terrain.lowest, max(terrain.highest, terrain.lowest + 1))
    if source.whole is not None:
        return heat_legend(source.whole.breaks)
    return [] if values is None else heat_legend(nice_breaks(float(np.nanmax(values, initial=0))))


def _ground(source: ElevationSource, grid: Grid) -> tuple[Values, Mask]:
    # Light on a pixel needs its neighbours.
    around = grid.part(range(-1, grid.rows + 1), range(-1, grid.columns + 1))
    heights = read_on(source, around).values[0]
    across, up = metres(
        grid.system,
        grid.west + grid.cell_width * grid.columns / 2,
        grid.north - grid.cell_height * grid.rows / 2,
    )
    terrain, whole = source.terrain, source.grid
    wide, _ = metres(whole.system, *_middle(whole))
    relief = (terrain.highest or 0) - (terrain.lowest or 0)
    steeper = exaggeration(relief, whole.columns * whole.cell_width * wide)
    light = shade(heights, grid.cell_width * across, grid.cell_height * up, steeper)
    colours, there = between(heights[1:-1, 1:-1], legend_of(source))
    return colours * np.where(there, light, 0)[None], there


def _middle(grid: Grid) -> tuple[float, float]:
    west, south, east, north = grid.bounds
    return (west + east) / 2, (south + north) / 2
