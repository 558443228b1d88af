"""Fills real buildings that were loaded from files with invented homes and households.

Missing levels and heights are estimated from the footprint and marked as estimated. Nobody in
the homes is real. A building that has dwellings already is left alone.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from sqlalchemy import Connection

from etl.synth import residents
from etl.synth.housing import Stock, make_dwellings
from etl.synth.people import make_people
from etl.synth.shapes import Bools, Floats, Geometries, Ints, Random, Words
from etl.synth.store import Store
from etl.synth.territory import SOURCE
from etl.synth.text import block, points
from layers.core.bulk import copy_text
from layers.core.sealing import Sealer

METRES_PER_DEGREE = 111_320.0
METRES_PER_LEVEL = 3.0
SHED = 24.0
"""Footprints below so many m² hold nobody."""
REGION = 3701
"""Digits after 99 in the ID numbers, other than those of the wholly invented city."""
_USE = {"B2": "shop", "B3": "office", "B4": "factory", "B6": "warehouse", "B7": "other"}


@dataclass(frozen=True)
class Loaded:
    """Real buildings without dwellings, one entry each."""

    id: Ints
    code: list[str | None]
    address: list[str]
    area: list[str]
    usage: list[str | None]
    levels: Ints
    """0 where not known."""
    shape: Geometries
    width: Floats
    depth: Floats
    ground: Floats
    """Footprint in m²."""


def read_loaded(connection: Connection) -> Loaded:
    """Return the real buildings that have no dwellings, in the order of their ids."""
    rows = connection.exec_driver_sql(
        "SELECT b.id, b.code, coalesce(b.address, b.name, ''), b.area_code, b.usage, "
        "coalesce(b.levels, 0), ST_AsBinary(b.geom), ST_Area(b.geom::geography) "
        "FROM housing.building AS b WHERE b.source IS DISTINCT FROM 'synthetic' "
        "AND b.valid_to IS NULL AND NOT EXISTS "
        "(SELECT FROM housing.dwelling AS d WHERE d.building_id = b.id) ORDER BY b.id"
    ).all()
    shape = np.asarray(shapely.from_wkb([bytes(row[6]) for row in rows]), dtype=object)
    width, depth = _sides(shape) if len(rows) else (np.zeros(0), np.zeros(0))
    return Loaded(
        np.array([row[0] for row in rows], dtype=np.int64),
        [row[1] for row in rows],
        [row[2] for row in rows],
        [row[3] for row in rows],
        [row[4] for row in rows],
        np.array([row[5] for row in rows], dtype=np.int64),
        shape,
        width,
        depth,
        np.array([row[7] for row in rows], dtype=np.float64),
    )


def _axis(shape: Geometries) -> tuple[Floats, Floats, Floats]:
    """Both sides of each smallest turned rectangle as vectors in metres, and its first corner."""
    boxes = shapely.oriented_envelope(shape)
    corners = np.stack(
        [
            shapely.get_coordinates(box)[:4]
            if box.geom_type == "Polygon"
            else np.repeat(shapely.get_coordinates(box.centroid), 4, axis=0)
            for box in boxes
        ]
    )
    scale = np.stack(
        [
            METRES_PER_DEGREE * np.cos(np.radians(corners[:, 0, 1])),
            np.full(len(corners), METRES_PER_DEGREE),
        ],
        axis=1,
    )
    return (corners[:, 1] - corners[:, 0]) * scale, (corners[:, 2] - corners[:, 1]) * scale, scale


def _sides(shape: Geometries) -> tuple[Floats, Floats]:
    first, second, _ = _axis(shape)
    a, b = np.hypot(first[:, 0], first[:, 1]), np.hypot(second[:, 0], second[:, 1])
    return np.maximum(a, b), np.minimum(a, b)


def estimate(random: Random, loaded: Loaded) -> tuple[Words, Ints]:
    """Return the use and the levels of each building, known levels kept."""
    count = len(loaded.id)
    use = np.where(loaded.ground < 170, "house", "home").astype("<U9")
    slim = loaded.width / np.maximum(loaded.depth, 1)
    wide = (loaded.ground > 1500) & (slim < 3.2)
    use[wide] = "mall"
    use[loaded.ground < SHED] = "shed"
    for code, name in _USE.items():
        use[np.array([one == code for one in loaded.usage], dtype=bool)] = name
    tower = (slim < 1.7) & (loaded.ground > 330) & (loaded.ground < 1100)
    guess = np.select(
        [
            use == "house",
            (use == "home") & tower,
            use == "home",
            use == "office",
            use == "mall",
            use == "shop",
        ],
        [
            random.integers(2, 5, count),
            random.integers(14, 29, count),
            random.choice(np.array([5, 6, 6, 6, 7]), count),
            random.integers(4, 14, count),
            random.integers(3, 6, count),
            random.integers(1, 4, count),
        ],
        1,
    )
    return use, np.where(loaded.levels > 0, loaded.levels, guess)


def fill_loaded(
    store: Store,
    *,
    seed: int,
    sealer: Sealer,
    today: date,
    say: Callable[[float], None],
    processes: int,
    write: Callable[[Store, residents.Town, Callable[[float], None], int], None],
) -> int:
    """Fill real buildings with invented homes; returns how many buildings were filled."""
    random = np.random.default_rng([seed, 81])
    loaded = read_loaded(store.connection)
    if not len(loaded.id):
        return 0
    use, levels = estimate(random, loaded)
    _keep_estimates(store.connection, loaded, levels)
    with_units = use == "home"
    units = np.where(with_units, np.maximum(1, np.round(loaded.width / 16)), 1).astype(np.int64)
    homes = np.where(with_units, 2, np.where(use == "house", 1, 0))
    stock = Stock(
        loaded.id,
        loaded.code,
        loaded.address,
        loaded.area,
        use,
        loaded.width,
        loaded.depth,
        levels,
        units,
        homes,
        np.zeros(len(use), dtype=bool),
    )
    _put_entrances(store, loaded, stock, with_units)
    dwellings = make_dwellings(stock)
    households, people = make_people(
        np.random.default_rng([seed, 82]),
        stock,
        dwellings,
        residents.surname_shares(),
        today,
        region=REGION,
    )
    town = residents.Town(
        seed,
        stock,
        dwellings,
        households,
        people,
        store.first_id("housing.dwelling"),
        store.first_id("people.person"),
        today,
        sealer,
    )
    write(store, town, say, processes)
    return len(np.unique(dwellings.building))


def _keep_estimates(connection: Connection, loaded: Loaded, levels: Ints) -> None:
    """Write estimated levels and heights where none are known, and mark them."""
    connection.exec_driver_sql(
        "CREATE TEMP TABLE estimated (id bigint PRIMARY KEY, levels integer) ON COMMIT DROP"
    )
    guessed = block("estimated", len(levels), {"id": loaded.id, "levels": levels})
    copy_text(connection, "estimated", guessed.columns, io.BytesIO(guessed.body))
    connection.exec_driver_sql(
        "UPDATE housing.building AS b SET levels = coalesce(b.levels, e.levels), "
        "levels_estimated = b.levels_estimated OR b.levels IS NULL, "
        f"height = coalesce(b.height, coalesce(b.levels, e.levels) * {METRES_PER_LEVEL}), "
        "height_estimated = b.height_estimated OR b.height IS NULL, "
        "row_version = b.row_version + 1, updated_at = now() FROM estimated AS e "
        "WHERE e.id = b.id AND (b.levels IS NULL OR b.height IS NULL)"
    )


def _put_entrances(store: Store, loaded: Loaded, stock: Stock, chosen: Bools) -> None:
    """One door a unit, along the middle line of the house."""
    rows = np.flatnonzero(chosen)
    if not len(rows):
        return
    first, second, scale = _axis(loaded.shape[rows])
    longer = np.hypot(first[:, 0], first[:, 1]) >= np.hypot(second[:, 0], second[:, 1])
    along = np.where(longer[:, None], first, second) / scale
    middle = shapely.get_coordinates(shapely.centroid(loaded.shape[rows]))
    count = stock.units[rows]
    house = np.repeat(np.arange(len(rows)), count)
    unit = np.arange(len(house)) - np.repeat(np.cumsum(count) - count, count)
    place = middle[house] + along[house] * ((unit + 0.5) / count[house] - 0.5)[:, None]
    tall = stock.levels[rows][house]
    store.put(
        block(
            "housing.entrance",
            len(house),
            {
                "building_id": stock.id[rows][house],
                "unit": unit + 1,
                "lifts": np.where(tall > 7, 2, 0),
                "area_code": [stock.area[row] for row in rows[house].tolist()],
                "source": SOURCE,
                "geom": points(place[:, 0], place[:, 1]),
            },
        )
    )
