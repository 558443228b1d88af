"""Fills blocks people work, learn and rest in: malls, offices, schools, factories, parks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from etl.synth import homes, villages
from etl.synth.homes import add_compound, put
from etl.synth.lots import Ground, Lot, rows_of
from etl.synth.names import Names
from etl.synth.shapes import (
    AITCH,
    COMB,
    COURT,
    ELL,
    OCTAGON,
    RECTANGLE,
    STADIUM,
    YOKE,
    blob,
)


class _Site:
    """Puts single large buildings on a lot as long as they fit and touch nothing."""

    def __init__(self, lot: Lot, ground: Ground, margin: float = 12.0) -> None:
        self.lot, self.ground = lot, ground
        self.free: BaseGeometry = lot.shape.buffer(-margin, join_style="mitre")
        middle = lot.shape.centroid
        west, south, east, north = self.free.bounds if not self.free.is_empty else (0, 0, 0, 0)
        self.x, self.y = middle.x, middle.y
        self.wide, self.high = east - west, north - south

    def put(
        self,
        kind: int,
        x: float,
        y: float,
        width: float,
        depth: float,
        use: str,
        levels: int,
        *,
        year: int = 2008,
        compound: int = -1,
        gap: float = 9.0,
        units: int = 1,
        homes: int = 0,
    ) -> bool:
        """Place at (x, y) given as shares -0.5..0.5 of the free ground; False when it won't fit."""
        for shrink, draw in ((1.0, 1.0), (1.0, 0.86), (0.85, 0.86), (0.85, 0.7), (0.68, 0.8)):
            px, py = self.x + x * self.wide * draw, self.y + y * self.high * draw
            w, d = width * shrink, depth * shrink
            box = shapely.box(px - w / 2, py - d / 2, px + w / 2, py + d / 2)
            if self.free.contains(box):
                put(
                    self.ground,
                    self.lot,
                    kind,
                    px,
                    py,
                    w,
                    d,
                    use,
                    levels,
                    year=year,
                    compound=compound,
                    units=units,
                    homes=homes,
                )
                self.free = self.free.difference(box.buffer(gap, join_style="mitre"))
                return True
        return False

    def green(self, x: float, y: float, shape: BaseGeometry, kind: str, name: str = "") -> None:
        """Lay a green area given in metres about the middle of the lot, where ground is free."""
        placed = shapely.affinity.translate(shape, self.x + x * self.wide, self.y + y * self.high)
        part = placed.intersection(self.free)
        if not part.is_empty and part.area > 60:
            self.ground.greens.append((name, kind, self.lot.back(part)))
            self.free = self.free.difference(part.buffer(3))


def mall(lot: Lot, ground: Ground, names: Names) -> None:
    """A shopping centre with a square before it and a tower or two beside it."""
    random, site = lot.random, _Site(lot, ground, 14)
    compound = add_compound(ground, lot, names.unique("mall_words", "mall_ends"), "mall", 2014)
    kind = int(random.choice([STADIUM, OCTAGON, ELL, COURT]))
    site.put(
        kind, -0.1, 0.1, site.wide * 0.68, site.high * 0.6, "mall", 5, year=2014, compound=compound
    )
    site.put(
        OCTAGON,
        0.38,
        0.3,
        34,
        34,
        "office",
        int(random.integers(18, 34)),
        year=2015,
        compound=compound,
    )
    site.put(
        RECTANGLE,
        0.38,
        -0.15,
        40,
        22,
        "hotel",
        int(random.integers(14, 24)),
        year=2015,
        compound=compound,
    )
    site.put(STADIUM, 0.3, -0.4, 26, 14, "shop", 2, year=2016, compound=compound)
    site.green(-0.2, -0.38, blob(random, 0, 0, site.wide * 0.4, site.high * 0.13), "square")


