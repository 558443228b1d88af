"""Key sites, facilities, components, cameras and organisations of the invented city."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from etl.synth.city import City, project
from etl.synth.housing import Houses
from etl.synth.names import words
from etl.synth.residents import full_names, surname_shares
from etl.synth.shapes import Floats, Ints, Random
from etl.synth.streets import Pieces
from etl.synth.territory import COUNTY, SOURCE, Areas
from etl.synth.text import Block, block, points
from layers.core.identifiers import credit_check_character

# class, share, metres from the kerb inward, department, owner, keeper
COMPONENTS: tuple[tuple[str, str, float, tuple[float, float], str, str], ...] = (
    ("C13-0137", "路灯", 0.2, (0.6, 1.2), "市城管局", "市照明管理所"),
    ("C13-0402", "行道树", 0.19, (1.2, 2.2), "市园林局", "园林养护中心"),
    ("C13-0102", "污水井盖", 0.11, (3.5, 6.0), "市水务局", "排水公司"),
    ("C13-0103", "雨水井盖", 0.09, (2.6, 4.0), "市水务局", "排水公司"),
    ("C13-0104", "雨水箅子", 0.08, (2.2, 2.8), "市水务局", "排水公司"),
    ("C13-0101", "上水井盖", 0.04, (1.5, 3.0), "市水务局", "自来水公司"),
    ("C13-0105", "电力井盖", 0.04, (0.8, 2.0), "市经信局", "供电公司"),
    ("C13-0107", "通信井盖", 0.035, (0.8, 2.0), "市经信局", "通信运营公司"),
    ("C13-0111", "燃气井盖", 0.03, (1.0, 3.0), "市住建局", "燃气公司"),
    ("C13-0305", "垃圾箱（果皮箱、桶）", 0.06, (0.5, 1.0), "市城管局", "环卫公司"),
    ("C13-0124", "消防设施", 0.03, (0.4, 0.9), "市消防救援支队", "自来水公司"),
    ("C13-0212", "路名牌", 0.02, (0.3, 0.8), "市民政局", "区划地名中心"),
    ("C13-0204", "公交站亭（牌）", 0.015, (0.5, 1.2), "市交通局", "公交公司"),
    ("C13-0225", "非机动车停放点", 0.02, (0.5, 1.5), "市城管局", "街道办事处"),
    ("C13-0127", "通讯交接箱", 0.015, (0.2, 0.8), "市经信局", "通信运营公司"),
    ("C13-0404", "护树设施", 0.012, (1.2, 2.2), "市园林局", "园林养护中心"),
    ("C13-0407", "街头座椅", 0.008, (0.2, 0.8), "市园林局", "园林养护中心"),
    ("C13-0308", "宣传栏", 0.005, (0.2, 0.6), "市委宣传部", "街道办事处"),
)
_STATES = np.array(["intact", "damaged", "lost", "abandoned"])
# use of a building: place type, trade or None, title, attention
SITES: dict[str, tuple[str, str]] = {
    "kindergarten": ("10202", "幼儿园"),
    "hospital": ("10301", "医疗楼"),
    "mall": ("20401", ""),
    "market": ("20402", ""),
    "hotel": ("20601", "酒店"),
    "government": ("10102", ""),
    "culture": ("20101", "文化馆"),
    "site": ("20902", "工地"),
}
SHOPS: tuple[tuple[str, str | None, str], ...] = (
    ("20607", "01", "旅馆"),
    ("20605", "01", "快捷酒店"),
    ("20501", None, "网吧"),
    ("20301", None, "KTV"),
    ("20304", None, "酒吧"),
    ("20307", None, "棋牌室"),
    ("20701", None, "酒楼"),
    ("20703", None, "小吃店"),
    ("20702", None, "快餐店"),
    ("10315", None, "大药房"),
    ("10308", None, "诊所"),
    ("21001", "06", "图文打印社"),
    ("21001", "07", "废品回收站"),
    ("21001", "11", "汽车维修部"),
    ("21001", "12", "珠宝行"),
    ("20404", None, "便利店"),
    ("10203", None, "托管中心"),
    ("20705", None, "茶馆"),
)


def place_rows(city: City, areas: Areas, houses: Houses, pieces: Pieces) -> Iterator[Block]:
    """Return all layers of the room `places`."""
    yield _components(city, areas, pieces)
    yield _cameras(city, areas, pieces)
    yield _organisations(city, areas, houses)
    yield _facilities(city, areas, houses, pieces)
    yield _key_sites(city, areas, houses)


def credit_codes(random: Random, count: int, kind: str = "91") -> list[str]:
    """Return unified social credit codes of an invented district, right by GB 32100 and 11714."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    bodies = random.choice(100_000_000, count, replace=False)
    result = []
    for body in bodies.tolist():
        text = f"{body:08d}"
        rest = 11 - sum(int(d) * w for d, w in zip(text, weights, strict=True)) % 11
        check = {10: "X", 11: "0"}.get(rest, str(rest))
        first = f"{kind}{COUNTY}{text}{check}"
        result.append(first + credit_check_character(first))
    return result


