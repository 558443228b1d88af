"""Which cell of the lattice is used for what, and which cells form one block between streets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from etl.synth.lattice import Lattice
from etl.synth.shapes import Bools, Floats, Ints, Noise, Random, Words
from etl.synth.sizes import Size

RESIDENTIAL = ("towers", "slabs", "old", "villas", "lanes", "village")
MERGING = {
    "towers": 0.4,
    "slabs": 0.42,
    "old": 0.3,
    "factory": 0.45,
    "park": 0.5,
    "rural": 0.55,
    "villas": 0.5,
    "mall": 0.3,
    "logistics": 0.6,
}
"""How likely the street between two cells of one use is left out."""


@dataclass(frozen=True)
class LandUse:
    """Uses by cell and the streets that exist. Arrays have the lattice's shape."""

    use: Words
    block: Ints
    """Number of the block a cell belongs to, -1 outside the city."""
    across: Bools
    along: Bools
    centre: Floats
    """Middle of each cell, metres."""
    distance: Floats
    """Metres from each cell to the nearest centre."""


def _spread(random: Random, points: Floats, count: int) -> Floats:
    """Pick `count` points far from each other, the first near the middle."""
    chosen = [int(np.argmin(np.hypot(*(points - points.mean(axis=0)).T)))]
    for _ in range(count - 1):
        gap = np.min(
            [np.hypot(*(points - points[index]).T) for index in chosen], axis=0
        ) * random.uniform(0.75, 1, len(points))
        chosen.append(int(np.argmax(gap)))
    return points[chosen]


def _scores(
    size: Size, random: Random, centre: Floats, river: Floats, main: Floats, sub: Floats
) -> dict[str, Floats]:
    """How badly each cell suits a use: the lowest scores are taken first."""
    x, y = centre[:, 0], centre[:, 1]
    span = float(np.hypot(np.ptp(x), np.ptp(y))) / 2
    far, near = main / span, sub / span
    dice = {name: random.uniform(0, 1, len(x)) for name, _ in size.shares}
    broad = [Noise.make(random, span * 0.55).at(x, y) for _ in range(4)]
    fine = [Noise.make(random, size.cell * 7).at(x, y) for _ in range(4)]
    water = river / span
    east = (x / (np.ptp(x) / 2) * 0.9 + y / (np.ptp(y) / 2) * 0.5) / 1.4
    green = Noise.make(random, span * 0.4).at(x, y)
    return {
        "mall": near + 0.06 * dice["mall"],
        "office": near + 0.13 * dice["office"] + 0.1 * water,
        "government": np.abs(near - 0.1) + 0.2 * dice["government"] + 0.5 * (y < y.mean()),
        "lanes": near + 0.55 * water + 0.1 * fine[1],
        "factory": -1.1 * east - 0.25 * near + 0.3 * broad[1],
        "logistics": -1.1 * east - 0.25 * near + 0.3 * broad[1] + 0.15 * dice["logistics"],
        "rural": -far - 0.4 * near + 0.28 * broad[2],
        "village": -0.45 * near + 0.35 * fine[2] + 0.12 * dice["village"],
        "market": np.abs(near - 0.3) + 0.6 * dice["market"],
        "hospital": np.abs(near - 0.3) + 0.8 * dice["hospital"],
        "school": dice["school"] + 0.2 * near,
        "park": dice["park"] + 0.6 * np.abs(fine[3]),
        "site": -0.5 * near + dice["site"],
        "villas": 0.9 * water + 0.3 * dice["villas"] - 0.35 * near,
        "towers": 0.35 * near + 0.12 * green + 0.28 * broad[3] + 0.2 * dice["towers"],
        "slabs": 0.2 * dice["slabs"] + 0.3 * broad[0] - 0.1 * near,
        "old": dice["old"],
    }


Lake = tuple[int, int, int, int]
"""West column, south row, columns and rows of the cells a lake takes."""


def _lakes(
    size: Size,
    random: Random,
    lattice: Lattice,
    free: Bools,
    centre: Floats,
) -> list[Lake]:
    """Choose rectangles of cells no main road crosses, the first near the middle."""
    crossing = ("arterial", "expressway", "canal", "river")
    found: list[Lake] = []
    spots: list[Floats] = []
    extent = np.ptp(centre[free], axis=0)
    for number in range(size.lakes):
        wide, high = (2, 2) if number % 3 != 1 or size.lakes == 1 else (3, 2)
        options: list[tuple[float, Lake]] = []
        for i in range(free.shape[0] - wide + 1):
            for j in range(free.shape[1] - high + 1):
                if not free[i : i + wide, j : j + high].all():
                    continue
                if any(line in crossing for line in lattice.columns[i + 1 : i + wide]) or any(
                    line in crossing for line in lattice.rows[j + 1 : j + high]
                ):
                    continue
                place = centre[i : i + wide, j : j + high].mean(axis=(0, 1))
                if number == 0:
                    cost = float(
                        np.hypot(
                            *(
                                (place - centre[free].mean(axis=0)) / extent
                                - np.array([-0.13, 0.16])
                            )
                        )
                    )
                else:
                    gap = min(float(np.hypot(*(place - spot))) for spot in spots)
                    cost = -gap * random.uniform(0.6, 1)
                options.append((cost, (i, j, wide, high)))
        if not options:
            break
        best = min(options)[1]
        i, j = best[:2]
        found.append(best)
        spots.append(centre[i : i + wide, j : j + high].mean(axis=(0, 1)))
        free = free.copy()
        free[i : i + wide, j : j + high] = False
    return found


