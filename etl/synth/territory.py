"""Areas, grids and the basemap: the city's plan as rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from etl.synth.city import City
from etl.synth.junctions import joined
from etl.synth.roads import WIDTH
from etl.synth.shapes import Floats, Geometries, Ints, Words
from etl.synth.text import Block, block, hexes, multi
from layers.territory.area import full_code

SOURCE = "synthetic"
PROVINCE, CITY, COUNTY = "99", "9901", "990101"
ROAD_CLASS = {
    "expressway": "trunk",
    "arterial": "primary",
    "secondary": "secondary",
    "local": "tertiary",
    "service": "service",
    "path": "path",
}
LANES = {"expressway": 8, "arterial": 6, "secondary": 4, "local": 2, "service": 1, "path": None}
GREEN_KIND = {
    "park": "park",
    "garden": "garden",
    "square": "lawn",
    "pitch": "pitch",
    "riverside": "park",
    "farmland": "farmland",
}
RURAL = ("rural", "village")


@dataclass(frozen=True)
class Areas:
    """Codes, names and shapes (EPSG:4326) of all areas and governance grids, by their number."""

    town_code: list[str]
    town_name: list[str]
    community_code: list[str]
    community_name: list[str]
    grid_code: list[str]
    grid_name: list[str]
    town_of_community: Ints
    community_of_grid: Ints
    cells: Geometries
    grid_shape: Geometries
    community_shape: Geometries
    town_shape: Geometries
    whole: BaseGeometry
    rural: list[bool]
    """Whether a community is a village."""
    finder: Finder

    def path(self, community: int) -> str:
        """Return city, district, street and community as an address begins with."""
        town = self.town_name[int(self.town_of_community[community])]
        return f"云州市澄湖区{town}{self.community_name[community]}"


@dataclass(frozen=True)
class Finder:
    """Finds the governance grid of points: the lowest number where two grids meet."""

    tree: shapely.STRtree
    codes: Words

    def grid(self, longitude: Floats, latitude: Floats) -> Ints:
        """Return grid numbers, -1 outside the city."""
        points = shapely.points(longitude, latitude)
        found = self.tree.query(points, predicate="intersects")
        result = np.full(len(longitude), np.iinfo(np.int64).max)
        np.minimum.at(result, found[0], found[1])
        return np.where(result == np.iinfo(np.int64).max, -1, result)

    def code(self, longitude: Floats, latitude: Floats) -> list[str]:
        """Return the area code of each point, '' outside the city."""
        grid = self.grid(longitude, latitude)
        found = np.where(grid >= 0, self.codes[np.maximum(grid, 0)], "")
        result: list[str] = found.tolist()
        return result


def _union(shapes: Geometries, label: Ints, count: int) -> Geometries:
    result: Geometries = np.empty(count, dtype=object)
    order = np.argsort(label, kind="stable")
    parts = np.searchsorted(label[order], np.arange(count + 1))
    for number in range(count):
        result[number] = shapely.union_all(shapes[order[parts[number] : parts[number + 1]]])
    return result


def make_areas(city: City) -> Areas:
    """Return the areas of a plan with codes 99… that no real place has."""
    nest, size = city.nest, city.size
    inside = nest.grid.ravel() >= 0
    cells = city.lonlat(city.cells.ravel()[inside])
    grid_shape = _union(cells, nest.grid.ravel()[inside], size.grids)
    community_shape = _union(grid_shape, nest.community_of_grid, size.communities)
    town_shape = _union(community_shape, nest.town_of_community, size.towns)
    use = city.land.use.ravel()[inside]
    of_cell = nest.community.ravel()[inside]
    rural = [
        bool(np.isin(use[of_cell == number], RURAL).mean() > 0.55)
        for number in range(size.communities)
    ]
    streets = max(2, round(size.towns * 0.55)) if size.towns > 3 else size.towns - 1
    town_code = [
        f"{COUNTY}{number + 1:03d}" if number < streets else f"{COUNTY}{100 + number - streets:03d}"
        for number in range(size.towns)
    ]
    town_name = [
        city.names.town(number) + ("街道" if number < streets else "镇")
        for number in range(size.towns)
    ]
    count: dict[tuple[int, bool], int] = {}
    community_code, community_name = [], []
    for number, town in enumerate(nest.town_of_community.tolist()):
        key = (town, rural[number])
        count[key] = count.get(key, 0) + 1
        first = 199 if rural[number] else 0
        community_code.append(f"{town_code[town]}{first + count[key]:03d}")
        community_name.append(city.names.stem() + ("村" if rural[number] else "社区"))
    grid_code, grid_name = _grid_codes(nest.community_of_grid, community_code, community_name)
    finder = Finder(shapely.STRtree(grid_shape), np.array(grid_code))
    return Areas(
        town_code,
        town_name,
        community_code,
        community_name,
        grid_code,
        grid_name,
        nest.town_of_community,
        nest.community_of_grid,
        cells,
        grid_shape,
        community_shape,
        town_shape,
        shapely.union_all(town_shape),
        rural,
        finder,
    )


def _grid_codes(
    owner: Ints, community_code: list[str], community_name: list[str]
) -> tuple[list[str], list[str]]:
    codes, names = [], []
    within: dict[int, int] = {}
    for community in owner.tolist():
        within[community] = within.get(community, 0) + 1
        codes.append(f"{community_code[community]}{within[community]:02d}")
        names.append(f"{community_name[community]}第{within[community]}网格")
    return codes, names


def area_rows(city: City, areas: Areas) -> Block:
    """Return province, city, district, streets, towns and communities."""
    prefix = "虚拟省云州市澄湖区"
    rows: list[tuple[str, str, str, str, str | None, str | None]] = [
        (PROVINCE, "虚拟省", "虚拟省", "province", None, None),
        (CITY, "云州市", "虚拟省云州市", "city", PROVINCE, None),
        (COUNTY, city.size.region_name, prefix, "county", CITY, None),
    ]
    shapes: list[BaseGeometry | None] = [
        None,
        None,
        areas.whole,
        *areas.town_shape,
        *areas.community_shape,
    ]
    for code, name in zip(areas.town_code, areas.town_name, strict=True):
        rows.append((code, name, prefix + name, "street", COUNTY, None))
    for number, (code, name) in enumerate(
        zip(areas.community_code, areas.community_name, strict=True)
    ):
        town = int(areas.town_of_community[number])
        kind = "220" if areas.rural[number] else ("111" if town == 0 else "121")
        rows.append(
            (
                code,
                name,
                prefix + areas.town_name[town] + name,
                "community",
                areas.town_code[town],
                kind,
            )
        )
    columns = list(zip(*rows, strict=True))
    known = [index for index, shape in enumerate(shapes) if shape is not None]
    drawn = iter(hexes(multi(np.array([shapes[index] for index in known], dtype=object))))
    return block(
        "territory.area",
        len(rows),
        {
            "code": [full_code(prefix) for prefix in columns[0]],
            "area_code": list(columns[0]),
            "name": list(columns[1]),
            "full_name": list(columns[2]),
            "level": list(columns[3]),
            "parent_code": [full_code(prefix) if prefix else None for prefix in columns[4]],
            "urban_rural": list(columns[5]),
            "source": SOURCE,
            "geom": [next(drawn) if shape is not None else None for shape in shapes],
        },
    )


def grid_rows(city: City, areas: Areas, first: int) -> Iterator[Block]:
    """Return governance grids, whose ids begin at `first`, and in the small city unit grids."""
    size = city.size
    yield block(
        "territory.grid",
        size.grids,
        {
            "id": np.arange(size.grids) + first,
            "code": areas.grid_code,
            "area_code": areas.grid_code,
            "name": areas.grid_name,
            "kind": "governance",
            "households_target": 300,
            "source": SOURCE,
            "responsible": [
                areas.community_name[c] + ("村委会" if areas.rural[c] else "居委会")
                for c in areas.community_of_grid.tolist()
            ],
            "geom": hexes(multi(areas.grid_shape)),
        },
    )
    if size.grids > 500:
        return
    inside = city.nest.grid.ravel() >= 0
    of_cell = city.nest.grid.ravel()[inside]
    quarters = city.lonlat(_quarters(city)[np.flatnonzero(inside)].ravel())
    owner = np.repeat(of_cell, 4)
    order = np.argsort(areas.community_of_grid[owner], kind="stable")
    within: dict[int, int] = {}
    codes, names = [], []
    for community in areas.community_of_grid[owner[order]].tolist():
        within[community] = within.get(community, 0) + 1
        codes.append(f"{areas.community_code[community]}{within[community]:03d}")
        names.append(f"单元网格{within[community]:03d}")
    yield block(
        "territory.grid",
        len(order),
        {
            "id": np.arange(len(order)) + first + size.grids,
            "code": codes,
            "name": names,
            "kind": "unit",
            "source": SOURCE,
            "area_code": [areas.grid_code[grid] for grid in owner[order].tolist()],
            "geom": hexes(multi(quarters[order])),
        },
    )


def _quarters(city: City) -> Geometries:
    """Cut every cell into four between the middles of its sides; shared borders stay equal."""
    lattice = city.lattice
    south, north = lattice.across[:, :-1], lattice.across[:, 1:]
    west, east = lattice.along[:-1], lattice.along[1:]
    middle = (south[:, :, 2] + north[:, :, 2] + west[:, :, 2] + east[:, :, 2]) / 4
    mid = middle[:, :, None]
    rings = [
        np.concatenate([south[:, :, :3], mid, west[:, :, 2:0:-1]], axis=2),
        np.concatenate([south[:, :, 2:], east[:, :, 1:3], mid], axis=2),
        np.concatenate([mid, east[:, :, 2:], north[:, :, 3:1:-1]], axis=2),
        np.concatenate([west[:, :, 2:], north[:, :, 1:3], mid], axis=2),
    ]
    parts: Geometries = np.stack(
        [np.asarray(shapely.polygons(shapely.linearrings(ring))).ravel() for ring in rings], axis=1
    )
    return parts


def basemap_rows(city: City, areas: Areas) -> Iterator[Block]:
    """Return roads, waters and greens."""
    yield _road_rows(city, areas)
    ways, ground = city.ways, city.ground
    waters = [(water.name, water.kind, water.shape) for water in ways.waters] + ground.waters
    yield _shape_rows("territory.water", waters, city, areas, {})
    banks = [("滨河绿带", "riverside", shape) for shape in ways.banks]
    yield _shape_rows("territory.green", ground.greens + banks, city, areas, GREEN_KIND)


def _road_rows(city: City, areas: Areas) -> Block:
    streets = [(road.name, road.kind, road.line) for road in city.ways.roads]
    ways = [*city.ground.lanes, *(("滨江步道", "path", line) for line in city.ways.paths)]
    lines = joined([line for _, _, line in streets], [line for _, _, line in ways])
    roads = [*streets, *ways]
    kinds = [kind for _, kind, _ in roads]
    drawn = multi(city.lonlat(lines))
    middle = shapely.point_on_surface(drawn)
    return block(
        "territory.road",
        len(roads),
        {
            "name": [name or None for name, _, _ in roads],
            "road_class": [ROAD_CLASS[kind] for kind in kinds],
            "lanes": [str(LANES[kind]) if LANES[kind] else None for kind in kinds],
            "width": [str(WIDTH[kind]) for kind in kinds],
            "surface": ["asphalt" if kind != "path" else "paving" for kind in kinds],
            "area_code": areas.finder.code(shapely.get_x(middle), shapely.get_y(middle)),
            "source": SOURCE,
            "geom": hexes(drawn),
        },
    )


def _shape_rows(
    table: str,
    rows: list[tuple[str, str, BaseGeometry]],
    city: City,
    areas: Areas,
    kinds: dict[str, str],
) -> Block:
    wanted = [
        (n, k, s) for n, k, s in rows if s.geom_type in ("Polygon", "MultiPolygon") and s.area > 12
    ]
    drawn = city.lonlat(np.array([shape for _, _, shape in wanted], dtype=object))
    broken = ~shapely.is_valid(drawn)
    drawn[broken] = shapely.buffer(drawn[broken], 0)
    drawn = multi(drawn)
    inner = shapely.point_on_surface(drawn)
    return block(
        table,
        len(wanted),
        {
            "name": [name or None for name, _, _ in wanted],
            "kind": [kinds.get(kind, kind) for _, kind, _ in wanted],
            "area_code": areas.finder.code(shapely.get_x(inner), shapely.get_y(inner)),
            "source": SOURCE,
            "geom": hexes(drawn),
        },
    )
