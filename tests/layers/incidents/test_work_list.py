"""Work lists: rows, counts and tiles against a slow reading of every case one by one."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from layers.core.database import OneTrip
from layers.core.errors import Forbidden, Invalid
from layers.core.features import after_area
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from layers.core.tiles import tile_at
from layers.incidents.list_page import count_lists, find_page
from layers.incidents.list_tile import list_tile
from layers.incidents.work_list import WORK_LISTS, Filter, Sort, lists_of, work_list
from layers.incidents.workflow import STATES
from tests.builders.two_sides import COUNTY, EAST, WEST, TwoSides, build_two_sides
from tests.gisserver.mvt import TileLayer, decode

MANY = 240
NOW = datetime.now(UTC)
CATEGORIES = ("UM-0101", "UM-0102", "UM-0409", "SG-0104")
OVER = ("closed", "forced_close", "archived", "void")
Case = dict[str, Any]


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    return build_two_sides(module_engine)


@pytest.fixture(scope="module")
def cases(module_engine: Engine, town: TwoSides) -> list[Case]:
    """Cases of every state on both sides, written straight into the table."""
    chance = random.Random(7)
    columns = (
        *("category", "state", "place", "description", "report_source", "reported_at"),
        *("registered_at", "warn_at", "due_at", "paused_at", "closed_at", "unit_id", "handler_id"),
        *("registered_by", "reported_by", "supervision", "extension_days", "code"),
    )
    statement = text(
        f"INSERT INTO incidents.incident ({', '.join(columns)}, geom) VALUES "
        f"({', '.join(':' + name for name in columns)}, "
        "ST_SetSRID(ST_MakePoint(:lon, 30.005), 4326))"
    )
    with module_engine.begin() as connection:
        connection.execute(text("DELETE FROM incidents.incident"))
        connection.execute(statement, [_case(chance, town, n) for n in range(MANY)])
        rows = connection.execute(text("SELECT * FROM incidents.incident ORDER BY id")).mappings()
        return [dict(row) for row in rows]


def _case(chance: random.Random, town: TwoSides, number: int) -> Case:
    state = chance.choice(sorted(STATES))
    side = chance.choice((WEST, EAST))
    reported = NOW - timedelta(hours=chance.randrange(1, 200))
    is_registered = state not in ("reported", "verifying", "pending_register", "void")
    # Half an hour off, so that none changes its light while the test runs.
    due = NOW + timedelta(hours=chance.randrange(-40, 40) + 0.5) if is_registered else None
    return {
        "category": chance.choice(CATEGORIES),
        "state": state,
        "place": f"澄湖路{number}号附近",
        "description": chance.choice(("路灯不亮", "垃圾未清", "100%损坏")),
        "report_source": "SRC01",
        "reported_at": reported,
        "registered_at": reported if is_registered else None,
        "warn_at": due - timedelta(hours=10) if due else None,
        "due_at": due,
        "paused_at": NOW - timedelta(hours=chance.randrange(1, 30))
        if state == "suspended"
        else None,
        "closed_at": NOW - timedelta(hours=chance.randrange(1, 30)) if state in OVER else None,
        "unit_id": town.ids["units"][side] if is_registered else None,
        "handler_id": chance.choice((None, town.ids["staff"][side])) if is_registered else None,
        "registered_by": chance.choice((None, "somebody", "operator")),
        "reported_by": chance.choice((None, "worker")),
        "supervision": chance.choice((None, "yellow")),
        "extension_days": chance.choice((None, 3)) if state == "handling" else None,
        "code": f"{side}{number:05d}",
        "lon": {WEST: 120.001, EAST: 120.011}[side] + chance.random() * 0.008,
    }


@pytest.fixture(scope="module")
def readers(town: TwoSides) -> dict[str, Reader]:
    def who(login: str, *grants: tuple[Role, str], side: str | None = None) -> Reader:
        given = tuple(Grant(role, area) for role, area in grants)
        staff = town.ids["staff"][side] if side else None
        unit = town.ids["units"][side] if side else None
        return Reader(1, login, given, staff, unit)

    return {
        "operator": who("operator", (Role.OPERATOR, COUNTY)),
        "dispatcher": who("dispatcher", (Role.DISPATCHER, WEST)),
        "unit": who("unit", (Role.UNIT, COUNTY), side=WEST),
        "nobody": who("nobody", (Role.UNIT, COUNTY)),
        "worker": who("worker", (Role.WORKER, f"{WEST}01"), side=WEST),
        "commander": who("commander", (Role.COMMANDER, "")),
        "mixed": who("mixed", (Role.WORKER, f"{EAST}01"), (Role.COMMANDER, COUNTY), side=EAST),
    }


def is_open(case: Case) -> bool:
    return case["state"] not in OVER


def runs(case: Case) -> bool:
    return is_open(case) and case["paused_at"] is None and case["due_at"] is not None


def in_charge(case: Case, reader: Reader) -> bool:
    of_unit = reader.unit_id is not None and case["unit_id"] == reader.unit_id
    return of_unit or (reader.staff_id is not None and case["handler_id"] == reader.staff_id)


def is_mine(case: Case, reader: Reader) -> bool:
    is_handler = reader.staff_id is not None and case["handler_id"] == reader.staff_id
    return reader.login in (case["registered_by"], case["reported_by"]) or is_handler


def may_check(case: Case, reader: Reader) -> bool:
    is_other = reader.staff_id is None or case["handler_id"] != reader.staff_id
    return case["state"] == "verifying" or (case["state"] == "pending_check" and is_other)


BELONGS: dict[str, Callable[[Case, Reader], bool]] = {
    "to_register": lambda c, _: c["state"] in ("reported", "pending_register"),
    "to_dispatch": lambda c, _: c["state"] == "pending_dispatch",
    "my_unit": lambda c, r: (
        c["state"] in ("pending_handle", "handling", "handle_finish") and in_charge(c, r)
    ),
    "to_check": may_check,
    "to_close": lambda c, _: c["state"] == "checked",
    "to_decide": lambda c, _: c["extension_days"] is not None,
    "overdue": lambda c, _: runs(c) and c["due_at"] < NOW,
    "due_soon": lambda c, _: runs(c) and c["warn_at"] <= NOW <= c["due_at"],
    "suspended": lambda c, _: c["state"] == "suspended",
    "supervised": lambda c, _: is_open(c) and c["supervision"] is not None,
    "mine": lambda c, r: is_open(c) and is_mine(c, r),
    "open": lambda c, _: is_open(c),
    "to_archive": lambda c, _: c["state"] in ("closed", "forced_close"),
    "all": lambda *_: True,
}


def light_of(case: Case) -> str | None:
    if case["due_at"] is None:
        return None
    moment = case["closed_at"] or case["paused_at"] or NOW
    if moment > case["due_at"]:
        return "red"
    return "yellow" if moment >= case["warn_at"] else "green"


def expected(cases: list[Case], name: str, reader: Reader, wanted: Filter) -> list[Case]:
    right = next(each.right for each in WORK_LISTS if each.name == name)
    return [
        case
        for case in cases
        if BELONGS[name](case, reader)
        and reader.covers(right, case["area_code"])
        and (wanted.category is None or case["category"].startswith(wanted.category))
        and (wanted.area is None or case["area_code"].startswith(wanted.area))
        and (wanted.unit is None or case["unit_id"] == wanted.unit)
        and (wanted.light is None or light_of(case) == wanted.light)
        and (wanted.since is None or case["reported_at"] >= wanted.since)
        and (wanted.until is None or case["reported_at"] < wanted.until)
        and all(
            word in f"{case['place']} {case['description']}" or case["code"].startswith(word)
            for word in (wanted.text or "").split()
        )
    ]


FILTERS = (
    Filter(),
    Filter(category="UM-04"),
    Filter(category="UM-0101", light="red"),
    Filter(area=WEST, light="yellow"),
    Filter(light="green", text="路灯"),
    Filter(text="澄湖路1 路灯"),
    Filter(text="100%"),
    Filter(text="号"),
    Filter(text=f"{WEST}0000"),
    Filter(since=NOW - timedelta(hours=100), until=NOW - timedelta(hours=50)),
)


def all_pages(engine: Engine, name: str, reader: Reader, wanted: Filter, sort: Sort) -> list[int]:
    ids: list[int] = []
    after = None
    while True:
        asks, each = OneTrip(engine, reader), work_list(name, reader)
        page = find_page(asks, each, reader, wanted, sort, 7, after)
        ids += [row.id for row in page.rows]
        after = page.next_after
        if after is None:
            return ids


@pytest.mark.parametrize(
    "who", ["operator", "dispatcher", "unit", "nobody", "worker", "commander", "mixed"]
)
def test_counts_equal_what_belongs(
    module_engine: Engine, cases: list[Case], readers: dict[str, Reader], who: str
) -> None:
    reader = readers[who]
    assert set(BELONGS) == {each.name for each in WORK_LISTS}
    for wanted in FILTERS:
        counts = count_lists(OneTrip(module_engine, reader), lists_of(reader), reader, wanted)
        found = {name: len(expected(cases, name, reader, wanted)) for name in counts}
        assert counts == found, wanted


@pytest.mark.parametrize("sort", ["due", "newest", "oldest"])
@pytest.mark.parametrize("who", ["operator", "unit", "mixed"])
def test_pages_hold_every_row_once_and_in_order(
    module_engine: Engine, cases: list[Case], readers: dict[str, Reader], who: str, sort: Sort
) -> None:
    reader = readers[who]
    far = datetime.max.replace(tzinfo=UTC)
    keys: dict[str, Callable[[Case], Any]] = {
        "due": lambda c: (c["due_at"] or far, c["id"]),
        "oldest": lambda c: (c["reported_at"], c["id"]),
        "newest": lambda c: (-c["reported_at"].timestamp(), -c["id"]),
    }
    for each in lists_of(reader):
        belong = sorted(expected(cases, each.name, reader, Filter()), key=keys[sort])
        found = all_pages(module_engine, each.name, reader, Filter(), sort)
        assert found == [case["id"] for case in belong], each.name


def point_of(commands: list[int]) -> tuple[int, int]:
    """Where a point of one command (MoveTo, zigzag) lies in its tile."""
    _, x, y = commands
    return (x >> 1) ^ -(x & 1), (y >> 1) ^ -(y & 1)


@pytest.mark.parametrize("zoom", [11, 15])
def test_tiles_hold_what_the_list_counts(
    module_engine: Engine, cases: list[Case], readers: dict[str, Reader], zoom: int
) -> None:
    reader = readers["commander"]
    tiles = {tile_at(zoom, 120 + step / 1000, 30.005) for step in range(22)}
    for wanted in (Filter(), Filter(light="red"), Filter(text="路灯")):
        for name in ("open", "all", "overdue"):
            each = work_list(name, reader)
            drawn: dict[str, int] = {"count": 0, "red": 0}
            for tile in tiles:
                body = list_tile(OneTrip(module_engine, reader), each, reader, wanted, tile)
                held = decode(body).get("cases", TileLayer())
                for number, properties in held.features.items():
                    # What lies in the buffer belongs to the neighbour.
                    if all(0 <= axis < 4096 for axis in point_of(held.geometries[number])):
                        drawn["count"] += properties["count"]
                        drawn["red"] += properties.get("red", 0)
            belong = expected(cases, name, reader, wanted)
            assert drawn["count"] == len(belong)
            if zoom < 14:
                assert drawn["red"] == sum(light_of(case) == "red" for case in belong)


def test_a_list_without_the_right_is_refused(readers: dict[str, Reader]) -> None:
    with pytest.raises(Forbidden, match="incidents:dispatch"):
        work_list("to_dispatch", readers["operator"])
    with pytest.raises(Invalid, match="there are: to_register"):
        work_list("everything", readers["operator"])
    auditor = Reader(1, "auditor", (Grant(Role.AUDITOR, ""),))
    assert lists_of(auditor) == ()


@pytest.mark.parametrize("after", ["", "x~1", "2030-01-01~", "2030-01-01T00:00:00~x", "~"])
def test_a_position_no_page_gave_is_refused(
    module_engine: Engine, readers: dict[str, Reader], after: str
) -> None:
    reader = readers["operator"]
    with pytest.raises(Invalid, match="after"):
        find_page(
            OneTrip(module_engine, reader),
            work_list("all", reader),
            reader,
            Filter(),
            "due",
            5,
            after,
        )


def test_after_area_ends_a_group_of_categories() -> None:
    end = after_area("UM-04")
    assert all("UM-04" <= code < end for code in ("UM-04", "UM-0401", "UM-0499"))
    assert not any("UM-04" <= code < end for code in ("UM-03", "UM-0399", "UM-05", "UM-0501"))
