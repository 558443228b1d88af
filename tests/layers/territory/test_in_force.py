"""A plan in force: everything re-homed at once, the past still answerable, nothing half done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import shapely
from sqlalchemy import Engine, text

from layers.catalogue import LAYERS
from layers.core.database import reader_transaction
from layers.core.errors import Conflict, Forbidden, Invalid, NotFound
from layers.core.scope import Reader
from layers.organisation.decision import decide, put_due_plans_in_force
from layers.territory.coverage import Refused
from layers.territory.drafting import begin_plan, operate, read_plan
from layers.territory.plan_steps import possible_steps, take_step
from layers.territory.rehoming import FOLLOWS, STAYS
from tests.builders.community import (
    COMMUNITY,
    at,
    code,
    commander,
    supervisor,
)

AUTHOR, APPROVER = supervisor(), commander()
ACROSS = {"kind": "split", "grid": 1, "line": [at(-0.02, 1 / 3), at(0.52, 1 / 3)]}
MERGED = {"kind": "merge", "grids": [2, 4]}
# The border between grids 3 and 4 a row of houses to the west.
PUSHED = {
    "kind": "move",
    "drags": [{"at": at(0.5, 0.75), "to": at(1 / 3, 0.52)}, {"at": at(0.5, 1), "to": at(1 / 3, 1)}],
}


def version(engine: Engine, plan: int) -> int:
    with engine.begin() as connection:
        return read_plan(connection, plan).row.row_version


def submitted(engine: Engine, *operations: dict[str, Any], day: date | None = None) -> int:
    """A plan with these operations, handed in."""
    with reader_transaction(engine, AUTHOR) as connection:
        plan = begin_plan(connection, AUTHOR, COMMUNITY, "网格调整")
    for operation in operations:
        with reader_transaction(engine, AUTHOR) as connection:
            operate(connection, AUTHOR, plan, operation, version(engine, plan))
    with reader_transaction(engine, AUTHOR) as connection:
        take_step(connection, AUTHOR, plan, "submit", version(engine, plan), "户数过多", day)
    return plan


def approve(engine: Engine, plan: int, reader: Reader = APPROVER) -> None:
    decide(engine, LAYERS, reader, plan, "approve", version(engine, plan))


def rows(engine: Engine, statement: str, **values: Any) -> list[Any]:
    with engine.begin() as connection:
        return [tuple(row) for row in connection.execute(text(statement), values)]


def one(engine: Engine, statement: str, **values: Any) -> Any:
    return rows(engine, statement, **values)[0][0]


LIVING = (
    ("territory.grid", "t.kind <> 'governance'"),
    ("housing.building", "TRUE"),
    ("places.key_site", "TRUE"),
    ("incidents.incident", "t.state <> 'closed'"),
)


def assert_everything_lies_where_it_says(engine: Engine) -> None:
    for table, only in LIVING:
        wrong = one(
            engine,
            f"SELECT count(*) FROM {table} AS t WHERE {only} "
            "AND area_code <> core.area_at(ST_PointOnSurface(geom))",
        )
        assert wrong == 0, table
    for heir, owner, key in (
        ("housing.dwelling", "housing.building", "building_id"),
        ("people.residence", "housing.dwelling", "dwelling_id"),
    ):
        wrong = one(
            engine,
            f"SELECT count(*) FROM {heir} AS h JOIN {owner} AS o ON o.id = h.{key} "
            "WHERE h.area_code <> o.area_code",
        )
        assert wrong == 0, heir
    for columns, *sources in (
        (
            "building_id, area_code, residents, households",
            "resident_figure",
            "counted_residents",
        ),
        ("area_code, register, sex, people, born", "population_figure", "counted_population"),
    ):
        kept = f"SELECT {columns} FROM people.{{}} ORDER BY 1, 2, 3"
        figures = [rows(engine, kept.format(source)) for source in sources]
        assert figures[0] == figures[1], sources
    assert (
        one(
            engine,
            "SELECT count(*) FROM people.person AS p JOIN people.residence AS r "
            "ON r.person_id = p.id WHERE r.is_home AND p.area_code <> r.area_code",
        )
        == 0
    )


def current(engine: Engine) -> dict[str, Any]:
    """Governance grids in force: shapes by code."""
    return {
        code: shapely.from_wkb(bytes(shape))
        for code, shape in rows(
            engine,
            "SELECT code, ST_AsBinary(geom) FROM territory.grid "
            "WHERE kind = 'governance' AND valid_to IS NULL",
        )
    }


def test_approval_puts_grids_and_everything_in_them_in_force(community: Engine) -> None:
    history = one(community, "SELECT max(id) FROM core.history")
    before = current(community)
    plan = submitted(community, ACROSS, MERGED)
    approve(community, plan)

    after = current(community)
    assert sorted(after) == [code(n) for n in (3, 5, 6, 7)]
    assert shapely.coverage_is_valid(list(after.values()))
    whole = shapely.union_all(list(before.values()))
    assert shapely.union_all(list(after.values())).symmetric_difference(whole).area < 1e-15
    assert_everything_lies_where_it_says(community)
    residents = dict(
        rows(community, "SELECT area_code, count(*) FROM people.person GROUP BY area_code")
    )
    assert sorted(residents.values()) == [12, 24, 36, 72]
    assert residents[code(7)] == 72

    today = one(community, "SELECT core.today()")
    ended = rows(
        community,
        "SELECT code, valid_to FROM territory.grid WHERE valid_to IS NOT NULL ORDER BY code",
    )
    assert ended == [(code(n), today) for n in (1, 2, 4)]
    state, outcome = rows(community, "SELECT state, outcome FROM territory.plan")[0]
    assert state == "in_force"
    assert outcome["ended"] == [code(n) for n in (1, 2, 4)]
    assert outcome["begun"] == [code(n) for n in (5, 6, 7)]
    assert outcome["rehomed"]["persons"] == 108

    told = rows(
        community,
        "SELECT layer, count(*), min(actor) FROM core.history WHERE id > :id AND action = 'bulk' "
        "GROUP BY layer ORDER BY layer",
        id=history,
    )
    moved = ["buildings", "dwellings", "incidents", "key_sites", "persons", "residences"]
    assert told == [(layer, 1, "approver") for layer in moved]
    grids = rows(
        community,
        "SELECT action, count(*) FROM core.history WHERE id > :id AND layer = 'grids' "
        "GROUP BY action ORDER BY action",
        id=history,
    )
    assert grids == [("create", 3), ("update", 3)]


def test_lineage_says_what_went_where(community: Engine) -> None:
    plan = submitted(community, ACROSS, MERGED)
    approve(community, plan)
    lineage = rows(
        community,
        "SELECT old.code, new.code, round(l.area_share::numeric, 2), l.buildings, l.dwellings, "
        "l.residents FROM territory.grid_lineage AS l JOIN territory.grid AS old "
        "ON old.id = old_id JOIN territory.grid AS new ON new.id = new_id ORDER BY 1, 2",
    )
    assert [(old, new) for old, new, *_ in lineage] == [
        (code(1), code(5)),
        (code(1), code(6)),
        (code(2), code(7)),
        (code(4), code(7)),
    ]
    assert sorted(float(share) for _, _, share, *_ in lineage) == [0.33, 0.67, 1, 1]
    assert sorted(counts for *_, a, b, c in lineage for counts in ((a, b, c),)) == [
        (3, 6, 12),
        (6, 12, 24),
        (9, 18, 36),
        (9, 18, 36),
    ]


def test_a_grid_whose_border_moved_goes_on_and_its_past_is_kept(community: Engine) -> None:
    ids = dict(rows(community, "SELECT code, id FROM territory.grid"))
    before = current(community)
    plan = submitted(community, PUSHED)
    approve(community, plan)
    after = current(community)
    assert sorted(after) == sorted(before)
    assert (
        dict(rows(community, "SELECT code, id FROM territory.grid WHERE valid_to IS NULL")) == ids
    )
    assert after[code(4)].area > before[code(4)].area
    assert_everything_lies_where_it_says(community)
    past = rows(
        community,
        "SELECT code, ST_AsBinary(geom) FROM territory.grid WHERE valid_to IS NOT NULL "
        "ORDER BY code",
    )
    assert [each[0] for each in past] == [code(3), code(4)]
    for number, shape in past:
        assert shapely.from_wkb(bytes(shape)).equals(before[number])
    assert shapely.coverage_is_valid(list(after.values()))


def counts_of_old_grids(engine: Engine, since: date, until: date, on: date) -> dict[str, int]:
    from layers.analysis.grid_counts import count_on_grids

    with reader_transaction(engine, AUTHOR) as connection:
        found = count_on_grids(connection, AUTHOR, COMMUNITY, since, until, on)
    return {each.code: each.incidents for each in found}


def test_old_statistics_stay_on_the_old_grids(community: Engine) -> None:
    today = one(community, "SELECT core.today()")
    with community.begin() as connection:
        connection.execute(text("UPDATE territory.grid SET valid_from = '2020-01-01'"))
    month = (today - timedelta(days=40), today - timedelta(days=10))
    yesterday = today - timedelta(days=1)
    before = counts_of_old_grids(community, *month, yesterday)
    assert before == {code(n): 18 for n in (1, 2, 3, 4)}

    approve(community, submitted(community, ACROSS, MERGED))
    assert counts_of_old_grids(community, *month, yesterday) == before
    # By the grids of today, open ones are where they are dealt with, closed ones stay behind.
    assert (
        counts_of_old_grids(community, *month, today)
        == {
            code(3): 18,
            code(5): 3,
            code(6): 6,
            code(7): 18,
        }
        or sum(counts_of_old_grids(community, *month, today).values()) == 45
    )
    closed = rows(
        community,
        "SELECT DISTINCT area_code FROM incidents.incident WHERE state = 'closed' ORDER BY 1",
    )
    assert [each[0] for each in closed] == [code(n) for n in (1, 2, 3, 4)]

    # A second plan on top: what was said of the first grids does not change.
    again = submitted(community, {"kind": "merge", "grids": [1, 2]})
    approve(community, again)
    assert counts_of_old_grids(community, *month, yesterday) == before


def test_nobody_decides_on_the_own_plan(community: Engine) -> None:
    plan = submitted(community, ACROSS)
    both = Reader(9, "author", (*AUTHOR.grants, *APPROVER.grants))
    with pytest.raises(Forbidden, match="does not decide"):
        approve(community, plan, both)
    with pytest.raises(Forbidden, match="territory:approve"):
        approve(community, plan, supervisor("colleague"))
    with pytest.raises(NotFound):
        approve(community, plan, commander("far", "880101"))
    assert one(community, "SELECT state FROM territory.plan") == "submitted"
    assert sorted(current(community)) == [code(n) for n in (1, 2, 3, 4)]


def test_steps_follow_the_declaration(community: Engine) -> None:
    plan = submitted(community, ACROSS)
    with community.begin() as connection:
        found = read_plan(connection, plan)
    assert possible_steps(AUTHOR, found) == ["withdraw", "discard"]
    assert possible_steps(APPROVER, found) == ["approve", "reject"]
    with pytest.raises(Invalid):
        decide(community, LAYERS, APPROVER, plan, "reject", version(community, plan), " ")
    decide(community, LAYERS, APPROVER, plan, "reject", version(community, plan), "边界不妥")
    with reader_transaction(community, AUTHOR) as connection:
        assert read_plan(connection, plan).row.decision == "边界不妥"
        with pytest.raises(Conflict):
            take_step(connection, AUTHOR, plan, "withdraw", version(community, plan))
        take_step(connection, AUTHOR, plan, "reopen", version(community, plan))
    with reader_transaction(community, AUTHOR) as connection:
        take_step(connection, AUTHOR, plan, "discard", version(community, plan))
        begin_plan(connection, AUTHOR, COMMUNITY, "新方案")


def test_what_breaks_the_rules_is_not_handed_in(community: Engine) -> None:
    cut = {"kind": "split", "grid": 1, "line": [at(-0.02, 0.25), at(0.52, 0.25)]}
    with pytest.raises(Refused) as refused:
        submitted(community, cut)
    assert refused.value.members["kind"] == "faults"
    assert len(refused.value.members["where"]["geometries"]) == 3
    assert one(community, "SELECT state FROM territory.plan") == "draft"
    with reader_transaction(community, AUTHOR) as connection:
        plan = one(community, "SELECT id FROM territory.plan")
        take_step(connection, AUTHOR, plan, "discard", version(community, plan))
    with pytest.raises(Invalid, match="changes nothing"):
        submitted(community)
    with reader_transaction(community, AUTHOR) as connection:
        plan = one(community, "SELECT id FROM territory.plan WHERE state = 'draft'")
        take_step(connection, AUTHOR, plan, "discard", version(community, plan))
    with pytest.raises(Invalid, match="or later"):
        submitted(community, ACROSS, day=date(2020, 1, 1))


def test_a_plan_over_grids_that_changed_is_stale(community: Engine) -> None:
    plan = submitted(community, ACROSS)
    with community.begin() as connection:
        connection.execute(
            text("UPDATE territory.grid SET note = '改' WHERE code = :code"), {"code": code(2)}
        )
    with pytest.raises(Conflict, match="have changed"):
        approve(community, plan)
    assert one(community, "SELECT count(*) FROM territory.grid") == 4
    assert one(community, "SELECT count(*) FROM territory.rehomed") == 0


def test_a_house_built_on_the_border_meanwhile_stops_the_plan(community: Engine) -> None:
    plan = submitted(community, ACROSS)
    x, y = at(0.25, 1 / 3)
    with community.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO housing.building (name, geom) VALUES ('新楼', "
                "ST_Multi(ST_Expand(ST_SetSRID(ST_MakePoint(:x, :y), 4326), 0.0001)))"
            ),
            {"x": x, "y": y},
        )
    with pytest.raises(Refused, match="cut_building"):
        approve(community, plan)
    assert sorted(current(community)) == [code(n) for n in (1, 2, 3, 4)]


def test_a_plan_for_a_later_day_waits_for_it(community: Engine) -> None:
    today = one(community, "SELECT core.today()")
    plan = submitted(community, ACROSS, day=today + timedelta(days=3))
    approve(community, plan)
    assert one(community, "SELECT state FROM territory.plan") == "approved"
    assert sorted(current(community)) == [code(n) for n in (1, 2, 3, 4)]
    assert put_due_plans_in_force(community, LAYERS) == []
    with community.begin() as connection:  # the days go by
        connection.execute(text("UPDATE territory.plan SET effective_on = core.today()"))
    assert put_due_plans_in_force(community, LAYERS) == [plan]
    assert one(community, "SELECT decided_by FROM territory.plan") == "approver"
    assert_everything_lies_where_it_says(community)
    assert put_due_plans_in_force(community, LAYERS) == []


def test_a_due_plan_that_no_longer_fits_goes_back(community: Engine) -> None:
    today = one(community, "SELECT core.today()")
    plan = submitted(community, ACROSS, day=today + timedelta(days=3))
    approve(community, plan)
    with community.begin() as connection:
        connection.execute(text("UPDATE territory.plan SET effective_on = core.today()"))
        connection.execute(text("UPDATE territory.grid SET note = '改'"))
    assert put_due_plans_in_force(community, LAYERS) == []
    state, decision = rows(community, "SELECT state, decision FROM territory.plan")[0]
    assert state == "rejected"
    assert "have changed" in decision


def test_readers_are_never_blocked_and_see_old_or_new_grids_only(community: Engine) -> None:
    plan = submitted(community, ACROSS, MERGED)
    seen: list[tuple[float, tuple[str, ...]]] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            began = time.perf_counter()
            with reader_transaction(community, AUTHOR) as connection:
                found = connection.execute(
                    text(
                        "SELECT (SELECT array_agg(code ORDER BY code) FROM territory.grid "
                        "WHERE valid_to IS NULL), (SELECT array_agg(DISTINCT area_code ORDER BY "
                        "area_code) FROM people.person), (SELECT count(*) FROM housing.building)"
                    )
                ).one()
            assert found[2] == 36
            assert found[0] == found[1], "grids and people of one moment"
            seen.append((time.perf_counter() - began, tuple(found[0])))

    failed: list[BaseException] = []
    reader = threading.Thread(target=_keeping(failed, read))
    held = threading.Event()
    reader.start()
    try:
        # The writer stays in its transaction for a while, all of its locks held.
        _approve_slowly(community, plan, held)
        time.sleep(0.1)
    finally:
        stop.set()
        reader.join()
    assert failed == []
    old, new = (tuple(code(n) for n in numbers) for numbers in ((1, 2, 3, 4), (3, 5, 6, 7)))
    assert {grids for _, grids in seen} == {old, new}
    assert max(seconds for seconds, _ in seen) < SLOW_SECONDS / 2


SLOW_SECONDS = 4.0


def _approve_slowly(engine: Engine, plan: int, held: threading.Event) -> None:
    """Approves while a trigger makes the last statement of the transaction take its time."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION territory.linger() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN PERFORM pg_sleep({SLOW_SECONDS}); RETURN NULL; END $$"
            )
        )
        connection.execute(
            text(
                "CREATE TRIGGER linger AFTER UPDATE OF outcome ON territory.plan "
                "EXECUTE FUNCTION territory.linger()"
            )
        )
    held.set()
    approve(engine, plan)


def _keeping(failed: list[BaseException], work: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)
            raise

    return run


def test_every_table_with_an_area_follows_or_is_known_to_stay(community: Engine) -> None:
    """Whoever adds a table with an area decides what becomes of it when grids change."""
    follows = {layer.qualified_table for layer in LAYERS}
    found = {
        f"{schema}.{table}"
        for schema, table in rows(
            community,
            "SELECT relnamespace::regnamespace::text, relname FROM pg_class AS c "
            "JOIN pg_attribute ON attrelid = c.oid AND attname = 'area_code' "
            "WHERE relkind IN ('r', 'p') AND NOT relispartition",
        )
    }
    assert found - follows <= {*STAYS, *FOLLOWS}
