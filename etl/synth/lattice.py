"""The bent lattice of road and river lines on which the city is laid out.

Lines are planned as a plain grid of columns and rows; one smooth function bends the plane, more
strongly near the river, so that roads curve along it. Cells share their borders point by point,
which makes every later union of cells a coverage without gaps. Metres, x east, y north.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from etl.synth.shapes import Bools, Floats, Geometries, Noise, Random
from etl.synth.sizes import Size

PIECES = 4
"""Straight pieces an edge is bent into."""


@dataclass(frozen=True)
class Lattice:
    """Bent lines. `across[i, j]` runs east from node (i, j), `along[i, j]` runs north from it."""

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    across: Floats
    along: Floats
    kept: Bools

    @property
    def shape(self) -> tuple[int, int]:
        """Number of cells from west to east and from south to north."""
        return len(self.columns) - 1, len(self.rows) - 1

    def cells(self) -> Geometries:
        """Return the polygon of every cell, as an array of the lattice's shape."""
        south, north = self.across[:, :-1], self.across[:, 1:]
        west, east = self.along[:-1], self.along[1:]
        ring = np.concatenate(
            [south[:, :, :-1], east[:, :, :-1], north[:, :, :0:-1], west[:, :, :0:-1]], axis=2
        )
        return np.asarray(shapely.polygons(shapely.linearrings(ring)))

    def strip(self, row: int) -> bool:
        """Tell whether the cells of a row lie directly beside the river."""
        return "river" in (self.rows[row], self.rows[row + 1])


def _line_classes(size: Size) -> tuple[list[str], list[str]]:
    columns = ["local"] * (size.columns + 1)
    for index in range(size.columns + 1):
        if index % 4 == 2:
            columns[index] = "arterial"
        elif index % 4 == 0:
            columns[index] = "secondary"
    for index in size.canal_columns:
        columns[index] = "canal"
    rows: list[str] = []
    for cells in size.row_groups:
        start = len(rows)
        rows += ["local"] * (cells + 1)
        rows[start] = rows[-1] = "secondary"
        for offset in range(2, cells - 1, 4):
            rows[start + offset] = "arterial"
        for offset in range(4, cells - 1, 4):
            rows[start + offset] = "secondary"
        rows.append("river")
    rows.pop()
    for lines, ring in ((columns, size.ring_columns), (rows, size.ring_rows)):
        for index in ring:
            lines[index] = "expressway"
    return columns, rows


def _positions(random: Random, classes: list[str], size: Size) -> Floats:
    step = np.full(len(classes) - 1, size.cell) * random.uniform(0.78, 1.22, len(classes) - 1)
    for index in range(len(step)):
        if "river" in (classes[index], classes[index + 1]):
            step[index] = size.river_half + size.bank
    return np.concatenate([[0.0], np.cumsum(step)])


def make_lattice(size: Size, random: Random) -> Lattice:
    """Return the lattice of a city of the given size, its middle at (0, 0)."""
    columns, rows = _line_classes(size)
    x, y = _positions(random, columns, size), _positions(random, rows, size)
    x -= x[-1] / 2
    y -= y[-1] / 2
    wide, high = x[-1] - x[0], y[-1] - y[0]
    nodes = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
    jitter = random.normal(0, 0.05 * size.cell, nodes.shape)
    jitter[[line != "local" for line in columns], :, 0] = 0
    jitter[:, [line != "local" for line in rows], 1] = 0
    nodes = nodes + jitter
    share = np.linspace(0, 1, PIECES + 1)[:, None]
    across = nodes[:-1, :, None] * (1 - share) + nodes[1:, :, None] * share
    along = nodes[:, :-1, None] * (1 - share) + nodes[:, 1:, None] * share
    river_lines = [float(y[index]) for index, line in enumerate(rows) if line == "river"]
    bend = _Bend.make(size, random, river_lines, wide)
    middle_x, middle_y = np.meshgrid((x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2, indexing="ij")
    edge = Noise.make(random, wide * 0.45)
    reach = (
        np.abs(middle_x / (wide / 2)) ** size.roundness
        + np.abs(middle_y / (high / 2)) ** size.roundness
    )
    kept = reach < 1.1 + 0.2 * edge.at(middle_x, middle_y)
    return Lattice(tuple(columns), tuple(rows), bend.apply(across), bend.apply(along), kept)


@dataclass(frozen=True)
class _Bend:
    """The smooth function that bends the plane."""

    east: Noise
    north: Noise
    amount: float
    rivers: tuple[tuple[float, Noise], ...]
    sway: float
    reach: float

    @classmethod
    def make(cls, size: Size, random: Random, rivers: list[float], wide: float) -> _Bend:
        return cls(
            Noise.make(random, size.bend_length, 5),
            Noise.make(random, size.bend_length, 5),
            size.bend,
            tuple((line, Noise.make(random, size.river_length, 3)) for line in rivers),
            size.river_sway,
            size.river_sway * 2.6,
        )

    def apply(self, points: Floats) -> Floats:
        x, y = points[..., 0], points[..., 1]
        moved_y = y + self.amount * self.north.at(x, y * 0.4)
        for line, noise in self.rivers:
            near = np.exp(-(((y - line) / self.reach) ** 2))
            moved_y = moved_y + self.sway * noise.at(x, np.zeros_like(y)) * near
        return np.stack([x + self.amount * self.east.at(x * 0.4, y), moved_y], axis=-1)