def _components(city: City, areas: Areas, pieces: Pieces) -> Block:
    random, total = city.random(41), city.size.components
    shares = np.array([share for _, _, share, _, _, _ in COMPONENTS])
    counts = np.floor(shares / shares.sum() * total).astype(np.int64)
    counts[0] += total - counts.sum()
    rows: list[tuple[Floats, ...]] = []
    kinds: list[int] = []
    weight = np.where(pieces.heat < 0.6, 0.35, 1.0)
    for number, (_, _, _, inset, _, _) in enumerate(COMPONENTS):
        x, y, _, _ = pieces.spread(random, int(counts[number]), weight, inset)
        rows.append((x, y))
        kinds += [number] * int(counts[number])
    longitude, latitude = project(*(np.concatenate([row[i] for row in rows]) for i in (0, 1)))
    state = _STATES[np.searchsorted([0.955, 0.985, 0.995], random.random(total))]
    serial: dict[int, int] = {}
    codes = []
    for kind in kinds:
        serial[kind] = serial.get(kind, 0) + 1
        codes.append(f"{COUNTY}{COMPONENTS[kind][0][4:]}{serial[kind]:06d}")
    return block(
        "places.component",
        total,
        {
            "code": codes,
            "kind": [COMPONENTS[kind][0] for kind in kinds],
            "name": [COMPONENTS[kind][1] for kind in kinds],
            "state": state,
            "department": [COMPONENTS[kind][4] for kind in kinds],
            "owner": [COMPONENTS[kind][5] for kind in kinds],
            "maintainer": [COMPONENTS[kind][5] for kind in kinds],
            "area_code": areas.finder.code(longitude, latitude),
            "source": SOURCE,
            "geom": points(longitude, latitude),
        },
    )


def _cameras(city: City, areas: Areas, pieces: Pieces) -> Block:
    random, total = city.random(42), city.size.cameras
    x, y, heading, row = pieces.spread(random, total, np.sqrt(pieces.heat), (-2.0, 0.5))
    heading = (
        heading + np.where(random.random(total) < 0.5, 180, 0) + random.normal(0, 9, total)
    ) % 360
    kind = np.searchsorted([0.3, 0.42, 0.9, 0.97], random.random(total))
    owner = np.searchsorted([0.42, 0.72], random.random(total))
    owners = np.array(["公安分局", "街道办事处", "物业服务公司"])
    angle = np.array([60.0, 95.0, 72.0, 78.0, 180.0])[kind]
    reach = np.array([150.0, 28.0, 60.0, 90.0, 70.0])[kind]
    longitude, latitude = project(x, y)
    names = [f"{road}{n:05d}号点位" for n, road in enumerate(pieces.name[row].tolist(), 1)]
    return block(
        "places.camera",
        total,
        {
            "code": [f"{COUNTY}0000132{n:07d}" for n in range(1, total + 1)],
            "name": names,
            "kind": np.array(["PTZ1", "PTZ2", "PTZ3", "PTZ4", "PTZ6"])[kind],
            "owner": owners[owner],
            "mount_height": np.round(random.uniform(3.2, 7.5, total), 1),
            "heading": np.round(heading, 1) % 360,
            "field_of_view": angle,
            "range": np.round(reach * random.uniform(0.8, 1.2, total)),
            "indoor": False,
            "area_code": areas.finder.code(longitude, latitude),
            "source": SOURCE,
            "geom": points(longitude, latitude),
        },
    )


