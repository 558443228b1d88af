"""Incidents of two years with the rhythm of day, week and season and with hot spots."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import Connection

from etl.synth.case_rows import case_columns, stamps, step_blocks
from etl.synth.cases import work_on
from etl.synth.city import City, project
from etl.synth.limits import limits_of
from etl.synth.shapes import Floats, Ints, Noise, Random
from etl.synth.staffing import Staffing
from etl.synth.streets import Pieces
from etl.synth.territory import COUNTY, SOURCE, Areas
from etl.synth.text import Block, block, points
from layers.incidents.deadlines import deadlines_of

DAYS = 730


@dataclass(frozen=True)
class Kind:
    """One category with its weight, seasonal peak (day of the year), clock and wording."""

    code: str
    weight: float
    peak: float
    swing: float
    clock: str
    words: str


KINDS = (
    Kind("UM-0409", 15, 280, 0.1, "day", "机动车占用人行道停放，影响通行。"),
    Kind("UM-0410", 11, 150, 0.15, "day", "非机动车乱停放，挤占盲道。"),
    Kind("UM-0405", 9, 190, 0.3, "evening", "店外经营，货物摆出门外。"),
    Kind("UM-0406", 7, 200, 0.4, "evening", "占道经营，妨碍行人。"),
    Kind("UM-0110", 9, 200, 0.3, "morning", "暴露生活垃圾未及时清运。"),
    Kind("UM-0111", 4, 120, 0.2, "morning", "积存渣土，扬尘明显。"),
    Kind("UM-0112", 6, 320, 0.2, "morning", "路面有落叶杂物，需清扫。"),
    Kind("UM-0113", 3, 60, 0.2, "day", "路面破损，有坑槽。"),
    Kind("UM-0201", 5, 100, 0.1, "morning", "墙面张贴小广告。"),
    Kind("UM-0129", 3, 200, 0.9, "night", "露天烧烤，油烟扰民。"),
    Kind("UM-0128", 4, 210, 0.5, "night", "商业噪声扰民。"),
    Kind("UM-0301", 3, 170, 0.2, "night", "夜间施工扰民。"),
    Kind("UM-0304", 2, 330, 0.3, "day", "工地未覆盖，扬尘大。"),
    Kind("UM-0101", 2, 120, 0.1, "day", "疑似私搭乱建。"),
    Kind("UM-0117", 2, 160, 0.4, "morning", "绿地内有垃圾，草坪受损。"),
    Kind("UM-0125", 2, 200, 0.5, "morning", "水面漂浮垃圾。"),
    Kind("UM-0496", 2, 20, 0.1, "evening", "占用消防通道停车。"),
    Kind("UM-0506", 1.4, 185, 1.0, "day", "道路积水，车辆通行困难。"),
    Kind("UM-0507", 0.5, 15, 1.0, "morning", "路面结冰。"),
    Kind("UM-0501", 0.6, 20, 0.6, "day", "供水管道破裂漏水。"),
    Kind("UM-0505", 0.2, 185, 0.7, "day", "路面塌陷，已设围挡。"),
    Kind("SG-0104", 2.4, 150, 0.1, "evening", "物业服务纠纷，业主反映公共部位维修。"),
    Kind("SG-0117", 2.6, 40, 0.15, "evening", "邻里纠纷，需上门调解。"),
    Kind("SG-0107", 1.2, 15, 0.7, "day", "劳资纠纷，工人反映工资拖欠。"),
    Kind("SG-0208", 1.6, 10, 0.4, "day", "楼道堆放杂物，存在火灾隐患。"),
    Kind("SG-0209", 0.8, 170, 0.2, "day", "生产车间安全措施不到位。"),
    Kind("SG-0212", 0.8, 190, 0.1, "day", "公共设施松动，存在坠落风险。"),
    Kind("SG-0307", 1.2, 60, 0.2, "day", "居民咨询证件办理。"),
    Kind("SG-0304", 0.8, 20, 0.3, "day", "独居老人需要就医陪同。"),
)
CLOCKS: dict[str, tuple[tuple[float, float, float], ...]] = {
    # hour of the peak, spread, share
    "day": ((9.6, 1.5, 0.5), (15.3, 2.0, 0.5)),
    "morning": ((8.3, 1.4, 0.75), (14.5, 2.2, 0.25)),
    "evening": ((18.6, 1.9, 0.7), (11.2, 1.6, 0.3)),
    "night": ((21.4, 1.7, 0.85), (13.0, 3.0, 0.15)),
}
SOURCES = ("SRC13", "SRC09", "SRC06", "SRC10", "SRC14", "SRC15", "SRC05", "SRC08")
_SOURCE_SHARE = (0.42, 0.6, 0.78, 0.84, 0.92, 0.96, 0.985, 1.0)


def incident_rows(
    city: City, areas: Areas, pieces: Pieces, staffing: Staffing, first: int, today: date
) -> Iterator[Block]:
    """Return incidents in the order in which they were reported, then every step of each.

    Their ids begin at `first`.
    """
    random, total = city.random(61), city.size.incidents
    weights = np.array([kind.weight for kind in KINDS])
    kind = np.searchsorted(np.cumsum(weights) / weights.sum(), random.random(total))
    seconds = _times(random, kind)
    order = np.argsort(seconds, kind="stable")
    kind, seconds = kind[order], seconds[order]
    x, y, row = _places(random, city, pieces, total)
    longitude, latitude = project(x, y)
    # Local time is eight hours ahead of the UTC that is stored.
    start = np.datetime64(today, "s") - np.timedelta64(DAYS, "D")
    reported = start + seconds.astype("timedelta64[s]")
    delay = random.exponential(1500, total) + 60
    category = [KINDS[k].code for k in kind.tolist()]
    source = np.array(SOURCES)[np.searchsorted(_SOURCE_SHARE, random.random(total))]
    limits = limits_of(category, city.random(62))
    walk = work_on(
        city.random(63),
        staffing,
        limits,
        reported=seconds.astype(np.float64),
        category=category,
        source=source.tolist(),
        grid=areas.finder.grid(longitude, latitude),
        end=DAYS * 86400.0,
    )
    day = np.char.replace(np.datetime_as_string(reported, unit="D"), "-", "").tolist()
    within: dict[str, int] = {}
    codes = []
    for one in day:
        within[one] = within.get(one, 0) + 1
        codes.append(f"{COUNTY}{one}{within[one]:05d}")
    road = pieces.name[row].tolist()
    number = random.integers(1, 380, total).tolist()
    place = [f"{r}{n}号附近" for r, n in zip(road, number, strict=True)]
    yield block(
        "incidents.incident",
        total,
        {
            "id": np.arange(total) + first,
            "code": codes,
            "category": category,
            "report_source": source,
            "place": place,
            "description": [p + KINDS[k].words for p, k in zip(place, kind.tolist(), strict=True)],
            "people_affected": random.geometric(0.42, total),
            "scale": np.where(random.random(total) < 0.996, "01", "02"),
            "occurred_at": stamps(start, seconds - delay),
            "reported_at": stamps(start, seconds.astype(np.float64)),
            "area_code": areas.finder.code(longitude, latitude),
            "source": SOURCE,
            "geom": points(longitude, latitude),
            **case_columns(walk, limits, start),
        },
    )
    yield from step_blocks(walk, start, first)


def set_deadlines(connection: Connection) -> None:
    """Warning and due times of the invented cases, by the rule that holds for real ones."""
    asked = (
        "SELECT id AS key, registered_at AS start, condition, pauses, extended_days AS extra_days "
        f"FROM incidents.incident WHERE source = '{SOURCE}' AND registered_at IS NOT NULL"
    )
    connection.exec_driver_sql(
        "UPDATE incidents.incident SET warn_at = due.warn_at, due_at = due.due_at "
        f"FROM ({deadlines_of(asked)}) AS due WHERE id = due.key"
    )


def _times(random: Random, kind: Ints) -> Ints:
    """Seconds since the first day, by each kind's season, weekday and clock."""
    day = np.empty(len(kind), dtype=np.int64)
    hour = np.empty(len(kind))
    for number, one in enumerate(KINDS):
        rows = np.flatnonzero(kind == number)
        days = np.arange(DAYS)
        season = 1 + one.swing * np.cos((days - one.peak + 325) * 2 * np.pi / 365.25)
        week = np.where(days % 7 >= 5, 0.72 if one.clock in ("day", "morning") else 1.15, 1.0)
        growth = 1 + 0.25 * days / DAYS
        weight = np.maximum(season, 0.02) * week * growth
        day[rows] = random.choice(days, len(rows), p=weight / weight.sum())
        peaks = CLOCKS[one.clock]
        first = random.random(len(rows)) < peaks[0][2]
        hour[rows] = (
            np.where(
                first,
                random.normal(peaks[0][0], peaks[0][1], len(rows)),
                random.normal(peaks[1][0], peaks[1][1], len(rows)),
            )
            % 24
        )
    return day * 86400 + (hour * 3600).astype(np.int64)


def _places(random: Random, city: City, pieces: Pieces, total: int) -> tuple[Floats, Floats, Ints]:
    span = float(np.ptp(pieces.start[:, 0]))
    spots = Noise.make(random, span * 0.12).at(pieces.start[:, 0], pieces.start[:, 1])
    heat = pieces.heat * np.exp(1.5 * spots)
    x, y, _, row = pieces.spread(random, total, heat, (-7.0, 4.0))
    mixed = random.permutation(total)
    return x[mixed], y[mixed], row[mixed]
