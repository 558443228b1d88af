"""Loads an elevation model: read, check, keep in place of the one that is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, Engine, text

from etl.formats.dem import Dem, read_dem
from etl.options import LoadError
from etl.raw import UnreadableFile
from layers.core.crs import ReferenceSystem, UnknownReferenceSystem
from layers.core.database import owner_transaction
from layers.core.output_system import STORED
from layers.territory.terrain import Terrain, find_terrain, keep_terrain

SOURCE = "file"
_MEETS = text(
    "SELECT count(*), count(*) FILTER (WHERE geom && ST_MakeEnvelope(:w, :s, :e, :n, :srid)) "
    "FROM territory.area"
)


@dataclass(frozen=True)
class DemOptions:
    """How a model is to be loaded; `vertical_datum` is taken before what the file says."""

    crs: str = "auto"
    vertical_datum: str | None = None
    dry_run: bool = False
    login: str = "system"


@dataclass(frozen=True)
class DemReport:
    """What was read and what became of it; `before` is what was kept until then."""

    dem: Dem
    options: DemOptions
    changed: bool
    before: Terrain | None
    meets_areas: bool

    def summary_lines(self) -> list[str]:
        """Lines for the screen, Chinese first."""
        grid, heights = self.dem.grid, self.dem.heights
        low, high = np.nanmin(heights), np.nanmax(heights)
        lines = [
            self.dem.title,
            *(f"  {note}" for note in self.dem.notes),
            f"  {grid.columns} × {grid.rows} 格 / cells, {grid.crs}, "
            f"{grid.cell_width:.6g} × {grid.cell_height:.6g}",
            f"  {low:.1f} … {high:.1f} m, 空值 / voids {np.isnan(heights).sum():,}",
            f"  高程基准 / vertical datum: {self.dem.vertical_datum or '未注明 / not stated'}",
        ]
        if not self.meets_areas:
            lines.append("  不在任何已载入区划之内 / it lies outside of all areas loaded")
        return [*lines, f"  {self._outcome()}"]

    def _outcome(self) -> str:
        if self.options.dry_run:
            return "仅检查，未写入 / checked only, nothing written"
        if not self.changed:
            return "与已有的相同，未改动 / the same is there already, nothing changed"
        if self.before is not None:
            return f"已替换 / loaded in place of {self.before.title}"
        return "已载入 / loaded"


def load_dem(engine: Engine, paths: Sequence[Path], options: DemOptions) -> DemReport:
    """Loads one model from one or several files, in one transaction; with `dry_run` only checks.

    Raises: LoadError in one line; nothing is written then.
    """
    try:
        dem = read_dem(paths, options.crs)
    except (UnreadableFile, UnknownReferenceSystem) as error:
        raise LoadError(str(error)) from error
    if options.vertical_datum:
        dem = Dem(dem.title, dem.grid, dem.heights, options.vertical_datum, dem.notes)
    changed = False
    with owner_transaction(engine, login=options.login) as connection:
        before = find_terrain(connection)
        meets = _meets_areas(connection, dem)
        if not options.dry_run:
            changed = keep_terrain(
                connection,
                dem.grid,
                dem.heights,
                title=dem.title,
                source=SOURCE,
                vertical_datum=dem.vertical_datum,
            )
    return DemReport(dem, options, changed, before, meets)


def _meets_areas(connection: Connection, dem: Dem) -> bool:
    """Whether its corners enclose an area, or there are no areas to meet."""
    west, south, east, north = dem.grid.bounds
    x, y = ReferenceSystem(dem.grid.crs).to_wgs84([west, west, east, east], [south, north] * 2)
    box = {"w": float(x.min()), "e": float(x.max()), "s": float(y.min()), "n": float(y.max())}
    there, met = connection.execute(_MEETS, {**box, "srid": STORED}).one()
    return not there or bool(met)
