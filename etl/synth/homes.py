"""Fills blocks people live in: slab and tower compounds, villas, old lanes, villages."""

from __future__ import annotations

from functools import partial

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from etl.synth.lots import Building, Compound, Ground, Lot, keep_inside, rows_of, widest
from etl.synth.names import Names
from etl.synth.shapes import (
    CROSS,
    ELL,
    RECTANGLE,
    STAIRS,
    STAR,
    TEE,
    YOKE,
    blob,
)


def put(
    ground: Ground,
    lot: Lot,
    kind: int,
    x: float,
    y: float,
    width: float,
    depth: float,
    use: str,
    levels: int,
    *,
    units: int = 1,
    homes: int = 0,
    year: int = 2005,
    compound: int = -1,
    turn: float = 0.0,
) -> None:
    """Add one building given in the lot's own level frame."""
    px, py = lot.back_points(np.array([x]), np.array([y]))
    row: Building = (
        kind,
        float(px[0]),
        float(py[0]),
        width,
        depth,
        lot.turn + turn,
        use,
        int(levels),
        int(units),
        int(homes),
        int(year),
        compound,
    )
    ground.buildings.append(row)
    ground.blocks.append(lot.block)


def add_compound(ground: Ground, lot: Lot, name: str, kind: str, year: int) -> int:
    """Add the named ground of a lot and return its number."""
    ground.compounds.append(
        Compound(name, kind, lot.back(lot.shape.buffer(-1.5, join_style="mitre")), year, lot.block)
    )
    return len(ground.compounds) - 1


def _garden(
    ground: Ground, lot: Lot, inner: BaseGeometry, wide: float, high: float
) -> BaseGeometry:
    """A lawn in the middle, sometimes with a pond; returns the ground it takes."""
    middle = inner.centroid
    lawn = blob(lot.random, middle.x, middle.y, wide, high, 0.07)
    pond = None
    if lot.random.random() < 0.4:
        pond = blob(lot.random, middle.x + 4, middle.y - 2, wide * 0.42, high * 0.4, 0.16)
        ground.waters.append(("", "pond", lot.back(pond)))
    green = lawn.difference(pond) if pond is not None else lawn
    ground.greens.append(("", "garden", lot.back(green)))
    return lawn.buffer(5)


def _inner_roads(ground: Ground, lot: Lot, inset: float) -> BaseGeometry:
    """Lay a ring road inside the wall and a way across; return the ground of the latter."""
    loop = lot.shape.buffer(-inset, join_style="round")
    if loop.geom_type != "Polygon" or loop.is_empty or loop.area < 4500:
        return shapely.Polygon()
    ground.lanes.append(("", "service", lot.border(loop, 1.0)))
    west, south, east, north = loop.bounds
    if east - west < 120:
        return shapely.Polygon()
    x = (west + east) / 2 + lot.random.uniform(-12, 12)
    way = shapely.LineString([(x, south - inset - 6), (x, north + inset + 6)])
    spine = way.intersection(lot.shape.buffer(12))
    back = lot.back(spine)
    if isinstance(back, shapely.LineString):
        ground.lanes.append(("", "service", back))
    return spine.buffer(6, cap_style="flat")


def _yard(lot: Lot, margin: float, *taken: BaseGeometry) -> BaseGeometry:
    """The ground of a compound left for its rows of houses."""
    return lot.shape.buffer(-margin, join_style="mitre").difference(shapely.union_all(taken))


def street_shops(ground: Ground, lot: Lot, year: int, share: float) -> BaseGeometry:
    """A row of low shops along the south street, returns the ground they take with a gap."""
    taken = []
    _, south, _, _ = lot.shape.bounds
    y = south + 12
    for _ in range(3):
        west, east = widest(lot.shape, y, 11.0)
        if east - west > 60:
            break
        y += 6
    if east - west < 60:
        return shapely.Polygon()
    x = west + 2
    while x + 18 < east:
        length = float(lot.random.uniform(20, 46))
        length = min(length, east - x)
        mid = (west + east) / 2
        if abs(x + length / 2 - mid) > length / 2 + 7 and lot.random.random() < share:
            put(
                ground,
                lot,
                RECTANGLE,
                x + length / 2,
                y,
                length,
                10.0,
                "shop",
                int(lot.random.choice([1, 2, 2, 3])),
                year=year,
            )
            taken.append(shapely.box(x, y - 5, x + length, y + 5))
        x += length + float(lot.random.choice([1.5, 4, 9]))
    return shapely.union_all(taken).buffer(9, join_style="mitre") if taken else shapely.Polygon()


def slabs(lot: Lot, ground: Ground, names: Names) -> None:
    """A compound of 9 to 18 floor slabs about a garden."""
    random = lot.random
    year = int(random.integers(2001, 2019))
    compound = add_compound(
        ground, lot, names.unique("compound_first", "compound_slabs"), "slabs", year
    )
    levels = int(random.choice([9, 11, 11, 14, 18]))
    shops = street_shops(ground, lot, year, 0.75)
    inner = _yard(lot, 13, shops, _inner_roads(ground, lot, 8.0))
    if inner.area < 1500:
        return
    if inner.area > 14000:
        inner = inner.difference(
            _garden(ground, lot, inner, random.uniform(34, 56), random.uniform(26, 42))
        )
    spacing = 13.5 + min(56.0, levels * 2.9 * random.uniform(0.92, 1.08))
    _slab_rows(lot, ground, inner, compound, year, levels, spacing, (30, 54), STAIRS, 16.0)