def _jitter(
    city: City, houses: Houses, rows: Ints, random: Random
) -> tuple[
    Floats,
    Floats,
]:
    """A point inside each building, not always its middle."""
    b = city.buildings
    along = random.uniform(-0.36, 0.36, len(rows)) * b.width[rows]
    across = random.uniform(-0.1, 0.1, len(rows)) * b.depth[rows]
    c, s = np.cos(b.turn[rows]), np.sin(b.turn[rows])
    return project(b.x[rows] + along * c - across * s, b.y[rows] + along * s + across * c)


def _organisations(city: City, areas: Areas, houses: Houses) -> Block:
    random, total, b = city.random(43), city.size.organisations, city.buildings
    weight = np.select(
        [
            b.use == "shop",
            b.use == "mall",
            b.use == "office",
            b.use == "factory",
            b.use == "market",
            b.use == "house",
            b.use == "warehouse",
        ],
        [4.0, 40.0, 1.1 * b.levels, 1.6, 30.0, 0.12, 1.0],
        0.0,
    )
    rows = np.sort(random.choice(len(b), total, p=weight / weight.sum()))
    parts = words("places")
    kinds, names, industries, people = [], [], [], []
    for use, pick, size in zip(
        b.use[rows].tolist(),
        random.integers(0, 1 << 30, total).tolist(),
        random.lognormal(2.6, 1.0, total).tolist(),
        strict=True,
    ):
        stem = parts["factory_first"][pick % 26] + parts["road_second"][pick // 31 % 40]
        if use in ("factory", "warehouse"):
            trade = parts["factory_trades"][pick // 997 % len(parts["factory_trades"])]
            names.append(f"云州{stem}{trade}有限公司")
            kinds.append("company")
            industries.append("C" if use == "factory" else "G")
            people.append(int(size * 3) + 6)
        elif use == "office":
            trade = ("科技", "信息", "咨询", "贸易", "文化传媒", "建筑设计", "人力资源")[
                pick // 997 % 7
            ]
            names.append(f"云州{stem}{trade}有限公司")
            kinds.append("company")
            industries.append(("M", "I", "L", "F", "R", "M", "L")[pick // 997 % 7])
            people.append(int(size) + 3)
        else:
            trade = parts["shop_trades"][pick // 997 % len(parts["shop_trades"])]
            first = parts["compound_first"]
            names.append(f"{first[pick // 7 % len(first)]}{trade}")
            kinds.append("shop")
            industries.append("H" if trade.endswith(("店", "馆", "坊")) else "F")
            people.append(max(1, int(size / 4)))
    longitude, latitude = _jitter(city, houses, rows, random)
    return block(
        "places.organisation",
        total,
        {
            "name": names,
            "credit_code": credit_codes(random, total),
            "kind": kinds,
            "industry": industries,
            "employees": people_text(people),
            "address": [houses.address[row] for row in rows.tolist()],
            "phone": [f"0999-6{n % 900000 + 100000}" for n in range(total)],
            "attention": np.where(random.random(total) < 0.03, "02", "03"),
            "area_code": areas.finder.code(longitude, latitude),
            "source": SOURCE,
            "geom": points(longitude, latitude),
        },
    )


def people_text(values: list[int]) -> list[str]:
    """Return whole numbers as text."""
    return [str(value) for value in values]


def _facilities(city: City, areas: Areas, houses: Houses, pieces: Pieces) -> Block:
    random = city.random(44)
    kinds = (
        ("aed", "自动体外除颤器"),
        ("fire_station", "微型消防站"),
        ("toilet", "公共厕所"),
        ("parking", "公共停车场"),
        ("pumping_station", "泵站"),
        ("substation", "变电站"),
        ("gas_governor", "燃气调压站"),
        ("waste_station", "垃圾转运站"),
        ("telecom", "通信基站"),
        ("gas_station", "加油站"),
        ("shelter", "应急避难场所"),
    )
    total = max(24, city.size.grids // 3)
    x, y, _, row = pieces.spread(random, total, np.ones(len(pieces.length)), (-3.5, -1.5))
    longitude, latitude = project(x, y)
    kind = [kinds[n] for n in random.integers(0, len(kinds), total).tolist()]
    grid = areas.finder.grid(longitude, latitude)
    paths = [areas.path(int(areas.community_of_grid[g])) if g >= 0 else "" for g in grid]
    road = pieces.name[row].tolist()
    return block(
        "places.facility",
        total,
        {
            "code": [f"{COUNTY}F{n:06d}" for n in range(1, total + 1)],
            "name": [f"{r}{title}" for r, (_, title) in zip(road, kind, strict=True)],
            "kind": [code for code, _ in kind],
            "owner": "澄湖区城市管理局",
            "address": [path + r for path, r in zip(paths, road, strict=True)],
            "capacity": random.integers(20, 800, total),
            "area_code": areas.finder.code(longitude, latitude),
            "source": SOURCE,
            "geom": points(longitude, latitude),
        },
    )


def _key_sites(city: City, areas: Areas, houses: Houses) -> Block:
    random, b, compounds = city.random(45), city.buildings, city.ground.compounds
    rows: list[int] = []
    names: list[str] = []
    kinds: list[str] = []
    trades: list[str | None] = []
    seen: set[int] = set()
    for row in np.flatnonzero(np.isin(b.use, [*SITES, "school"])).tolist():
        use, compound = str(b.use[row]), int(b.compound[row])
        once = use in ("school", "hospital", "government", "mall", "market", "site")
        if once and compound in seen:
            continue
        seen.add(compound if once else -9)
        inside = compounds[compound].name if compound >= 0 else houses.street[row]
        kind, title = SITES.get(use, ("10201" if "小学" in inside else "10204", ""))
        names.append(inside if once else inside + title)
        rows.append(row)
        kinds.append(kind)
        trades.append("01" if use == "hotel" else None)
    shops = np.flatnonzero(np.isin(b.use, ("shop", "house")) & (random.random(len(b)) < 0.3))
    shops = shops[(b.use[shops] == "shop") | (random.random(len(shops)) < 0.05)]
    stems = words("places")["compound_first"]
    for row, pick in zip(shops.tolist(), random.integers(0, 1 << 20, len(shops)), strict=True):
        kind, trade, title = SHOPS[int(pick) % len(SHOPS)]
        names.append(f"{stems[int(pick) // 18 % len(stems)]}{title}")
        rows.append(row)
        kinds.append(kind)
        trades.append(trade)
    total = len(rows)
    longitude, latitude = _jitter(city, houses, np.array(rows), random)
    heads = full_names(
        random,
        np.searchsorted(surname_shares(), random.random(total)),
        random.random(total) < 0.6,
        random.integers(1962, 1995, total),
    )
    return block(
        "places.key_site",
        total,
        {
            "code": [f"{COUNTY}S{n:06d}" for n in range(1, total + 1)],
            "name": names,
            "kind": kinds,
            "trade": trades,
            "credit_code": credit_codes(random, total, "92"),
            "address": [houses.address[row] for row in rows],
            "phone": [f"0999-7{n % 900000 + 100000}" for n in range(total)],
            "responsible": heads,
            "capacity": random.integers(8, 900, total),
            "attention": np.array(["01", "02", "03"])[
                np.searchsorted([0.05, 0.25], random.random(total))
            ],
            "area_code": areas.finder.code(longitude, latitude),
            "source": SOURCE,
            "geom": points(longitude, latitude),
        },
    )