def office(lot: Lot, ground: Ground, names: Names) -> None:
    """Office towers of different height about a square."""
    random, site = lot.random, _Site(lot, ground, 14)
    compound = add_compound(
        ground, lot, names.unique("compound_first", "office_ends"), "office", 2012
    )
    site.green(0, 0, blob(random, 0, 0, site.wide * 0.3, site.high * 0.26, 0.08), "square")
    spots = [
        (-0.33, -0.3),
        (0.33, -0.3),
        (-0.33, 0.3),
        (0.33, 0.3),
        (0, 0.36),
        (0, -0.38),
        (-0.42, 0),
        (0.42, 0),
    ]
    for x, y in spots:
        if random.random() < 0.2:
            continue
        tall = int(max(6, (12 + 30 * lot.centrality) * random.uniform(0.5, 1.35)))
        kind = int(random.choice([RECTANGLE, OCTAGON, STADIUM, ELL, RECTANGLE]))
        wide = min(float(random.uniform(28, 46)), site.wide * 0.34)
        site.put(
            kind,
            x,
            y,
            wide,
            wide * random.uniform(0.6, 1.0),
            "office",
            min(tall, 52),
            year=int(random.integers(1998, 2024)),
            compound=compound,
            gap=12,
        )


def government(lot: Lot, ground: Ground, names: Names) -> None:
    """Offices of the administration, symmetrical about a lawn."""
    random, site = lot.random, _Site(lot, ground)
    compound = add_compound(
        ground, lot, names.unique("compound_first") + "行政中心", "government", 2003
    )
    site.put(
        YOKE,
        0,
        0.22,
        min(120, site.wide * 0.62),
        min(60, site.high * 0.36),
        "government",
        9,
        year=2003,
        compound=compound,
    )
    site.put(RECTANGLE, -0.4, 0.0, 16, 46, "government", 5, year=2003, compound=compound)
    site.put(RECTANGLE, 0.4, 0.0, 16, 46, "government", 5, year=2003, compound=compound)
    site.put(RECTANGLE, -0.34, -0.38, 46, 15, "government", 4, year=1999, compound=compound)
    site.put(STADIUM, 0.32, -0.38, 48, 24, "culture", 3, year=2009, compound=compound)
    site.green(0, -0.2, blob(random, 0, 0, site.wide * 0.44, site.high * 0.26, 0.03), "square")


def school(lot: Lot, ground: Ground, names: Names) -> None:
    """A school: teaching wings, a hall, a canteen and a sports ground with a running track."""
    random, site = lot.random, _Site(lot, ground, 10)
    year = int(random.integers(1985, 2021))
    kind = str(random.choice(["小学", "中学", "实验小学", "实验学校", "中心幼儿园"]))
    compound = add_compound(ground, lot, names.unique("compound_first") + kind, "school", year)
    side = 1 if random.random() < 0.5 else -1
    long, short = min(118.0, site.high * 0.7), min(66.0, site.wide * 0.4)
    track = shapely.LineString([(0, -(long - short) / 2), (0, (long - short) / 2)])
    site.green(-side * 0.27, -0.05, track.buffer(short / 2), "pitch")
    site.put(COMB, side * 0.25, 0.24, 68, 58, "school", 5, year=year, compound=compound)
    site.put(RECTANGLE, side * 0.25, -0.12, 62, 15, "school", 4, year=year, compound=compound)
    site.put(STADIUM, side * 0.14, -0.38, 34, 26, "sports", 2, year=year + 2, compound=compound)
    site.put(RECTANGLE, side * 0.39, -0.38, 28, 20, "canteen", 2, year=year, compound=compound)
    site.put(
        RECTANGLE, -side * 0.27, 0.45, 52, 12, "dorm", 5, year=year, compound=compound, homes=8
    )


