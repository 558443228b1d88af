"""Steps in the database: recorded with the incident or not at all, whatever asks for them."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from layers.core.change import Change, Edit, Tools, apply_change
from layers.core.codes import valid_codes
from layers.core.database import reader_transaction
from layers.core.errors import Forbidden, Invalid, NotFound, Stale
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from layers.incidents.case import find_case_page
from layers.incidents.incident import INCIDENTS
from layers.incidents.take_step import find_case, take_step
from tests.builders.two_sides import COUNTY, EAST, SEALER, WEST, TwoSides, build_two_sides, point

CONDITION = "UM-0101#2"
CODED = (
    *("closing_condition", "verification_finding", "check_verdict", "supervision"),
    "satisfaction",
)


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    return build_two_sides(module_engine)


class Desk:
    """Everybody who works on cases in the west, and one case after another."""

    def __init__(self, engine: Engine, town: TwoSides) -> None:
        self.engine, self.town = engine, town
        unit, staff = town.west("units"), town.west("staff")
        self.operator = Reader(1, "operator", (Grant(Role.OPERATOR, COUNTY),))
        self.dispatcher = Reader(2, "dispatcher", (Grant(Role.DISPATCHER, COUNTY),))
        self.handler = Reader(3, "handler", (Grant(Role.UNIT, COUNTY),), staff, unit)
        self.stranger = Reader(4, "stranger", (Grant(Role.UNIT, COUNTY),), None, town.east("units"))
        self.checker = Reader(5, "checker", (Grant(Role.SUPERVISOR, WEST),))
        self.commander = Reader(6, "commander", (Grant(Role.COMMANDER, COUNTY),))
        with engine.begin() as connection:
            self.codes = {
                table: valid_codes(connection, table)
                for table in (*CODED, "incident_category", "report_source")
            }

    def report(self, side: str = WEST) -> int:
        values = {"category": "UM-0101", "report_source": "SRC01", "description": "违建"}
        edit = Edit(INCIDENTS, "create", values=values, geometry=point(side, 5))
        with reader_transaction(self.engine, self.operator) as connection:
            return apply_change(
                connection, Change([edit]), self.operator, Tools(self.codes.__getitem__, SEALER)
            )[0]

    def take(
        self, who: Reader, case_id: int, step: str, version: int | None = None, **given: Any
    ) -> None:
        with reader_transaction(self.engine, who) as connection:
            case, _ = find_case(connection, who, case_id)
            based_on = case.row_version if version is None else version
            take_step(connection, who, case_id, step, based_on, given, self.codes.__getitem__)

    def walk(self, *steps: str) -> int:
        """A case that has come through the steps named, or through all up to the last of them."""
        case_id = self.report()
        for step in steps:
            getattr(self, f"_{step}")(case_id)
        return case_id

    def _register(self, case_id: int) -> None:
        self.take(self.operator, case_id, "register", condition=CONDITION)

    def _dispatch(self, case_id: int) -> None:
        self.take(self.dispatcher, case_id, "dispatch", unit=self.town.west("units"))

    def _receive(self, case_id: int) -> None:
        self.take(self.handler, case_id, "receive")

    def _handle(self, case_id: int) -> None:
        self.take(self.handler, case_id, "handle", reason="已拆除")

    def _feed_back(self, case_id: int) -> None:
        self.take(self.handler, case_id, "feed_back")

    def _check(self, case_id: int) -> None:
        self.take(self.checker, case_id, "check", verdict="passed")

    def _close(self, case_id: int) -> None:
        self.take(self.operator, case_id, "close", closing_condition="UM-01")

    def row(self, case_id: int) -> dict[str, Any]:
        with self.engine.begin() as connection:
            found = connection.execute(
                text(
                    "SELECT *, (SELECT coalesce(sum(upper(pause) - lower(pause)), '0') "
                    "FROM unnest(pauses) AS pause) AS paused "
                    "FROM incidents.incident WHERE id = :id"
                ),
                {"id": case_id},
            )
            return dict(found.mappings().one())

    def path(self, case_id: int) -> list[tuple[str, str | None, str]]:
        with self.engine.begin() as connection:
            rows = connection.execute(
                text(
                    "SELECT step, from_state, to_state FROM incidents.step "
                    "WHERE incident_id = :id ORDER BY id"
                ),
                {"id": case_id},
            )
            return [tuple(row) for row in rows]


@pytest.fixture(scope="module")
def desk(module_engine: Engine, town: TwoSides) -> Desk:
    return Desk(module_engine, town)


WHOLE = ("register", "dispatch", "receive", "handle", "feed_back", "check", "close")


def test_a_case_goes_from_report_to_archive(desk: Desk) -> None:
    case_id = desk.walk(*WHOLE)
    desk.take(desk.operator, case_id, "archive", satisfaction="satisfied")
    row = desk.row(case_id)
    assert row["state"] == "archived"
    assert row["registered_by"] == row["reported_by"] == "operator"
    assert row["unit_id"] == desk.town.west("units")
    assert row["handler_id"] == desk.town.west("staff")
    assert (row["closing"], row["closing_condition"]) == ("checked", "UM-01")
    assert row["satisfaction"] == "satisfied"
    times = [row[f"{name}_at"] for name in ("registered", "dispatched", "received", "handled")]
    assert times == sorted(times)
    assert row["registered_at"] < row["warn_at"] < row["due_at"]
    path = desk.path(case_id)
    assert [step for step, *_ in path] == ["report", *WHOLE, "archive"]
    assert all(after[1] == before[2] for before, after in itertools.pairwise(path))
    with reader_transaction(desk.engine, desk.operator) as connection:
        page = find_case_page(connection, desk.operator, case_id, desk.codes.__getitem__)
    assert page.open == ()
    assert page.unit == "工作站1"
    assert [step.role for step in page.steps][1:4] == ["operator", "dispatcher", "unit"]
    assert len(page.steps) == len(path)


def test_the_history_tells_the_same_as_the_steps(desk: Desk) -> None:
    case_id = desk.walk("register", "dispatch")
    with desk.engine.begin() as connection:
        states = connection.execute(
            text(
                "SELECT after ->> 'state' FROM core.history WHERE layer = 'incidents' "
                "AND feature_id = :id ORDER BY id"
            ),
            {"id": case_id},
        ).scalars()
        assert list(states) == [state for *_, state in desk.path(case_id)]


@pytest.mark.parametrize(
    ("who", "done", "step", "given", "error", "says"),
    [
        ("operator", (), "close", {"closing_condition": "UM-01"}, Invalid, "open to you: "),
        ("operator", (), "fly", {}, Invalid, "no step 'fly'"),
        ("dispatcher", (), "register", {"condition": CONDITION}, Forbidden, "incidents:register"),
        ("operator", (), "register", {}, Invalid, "condition: required"),
        ("operator", (), "register", {"condition": "UM-0301#1"}, Invalid, "no condition of"),
        ("operator", (), "register", {"condition": "nonsense"}, Invalid, "no registration"),
        ("operator", (), "register", {"condition": CONDITION, "unit": 1}, Invalid, "takes no unit"),
        ("operator", (), "void", {"reason": "  "}, Invalid, "reason: required"),
        ("operator", (), "void", {"reason": "长" * 501}, Invalid, "501 characters"),
        ("operator", (), "void", {"reason": 7}, Invalid, "text expected"),
        ("operator", ("register",), "void", {"reason": "误报"}, Invalid, "not open in the state"),
        ("dispatcher", ("register",), "dispatch", {"unit": 10**6}, Invalid, "no such row in units"),
        ("dispatcher", ("register",), "dispatch", {"unit": "x"}, Invalid, "number expected"),
        ("stranger", ("register", "dispatch"), "receive", {}, Forbidden, "unit in charge"),
        ("handler", ("register", "dispatch"), "handle", {"reason": "x"}, Invalid, "not open"),
        ("handler", WHOLE[:3], "handle", {}, Invalid, "reason: required"),
        ("handler", WHOLE[:3], "ask_extension", {"days": 99, "reason": "x"}, Invalid, "1 to 30"),
        ("commander", WHOLE[:3], "grant_extension", {}, Invalid, "no extension is asked for"),
        ("checker", WHOLE[:5], "check", {"verdict": "failed"}, Invalid, "reason: required"),
        ("checker", WHOLE[:5], "check", {"verdict": "maybe"}, Invalid, "no code of"),
        ("operator", WHOLE[:6], "close", {"closing_condition": "SG-01"}, Invalid, "no closing"),
    ],
)
def test_what_is_refused_leaves_nothing(
    desk: Desk,
    who: str,
    done: tuple[str, ...],
    step: str,
    given: dict[str, Any],
    error: type[Exception],
    says: str,
) -> None:
    case_id = desk.walk(*done)
    before, path = desk.row(case_id), desk.path(case_id)
    with pytest.raises(error, match=says):
        desk.take(getattr(desk, who), case_id, step, **given)
    assert desk.row(case_id) == before
    assert desk.path(case_id) == path


def test_a_unit_or_employee_of_elsewhere_is_refused(desk: Desk) -> None:
    case_id = desk.walk("register")
    with pytest.raises(Invalid, match="the unit serves"):
        desk.take(desk.dispatcher, case_id, "dispatch", unit=desk.town.east("units"))
    unit = desk.town.west("units")
    with pytest.raises(Invalid, match="not of the unit"):
        desk.take(desk.dispatcher, case_id, "dispatch", unit=unit, staff=desk.town.east("staff"))
    desk.take(desk.dispatcher, case_id, "dispatch", unit=unit, staff=desk.town.west("staff"))
    assert desk.row(case_id)["handler_id"] == desk.town.west("staff")


def test_a_stale_version_is_refused_with_both(desk: Desk) -> None:
    case_id = desk.walk("register")
    with pytest.raises(Stale) as refused:
        desk.take(desk.dispatcher, case_id, "dispatch", version=1, unit=desk.town.west("units"))
    assert (refused.value.asked, refused.value.current) == (1, 2)


def test_a_case_elsewhere_is_not_there(desk: Desk) -> None:
    case_id = desk.report(EAST)
    with pytest.raises(NotFound):
        desk.take(desk.checker, case_id, "check", verdict="passed")


def test_of_two_at_once_one_is_stale(desk: Desk) -> None:
    case_id = desk.report()
    version = desk.row(case_id)["row_version"]
    results: list[str] = []
    start = threading.Barrier(2)

    def register() -> None:
        start.wait()
        try:
            desk.take(desk.operator, case_id, "register", version, condition=CONDITION)
            results.append("done")
        except Stale:
            results.append("stale")

    threads = [threading.Thread(target=register) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["done", "stale"]
    assert len(desk.path(case_id)) == 2


def test_suspension_moves_the_deadline_by_its_length(desk: Desk) -> None:
    urgent = desk.report()
    desk.take(desk.operator, urgent, "register", condition="UM-0101#1")  # runs day and night
    desk._dispatch(urgent)
    due = desk.row(urgent)["due_at"]
    desk.take(desk.commander, urgent, "suspend", reason="待拆迁")
    row = desk.row(urgent)
    assert row["state"] == "suspended"
    assert row["due_at"] == due, "while it lasts the deadline stays as it was"
    _let_pass(desk, urgent, timedelta(hours=7))
    desk.take(desk.commander, urgent, "resume")
    row = desk.row(urgent)
    assert row["state"] == "pending_handle"
    assert row["paused_at"] is None
    assert row["due_at"] - due == row["paused"] - timedelta(hours=7)
    assert row["paused"] >= timedelta(hours=7)


def _let_pass(desk: Desk, case_id: int, time: timedelta) -> None:
    """As if everything in the case had happened earlier."""
    columns = ("registered_at", "warn_at", "due_at", "paused_at", "dispatched_at")
    sets = ", ".join(f"{name} = {name} - :time" for name in columns)
    with desk.engine.begin() as connection:
        connection.execute(
            text(f"UPDATE incidents.incident SET {sets} WHERE id = :id"),
            {"id": case_id, "time": time},
        )


def test_an_extension_is_asked_for_before_the_limit(desk: Desk) -> None:
    case_id = desk.walk("register", "dispatch", "receive")
    due = desk.row(case_id)["due_at"]
    for expected in (1, 2):
        desk.take(desk.handler, case_id, "ask_extension", days=2, reason="等待材料")
        with pytest.raises(Invalid, match="asked for already"):
            desk.take(desk.handler, case_id, "ask_extension", days=2, reason="等待材料")
        desk.take(desk.commander, case_id, "grant_extension")
        row = desk.row(case_id)
        assert (row["extension_count"], row["extended_days"]) == (expected, 2 * expected)
        assert row["due_at"] > due
        due = row["due_at"]
    with pytest.raises(Invalid, match="extended 2 times already"):
        desk.take(desk.handler, case_id, "ask_extension", days=2, reason="再等")

    late = desk.walk("register", "dispatch", "receive")
    _let_pass(desk, late, timedelta(days=90))
    with pytest.raises(Invalid, match="the limit has passed"):
        desk.take(desk.handler, late, "ask_extension", days=2, reason="等待材料")


def test_rework_goes_back_to_the_same_unit_with_all_data(desk: Desk) -> None:
    case_id = desk.walk(*WHOLE[:5])
    desk.take(desk.checker, case_id, "check", verdict="failed", reason="垃圾仍在")
    desk.take(desk.operator, case_id, "rework", reason="未清理干净")
    row = desk.row(case_id)
    assert (row["state"], row["rework_count"]) == ("pending_handle", 1)
    assert row["unit_id"] == desk.town.west("units")
    assert row["handled_at"] is None
    with desk.engine.begin() as connection:
        reasons = connection.execute(
            text("SELECT reason FROM incidents.step WHERE incident_id = :id ORDER BY id"),
            {"id": case_id},
        ).scalars()
        assert "已拆除" in list(reasons), "what was said of the first handling is kept"


# What nobody can do beside the flow


@pytest.fixture
def by_hand(desk: Desk) -> Iterator[Connection]:
    """A statement of a dispatcher's own, who may change and delete incidents."""
    with reader_transaction(desk.engine, desk.dispatcher) as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE incidents.incident SET state = 'closed' WHERE id = :id",
        "UPDATE incidents.incident SET due_at = now() WHERE id = :id",
        "INSERT INTO incidents.step (incident_id, step, to_state) VALUES (:id, 'close', 'closed')",
        "UPDATE incidents.step SET reason = 'other' WHERE incident_id = :id",
        "DELETE FROM incidents.step WHERE incident_id = :id",
        "DELETE FROM incidents.incident WHERE id = :id",
        "SELECT incidents.record_step(:id, 2, 'close', 'closed', 'x', 1, '', NULL, '{}')",
        "SELECT incidents.record_step(:id, 2, 'dispatch', 'archived', 'x', 1, '', NULL, '{}')",
    ],
)
def test_no_statement_of_a_reader_moves_a_case(
    desk: Desk, by_hand: Connection, statement: str
) -> None:
    case_id = desk.walk("register")
    with pytest.raises(DBAPIError) as refused:
        by_hand.execute(text(statement), {"id": case_id})
    assert getattr(refused.value.orig, "pgcode", None) == "42501"


def test_steps_are_seen_where_the_incident_is_seen(desk: Desk) -> None:
    west, east = desk.walk("register"), desk.report(EAST)
    counts = []
    for side in (WEST, EAST):
        worker = Reader(9, "worker", (Grant(Role.WORKER, side),))
        with reader_transaction(desk.engine, worker) as connection:
            seen = connection.execute(
                text("SELECT count(*) FROM incidents.step WHERE incident_id = ANY(:ids)"),
                {"ids": [west, east]},
            )
            counts.append(seen.scalar_one())
    assert counts == [2, 1]


def test_an_archived_case_stays_as_it_is(desk: Desk) -> None:
    case_id = desk.walk(*WHOLE)
    desk.take(desk.operator, case_id, "archive")
    edit = Edit(INCIDENTS, "update", case_id, {"description": "另一说法"})
    tools = Tools(desk.codes.__getitem__, SEALER)
    with reader_transaction(desk.engine, desk.dispatcher) as connection:
        with pytest.raises(Forbidden):
            apply_change(connection, Change([edit]), desk.dispatcher, tools)
        connection.rollback()
