"""Units and staff that serve the invented city, with the areas they serve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import shapely

from etl.synth.city import City
from etl.synth.residents import full_names, surname_shares
from etl.synth.territory import COUNTY, SOURCE, Areas
from etl.synth.text import Block, block, points

DEPARTMENTS = (
    ("城市管理局", "市容环境、街面秩序执法"),
    ("公安分局", "治安、户籍、交通秩序"),
    ("应急管理局", "安全生产、应急值守"),
    ("民政局", "养老、救助、社会组织"),
    ("住房和城乡建设局", "房屋安全、物业、工地"),
    ("市场监督管理局", "食品、市场秩序"),
    ("水务局", "排水、河道"),
    ("园林绿化中心", "绿地、行道树"),
    ("交通运输局", "道路、公共交通"),
    ("生态环境局", "噪声、扬尘、水气"),
    ("卫生健康局", "公共卫生"),
    ("司法局", "人民调解、法律服务"),
    ("消防救援大队", "消防检查、救援"),
    ("人力资源和社会保障局", "就业、劳资"),
)


@dataclass(frozen=True)
class Crew:
    """Staff by number: code of the area served, post and the grid a walker starts in."""

    first: int
    area: list[str]
    post: list[str]
    grid: list[int]
    name: list[str]
    unit: list[int]


def _unit_table(city: City, areas: Areas) -> list[tuple[str, str, str, str, str, str | None, int]]:
    """Code, name, kind, level, area, parent and number of the shape each unit stands in."""
    rows: list[tuple[str, str, str, str, str, str | None, int]] = [
        (f"{COUNTY}-C", "澄湖区城市运行网格化指挥中心", "centre", "county", COUNTY, None, 0)
    ]
    for number, (name, _) in enumerate(DEPARTMENTS, 1):
        kind = "police" if name.startswith("公安") else "department"
        rows.append(
            (
                f"{COUNTY}-D{number:02d}",
                f"澄湖区{name}",
                kind,
                "county",
                COUNTY,
                f"{COUNTY}-C",
                number % city.size.communities,
            )
        )
    for number, code in enumerate(areas.town_code):
        home = int(np.flatnonzero(areas.town_of_community == number)[0])
        office = "街道办事处" if areas.town_name[number].endswith("街道") else "人民政府"
        rows.append(
            (
                f"{code}-O",
                areas.town_name[number].removesuffix("街道") + office,
                "street_office",
                "street",
                code,
                f"{COUNTY}-C",
                home,
            )
        )
        rows.append(
            (
                f"{code}-E",
                areas.town_name[number] + "综合行政执法队",
                "brigade",
                "street",
                code,
                f"{code}-O",
                home,
            )
        )
        rows.append(
            (
                f"{code}-S",
                areas.town_name[number] + "网格化工作站",
                "station",
                "street",
                code,
                f"{code}-O",
                home,
            )
        )
    for number, code in enumerate(areas.community_code):
        end = "村民委员会" if areas.rural[number] else "居民委员会"
        town = areas.town_code[int(areas.town_of_community[number])]
        rows.append(
            (
                f"{code}-W",
                areas.community_name[number] + end,
                "committee",
                "community",
                code,
                f"{town}-O",
                number,
            )
        )
    return rows


def unit_rows(city: City, areas: Areas, first: int) -> tuple[Block, list[str]]:
    """Return units and their codes in order of their ids, which begin at `first`."""
    rows = _unit_table(city, areas)
    spots = shapely.point_on_surface(areas.community_shape)
    place = [spots[row[6]] for row in rows]
    x = np.array([spot.x for spot in place]) + np.arange(len(rows)) % 5 * 0.00021
    y = np.array([spot.y for spot in place]) + np.arange(len(rows)) % 3 * 0.00017
    functions = {f"澄湖区{name}": function for name, function in DEPARTMENTS}
    built = block(
        "organisation.unit",
        len(rows),
        {
            "id": np.arange(len(rows)) + first,
            "code": [row[0] for row in rows],
            "name": [row[1] for row in rows],
            "kind": [row[2] for row in rows],
            "level": [row[3] for row in rows],
            "area_code": [row[4] for row in rows],
            "parent_code": [row[5] for row in rows],
            "function": [functions.get(row[1]) for row in rows],
            "phone": [f"0999-5{n % 900000 + 100000}" for n in range(len(rows))],
            "address": [areas.path(row[6]) for row in rows],
            "source": SOURCE,
            "geom": points(x, y),
        },
    )
    return built, [row[0] for row in rows]


def make_crew(city: City, areas: Areas, unit_codes: list[str], first_unit: int, first: int) -> Crew:
    """Return the staff: supervisors of communities, workers of grids, centre and departments."""
    size, random = city.size, city.random(51)
    unit = {code: number + first_unit for number, code in enumerate(unit_codes)}
    area: list[str] = []
    post: list[str] = []
    grid: list[int] = []
    owner: list[int] = []

    def add(code: str, what: str, where: int, of: str) -> None:
        area.append(code)
        post.append(what)
        grid.append(where)
        owner.append(unit[of])

    for number, code in enumerate(areas.community_code):
        home = int(np.flatnonzero(areas.community_of_grid == number)[0])
        add(code, "supervisor", home, f"{code}-W")
    others = max(12, round(size.staff * 0.12))
    for number in range(min(size.grids, size.staff - len(area) - others)):
        one = (
            number * size.grids // min(size.grids, size.staff - len(area) - others)
            if (size.staff - size.communities - others < size.grids)
            else number
        )
        one = min(one, size.grids - 1)
        community = areas.community_code[int(areas.community_of_grid[one])]
        add(areas.grid_code[one], "worker", one, f"{community}-W")
        if len(area) >= size.staff - others:
            break
    cycle = (
        "operator",
        "dispatcher",
        "handler",
        "handler",
        "driver",
        "inspector",
        "commander",
        "handler",
        "collector",
    )
    handlers = 0
    while len(area) < size.staff:
        what = cycle[len(area) % len(cycle)]
        if what in ("operator", "dispatcher", "commander"):
            add(COUNTY, what, 0, f"{COUNTY}-C")
        elif what == "handler":
            add(COUNTY, what, 0, f"{COUNTY}-D{handlers % len(DEPARTMENTS) + 1:02d}")
            handlers += 1
        else:
            town = areas.town_code[len(area) % len(areas.town_code)]
            home = int(random.integers(0, size.grids))
            add(town, what, home, f"{town}-S")
    count = len(area)
    names = full_names(
        random,
        np.searchsorted(surname_shares(), random.random(count)),
        random.random(count) < 0.5,
        random.integers(1968, 2002, count),
    )
    return Crew(first, area, post, grid, names, owner)


DUTIES = {
    "worker": "日常巡查、信息采集、走访服务",
    "supervisor": "统筹本社区网格工作",
    "operator": "热线受理与登记",
    "dispatcher": "事件派遣与督办",
    "handler": "现场处置与反馈",
    "driver": "车辆驾驶",
    "inspector": "巡查与核查",
    "commander": "指挥调度",
    "collector": "部件事件信息采集",
}


def staff_rows(crew: Crew) -> Iterator[Block]:
    """Return the staff."""
    count = len(crew.name)
    yield block(
        "organisation.staff",
        count,
        {
            "id": np.arange(count) + crew.first,
            "code": [f"{COUNTY}G{n:05d}" for n in range(1, count + 1)],
            "name": crew.name,
            "post": crew.post,
            "duties": [DUTIES[what] for what in crew.post],
            "unit_id": [str(value) for value in crew.unit],
            "phone": [f"1999{8_000_000 + n:07d}" for n in range(count)],
            "area_code": crew.area,
            "source": SOURCE,
        },
    )


VACANT_EVERY = 12
"""Every so many grids one has lost its worker and waits for another."""


def assignment_rows(areas: Areas, crew: Crew, first_grid: int, today: date) -> Block:
    """Return who is in charge of which grid: chiefs everywhere, workers in most grids.

    A grid without a worker of its own is served by the one before it in the community.
    """
    chief = {code: n for n, code in enumerate(crew.area) if crew.post[n] == "supervisor"}
    own = {crew.grid[n]: n for n in range(len(crew.area)) if crew.post[n] == "worker"}
    rows: list[tuple[int, int, str, str, date, date | None]] = []
    last: tuple[int, int] | None = None
    for grid, community in enumerate(areas.community_of_grid.tolist()):
        code, since = areas.grid_code[grid], today - timedelta(days=200 + grid * 37 % 900)
        rows.append((grid, chief[areas.community_code[community]], "chief", code, since, None))
        worker = own.get(grid)
        if worker is None and last is not None and last[0] == community:
            worker = last[1]
        if worker is None:
            continue
        is_vacant = grid % VACANT_EVERY == VACANT_EVERY - 1
        until = today - timedelta(days=10 + grid % 90) if is_vacant else None
        rows.append((grid, worker, "worker", code, since, until))
        last = (community, worker)
    return block(
        "organisation.assignment",
        len(rows),
        {
            "grid_id": [str(row[0] + first_grid) for row in rows],
            "staff_id": [str(row[1] + crew.first) for row in rows],
            "role": [row[2] for row in rows],
            "area_code": [row[3] for row in rows],
            "valid_from": [str(row[4]) for row in rows],
            "valid_to": [str(row[5]) if row[5] else None for row in rows],
            "source": SOURCE,
        },
    )
