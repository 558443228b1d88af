"""Street pieces with their direction and width: where lamps, cameras and walkers are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from etl.synth.city import City
from etl.synth.lattice import PIECES
from etl.synth.roads import WIDTH
from etl.synth.shapes import Floats, Ints, Random, Words


@dataclass(frozen=True)
class Pieces:
    """Straight pieces of all streets, metres."""

    start: Floats
    step: Floats
    length: Floats
    half: Floats
    """Half the width of the street."""
    name: Words
    heat: Floats
    """How busy the surroundings are, 1 on average or more."""

    def spread(
        self, random: Random, count: int, weight: Floats, inset: tuple[float, float]
    ) -> tuple[Floats, Floats, Floats, Ints]:
        """Spread points evenly over the weighted length, at the kerb: x, y, heading, piece.

        Heading is the street's direction in degrees clockwise from north.
        """
        total = np.cumsum(self.length * weight)
        along = (np.arange(count) + random.uniform(0, 1, count)) * (total[-1] / max(count, 1))
        row = np.minimum(np.searchsorted(total, along), len(total) - 1)
        share = random.uniform(0.03, 0.97, count)
        side = np.where(random.random(count) < 0.5, -1.0, 1.0)
        off = side * (self.half[row] - random.uniform(*inset, count))
        unit = self.step[row] / self.length[row, None]
        place = self.start[row] + self.step[row] * share[:, None]
        x = place[:, 0] - unit[:, 1] * off
        y = place[:, 1] + unit[:, 0] * off
        heading = np.degrees(np.arctan2(unit[:, 0], unit[:, 1])) % 360
        return x, y, heading, row


HEAT = {
    "mall": 9.0,
    "market": 8.0,
    "village": 5.0,
    "lanes": 4.0,
    "old": 3.0,
    "hospital": 4.0,
    "school": 2.5,
    "office": 3.0,
    "slabs": 1.8,
    "towers": 1.6,
    "site": 3.5,
    "factory": 0.8,
    "logistics": 0.6,
    "rural": 0.3,
    "park": 1.0,
    "bank": 0.4,
    "lake": 0.7,
}
"""How many incidents and cameras a land use draws."""


def make_pieces(city: City) -> Pieces:
    """Return every straight piece of every street of the plan."""
    lattice, land = city.lattice, city.land
    heat = np.vectorize(lambda use: HEAT.get(str(use), 1.0), otypes=[float])(land.use)
    heat = np.where(land.use == "", 0.0, heat)
    padded = np.pad(heat, 1)
    starts, steps, halves, names, warm = [], [], [], [], []
    named = _names(city)
    for across, pieces, present, kinds in (
        (True, lattice.across, land.across, lattice.rows),
        (False, lattice.along, land.along, lattice.columns),
    ):
        for i, j in np.argwhere(present).tolist():
            points = pieces[i, j]
            kind = kinds[j if across else i]
            starts.append(points[:-1])
            steps.append(np.diff(points, axis=0))
            halves.append(np.full(PIECES, WIDTH[kind] / 2))
            names.append([named[("row", j) if across else ("column", i)]] * PIECES)
            near = (
                (padded[i + 1, j] + padded[i + 1, j + 1])
                if across
                else (padded[i, j + 1] + padded[i + 1, j + 1])
            )
            warm.append(np.full(PIECES, 0.15 + near / 2))
    start, step = np.concatenate(starts), np.concatenate(steps)
    return Pieces(
        start,
        step,
        np.hypot(step[:, 0], step[:, 1]),
        np.concatenate(halves),
        np.concatenate(names),
        np.concatenate(warm),
    )


def _names(city: City) -> dict[tuple[str, int], str]:
    result: dict[tuple[str, int], str] = {}
    for row, kind in enumerate(city.lattice.rows):
        if kind not in ("river", "canal"):
            result["row", row] = city.names.road(f"row{row}", kind, True)
    for column, kind in enumerate(city.lattice.columns):
        if kind not in ("river", "canal"):
            result["column", column] = city.names.road(f"column{column}", kind, False)
    return result
