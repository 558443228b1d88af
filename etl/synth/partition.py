"""Cuts the cells of the city into towns, communities and grids that nest without gaps."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from etl.synth.shapes import Bools, Floats, Ints


@dataclass(frozen=True)
class Nest:
    """Numbers of the town, community and grid of every cell, -1 outside."""

    town: Ints
    community: Ints
    grid: Ints
    town_of_community: Ints
    community_of_grid: Ints


def _cut(cells: Ints, weight: Floats, parts: int, loose: float) -> list[Ints]:
    """Split cells (rows of column, row) into parts of like weight, along whole lines if near."""
    if parts == 1 or len(cells) <= 1:
        return [cells]
    axis = int(np.ptp(cells[:, 1]) > np.ptp(cells[:, 0]))
    order = np.lexsort((cells[:, 1 - axis], cells[:, axis]))
    cells, weight = cells[order], weight[order]
    total = np.cumsum(weight)
    left = parts // 2
    share = total[-1] * left / parts
    at = int(np.searchsorted(total, share)) + 1
    lines = np.flatnonzero(np.diff(cells[:, axis])) + 1
    if len(lines):
        near = lines[np.argmin(np.abs(total[lines - 1] - share))]
        if abs(total[near - 1] - share) < loose * total[-1] / parts:
            at = int(near)
    at = min(max(at, left), len(cells) - (parts - left))
    return _cut(cells[:at], weight[:at], left, loose) + _cut(
        cells[at:], weight[at:], parts - left, loose
    )


Cell = tuple[int, int]


def _beside(cell: Cell, label: Ints) -> list[Cell]:
    """The up to four cells that share a side with one."""
    i, j = cell
    near = ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1))
    return [(a, b) for a, b in near if 0 <= a < label.shape[0] and 0 <= b < label.shape[1]]


def _coherent(label: Ints) -> list[list[Cell]]:
    """Cells of one label that hang together, piece by piece."""
    seen = label < 0
    pieces: list[list[Cell]] = []
    for i, j in np.argwhere(label >= 0).tolist():
        if seen[i, j]:
            continue
        stack, found = [(i, j)], []
        seen[i, j] = True
        while stack:
            cell = stack.pop()
            found.append(cell)
            for near in _beside(cell, label):
                if not seen[near] and label[near] == label[cell]:
                    seen[near] = True
                    stack.append(near)
        pieces.append(found)
    return pieces


def _mend(label: Ints) -> None:
    """Give stray pieces of a part to the neighbour they touch most."""
    for _ in range(3):
        pieces = _coherent(label)
        main: dict[int, list[Cell]] = {}
        for piece in pieces:
            part = int(label[piece[0]])
            if part not in main or len(piece) > len(main[part]):
                main[part] = piece
        strays = [piece for piece in pieces if main[int(label[piece[0]])] is not piece]
        if not strays:
            return
        for piece in strays:
            touch: Counter[int] = Counter(
                int(label[near])
                for cell in piece
                for near in _beside(cell, label)
                if label[near] >= 0 and label[near] != label[cell]
            )
            if touch:
                best = max(touch, key=lambda part: (touch[part], -part))
                for cell in piece:
                    label[cell] = best


def _deal(total: int, weight: Floats, most: Ints) -> Ints:
    """Deal `total` items in proportion to weight, at least one and at most `most` each."""
    share = weight / weight.sum() * total
    result: Ints = np.clip(np.floor(share).astype(np.int64), 1, most)
    while result.sum() != total:
        if result.sum() < total:
            lack = np.where(result < most, share - result, -np.inf)
            result[int(np.argmax(lack))] += 1
        else:
            spare = np.where(result > 1, result - share, -np.inf)
            result[int(np.argmax(spare))] -= 1
    return result


def _grids(cells: Ints, weight: Floats, block: Ints, count: int) -> list[list[int]]:
    """Merge the cells of one community until `count` grids remain."""
    groups = [[index] for index in range(len(cells))]
    mass = [float(value) for value in weight]
    where = {(int(i), int(j)): index for index, (i, j) in enumerate(cells)}
    while len(groups) > count:
        small = int(np.argmin(mass))
        home = {index: number for number, group in enumerate(groups) for index in group}
        touch: dict[int, float] = {}
        for index in groups[small]:
            i, j = (int(value) for value in cells[index])
            for near in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
                other = where.get(near)
                if other is not None and home[other] != small:
                    bonus = 0.5 if block[index] == block[other] else 1.0
                    number = home[other]
                    touch[number] = min(touch.get(number, np.inf), mass[number] * bonus)
        into = min(touch, key=lambda number: (touch[number], number)) if touch else (small == 0) * 1
        groups[into] = groups[into] + groups[small]
        mass[into] += mass[small]
        del groups[small], mass[small]
    return groups


def make_nest(
    cell_weight: Floats,
    inside: Bools,
    block: Ints,
    towns: int,
    communities: int,
    grids: int,
) -> Nest:
    """Return the nesting of cells; weights are households expected in each cell."""
    cells = np.argwhere(inside)
    weight = cell_weight[inside]
    town = np.full(inside.shape, -1)
    for number, part in enumerate(_cut(cells, weight, towns, 1.0)):
        town[part[:, 0], part[:, 1]] = number
    _mend(town)
    town = _denser_first(town, cell_weight, towns)
    town_weight = np.array([float(cell_weight[town == n].sum()) for n in range(towns)])
    town_cells = np.array([(town == number).sum() for number in range(towns)])
    deal = _deal(communities, town_weight, town_cells.astype(np.int64))
    community = np.full(inside.shape, -1)
    owner: list[int] = []
    for number in range(towns):
        mine = np.argwhere(town == number)
        for part in _cut(mine, cell_weight[town == number], int(deal[number]), 0.3):
            community[part[:, 0], part[:, 1]] = len(owner)
            owner.append(number)
    _mend_within(community, town)
    count = np.bincount(community[community >= 0], minlength=communities)
    mass = np.bincount(
        community[community >= 0], weights=cell_weight[community >= 0], minlength=communities
    )
    grid_deal = _deal(grids, np.asarray(mass, dtype=np.float64), count)
    grid = np.full(inside.shape, -1)
    grid_owner: list[int] = []
    for number in range(communities):
        mine = np.argwhere(community == number)
        groups = _grids(
            mine,
            cell_weight[community == number],
            block[community == number],
            int(grid_deal[number]),
        )
        groups.sort(
            key=lambda group: (
                -max(mine[index][1] for index in group),
                min(mine[index][0] for index in group),
            )
        )
        for group in groups:
            for index in group:
                grid[mine[index][0], mine[index][1]] = len(grid_owner)
            grid_owner.append(number)
    return Nest(town, community, grid, np.array(owner), np.array(grid_owner))


def _denser_first(label: Ints, weight: Floats, parts: int) -> Ints:
    """Number the parts again, the most thickly settled first."""
    density = [weight[label == part].mean() for part in range(parts)]
    rank = np.argsort(np.argsort(-np.array(density), kind="stable"), kind="stable")
    result: Ints = np.where(label >= 0, rank[np.maximum(label, 0)], -1)
    return result


def _mend_within(community: Ints, town: Ints) -> None:
    """Mend stray pieces of communities, never across a town's border."""
    for number in range(int(town.max()) + 1):
        part = np.where(town == number, community, -1)
        _mend(part)
        community[town == number] = part[town == number]
