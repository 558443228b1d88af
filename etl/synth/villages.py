"""Fills blocks of small houses: urban villages, old lanes, hamlets among fields."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from etl.synth.homes import add_compound, drop_outside, put, street_shops
from etl.synth.lots import Compound, Ground, Lot, keep_inside, largest, rows_of, widest
from etl.synth.names import Names
from etl.synth.shapes import COURT, ELL, RECTANGLE, YOKE, blob


def _packed(
    lot: Lot,
    ground: Ground,
    inner: BaseGeometry,
    *,
    house: tuple[float, float],
    depth: tuple[float, float],
    lane: float,
    levels: tuple[int, ...],
    use: str,
    chance: float,
    homes: tuple[int, ...],
    turn: float,
    year: tuple[int, int],
    compound: int,
    hole: float,
) -> None:
    """Small houses back to back in double rows with a lane after every second row."""
    random = lot.random
    _, south, _, north = inner.bounds
    y, second = south + 2.0, False
    rows: list[tuple[float, float, float, float]] = []
    while y < north - depth[1]:
        deep = float(random.uniform(*depth))
        west, east = widest(inner, y + deep / 2, deep)
        x = west + float(random.uniform(0, 3))
        while x + house[0] < east:
            wide = float(random.uniform(*house))
            if x + wide > east:
                break
            if random.random() < chance:
                rows.append((x + wide / 2, y + deep / 2 + random.uniform(-0.5, 0.5), wide, deep))
            x += (
                wide
                + float(random.choice([1.6, 1.6, 2.2, 3.4]))
                + (lane if random.random() < 0.11 else 0)
            )
        y += deep + (lane + 1.0 if second else 2.6)
        second = not second
    if not rows:
        return
    place = np.array(rows)
    centre = inner.centroid
    near = np.hypot(place[:, 0] - centre.x, place[:, 1] - centre.y) > hole
    good = near & keep_inside(inner, place[:, 0], place[:, 1], place[:, 2], place[:, 3])
    kinds = random.choice([RECTANGLE, RECTANGLE, RECTANGLE, ELL], len(place))
    tall = random.choice(np.array(levels), len(place))
    flats = random.choice(np.array(homes), len(place))
    built = random.integers(year[0], year[1], len(place))
    turns = random.normal(0, turn, len(place)).clip(-0.05, 0.05)
    for index in np.flatnonzero(good):
        x, y, wide, deep = place[index]
        put(
            ground,
            lot,
            int(kinds[index]),
            x,
            y,
            wide,
            deep,
            use,
            tall[index],
            homes=int(flats[index]),
            year=int(built[index]),
            compound=compound,
            turn=float(turns[index]),
        )


def village(lot: Lot, ground: Ground, names: Names) -> None:
    """An urban village: small self-built houses of three to six floors, let room by room."""
    name = names.unique("village_first", "village_second")
    compound = add_compound(ground, lot, name, "village", 1988)
    shops = street_shops(ground, lot, 1996, 0.8)
    inner = largest(lot.shape.buffer(-7).difference(shops))
    if inner.is_empty:
        return
    if inner.area > 15000:
        _temple_square(lot, ground, inner, compound)
    _packed(
        lot,
        ground,
        inner,
        house=(9.0, 13.5),
        depth=(9.5, 13.0),
        lane=3.6,
        levels=(3, 3, 4, 4, 5, 6),
        use="house",
        chance=0.93,
        homes=(0, 0, 1, 1, 1, 1),
        turn=0.018,
        year=(1985, 2012),
        compound=compound,
        hole=27.0 if inner.area > 15000 else 0.0,
    )


def _temple_square(lot: Lot, ground: Ground, inner: BaseGeometry, compound: int) -> None:
    """The open middle of a village: an ancestral hall, a lawn and a pond."""
    middle = inner.centroid
    put(ground, lot, COURT, middle.x, middle.y + 9, 20, 15, "hall", 1, year=1920, compound=compound)
    pond = blob(lot.random, middle.x, middle.y - 9, 22, 11, 0.1)
    ground.waters.append(("", "pond", lot.back(pond)))


def lanes(lot: Lot, ground: Ground, names: Names) -> None:
    """Old town: courtyard houses of one to three floors along narrow lanes."""
    name = names.unique("compound_first", "lane_second")
    compound = add_compound(ground, lot, name, "lanes", 1936)
    inner = lot.shape.buffer(-4)
    if inner.is_empty or inner.geom_type != "Polygon":
        return
    random = lot.random
    slots = rows_of(lot, inner, depth=17, spacing=21.5, low=13, high=24, gap=2.4)
    for x, y, width in slots:
        chance = random.random()
        if chance < 0.42:
            put(
                ground,
                lot,
                COURT,
                x,
                y,
                width,
                16.5,
                "lane",
                2,
                homes=2,
                year=int(random.integers(1905, 1950)),
                compound=compound,
            )
        elif chance < 0.55:
            put(
                ground,
                lot,
                YOKE,
                x,
                y,
                width,
                16.5,
                "lane",
                2,
                homes=2,
                year=int(random.integers(1905, 1960)),
                compound=compound,
            )
        elif chance < 0.95:
            half = (width - 1.2) / 2
            for side in (-1, 1):
                put(
                    ground,
                    lot,
                    RECTANGLE,
                    x + side * (half + 1.2) / 2,
                    y + random.uniform(-1, 1),
                    half,
                    random.uniform(12, 14.5),
                    "lane",
                    int(random.choice([1, 2, 2, 3])),
                    homes=1,
                    year=int(random.integers(1910, 1975)),
                    compound=compound,
                )
    drop_outside(ground, lot, inner)


def rural(lot: Lot, ground: Ground, names: Names) -> None:
    """Fields with a hamlet in straight rows and a few ponds."""
    random = lot.random
    inner = lot.shape.buffer(-6)
    if inner.is_empty or inner.geom_type != "Polygon":
        return
    west, south, east, north = inner.bounds
    ponds = []
    if random.random() < 0.55:
        for _ in range(int(random.integers(1, 3))):
            pond = blob(
                random,
                random.uniform(west + 30, east - 30),
                random.uniform(south + 20, north - 20),
                random.uniform(26, 70),
                random.uniform(18, 40),
                0.05,
            ).intersection(inner)
            ponds.append(pond)
            ground.waters.append(("", "pond", lot.back(pond)))
    hamlet = shapely.Polygon()
    if random.random() < 0.74:
        name = names.unique("village_first", "village_second")
        high = random.uniform(0.3, 0.55) * (north - south)
        base = random.uniform(south + 4, north - high - 4)
        box = shapely.box(
            west + random.uniform(0, 60), base, east - random.uniform(0, 60), base + high
        )
        hamlet = largest(box.intersection(inner).difference(shapely.union_all(ponds).buffer(4)))
        if hamlet.area > 2000:
            compound = len(ground.compounds)
            ground.compounds.append(Compound(name, "rural", lot.back(hamlet), 1982, lot.block))
            _packed(
                lot,
                ground,
                hamlet.buffer(-1),
                house=(10, 14),
                depth=(10.5, 12.5),
                lane=12.0,
                levels=(2, 2, 3),
                use="house",
                chance=0.86,
                homes=(1,),
                turn=0.006,
                year=(1982, 2016),
                compound=compound,
                hole=0.0,
            )
    fields = inner.difference(shapely.union_all([*ponds, hamlet.buffer(3)]))
    ground.greens.append(("", "farmland", lot.back(fields)))
