"""Who is in charge of a grid: one chief and one worker at a time, vacancies seen, history kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from layers.core.change import Change, Edit, Tools, apply_change
from layers.core.codes import read_code_tables
from layers.core.database import reader_transaction
from layers.core.errors import Forbidden, Invalid
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from layers.core.sealing import Sealer
from layers.migrations import CODES
from layers.organisation.assignment import ASSIGNMENTS
from layers.organisation.charge import find_charges, find_vacancies
from tests.builders.community import COMMUNITY, code, supervisor
from tests.harness import TEST_KEY

_TABLES = {table.name: {row.code for row in table.rows} for table in read_code_tables(CODES)}
TOOLS = Tools(codes=lambda table: _TABLES[table], sealer=Sealer(TEST_KEY))
SUPERVISOR = supervisor()
DAY = date(2026, 3, 1)


class Nevermind(Exception):
    """Rolls a test's transaction back."""


@pytest.fixture(scope="module")
def people(shared_community: Engine) -> dict[str, int]:
    """Three members of the staff by name, and the four grids by code."""
    with shared_community.begin() as connection:
        staff = connection.execute(
            text(
                "INSERT INTO organisation.staff (name, post, area_code) SELECT name, 'worker', "
                ":community FROM unnest(ARRAY['甲', '乙', '丙']) AS name RETURNING name, id"
            ),
            {"community": COMMUNITY},
        ).all()
        grids = connection.execute(text("SELECT code, id FROM territory.grid")).all()
    return {row[0]: row[1] for row in (*staff, *grids)}


@pytest.fixture
def reading(shared_community: Engine) -> Iterator[Connection]:
    with (  # noqa: PT012
        pytest.raises(Nevermind),
        reader_transaction(shared_community, SUPERVISOR) as connection,
    ):
        yield connection
        raise Nevermind


def assign(connection: Connection, values: dict[str, Any], actor: Reader = SUPERVISOR) -> int:
    edit = Edit(ASSIGNMENTS, "create", values=values)
    return apply_change(connection, Change([edit], "调岗"), actor, TOOLS)[0]


def charge(people: dict[str, int], name: str, grid: int = 1, **more: Any) -> dict[str, Any]:
    given = {"staff_id": people[name], "grid_id": people[code(grid)], "role": "worker"}
    return {**given, "valid_from": str(DAY), **more}


def test_a_grid_has_one_worker_at_a_time(reading: Connection, people: dict[str, int]) -> None:
    assign(reading, charge(people, "甲", valid_to="2026-06-01"))
    with pytest.raises(Invalid) as refused, reading.begin_nested():
        assign(reading, charge(people, "乙", valid_from="2026-05-31"))
    assert [(f.field, f.reason) for f in refused.value.faults] == [
        ("role", "somebody has it at that time already")
    ]
    assign(reading, charge(people, "乙", valid_from="2026-06-01"))
    assign(reading, charge(people, "丙", role="part_time"))
    assign(reading, charge(people, "丙", grid=2))  # one worker may serve two grids
    held = find_charges(reading, SUPERVISOR, on=date(2026, 5, 31), grid=people[code(1)])
    assert [(each.staff, each.role) for each in held] == [("甲", "worker"), ("丙", "part_time")]
    later = find_charges(reading, SUPERVISOR, on=date(2026, 6, 1), grid=people[code(1)])
    assert [(each.staff, each.role) for each in later] == [("乙", "worker"), ("丙", "part_time")]
    everything = find_charges(reading, SUPERVISOR, on=DAY, grid=people[code(1)], past=True)
    assert [(each.staff, each.is_current) for each in everything] == [
        ("甲", True),
        ("丙", True),
        ("乙", False),
    ]


def test_nobody_has_two_posts_in_one_grid_and_no_time_runs_backwards(
    reading: Connection, people: dict[str, int]
) -> None:
    assign(reading, charge(people, "甲"))
    for wrong in (charge(people, "甲", role="chief"), charge(people, "乙", valid_to="2026-02-01")):
        with pytest.raises(Invalid), reading.begin_nested():
            assign(reading, wrong)
    with pytest.raises(Invalid) as refused, reading.begin_nested():
        assign(reading, charge(people, "乙", role="king"))
    assert [fault.field for fault in refused.value.faults] == ["role"]


def test_vacancies_are_the_posts_nobody_holds(reading: Connection, people: dict[str, int]) -> None:
    def vacant(on: date) -> dict[str, list[str]]:
        found = find_vacancies(reading, SUPERVISOR, COMMUNITY, on)
        return {each.code: list(each.roles) for each in found}

    assert vacant(DAY) == {code(n): ["chief", "worker"] for n in (1, 2, 3, 4)}
    assign(reading, charge(people, "甲", valid_to="2026-04-01"))
    assign(reading, charge(people, "乙", role="chief"))
    assert vacant(DAY) == {code(n): ["chief", "worker"] for n in (2, 3, 4)}
    after = find_vacancies(reading, SUPERVISOR, code(1), date(2026, 4, 1))
    assert [(each.roles, each.since) for each in after] == [(["worker"], date(2026, 4, 1))]
    assert 120 < after[0].lon < 120.004


def test_assigning_needs_the_right_where_the_grid_lies(
    shared_community: Engine, people: dict[str, int]
) -> None:
    worker = Reader(5, "worker", (Grant(Role.WORKER, COMMUNITY),))
    with pytest.raises(Forbidden), reader_transaction(shared_community, worker) as connection:
        assign(connection, charge(people, "甲"), worker)
    stranger = supervisor("stranger", "990101001002")
    with pytest.raises(Invalid), reader_transaction(shared_community, stranger) as connection:
        assign(connection, charge(people, "甲"), stranger)
    auditor = Reader(6, "auditor", (Grant(Role.AUDITOR, ""),))
    with reader_transaction(shared_community, auditor) as connection, pytest.raises(Forbidden):
        find_vacancies(connection, auditor)


@settings(max_examples=25, derandomize=True)
@given(
    spans=st.lists(
        st.tuples(st.integers(0, 40), st.one_of(st.none(), st.integers(0, 30))), max_size=6
    )
)
def test_no_two_workers_hold_a_grid_on_one_day_whatever_is_asked(
    shared_community: Engine, people: dict[str, int], spans: list[tuple[int, int | None]]
) -> None:
    with shared_community.connect() as connection:
        kept: list[tuple[int, int | None]] = []
        for start, length in spans:
            end = None if length is None else start + length
            values = {
                "grid": people[code(3)],
                "staff": people["甲"],
                "start": DAY + timedelta(days=start),
                "end": None if end is None else DAY + timedelta(days=end),
            }
            try:
                with connection.begin_nested():
                    connection.execute(_HOLD, values)
            except IntegrityError:
                assert any(_meet((start, end), other) for other in kept)
                continue
            assert not any(_meet((start, end), other) for other in kept)
            kept.append((start, end))
        connection.rollback()


_HOLD = text(
    "INSERT INTO organisation.assignment (grid_id, staff_id, role, valid_from, valid_to) "
    "VALUES (:grid, :staff, 'worker', :start, :end)"
)


def _meet(one: tuple[int, int | None], other: tuple[int, int | None]) -> bool:
    """Whether two half-open spans of days have a day in common."""
    days = [set(range(start, 100 if end is None else end)) for start, end in (one, other)]
    return bool(days[0] & days[1])