def old(lot: Lot, ground: Ground, names: Names) -> None:
    """A work-unit estate of the eighties and nineties: long six-floor rows, close together."""
    random = lot.random
    year = int(random.integers(1979, 2001))
    compound = add_compound(
        ground, lot, names.unique("compound_first", "compound_old"), "old", year
    )
    shops = street_shops(ground, lot, year, 0.9)
    inner = _yard(lot, 10, shops, _inner_roads(ground, lot, 6.5))
    if inner.area > 19000 and random.random() < 0.6:
        inner = inner.difference(_garden(ground, lot, inner, 42, 30))
    levels = int(random.choice([5, 6, 6, 6, 7]))
    spacing = 11.5 + levels * random.uniform(2.9, 3.4)
    _slab_rows(lot, ground, inner, compound, year, levels, spacing, (30, 60), STAIRS, 14.0)


def _slab_rows(
    lot: Lot,
    ground: Ground,
    inner: BaseGeometry,
    compound: int,
    year: int,
    levels: int,
    spacing: float,
    length: tuple[float, float],
    kind: int,
    unit: float,
) -> None:
    random = lot.random
    depth = float(random.uniform(11.2, 13.4))
    if inner.area < 800:
        return
    slots = rows_of(
        lot,
        inner,
        depth=depth,
        spacing=spacing,
        low=length[0],
        high=length[1],
        gap=float(random.uniform(9, 14)),
    )
    if not slots:
        return
    place = np.array(slots)
    inside = keep_inside(inner, place[:, 0], place[:, 1], place[:, 2], np.full(len(place), depth))
    kindergarten = int(random.integers(0, len(place))) if len(place) > 9 else -1
    build = partial(put, ground, lot, year=year, compound=compound)
    for number, ((x, y, width), good) in enumerate(zip(place, inside, strict=True)):
        if not good:
            continue
        if number == kindergarten:
            build(YOKE, x, y, min(width, 42.0), depth + 3, "kindergarten", 3)
            continue
        units = max(1, round(width / unit))
        own = levels if random.random() < 0.8 else max(4, levels + int(random.integers(-2, 3)))
        shape = kind if random.random() < 0.72 else RECTANGLE
        if shape == RECTANGLE and width > 44 and random.random() < 0.2 and spacing > 32:
            build(ELL, x, y + 5, width, depth + 10, "home", own, units=units, homes=2)
        else:
            build(shape, x, y, width, depth, "home", own, units=units, homes=2)


def towers(lot: Lot, ground: Ground, names: Names) -> None:
    """High towers set out in a staggered pattern about a large garden."""
    random = lot.random
    year = int(random.integers(2007, 2025))
    compound = add_compound(
        ground, lot, names.unique("compound_first", "compound_towers"), "towers", year
    )
    shops = street_shops(ground, lot, year, 0.6)
    inner = _yard(lot, 14, shops, _inner_roads(ground, lot, 8.0))
    if inner.area < 1500:
        return
    garden = _garden(ground, lot, inner, random.uniform(50, 74), random.uniform(40, 60))
    free = inner.difference(garden) if inner.area > 11000 else inner
    levels = int(random.choice([18, 24, 26, 28, 32, 33]))
    wide = float(random.uniform(30, 40))
    deep = float(random.uniform(17, 22))
    kind = int(random.choice([TEE, CROSS, STAR, TEE, RECTANGLE]))
    if kind in (CROSS, STAR):
        wide = deep = float(random.uniform(27, 32))
    slots = rows_of(
        lot,
        free,
        depth=deep,
        spacing=deep + 36,
        low=wide,
        high=wide,
        gap=float(random.uniform(17, 26)),
    )
    if not slots:
        return
    place = np.array(slots)
    place[:, 2] = wide
    inside = keep_inside(free, place[:, 0], place[:, 1], place[:, 2], np.full(len(place), deep))
    for (x, y, width), good in zip(place, inside, strict=True):
        if good:
            own = max(11, levels - int(random.choice([0, 0, 0, 2, 4, 7])))
            put(
                ground,
                lot,
                kind,
                x,
                y,
                width,
                deep,
                "home",
                own,
                units=1,
                homes=int(random.choice([4, 4, 6])) if kind != STAR else 6,
                year=year,
                compound=compound,
            )


def villas(lot: Lot, ground: Ground, names: Names) -> None:
    """Detached and paired houses among lawns."""
    random = lot.random
    year = int(random.integers(1998, 2018))
    compound = add_compound(
        ground, lot, names.unique("compound_first", "compound_villas"), "villas", year
    )
    ground.greens.append(("", "garden", lot.back(lot.shape.buffer(-5))))
    inner = _yard(lot, 19, _inner_roads(ground, lot, 14.0))
    slots = rows_of(lot, inner, depth=15, spacing=31, low=15, high=24, gap=10)
    for x, y, width in slots:
        pair = width > 20
        put(
            ground,
            lot,
            int(random.choice([ELL, TEE, RECTANGLE])),
            x + random.uniform(-1.5, 1.5),
            y + random.uniform(-2, 2),
            width - random.uniform(0, 3),
            random.uniform(11, 14.5),
            "villa",
            3,
            units=2 if pair else 1,
            homes=1,
            year=year,
            compound=compound,
        )
    drop_outside(ground, lot, inner)


def drop_outside(ground: Ground, lot: Lot, inner: BaseGeometry) -> None:
    """Take back houses of this lot whose middle stands outside the given ground."""
    area = lot.back(inner.buffer(2))
    shapely.prepare(area)
    start = len(ground.blocks)
    while start and ground.blocks[start - 1] == lot.block:
        start -= 1
    rows = ground.buildings[start:]
    if not rows:
        return
    inside = shapely.contains_xy(area, [row[1] for row in rows], [row[2] for row in rows])
    kept = [row for row, good in zip(rows, inside, strict=True) if good]
    del ground.buildings[start:], ground.blocks[start:]
    ground.buildings += kept
    ground.blocks += [lot.block] * len(kept)
