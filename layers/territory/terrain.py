"""Terrain: the height of the ground on one grid, kept in tiles.

One terrain is kept at a time, in the reference system it came in. A tile holds 32-bit floats, rows
from north, NaN where nothing was measured; each higher level has cells twice as wide, the mean of
the measured ones below. Heights are metres above the vertical datum that the terrain names.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    Connection,
    ForeignKey,
    Identity,
    LargeBinary,
    delete,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.errors import Conflict
from layers.core.model import Base

Heights: TypeAlias = NDArray[np.float32]

ELEVATION = "elevation"
SIDE = 256
"""Cells along a side of a tile."""
MOST_CELLS = 100_000_000
_WRITTEN_AT_ONCE = 64


@dataclass(frozen=True)
class TerrainGrid:
    """A grid whose rows run from north: its system, north-west corner, cells in its units."""

    crs: str
    west: float
    north: float
    cell_width: float
    cell_height: float
    columns: int
    rows: int

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the outer edges."""
        east = self.west + self.columns * self.cell_width
        return self.west, self.north - self.rows * self.cell_height, east, self.north

    @property
    def levels(self) -> int:
        """How many levels are kept: up to the first that one tile holds."""
        longest = max(self.columns, self.rows)
        return max(0, (longest - 1).bit_length() - (SIDE - 1).bit_length()) + 1

    def at_level(self, level: int) -> TerrainGrid:
        """The grid of a level; the last cells of a level may reach over the edge."""
        step = 1 << level
        return replace(
            self,
            cell_width=self.cell_width * step,
            cell_height=self.cell_height * step,
            columns=-(-self.columns // step),
            rows=-(-self.rows // step),
        )


@dataclass(frozen=True)
class Terrain:
    """What is known of the terrain that is kept; `vertical_datum` None when nobody said which."""

    id: int
    title: str
    source: str
    grid: TerrainGrid
    vertical_datum: str | None
    lowest: float | None
    highest: float | None
    voids: int
    loaded_at: datetime


class TerrainRow(Base):
    """A grid of heights; one for each name."""

    __tablename__ = "terrain"
    __table_args__ = ({"schema": "territory"},)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    source: Mapped[str]
    sha256: Mapped[str]
    crs: Mapped[str]
    west: Mapped[float]
    north: Mapped[float]
    cell_width: Mapped[float]
    cell_height: Mapped[float]
    columns: Mapped[int]
    rows: Mapped[int]
    vertical_datum: Mapped[str | None]
    lowest: Mapped[float | None]
    highest: Mapped[float | None]
    voids: Mapped[int] = mapped_column(BigInteger)
    loaded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    loaded_by: Mapped[str | None] = mapped_column(
        server_default=text("nullif(current_setting('wangge.login', true), '')")
    )


class TerrainTileRow(Base):
    """A square of cells of one level, packed."""

    __tablename__ = "terrain_tile"
    __table_args__ = ({"schema": "territory"},)

    terrain_id: Mapped[int] = mapped_column(
        ForeignKey("territory.terrain.id", ondelete="CASCADE"), primary_key=True
    )
    level: Mapped[int] = mapped_column(primary_key=True)
    tile_row: Mapped[int] = mapped_column(primary_key=True)
    tile_column: Mapped[int] = mapped_column(primary_key=True)
    heights: Mapped[bytes] = mapped_column(LargeBinary)


def keep_terrain(
    connection: Connection,
    grid: TerrainGrid,
    heights: Heights,
    *,
    title: str,
    source: str,
    vertical_datum: str | None = None,
) -> bool:
    """Keeps the heights (row, column; NaN for voids) in place of those that are there.

    Whether anything changed: the same heights on the same grid are not written again.
    Raises: ValueError when the array is not of the grid's size.
    """
    if heights.shape != (grid.rows, grid.columns):
        raise ValueError(f"{heights.shape} heights for {grid.rows} × {grid.columns} cells")
    heights = np.ascontiguousarray(heights, dtype=np.float32)
    digest = _digest(grid, heights, vertical_datum)
    kept = connection.execute(
        select(TerrainRow.sha256, TerrainRow.source).where(TerrainRow.name == ELEVATION)
    ).one_or_none()
    if kept is not None and tuple(kept) == (digest, source):
        return False
    connection.execute(delete(TerrainRow).where(TerrainRow.name == ELEVATION))
    measured = heights[np.isfinite(heights)]
    values = {
        "name": ELEVATION,
        "title": title,
        "source": source,
        "sha256": digest,
        **{key: getattr(grid, key) for key in _GRID},
        "vertical_datum": vertical_datum,
        "lowest": float(measured.min()) if measured.size else None,
        "highest": float(measured.max()) if measured.size else None,
        "voids": int(heights.size - measured.size),
    }
    terrain_id = connection.execute(insert(TerrainRow).returning(TerrainRow.id), [values]).scalar()
    _write_tiles(connection, int(terrain_id or 0), grid, heights)
    return True


_GRID = ("crs", "west", "north", "cell_width", "cell_height", "columns", "rows")


def _digest(grid: TerrainGrid, heights: Heights, vertical_datum: str | None) -> str:
    told = sha256(repr((grid, vertical_datum)).encode())
    # A void is a void, whichever of the many NaN it came as.
    told.update(np.where(np.isnan(heights), np.float32(np.nan), heights).tobytes())
    return told.hexdigest()


def _write_tiles(
    connection: Connection, terrain_id: int, grid: TerrainGrid, heights: Heights
) -> None:
    waiting: list[dict[str, object]] = []
    for level in range(grid.levels):
        for row, column, tile in _tiles(heights):
            packed = zlib.compress(tile.astype("<f4").tobytes(), 6)
            waiting.append(
                {
                    "terrain_id": terrain_id,
                    "level": level,
                    "tile_row": row,
                    "tile_column": column,
                    "heights": packed,
                }
            )
            if len(waiting) == _WRITTEN_AT_ONCE:
                connection.execute(insert(TerrainTileRow), waiting)
                waiting = []
        heights = coarser(heights)
    if waiting:
        connection.execute(insert(TerrainTileRow), waiting)


def _tiles(heights: Heights) -> Iterator[tuple[int, int, Heights]]:
    rows, columns = heights.shape
    for top in range(0, rows, SIDE):
        for left in range(0, columns, SIDE):
            yield top // SIDE, left // SIDE, heights[top : top + SIDE, left : left + SIDE]


def coarser(heights: Heights) -> Heights:
    """Cells twice as wide: the mean of the measured ones of four, NaN when there is none."""
    rows, columns = (side + side % 2 for side in heights.shape)
    padded = np.full((rows, columns), np.nan, dtype=np.float32)
    padded[: heights.shape[0], : heights.shape[1]] = heights
    fours = padded.reshape(rows // 2, 2, columns // 2, 2)
    measured = np.isfinite(fours)
    number = measured.sum((1, 3))
    total = np.where(measured, fours, 0).sum((1, 3), dtype=np.float64)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan).astype(np.float32)


def find_terrain(connection: Connection) -> Terrain | None:
    """The terrain that is kept, None when none is or the reader may not see it."""
    row = connection.execute(
        select(TerrainRow.__table__).where(TerrainRow.name == ELEVATION)
    ).one_or_none()
    if row is None:
        return None
    grid = TerrainGrid(**{key: getattr(row, key) for key in _GRID})
    return Terrain(
        row.id,
        row.title,
        row.source,
        grid,
        row.vertical_datum,
        row.lowest,
        row.highest,
        row.voids,
        row.loaded_at,
    )


def read_heights(
    connection: Connection, terrain: Terrain, level: int, rows: range, columns: range
) -> Heights:
    """Heights of some rows and columns of a level, which must lie within it.

    Raises: Conflict when the terrain was replaced meanwhile.
    """
    found = np.full((len(rows), len(columns)), np.nan, dtype=np.float32)
    if not len(rows) or not len(columns):
        return found
    down = range(rows.start // SIDE, (rows.stop - 1) // SIDE + 1)
    across = range(columns.start // SIDE, (columns.stop - 1) // SIDE + 1)
    tile = TerrainTileRow
    asked = select(tile.tile_row, tile.tile_column, tile.heights).where(
        tile.terrain_id == terrain.id,
        tile.level == level,
        tile.tile_row.between(down.start, down.stop - 1),
        tile.tile_column.between(across.start, across.stop - 1),
    )
    kept = connection.execute(asked).all()
    if len(kept) != len(down) * len(across):
        raise Conflict("the terrain was replaced just now; ask again")
    grid = terrain.grid.at_level(level)
    for row, column, packed in kept:
        top, left = row * SIDE, column * SIDE
        size = min(SIDE, grid.rows - top), min(SIDE, grid.columns - left)
        heights = np.frombuffer(zlib.decompress(packed), dtype="<f4").reshape(size)
        first, last = max(top, rows.start), min(top + size[0], rows.stop)
        begin, end = max(left, columns.start), min(left + size[1], columns.stop)
        part = heights[first - top : last - top, begin - left : end - left]
        found[
            first - rows.start : last - rows.start, begin - columns.start : end - columns.start
        ] = part
    return found
