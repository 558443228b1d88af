"""When grids end, those in charge and those with access follow as far as they gain nothing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, text

from gisserver.auth.accounts import create_account, list_accounts
from layers.catalogue import LAYERS
from layers.core.database import reader_transaction
from layers.core.rights import Role
from layers.core.scope import Grant
from layers.organisation.decision import decide
from layers.territory.drafting import begin_plan, operate, read_plan
from layers.territory.plan_steps import take_step
from tests.builders.community import COMMUNITY, at, code, commander, supervisor

AUTHOR, APPROVER = supervisor(), commander()
# The northern third of the first grid is cut off.
ACROSS = {"kind": "split", "grid": 1, "line": [at(-0.02, 1 / 3), at(0.52, 1 / 3)]}
MERGED = {"kind": "merge", "grids": [2, 4]}
PASSWORD = "correct horse battery"

_STAFF = text(
    "INSERT INTO organisation.staff (name, post, area_code) "
    "VALUES (:name, 'worker', :area) RETURNING id"
)
_CHARGE = text(
    "INSERT INTO organisation.assignment (grid_id, staff_id, role, valid_from) "
    "SELECT id, :staff, :role, '2026-01-01' FROM territory.grid "
    "WHERE code = :grid AND valid_to IS NULL"
)


def put_in_charge(engine: Engine, name: str, role: str, *numbers: int) -> None:
    with engine.begin() as connection:
        staff = connection.execute(_STAFF, {"name": name, "area": code(numbers[0])}).scalar_one()
        for number in numbers:
            values = {"staff": staff, "role": role, "grid": code(number)}
            connection.execute(_CHARGE, values)


def in_force(engine: Engine, *operations: dict[str, Any]) -> dict[str, Any]:
    """A plan approved at once; what came of it."""

    def version() -> int:
        with engine.begin() as connection:
            return read_plan(connection, plan).row.row_version

    with reader_transaction(engine, AUTHOR) as connection:
        plan = begin_plan(connection, AUTHOR, COMMUNITY, "网格调整")
    for operation in operations:
        with reader_transaction(engine, AUTHOR) as connection:
            operate(connection, AUTHOR, plan, operation, version())
    with reader_transaction(engine, AUTHOR) as connection:
        take_step(connection, AUTHOR, plan, "submit", version(), "户数过多")
    decide(engine, LAYERS, APPROVER, plan, "approve", version())
    with engine.begin() as connection:
        outcome = read_plan(connection, plan).row.outcome
    assert outcome is not None
    return dict(outcome)


def held(engine: Engine) -> list[tuple[str, str, str]]:
    """Grid, role and name of everybody in charge today."""
    with engine.begin() as connection:
        rows = connection.execute(
            text(
                "SELECT g.code, a.role, s.name FROM organisation.assignment AS a "
                "JOIN territory.grid AS g ON g.id = a.grid_id "
                "JOIN organisation.staff AS s ON s.id = a.staff_id "
                "WHERE a.valid_to IS NULL ORDER BY 1, 2, 3"
            )
        )
        return [(row[0], row[1], row[2]) for row in rows]


def test_those_in_charge_follow_to_where_most_of_their_grid_went(community: Engine) -> None:
    put_in_charge(community, "长", "chief", 1, 2, 4)
    for name, number in (("一", 1), ("二", 2), ("四", 4), ("三", 3)):
        put_in_charge(community, name, "worker", number)
    outcome = in_force(community, ACROSS, MERGED)
    with community.begin() as connection:
        sizes = dict(
            connection.execute(
                text("SELECT code, ST_Area(geom) FROM territory.grid WHERE valid_to IS NULL")
            ).all()
        )
    larger, smaller = sorted((code(5), code(6)), key=lambda each: -sizes[each])
    now = held(community)
    assert (larger, "worker", "一") in now
    assert (smaller, "worker", "一") not in now
    assert (code(3), "worker", "三") in now
    assert [name for grid, role, name in now if grid == code(7) and role == "worker"] == ["二"]
    assert {grid for grid, role, _ in now if role == "chief"} == {code(5), code(6), code(7)}
    assert [each["code"] for each in outcome["vacant"]] == [smaller]
    assert [(e["staff"], e["role"]) for e in outcome["assignments_ended"]] == [("四", "worker")]
    with community.begin() as connection:
        history = connection.execute(
            text("SELECT count(*) FROM organisation.assignment WHERE valid_to = core.today()")
        ).scalar_one()
        area = connection.execute(
            text("SELECT area_code FROM organisation.staff WHERE name = '一'")
        ).scalar_one()
    assert history == 6
    assert area == larger


def test_a_moved_border_changes_nobodys_charge(community: Engine) -> None:
    put_in_charge(community, "一", "worker", 1)
    before = held(community)
    outcome = in_force(
        community,
        {"kind": "move", "drags": [{"at": at(0.5, 0.25), "to": at(0.48, 0.25)}]},
    )
    assert held(community) == before
    assert outcome["changed"] == [code(1), code(2)]
    assert outcome["vacant"] == [{"code": code(2), "name": "甲社区第2网格"}]


@pytest.fixture
def accounts(community: Engine) -> Engine:
    for login, area in (("one", code(1)), ("two", code(2)), ("all", COMMUNITY)):
        create_account(community, login, login, PASSWORD, [Grant(Role.WORKER, area)])
    create_account(
        community,
        "both",
        "both",
        PASSWORD,
        [Grant(Role.WORKER, code(2)), Grant(Role.WORKER, code(4))],
    )
    return community


def grants(engine: Engine) -> dict[str, list[str]]:
    return {
        account.login: sorted(grant.area_code for grant in account.grants)
        for account in list_accounts(engine)
    }


def test_grants_follow_where_nothing_is_gained_and_the_others_are_told(accounts: Engine) -> None:
    outcome = in_force(accounts, ACROSS, MERGED)
    assert grants(accounts) == {
        "one": [code(1), code(5), code(6)],
        "two": [code(2)],
        "both": [code(2), code(4), code(7)],
        "all": [COMMUNITY],
    }
    assert [(each["login"], each["to"]) for each in outcome["grants_open"]] == [("two", code(7))]
    with accounts.begin() as connection:
        lines = connection.execute(
            text(
                "SELECT login, detail ->> 'area' FROM core.audit WHERE action = 'account_grant' "
                "ORDER BY 2"
            )
        ).all()
        broken = connection.execute(text("SELECT count(*) FROM core.broken_audit()")).scalar_one()
    assert [tuple(line) for line in lines] == [
        ("approver", code(5)),
        ("approver", code(6)),
        ("approver", code(7)),
    ]
    assert broken == 0
