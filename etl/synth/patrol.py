"""A day on duty: walkers and vehicles move along the streets of the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from etl.synth.city import City, project
from etl.synth.lattice import PIECES
from etl.synth.organisation import Crew
from etl.synth.shapes import Floats, Ints, Random
from etl.synth.territory import COUNTY, SOURCE, Areas
from etl.synth.text import Block, block, points
from layers.patrol.day_track import day_bounds

BEGIN, END = 8 * 3600 + 1800, 17 * 3600 + 1800
_VEHICLES = (
    ("patrol", "巡逻车"),
    ("sprinkler", "洒水车"),
    ("refuse", "清运车"),
    ("sweeper", "清扫车"),
    ("fire", "消防车"),
)
NOON, HOUR = 12 * 3600, 3600
SILENT_SHARE = 5
"""One walker in so many is without a network for a while."""
SILENCE = (14 * 3600 + 900, 14 * 3600 + 2700)
_MOVES = np.array([(1, 0), (-1, 0), (0, 1), (0, -1)])


@dataclass(frozen=True)
class Fleet:
    """Walkers and vehicles: kind, id, home in metres and speed in metres a second."""

    kind: list[str]
    id: Ints
    home: Floats
    speed: Floats
    label: list[str]


def vehicle_rows(city: City, areas: Areas, first: int, unit_first: int) -> Block:
    """Return the vehicles; each serves one street or town."""
    total = city.size.vehicles
    town = [n % len(areas.town_code) for n in range(total)]
    return block(
        "patrol.vehicle",
        total,
        {
            "id": np.arange(total) + first,
            "code": [f"{COUNTY}V{n:05d}" for n in range(1, total + 1)],
            "plate": plates(total),
            "kind": [_VEHICLES[n % 5][0] for n in range(total)],
            "unit_id": str(unit_first),
            "area_code": [areas.town_code[t] for t in town],
            "source": SOURCE,
        },
    )


def plates(count: int) -> list[str]:
    """Return number plates of a province that does not exist."""
    return [f"虚A{n:05d}" for n in range(10_001, 10_001 + count)]


def make_fleet(city: City, areas: Areas, crew: Crew, first_vehicle: int) -> Fleet:
    """Return everybody whose way is drawn."""
    random, size = city.random(71), city.size
    middle = np.zeros((size.grids, 2))
    inside = city.nest.grid >= 0
    count = np.bincount(city.nest.grid[inside], minlength=size.grids)
    for axis in (0, 1):
        middle[:, axis] = (
            np.bincount(
                city.nest.grid[inside],
                weights=city.land.centre[inside][:, axis],
                minlength=size.grids,
            )
            / count
        )
    afoot = [
        n
        for n, post in enumerate(crew.post)
        if post in ("worker", "supervisor", "inspector", "collector")
    ][: size.walkers]
    grids = [crew.grid[n] for n in afoot]
    homes = np.concatenate([middle[grids], middle[random.integers(0, size.grids, size.vehicles)]])
    speed = np.concatenate(
        [random.uniform(0.7, 1.35, len(afoot)), random.uniform(4.0, 8.5, size.vehicles)]
    )
    ids = np.concatenate(
        [np.array(afoot, dtype=np.int64) + crew.first, np.arange(size.vehicles) + first_vehicle]
    )
    labels = [crew.name[n] for n in afoot] + plates(size.vehicles)
    return Fleet(["staff"] * len(afoot) + ["vehicle"] * size.vehicles, ids, homes, speed, labels)


@dataclass(frozen=True)
class Walk:
    """Where everybody is at every step: metres, heading in degrees, speed in km/h."""

    x: Floats
    y: Floats
    heading: Floats
    speed: Floats


class _Net:
    """The streets as a net of nodes with up to four ways on."""

    def __init__(self, city: City) -> None:
        lattice, land = city.lattice, city.land
        wide, high = lattice.shape
        self.high = high + 1
        self.open = np.zeros((wide + 1, high + 1, 4), dtype=bool)
        self.open[:-1, :, 0] = land.across
        self.open[1:, :, 1] = land.across
        self.open[:, :-1, 2] = land.along
        self.open[:, 1:, 3] = land.along
        self.node = np.zeros((wide + 1, high + 1, 2))
        self.node[:-1], self.node[-1] = lattice.across[:, :, 0], lattice.across[-1, :, -1]
        self.lattice = lattice

    def line(self, i: Ints, j: Ints, move: Ints) -> Floats:
        """The bent way from each node in its direction."""
        across, along = self.lattice.across, self.lattice.along
        lines = np.empty((len(i), PIECES + 1, 2))
        for number in range(4):
            rows = np.flatnonzero(move == number)
            a, b = i[rows], j[rows]
            if number == 0:
                lines[rows] = across[a, b]
            elif number == 1:
                lines[rows] = across[a - 1, b][:, ::-1]
            elif number == 2:
                lines[rows] = along[a, b]
            else:
                lines[rows] = along[a, b - 1][:, ::-1]
        return lines


def _turn(
    net: _Net, random: Random, i: Ints, j: Ints, last: Ints, home: Floats, loose: Floats
) -> Ints:
    """Choose the next way: not back if it can be helped, and not too far from home."""
    ways = net.open[i, j]
    ahead = net.node[
        np.clip(i[:, None] + _MOVES[:, 0], 0, net.node.shape[0] - 1),
        np.clip(j[:, None] + _MOVES[:, 1], 0, net.node.shape[1] - 1),
    ]
    far = np.hypot(ahead[:, :, 0] - home[:, None, 0], ahead[:, :, 1] - home[:, None, 1])
    score = random.uniform(0, 1, far.shape) - far / loose[:, None]
    back = np.array([1, 0, 3, 2])[last]
    score[np.arange(len(i)), back] -= 3.0
    score[~ways] = -np.inf
    best: Ints = np.argmax(score, axis=1)
    return best


def make_walk(city: City, fleet: Fleet) -> Walk:
    """Walk everybody through the day along the streets."""
    random, net, step = city.random(72), _Net(city), city.size.position_step
    steps, count = (END - BEGIN) // step, len(fleet.id)
    reachable = np.argwhere(net.open.any(axis=2))
    spots = net.node[reachable[:, 0], reachable[:, 1]]
    nearest = [
        int(np.argmin((spots[:, 0] - h[0]) ** 2 + (spots[:, 1] - h[1]) ** 2)) for h in fleet.home
    ]
    i, j = reachable[nearest, 0].copy(), reachable[nearest, 1].copy()
    loose = np.where(fleet.speed > 2, 2500.0, 320.0)
    move = _turn(net, random, i, j, np.zeros(count, dtype=np.int64), fleet.home, loose)
    line = net.line(i, j, move)
    done = np.zeros(count)
    out = Walk(*(np.zeros((steps, count)) for _ in range(4)))
    resting = _rests(city.random(74), fleet, steps, step)
    for number in range(steps):
        pace = fleet.speed * np.where(
            resting[number] | (random.random(count) < 0.22),
            0.0,
            random.uniform(0.7, 1.2, count),
        )
        done += pace * step
        for _ in range(12):
            length = np.hypot(*np.moveaxis(np.diff(line, axis=1), 2, 0)).sum(axis=1)
            over = np.flatnonzero(done > length)
            if not len(over):
                break
            done[over] -= length[over]
            i[over] += _MOVES[move[over], 0]
            j[over] += _MOVES[move[over], 1]
            move[over] = _turn(
                net, random, i[over], j[over], move[over], fleet.home[over], loose[over]
            )
            line[over] = net.line(i[over], j[over], move[over])
        _place(out, number, line, done, pace)
    return out


def _rests(random: Random, fleet: Fleet, steps: int, step: int) -> NDArray[np.bool_]:
    """Who rests at which step: an hour at noon, and three calls of five to twenty minutes."""
    count = len(fleet.id)
    at = BEGIN + np.arange(steps)[:, None] * step
    noon = NOON + random.integers(-900, 900, count)
    rests: NDArray[np.bool_] = (at >= noon) & (at < noon + HOUR)
    for _ in range(3):
        begins = random.integers(BEGIN, END, count)
        rests |= (at >= begins) & (at < begins + random.integers(300, 1200, count))
    return rests


def _place(out: Walk, number: int, line: Floats, done: Floats, pace: Floats) -> None:
    part = np.diff(line, axis=1)
    length = np.hypot(part[:, :, 0], part[:, :, 1])
    total = np.cumsum(length, axis=1)
    share = np.minimum(done, total[:, -1] - 0.01)
    row = (total < share[:, None]).sum(axis=1)
    each = np.arange(len(done))
    before = np.where(row > 0, total[each, np.maximum(row - 1, 0)], 0.0)
    along = ((share - before) / length[each, row])[:, None]
    place = line[each, row] + part[each, row] * along
    out.x[number], out.y[number] = place[:, 0], place[:, 1]
    out.heading[number] = np.degrees(np.arctan2(part[each, row, 0], part[each, row, 1])) % 360
    out.speed[number] = pace * 3.6


def position_rows(
    city: City, areas: Areas, fleet: Fleet, walk: Walk, today: date, per_block: int = 120
) -> Iterator[Block]:
    """Return all positions of the day, step after step."""
    random, step = city.random(73), city.size.position_step
    count = len(fleet.id)
    ids = list(map(str, fleet.id.tolist()))
    start = np.datetime64(today, "s") + np.timedelta64(BEGIN, "s")
    for first in range(0, len(walk.x), per_block):
        part = slice(first, min(first + per_block, len(walk.x)))
        steps = part.stop - part.start
        total = steps * count
        noise = random.normal(0, 1.6, (2, total))
        longitude, latitude = project(
            walk.x[part].ravel() + noise[0], walk.y[part].ravel() + noise[1]
        )
        at = BEGIN + np.arange(part.start, part.stop)[:, None] * step
        silent = (at >= SILENCE[0]) & (at < SILENCE[1]) & (np.arange(count) % SILENT_SHARE == 0)
        heard = np.flatnonzero(~silent.ravel())
        times = start + (np.arange(part.start, part.stop) * step).astype("timedelta64[s]")
        stamps = [f"{text}+08" for text in np.datetime_as_string(times).tolist()]
        stamp = np.repeat(np.array(stamps), count)[heard]
        yield block(
            "patrol.position",
            len(heard),
            {
                "object_kind": np.array(fleet.kind * steps)[heard].tolist(),
                "object_id": np.array(ids * steps)[heard].tolist(),
                "device_time": stamp.tolist(),
                "server_time": stamp.tolist(),
                "area_code": areas.finder.code(longitude[heard], latitude[heard]),
                "longitude": longitude[heard],
                "latitude": latitude[heard],
                "speed": np.round(walk.speed[part].ravel()[heard], 1),
                "heading": np.round(walk.heading[part].ravel()[heard], 1) % 360,
                "accuracy": np.round(random.gamma(3.0, 1.6, total)[heard], 1),
            },
        )


def shift_rows(areas: Areas, crew: Crew, fleet: Fleet, today: date) -> Block:
    """Return the shifts of the day, over by now: one of each walker."""
    afoot = [n for n, kind in enumerate(fleet.kind) if kind == "staff"]
    stamps = [f"{np.datetime64(today, 's') + np.timedelta64(at, 's')}+08" for at in (BEGIN, END)]
    grids = [crew.grid[int(fleet.id[n]) - crew.first] for n in afoot]
    return block(
        "patrol.shift",
        len(afoot),
        {
            "staff_id": [str(fleet.id[n]) for n in afoot],
            "area_code": [areas.grid_code[grid] for grid in grids],
            "planned_start": stamps[0],
            "planned_end": stamps[1],
            "started_at": stamps[0],
            "ended_at": stamps[1],
            "end_kind": "staff",
            "source": SOURCE,
        },
    )


def last_rows(areas: Areas, fleet: Fleet, walk: Walk, today: date) -> Block:
    """Return where the vehicles were last; of staff nothing is told once their shift is over."""
    driven = np.flatnonzero(np.array(fleet.kind) == "vehicle")
    longitude, latitude = project(walk.x[-1, driven], walk.y[-1, driven])
    stamp = f"{np.datetime64(today, 's') + np.timedelta64(END, 's')}+08"
    return block(
        "patrol.last_position",
        len(driven),
        {
            "vehicle_id": list(map(str, fleet.id[driven].tolist())),
            "label": [fleet.label[n] for n in driven],
            "device_time": stamp,
            "server_time": stamp,
            "speed": np.round(walk.speed[-1, driven], 1),
            "heading": np.round(walk.heading[-1, driven], 1) % 360,
            "accuracy": 5.0,
            "area_code": areas.finder.code(longitude, latitude),
            "source": SOURCE,
            "geom": points(longitude, latitude),
        },
    )


_VISITS = """
INSERT INTO patrol.grid_visit (day, object_kind, object_id, area_code, first_at, last_at, fixes)
SELECT %(day)s, p.object_kind, p.object_id, p.area_code, min(p.device_time), max(p.device_time),
  count(*)
FROM patrol.position AS p
WHERE p.device_time >= %(since)s AND p.device_time < %(until)s AND (
  p.object_kind = 'staff'
    AND p.object_id IN (SELECT id FROM organisation.staff WHERE source = 'synthetic')
  OR p.object_kind = 'vehicle'
    AND p.object_id IN (SELECT id FROM patrol.vehicle WHERE source = 'synthetic')
)
GROUP BY p.object_kind, p.object_id, p.area_code
"""


def keep_visits(connection: Connection, today: date) -> None:
    """Note which grids were visited, as the intake does for fixes that are sent."""
    since, until = day_bounds(today)
    connection.exec_driver_sql(_VISITS, {"day": today, "since": since, "until": until})