def hospital(lot: Lot, ground: Ground, names: Names) -> None:
    """A general hospital: outpatients, wards, a garden."""
    random, site = lot.random, _Site(lot, ground)
    compound = add_compound(ground, lot, names.unique("compound_first") + "医院", "hospital", 1998)
    site.put(AITCH, 0, 0.22, 84, 54, "hospital", 16, year=2011, compound=compound)
    site.put(RECTANGLE, 0, -0.26, 92, 34, "hospital", 5, year=2006, compound=compound)
    site.put(RECTANGLE, -0.4, 0.2, 18, 54, "hospital", 8, year=1998, compound=compound)
    site.put(RECTANGLE, 0.4, 0.24, 20, 48, "hospital", 6, year=1991, compound=compound)
    site.put(ELL, 0.4, -0.3, 34, 30, "hospital", 3, year=2003, compound=compound)
    site.green(-0.36, -0.36, blob(random, 0, 0, 46, 34), "garden")


def market(lot: Lot, ground: Ground, names: Names) -> None:
    """A wholesale market: wide halls and rows of stalls."""
    random, site = lot.random, _Site(lot, ground, 12)
    compound = add_compound(
        ground, lot, names.unique("compound_first") + "农贸市场", "market", 2000
    )
    site.put(
        RECTANGLE,
        0,
        0.22,
        site.wide * 0.66,
        site.high * 0.34,
        "market",
        2,
        year=2000,
        compound=compound,
    )
    _sheds(lot, ground, site.free, compound, (30, 70), 12.0, 19.0, "shop", (1, 2), random)


def _sheds(
    lot: Lot,
    ground: Ground,
    free: BaseGeometry,
    compound: int,
    length: tuple[float, float],
    depth: float,
    spacing: float,
    use: str,
    levels: tuple[int, ...],
    random: np.random.Generator,
) -> None:
    for shrink in (1.0, 0.6, 0.4):
        deep, low = depth * shrink, length[0] * shrink
        slots = rows_of(
            lot, free, depth=deep, spacing=spacing, low=low, high=length[1] * shrink, gap=9.0
        )
        if slots:
            break
    for x, y, width in slots:
        put(
            ground,
            lot,
            RECTANGLE,
            x,
            y,
            width,
            deep,
            use,
            int(random.choice(levels)),
            year=int(random.integers(1995, 2021)),
            compound=compound,
        )


def factory(lot: Lot, ground: Ground, names: Names) -> None:
    """Production halls in rows, an office building at the gate and a workers' dormitory."""
    random, site = lot.random, _Site(lot, ground, 13)
    firm = names.unique("factory_first", "factory_trades")
    compound = add_compound(ground, lot, firm + "厂区", "factory", 2005)
    year = int(random.integers(1992, 2021))
    site.put(
        RECTANGLE,
        -0.3,
        -0.41,
        46,
        15,
        "office",
        int(random.integers(3, 7)),
        year=year,
        compound=compound,
    )
    site.put(RECTANGLE, 0.36, -0.41, 48, 13, "dorm", 6, year=year, compound=compound, homes=10)
    depth = float(random.uniform(26, 54))
    _sheds(
        lot,
        ground,
        site.free,
        compound,
        (min(44, site.wide * 0.4), 108),
        depth,
        depth + random.uniform(13, 20),
        "factory",
        (1, 1, 2, 3),
        random,
    )
    site.green(-0.02, -0.42, blob(random, 0, 0, 46, 15), "garden")


def logistics(lot: Lot, ground: Ground, names: Names) -> None:
    """Long warehouses with yards between them."""
    compound = add_compound(
        ground, lot, names.unique("factory_first") + "物流园", "logistics", 2013
    )
    site = _Site(lot, ground, 13)
    site.put(RECTANGLE, 0.38, -0.42, 36, 14, "office", 3, year=2013, compound=compound)
    _sheds(
        lot,
        ground,
        site.free,
        compound,
        (min(90, site.wide * 0.5), 150),
        42.0,
        68.0,
        "warehouse",
        (1,),
        lot.random,
    )


def site(lot: Lot, ground: Ground, names: Names) -> None:
    """A building site: bare ground, huts, the first towers rising."""
    random, plan = lot.random, _Site(lot, ground, 12)
    compound = add_compound(ground, lot, names.unique("compound_first") + "在建工地", "site", 2026)
    plan.put(RECTANGLE, -0.34, -0.42, 42, 8, "hut", 2, year=2025, compound=compound)
    plan.put(RECTANGLE, 0.05, -0.42, 42, 8, "hut", 2, year=2025, compound=compound)
    for x in (-0.3, 0.05, 0.36):
        plan.put(
            RECTANGLE,
            x,
            0.2,
            32,
            20,
            "site",
            int(random.integers(2, 12)),
            year=2026,
            compound=compound,
        )


