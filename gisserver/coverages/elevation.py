"""The terrain as a coverage."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from gisserver.coverages.grids import Grid, system_of
from gisserver.coverages.rasters import Raster
from gisserver.coverages.sources import Field, Times
from layers.territory.terrain import ELEVATION, Terrain, TerrainGrid, read_heights

TITLE = ("高程", "Elevation")
FIELD = Field(
    ELEVATION,
    TITLE,
    ("地面高程，米", "Height of the ground in metres"),
    "m",
    "m",
    "http://vocab.nerc.ac.uk/standard_name/surface_altitude/",
)
# More cells than these are not read for one answer: a coarser level stands for them.
_MOST_READ = 16_000_000


@dataclass(frozen=True)
class ElevationSource:
    """Heights of a terrain, read within a reader's transaction."""

    connection: Connection
    terrain: Terrain
    name: str = ELEVATION
    title: tuple[str, str] = TITLE
    field: Field = FIELD
    is_continuous: bool = True
    frames: tuple[Times, ...] = ()

    @property
    def grid(self) -> Grid:
        """The grid in which it was loaded."""
        return grid_of(self.terrain.grid)

    def read(self, rows: range, columns: range, step: float) -> Raster:
        """Heights; of a coarser level only where the finer ones are too many."""
        level, whole = 0, self.terrain.grid
        while (
            len(rows) * len(columns) > _MOST_READ
            and step >= 2 << level
            and level + 1 < whole.levels
        ):
            level += 1
            rows, columns = (range(each.start // 2, -(-each.stop // 2)) for each in (rows, columns))
        heights = read_heights(self.connection, self.terrain, level, rows, columns)
        grid = grid_of(whole.at_level(level)).part(rows, columns)
        return Raster(grid, heights[None])

    def tags(self) -> dict[str, str]:
        """Where it comes from and what its numbers are."""
        datum = self.terrain.vertical_datum or "not stated"
        return {
            "TITLE": self.title[1],
            "UNITS": self.field.unit_text,
            "VERTICAL_DATUM": datum,
            "SOURCE": self.terrain.title,
        }


def grid_of(grid: TerrainGrid) -> Grid:
    """The same cells as a grid of a coverage."""
    return Grid(
        system_of(grid.crs),
        grid.west,
        grid.north,
        grid.cell_width,
        grid.cell_height,
        grid.columns,
        grid.rows,
    )
