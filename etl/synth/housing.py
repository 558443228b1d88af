"""Compounds, buildings, entrances and dwellings of the invented city."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from etl.synth.city import City, project
from etl.synth.shapes import Bools, Floats, Ints, Words
from etl.synth.territory import SOURCE, Areas
from etl.synth.text import Block, block, hexes, multi, points

USAGE = {
    "home": "B1",
    "villa": "B1",
    "house": "B1",
    "lane": "B1",
    "dorm": "B1",
    "shop": "B2",
    "mall": "B2",
    "hotel": "B2",
    "market": "B2",
    "office": "B3",
    "government": "B3",
    "factory": "B4",
    "warehouse": "B6",
}
LEVEL_HEIGHT = {
    "home": 2.9,
    "villa": 3.2,
    "house": 3.1,
    "lane": 3.0,
    "dorm": 3.1,
    "shop": 4.2,
    "mall": 5.2,
    "hotel": 3.4,
    "market": 5.5,
    "office": 3.7,
    "government": 3.6,
    "factory": 7.5,
    "warehouse": 10.5,
    "sports": 7.0,
    "hospital": 3.9,
}
COMPOUND_KIND = {
    "towers": "estate",
    "slabs": "estate",
    "villas": "estate",
    "old": "old_estate",
    "lanes": "old_estate",
    "village": "urban_village",
    "rural": "village",
    "school": "campus",
    "factory": "park",
    "logistics": "park",
    "office": "office",
    "mall": "office",
}
TITLES = {
    "kindergarten": "幼儿园",
    "school": "教学楼",
    "hospital": "医疗楼",
    "office": "写字楼",
    "mall": "商场",
    "hotel": "酒店",
    "market": "市场大厅",
    "factory": "厂房",
    "warehouse": "仓库",
    "government": "办公楼",
    "culture": "文化馆",
    "sports": "体育馆",
    "canteen": "食堂",
    "dorm": "宿舍楼",
    "hall": "祠堂",
    "pavilion": "凉亭",
    "hut": "工棚",
    "site": "在建楼",
    "shop": "商铺",
}
LIVED_IN = ("home", "villa", "house", "lane", "dorm")


@dataclass(frozen=True)
class Houses:
    """Names and addresses of compounds and buildings, by their number."""

    compound_id: Ints
    compound_name: list[str]
    compound_address: list[str]
    compound_community: Ints
    building_id: Ints
    building_code: list[str]
    name: list[str]
    number: list[str | None]
    street: list[str]
    house_number: list[str | None]
    address: list[str]
    longitude: Floats
    latitude: Floats


@dataclass(frozen=True)
class Stock:
    """Buildings as those see them who fill them with homes, one entry each; metres."""

    id: Ints
    code: list[str | None]
    address: list[str]
    area: list[str]
    use: Words
    width: Floats
    depth: Floats
    levels: Ints
    units: Ints
    homes: Ints
    """Homes on one floor of one unit; 0 is a house for one household."""
    hamlet: Bools
    """Whether it stands in a village among fields."""


@dataclass(frozen=True)
class Dwellings:
    """All dwellings as plain columns; `building` is a row of the plan, sorted by community."""

    building: Ints
    unit: Ints
    """0 where the building has no units."""
    floor: Ints
    room: Ints
    lived: Bools

    def __len__(self) -> int:
        return len(self.building)


def make_dwellings(stock: Stock) -> Dwellings:
    """Return every dwelling of every building: homes, dormitory rooms, shops and offices."""
    use = stock.use
    lived = np.isin(use, LIVED_IN)
    work = np.isin(use, ("shop", "office", "mall"))
    rooms = np.where(lived, np.maximum(stock.homes, 0), 0)
    rooms = np.where(use == "shop", np.maximum(1, stock.width // 9).astype(np.int64), rooms)
    rooms = np.where(np.isin(use, ("office", "mall")), 2, rooms)
    floors = np.where(np.isin(use, ("shop", "villa")), 1, stock.levels)
    single = lived & (rooms == 0)
    rooms, floors = np.where(single, 1, rooms), np.where(single, 1, floors)
    with_units = np.isin(use, ("home", "villa"))
    units = np.where(with_units, stock.units, 1)
    count = np.where(lived | work, rooms * floors * units, 0)
    building = np.repeat(np.arange(len(use)), count)
    start = np.cumsum(count) - count
    index = np.arange(len(building)) - start[building]
    room = index % rooms[building] + 1
    floor = index // rooms[building] % floors[building] + 1
    unit = index // (rooms * floors)[building] + 1
    return Dwellings(
        building, np.where(with_units[building], unit, 0), floor, room, lived[building]
    )


def _streets(city: City, x: Floats, y: Floats) -> tuple[list[str], list[str]]:
    """The nearest named road of each point and the house number along it."""
    roads = [road for road in city.ways.roads if road.kind not in ("expressway", "canal")]
    points = [np.asarray(road.line.coords) for road in roads]
    start = np.concatenate([one[:-1] for one in points])
    step = np.concatenate([np.diff(one, axis=0) for one in points])
    length = np.hypot(step[:, 0], step[:, 1])
    owner = np.repeat(np.arange(len(roads)), [len(one) - 1 for one in points])
    total = np.cumsum(length) - length
    first = np.concatenate([[True], owner[1:] != owner[:-1]])
    total -= total[first][owner]
    pieces = np.asarray(shapely.linestrings(np.stack([start, start + step], axis=1)))
    found = shapely.STRtree(pieces).query_nearest(shapely.points(x, y), all_matches=False)
    near = np.zeros(len(x), dtype=np.int64)
    near[found[0]] = found[1]
    ahead = np.stack([x, y], axis=1) - start[near]
    share = np.clip((ahead * step[near]).sum(axis=1) / length[near] ** 2, 0, 1)
    along = total[near] + share * length[near]
    left = step[near, 0] * ahead[:, 1] - step[near, 1] * ahead[:, 0] > 0
    offset = np.array([hash_name(road.name) % 40 for road in roads])[owner[near]]
    number = offset + (along // 9).astype(np.int64) * 2 + np.where(left, 2, 1)
    names = [roads[index].name for index in owner[near].tolist()]
    return names, [f"{value}号" for value in number.tolist()]


def hash_name(name: str) -> int:
    """Return a small number that depends on the text alone."""
    return sum(ord(letter) * (index + 1) for index, letter in enumerate(name))


def make_houses(city: City, areas: Areas, first_compound: int, first_building: int) -> Houses:
    """Return names, numbers and addresses of compounds and buildings."""
    b, compounds = city.buildings, city.ground.compounds
    centre = shapely.point_on_surface(np.array([c.shape for c in compounds], dtype=object))
    cx, cy = shapely.get_x(centre), shapely.get_y(centre)
    grid = areas.finder.grid(*project(cx, cy))
    community = areas.community_of_grid[grid]
    road, number = _streets(city, cx, cy)
    compound_address = [
        f"{areas.path(int(k))}{r}{n}" for k, r, n in zip(community, road, number, strict=True)
    ]
    street, house = _streets(city, b.x, b.y)
    order = np.lexsort((b.x, -b.y, b.compound))
    ordinal = np.zeros(len(b), dtype=np.int64)
    within: dict[int, int] = {}
    for row in order.tolist():
        key = int(b.compound[row])
        within[key] = within.get(key, 0) + 1
        ordinal[row] = within[key]
    names: list[str] = []
    numbers: list[str | None] = []
    houses: list[str | None] = []
    addresses: list[str] = []
    for row in range(len(b)):
        compound, use = int(b.compound[row]), str(b.use[row])
        path = areas.path(int(b.community[row]))
        if compound >= 0:
            inside = compounds[compound]
            n = int(ordinal[row])
            if inside.kind in ("village", "rural", "lanes"):
                label = f"{n}号"
                names.append(f"{inside.name}{n}号" + TITLES.get(use, ""))
                addresses.append(f"{path}{inside.name}{n}号")
            else:
                label = f"{n}幢" if use in LIVED_IN else f"{n}号楼"
                title = TITLES.get(use, "") if use != "home" else ""
                names.append(f"{inside.name}{label}{title}")
                addresses.append(f"{compound_address[compound]}{inside.name}{label}")
            street[row] = road[compound] if inside.kind not in ("village", "rural") else inside.name
            houses.append(number[compound] if inside.kind not in ("village", "rural") else label)
            numbers.append(label)
        else:
            names.append(f"{street[row]}{house[row]}{TITLES.get(use, '')}")
            numbers.append(None)
            houses.append(house[row])
            addresses.append(f"{path}{street[row]}{house[row]}")
    serial: dict[int, int] = {}
    codes: list[str] = []
    for one in b.grid.tolist():
        serial[one] = serial.get(one, 0) + 1
        codes.append(f"{areas.grid_code[one]}{serial[one]:05d}")
    longitude, latitude = project(b.x, b.y)
    return Houses(
        np.arange(len(compounds)) + first_compound,
        [c.name for c in compounds],
        compound_address,
        community,
        np.arange(len(b)) + first_building,
        codes,
        names,
        numbers,
        street,
        houses,
        addresses,
        longitude,
        latitude,
    )


def _companies(city: City) -> list[str]:
    random = city.random(21)
    first = ["永安", "瑞和", "锦绣", "安居", "万家", "鼎盛", "绿洲", "阳光", "和润", "佳园"]
    return [
        first[int(random.integers(len(first)))] + "物业服务有限公司" for _ in city.ground.compounds
    ]


def house_rows(city: City, areas: Areas, houses: Houses, code: list[str]) -> Iterator[Block]:
    """Return compounds, buildings and entrances; `code` is the area code of every building."""
    b, compounds = city.buildings, city.ground.compounds
    random = city.random(22)
    company = _companies(city)
    drawn = city.lonlat(np.array([c.shape for c in compounds], dtype=object))
    middle = shapely.point_on_surface(drawn)
    kinds = [COMPOUND_KIND.get(c.kind, "other") for c in compounds]
    managed = [k in ("estate", "old_estate", "park", "office") for k in kinds]
    yield block(
        "housing.compound",
        len(compounds),
        {
            "id": houses.compound_id,
            "name": houses.compound_name,
            "kind": kinds,
            "code": [
                f"{areas.community_code[int(k)]}X{n + 1:05d}"
                for n, k in enumerate(houses.compound_community)
            ],
            "address": houses.compound_address,
            "built_year": [str(c.year) for c in compounds],
            "management_company": [
                name if good else None for name, good in zip(company, managed, strict=True)
            ],
            "management_phone": [
                f"0999-8{n % 900000 + 100000}" if good else None for n, good in enumerate(managed)
            ],
            "area_code": areas.finder.code(shapely.get_x(middle), shapely.get_y(middle)),
            "source": SOURCE,
            "geom": hexes(multi(drawn)),
        },
    )
    each = np.vectorize(lambda use: LEVEL_HEIGHT.get(str(use), 3.6), otypes=[float])(b.use)
    height = np.round(b.levels * each + np.where(b.levels > 1, 1.2, 0.4), 1)
    deep = np.where(
        np.isin(b.use, ("mall", "office", "hospital")),
        2,
        ((b.use == "home") & (b.levels > 8)).astype(np.int64),
    )
    structure = np.where(b.levels > 18, "2", np.where(b.levels > 6, "3", "4"))
    structure = np.where(np.isin(b.use, ("factory", "warehouse", "hut")), "1", structure)
    structure = np.where((b.use == "lane") | (b.use == "hall"), "5", structure)
    shapes = city.lonlat(b.shape)
    yield block(
        "housing.building",
        len(b),
        {
            "id": houses.building_id,
            "code": houses.building_code,
            "name": houses.name,
            "number": houses.number,
            "compound_id": [
                str(houses.compound_id[c]) if c >= 0 else None for c in b.compound.tolist()
            ],
            "usage": [USAGE.get(str(use), "B7") for use in b.use],
            "structure": structure,
            "levels": b.levels,
            "levels_below": deep,
            "height": height,
            "built_year": np.minimum(b.year + random.integers(0, 2, len(b)), 2026),
            "management_company": [
                company[c] if c >= 0 and managed[c] else None for c in b.compound.tolist()
            ],
            "street": houses.street,
            "house_number": houses.house_number,
            "address": houses.address,
            "area_code": code,
            "source": SOURCE,
            "geom": hexes(multi(shapes)),
        },
    )
    yield _entrances(city, houses, code)


def _entrances(city: City, houses: Houses, area: list[str]) -> Block:
    b = city.buildings
    rows = np.flatnonzero(np.isin(b.use, ("home", "villa", "dorm")))
    building = np.repeat(rows, b.units[rows])
    start = np.cumsum(b.units[rows]) - b.units[rows]
    unit = np.arange(len(building)) - np.repeat(start, b.units[rows])
    along = -b.width[building] / 2 + (unit + 0.5) * b.width[building] / b.units[building]
    side = np.where(b.use[building] == "home", b.depth[building] / 2, -b.depth[building] / 2)
    cosine, sine = np.cos(b.turn[building]), np.sin(b.turn[building])
    longitude, latitude = project(
        b.x[building] + along * cosine - side * sine, b.y[building] + along * sine + side * cosine
    )
    tall = b.levels[building]
    return block(
        "housing.entrance",
        len(building),
        {
            "building_id": houses.building_id[building],
            "code": [
                f"{houses.building_code[r]}-{u + 1}"
                for r, u in zip(building.tolist(), unit.tolist(), strict=True)
            ],
            "unit": unit + 1,
            "lifts": np.where(tall > 18, 3, np.where(tall > 7, 2, 0)),
            "area_code": [area[row] for row in building.tolist()],
            "source": SOURCE,
            "geom": points(longitude, latitude),
        },
    )


def areas_of(city: City, areas: Areas) -> list[str]:
    """Return the area code of every building."""
    inner = shapely.point_on_surface(city.lonlat(city.buildings.shape))
    return areas.finder.code(shapely.get_x(inner), shapely.get_y(inner))


def make_stock(city: City, houses: Houses, area: list[str]) -> Stock:
    """Return the buildings of the plan, ready to be filled."""
    b = city.buildings
    kinds = np.array([c.kind == "rural" for c in city.ground.compounds] + [False])
    return Stock(
        houses.building_id,
        list(houses.building_code),
        houses.address,
        area,
        b.use,
        b.width,
        b.depth,
        b.levels,
        b.units,
        b.homes,
        kinds[b.compound],
    )