def park(lot: Lot, ground: Ground, names: Names) -> None:
    """A park with a pond, winding paths and a pavilion."""
    _green_park(lot, ground, names.unique("compound_first", "park_ends"), 0.3)


def lake(lot: Lot, ground: Ground, names: Names) -> None:
    """A lake in a large park."""
    number = sum(1 for _, kind, _ in ground.waters if kind == "lake")
    _green_park(lot, ground, names.lake(number) + "公园", 0.76, names.lake(number))


def _green_park(lot: Lot, ground: Ground, name: str, share: float, water: str = "") -> None:
    random, shape = lot.random, lot.shape.buffer(2)
    ground.greens.append((name, "park", lot.back(shape)))
    west, south, east, north = shape.bounds
    middle = shape.centroid
    wide, high = (east - west) * share, (north - south) * share
    pond = blob(random, middle.x, middle.y, wide, high, 0.17).intersection(shape.buffer(-14))
    if water and share > 0.5:
        isle = blob(random, middle.x + wide * 0.14, middle.y + high * 0.1, wide * 0.13, high * 0.12)
        ground.greens.append(("", "park", lot.back(isle)))
        pond = pond.difference(isle)
    ground.waters.append((water, "lake" if water else "pond", lot.back(pond)))
    loop = shape.buffer(-9).buffer(-14).buffer(14)
    if loop.geom_type == "Polygon" and not loop.is_empty:
        ground.lanes.append(("", "path", lot.border(loop, 0.8)))
        for _ in range(3):
            _winding(ground, lot, loop, pond.buffer(6))
    around = pond.buffer(7)
    if around.geom_type == "Polygon":
        ground.lanes.append(("", "path", lot.border(around, 0.8)))
    for x, y in ((-0.4, -0.36), (0.39, 0.37), (0.3, -0.4)):
        px, py = middle.x + x * (east - west), middle.y + y * (north - south)
        box = shapely.Point(px, py).buffer(11)
        if shape.contains(box) and not pond.intersects(box):
            put(ground, lot, OCTAGON, px, py, 11, 11, "pavilion", 1, year=2002)


def _winding(ground: Ground, lot: Lot, loop: BaseGeometry, pond: BaseGeometry) -> None:
    """A path from one side of a park to another, around the water."""
    random, middle = lot.random, loop.centroid
    turn = random.uniform(0, np.pi)
    reach = max(loop.bounds[2] - loop.bounds[0], loop.bounds[3] - loop.bounds[1])
    along = np.linspace(-0.6, 0.6, 25) * reach
    sway = np.sin(np.linspace(0, random.uniform(3, 7), 25)) * random.uniform(6, 16)
    sway += random.uniform(-0.28, 0.28) * reach
    x = middle.x + along * np.cos(turn) - sway * np.sin(turn)
    y = middle.y + along * np.sin(turn) + sway * np.cos(turn)
    path = shapely.LineString(np.stack([x, y], axis=1)).intersection(loop).difference(pond)
    for part in shapely.get_parts(path):
        back = lot.back(part)
        if isinstance(back, shapely.LineString) and back.length > 15:
            ground.lanes.append(("", "path", back))


Filler = Callable[[Lot, Ground, Names], None]
FILLERS: dict[str, Filler] = {
    "towers": homes.towers,
    "slabs": homes.slabs,
    "old": homes.old,
    "villas": homes.villas,
    "lanes": villages.lanes,
    "village": villages.village,
    "rural": villages.rural,
    "mall": mall,
    "office": office,
    "government": government,
    "school": school,
    "hospital": hospital,
    "market": market,
    "factory": factory,
    "logistics": logistics,
    "site": site,
    "park": park,
    "lake": lake,
}