def _uses(
    size: Size, random: Random, lattice: Lattice, centre: Floats
) -> tuple[Words, Floats, list[Lake]]:
    shape = lattice.shape
    use = np.full(shape, "", dtype="<U12")
    strip = np.zeros(shape, dtype=bool)
    for row in range(shape[1]):
        strip[:, row] = lattice.strip(row)
    use[lattice.kept & strip] = "bank"
    lakes = _lakes(size, random, lattice, lattice.kept & ~strip, centre)
    for i, j, wide, high in lakes:
        use[i : i + wide, j : j + high] = "lake"
    ordinary = lattice.kept & ~strip & (use == "")
    points = centre[ordinary]
    banks = centre[use == "bank"]
    river = (
        np.min([np.hypot(points[:, 0] - bx, points[:, 1] - by) for bx, by in banks], axis=0)
        if len(banks)
        else np.full(len(points), 1e4)
    )
    centres = _spread(random, points, size.centres)
    main = np.hypot(*(points - centres[0]).T)
    sub = np.minimum.reduce(
        [
            np.hypot(*(points - middle).T) * (1.0 if index == 0 else 1.7)
            for index, middle in enumerate(centres)
        ]
    )
    scores = _scores(size, random, points, river, main, sub)
    chosen = np.full(len(points), "old", dtype="<U12")
    free = np.ones(len(points), dtype=bool)
    for name, share in size.shares:
        number = max(1, round(share * len(points)))
        best = np.argsort(np.where(free, scores[name], np.inf), kind="stable")[:number]
        best = best[free[best]]
        chosen[best] = name
        free[best] = False
    use[ordinary] = chosen
    distance = np.full(shape, 0.0)
    distance[ordinary] = sub
    return use, distance, lakes


def plan_land(size: Size, random: Random, lattice: Lattice) -> LandUse:
    """Return the use of every cell, the blocks and the streets left between them."""
    ring = (
        lattice.across[:, :-1, 0]
        + lattice.across[:, :-1, -1]
        + lattice.across[:, 1:, 0]
        + lattice.across[:, 1:, -1]
    ) / 4
    use, distance, lakes = _uses(size, random, lattice, ring)
    across, along, block = _streets(random, lattice, use)
    for i, j, wide, high in lakes:
        block[i : i + wide, j : j + high] = i * block.shape[1] + j
        across[i : i + wide, j + 1 : j + high] = False
        along[i + 1 : i + wide, j : j + high] = False
    return LandUse(use, block, across, along, ring, distance)


def _streets(random: Random, lattice: Lattice, use: Words) -> tuple[Bools, Bools, Ints]:
    """Which edges carry a street, and the blocks that remain between them."""
    across, along = _edges(lattice, use)
    wide, high = lattice.shape
    groups = _Groups(wide * high)
    for i in range(wide):
        for j in range(high):
            name = str(use[i, j])
            chance = MERGING.get(name, 0.0)
            here = i * high + j
            east = i + 1 < wide and use[i + 1, j] == name and lattice.columns[i + 1] == "local"
            if east and random.random() < chance and groups.join(here, here + high):
                along[i + 1, j] = False
            north = j + 1 < high and use[i, j + 1] == name and lattice.rows[j + 1] == "local"
            if north and random.random() < chance and groups.join(here, here + 1):
                across[i, j + 1] = False
    block = np.array([groups.root(cell) for cell in range(wide * high)]).reshape(wide, high)
    return across, along, np.where(use == "", -1, block)


def _edges(lattice: Lattice, use: Words) -> tuple[Bools, Bools]:
    """Every edge beside a used cell, save water and the banks without a bridge."""
    inside = np.pad(use != "", 1)
    across = inside[1:-1, 1:] | inside[1:-1, :-1]
    along = inside[1:, 1:-1] | inside[:-1, 1:-1]
    for row, line in enumerate(lattice.rows):
        if line in ("river", "canal"):
            across[:, row] = False
    for column, line in enumerate(lattice.columns):
        if line in ("river", "canal"):
            along[column] = False
    bridges = np.array([line in ("arterial", "expressway") for line in lattice.columns])
    for row in range(lattice.shape[1]):
        if lattice.strip(row):
            along[:, row] &= bridges
    return across, along


class _Groups:
    """Cells joined to blocks of four cells at most."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))
        self._size = [1] * count

    def root(self, cell: int) -> int:
        while self._parent[cell] != cell:
            self._parent[cell] = self._parent[self._parent[cell]]
            cell = self._parent[cell]
        return cell

    def join(self, first: int, second: int) -> bool:
        a, b = self.root(first), self.root(second)
        if a == b or self._size[a] + self._size[b] > 4:
            return a == b
        self._parent[b] = a
        self._size[a] += self._size[b]
        return True
