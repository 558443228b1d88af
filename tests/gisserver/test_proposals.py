"""Enter, review, update over HTTP: proposals of workers, decisions of supervisors, what is kept."""

from __future__ import annotations

import json
import logging
import secrets
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from gisserver.live.event import Event, may_see
from layers.core.database import reader_transaction
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from tests.gisserver.conftest import signed_in
from tests.gisserver.desk import Desk
from tests.gisserver.town import EAST, PASSWORD, WEST, add_account

PHONE, NEW_PHONE = "13800001111", "13911112222"
ID_NUMBER = "11010519491231002X"
NAME = "欧阳测试"


@pytest.fixture(scope="module")
def worker(town_app: Flask, module_engine: Engine) -> Desk:
    return Desk(town_app, module_engine, Role.WORKER, WEST)


@pytest.fixture(scope="module")
def supervisor(town_app: Flask, module_engine: Engine) -> Desk:
    return Desk(town_app, module_engine, Role.SUPERVISOR, WEST)


@pytest.fixture(scope="module")
def next_door(town_app: Flask, module_engine: Engine) -> Desk:
    return Desk(town_app, module_engine, Role.SUPERVISOR, EAST)


@pytest.fixture
def person(supervisor: Desk) -> Any:
    values = {"name": NAME, "phone": PHONE, "register": "POP-01", "area_code": WEST}
    return supervisor.make("persons", **values)


def now(desk: Desk, layer: str, row: int) -> Any:
    return desk.get(f"/api/layers/{layer}/features/{row}")


def test_a_worker_writes_nothing_and_proposes(worker: Desk, supervisor: Desk, person: Any) -> None:
    seen = now(worker, "persons", person["id"])
    assert (seen["editable"], seen["proposable"]) == (False, True)
    assert now(supervisor, "persons", person["id"])["editable"] is True
    answer = worker.client.patch(
        f"/api/layers/persons/features/{person['id']}",
        json={"properties": {"sex": "1"}, "row_version": 1},
        headers=worker.headers,
    )
    assert answer.status_code == 403
    made = worker.change(person, {"phone": NEW_PHONE, "sex": "1"}, reason="上门核实")
    assert (made["state"], made["steps"], made["is_mine"]) == (
        "pending",
        ["withdraw", "replace"],
        1,
    )
    assert made["label"] == "欧***"
    assert [(d["field"], d["before"], d["after"]) for d in made["differences"]] == [
        ("phone", "138****1111", "139****2222"),
        ("sex", None, "1"),
    ]
    assert now(worker, "persons", person["id"])["properties"]["phone"] == "138****1111"


def test_accepting_writes_once_and_history_names_both(
    worker: Desk, supervisor: Desk, person: Any, module_engine: Engine
) -> None:
    made = worker.change(person, {"phone": NEW_PHONE, "sex": "1"}, reason="上门核实")
    path = f"/api/proposals/{made['id']}"
    assert supervisor.get(path)["steps"] == ["accept", "return"]
    done = supervisor.post(f"{path}/accept", {"reason": "属实"})
    assert (done["state"], done["decided_by"], done["is_corrected"]) == (
        "accepted",
        supervisor.login,
        False,
    )
    stored = now(supervisor, "persons", person["id"])["properties"]
    assert (stored["phone"], stored["sex"], stored["row_version"]) == ("139****2222", "1", 2)
    entry = supervisor.get(f"/api/layers/persons/features/{person['id']}/history")["items"][0]
    assert entry["actor"] == supervisor.login
    assert entry["reason"] == f"{worker.login} 提交（#{made['id']}）：上门核实；属实"
    again = supervisor.post(f"{path}/accept", {}, 409)
    assert "accepted" in again["detail"]
    assert worker.get(path)["state"] == "accepted"
    assert opened(supervisor, person["id"], "phone") == NEW_PHONE
    with module_engine.connect() as connection:
        kept = connection.execute(
            text("SELECT sealed FROM people.proposal WHERE id = :id"), {"id": made["id"]}
        ).scalar_one()
    assert kept == {}


def opened(desk: Desk, person: int, field: str) -> str:
    body = {"layer": "persons", "id": person, "field": field, "reason": "核对提交的内容"}
    return str(desk.post("/api/reveal", body)["value"])


def test_correcting_is_accepting_with_other_values(
    worker: Desk, supervisor: Desk, person: Any
) -> None:
    made = worker.change(person, {"phone": NEW_PHONE, "sex": "1"})
    path = f"/api/proposals/{made['id']}"
    faults = supervisor.post(f"{path}/accept", {"values": {"sex": "7", "birth_date": "x"}}, 400)
    assert {fault["field"] for fault in faults["faults"]} == {"sex", "birth_date"}
    body = {"values": {"sex": "2", "birth_date": "1990-02-03"}}
    done = supervisor.post(f"{path}/accept", body)
    assert done["is_corrected"] is True
    told = {d["field"]: (d["after"], d["accepted"], d["is_corrected"]) for d in done["differences"]}
    assert told["sex"] == ("1", "2", True)
    assert told["phone"] == ("139****2222", "139****2222", False)
    stored = now(supervisor, "persons", person["id"])["properties"]
    assert (stored["sex"], stored["birth_date"]) == ("2", "1990-02-03")


def test_all_faults_are_told_when_proposing_and_nothing_is_kept(
    worker: Desk, module_engine: Engine, person: Any
) -> None:
    before = rows(module_engine)
    values = {"name": "", "register": "NO", "phone": "12", "sex": "x"}
    body = {"layer": "persons", "operation": "create", "values": values}
    answer = worker.propose(400, **body)
    faults = {fault["field"] for fault in answer["faults"]}
    assert faults == {"name", "register", "phone", "sex"}
    taken = {"layer": "residences", "operation": "create"}
    home = {"person_id": person["id"], "dwelling_id": 999_999, "kind": "x"}
    answer = worker.propose(400, **taken, values=home)
    assert {fault["field"] for fault in answer["faults"]} >= {"kind"}
    version = {"feature_id": person["id"], "row_version": 1}
    same = {"layer": "persons", "operation": "update", "values": {"register": "POP-01"}}
    assert "nothing to change" in worker.propose(400, **same, **version)["detail"]
    assert rows(module_engine) == before


def rows(engine: Engine) -> list[int]:
    """How many proposals, persons and lines of history there are."""
    with engine.connect() as connection:
        tables = ("people.proposal", "people.person", "core.history")
        return [
            connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in tables
        ]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"layer": "buildings", "operation": "update"}, 404),
        ({"layer": "persons", "operation": "drop"}, 400),
        ({"layer": "persons", "operation": "update", "values": {}}, 400),
        ({"layer": "persons", "operation": "create", "row_version": 1}, 400),
        ({"layer": "persons", "operation": "create", "values": []}, 400),
        ({"layer": "persons", "operation": "create", "state": "accepted"}, 400),
        ({"layer": "persons", "operation": "update", "feature_id": 1, "row_version": True}, 400),
    ],
)
def test_a_proposal_that_cannot_be_read_is_refused(
    worker: Desk, body: dict[str, Any], status: int
) -> None:
    worker.propose(status, **body)


def test_a_new_home_with_its_people_comes_in_by_proposals(
    worker: Desk, supervisor: Desk, town: dict[str, list[int]]
) -> None:
    values = {"building_id": town[WEST][0], "floor": 2, "room_number": "201", "usage": None}
    made = worker.propose(layer="dwellings", operation="create", values=values)
    assert made["area_code"] == WEST
    done = supervisor.post(f"/api/proposals/{made['id']}/accept", {})
    dwelling = done["feature_id"]
    assert now(worker, "dwellings", dwelling)["properties"]["room_number"] == "201"
    twice = worker.propose(400, layer="dwellings", operation="create", values=values)
    assert "already" in twice["detail"]

    someone = {"name": NAME, "register": "POP-02", "id_number": ID_NUMBER.lower()}
    made = worker.propose(layer="persons", operation="create", values=someone)
    assert made["area_code"] == WEST
    person = supervisor.post(f"/api/proposals/{made['id']}/accept", {})["feature_id"]
    assert opened(supervisor, person, "id_number") == ID_NUMBER
    home = {"person_id": person, "dwelling_id": dwelling, "kind": "L02", "is_home": True}
    made = worker.propose(layer="residences", operation="create", values=home)
    supervisor.post(f"/api/proposals/{made['id']}/accept", {})
    rental = {"dwelling_id": dwelling, "lessor_phone": PHONE, "tenants": 2}
    made = worker.propose(layer="rentals", operation="create", values=rental)
    supervisor.post(f"/api/proposals/{made['id']}/accept", {})
    assert worker.get("/api/layers/rentals/features")["features"][0]["properties"]["tenants"] == 2


def test_a_row_is_deleted_by_proposal(worker: Desk, supervisor: Desk, person: Any) -> None:
    body = {"layer": "persons", "operation": "delete", "feature_id": person["id"]}
    worker.propose(400, **body, row_version=1, values={"sex": "1"})
    made = worker.propose(**body, row_version=1, reason="登记重复")
    assert {d["after"] for d in made["differences"]} == {None}
    path = f"/api/proposals/{made['id']}/accept"
    supervisor.post(path, {"values": {"sex": "1"}}, 400)
    assert supervisor.post(path, {})["state"] == "accepted"
    supervisor.get(f"/api/layers/persons/features/{person['id']}", 404)


def test_what_has_moved_on_is_shown_and_decided_on_only_over_the_version_seen(
    worker: Desk, supervisor: Desk, person: Any
) -> None:
    made = worker.change(person, {"phone": NEW_PHONE, "sex": "1"})
    supervisor.client.patch(
        f"/api/layers/persons/features/{person['id']}",
        json={"properties": {"sex": "2"}, "row_version": 1},
        headers=supervisor.headers,
    )
    path = f"/api/proposals/{made['id']}"
    told = supervisor.get(path)
    assert (told["is_stale"], told["row_version"], told["current_version"]) == (True, 1, 2)
    conflicts = {d["field"]: (d["now"], d["is_conflict"]) for d in told["differences"]}
    assert conflicts == {"phone": ("138****1111", False), "sex": ("2", True)}
    refused = supervisor.post(f"{path}/accept", {}, 409)
    assert (refused["asked"], refused["current"]) == (1, 2)
    assert refused["proposal"]["state"] == "pending"
    assert now(supervisor, "persons", person["id"])["properties"]["sex"] == "2"
    many = supervisor.post("/api/proposals/decide", {"ids": [made["id"]], "step": "accept"})
    assert many["items"][0]["problem"]["status"] == 409
    supervisor.post(f"{path}/accept", {"row_version": 1}, 409)
    done = supervisor.post(f"{path}/accept", {"row_version": 2})
    assert done["state"] == "accepted"
    assert now(supervisor, "persons", person["id"])["properties"]["sex"] == "1"
    old = {"layer": "persons", "operation": "update", "feature_id": person["id"]}
    answer = worker.propose(409, **old, row_version=1, values={"sex": "9"})
    assert (answer["asked"], answer["current"]) == (1, 3)


def test_nobody_decides_on_an_own_proposal(
    town_app: Flask, module_engine: Engine, supervisor: Desk, person: Any
) -> None:
    both = add_account(module_engine, Role.WORKER, WEST, Role.SUPERVISOR)
    desk = Desk.__new__(Desk)
    desk.login, desk.client = both, signed_in(town_app, both, PASSWORD)
    desk.headers = {"X-CSRF-Token": desk.get("/api/me")["csrf"]}
    made = desk.change(person, {"sex": "1"})
    path = f"/api/proposals/{made['id']}"
    assert made["steps"] == ["withdraw", "replace"]
    desk.post(f"{path}/accept", {}, 403)
    desk.post(f"{path}/return", {"reason": "自己退回"}, 403)
    supervisor.post(f"{path}/withdraw", {}, 403)
    assert supervisor.get(path)["state"] == "pending"
    # Beside our rules, the database refuses the same.
    grants = (Grant(Role.WORKER, WEST), Grant(Role.SUPERVISOR, WEST))
    reader = Reader(1, both, grants)
    statement = "UPDATE people.proposal SET state = 'accepted', decided_by = :who WHERE id = :id"
    with (
        pytest.raises(DBAPIError, match="no such step"),
        reader_transaction(module_engine, reader) as connection,
    ):
        connection.execute(text(statement), {"id": made["id"], "who": both})


def test_who_works_elsewhere_neither_sees_nor_decides(
    town_app: Flask, module_engine: Engine, worker: Desk, next_door: Desk, person: Any
) -> None:
    made = worker.change(person, {"sex": "1"})
    colleague = Desk(town_app, module_engine, Role.WORKER, WEST)
    admin = Desk(town_app, module_engine, Role.ADMIN, "")
    for desk in (next_door, colleague, admin):
        desk.get(f"/api/proposals/{made['id']}", 404)
        assert made["id"] not in ids(desk.get("/api/proposals?limit=200"))
        desk.post(f"/api/proposals/{made['id']}/accept", {}, 404)
        answer = desk.post("/api/proposals/decide", {"ids": [made["id"]], "step": "accept"})
        assert answer["items"][0]["problem"]["status"] == 404
    body = {"layer": "persons", "operation": "update", "feature_id": person["id"], "row_version": 1}
    next_door.propose(403, **body, values={"sex": "1"})
    away = Desk(town_app, module_engine, Role.WORKER, EAST)
    away.propose(404, **body, values={"sex": "1"})
    away.propose(
        403,
        layer="persons",
        operation="create",
        values={"name": NAME, "register": "POP-01", "area_code": WEST},
    )
    with reader_transaction(module_engine, Reader(1, "x", (Grant(Role.WORKER, EAST),))) as found:
        assert found.execute(text("SELECT count(*) FROM people.proposal")).scalar_one() == 0
    with (
        pytest.raises(DBAPIError, match="permission denied"),
        reader_transaction(module_engine, Reader(1, "x", (Grant(Role.SUPERVISOR, ""),))) as found,
    ):
        found.execute(text("SELECT sealed FROM people.proposal"))


def ids(page: Any) -> list[int]:
    return [row["id"] for row in page["items"]]


def test_a_returned_proposal_comes_again_without_typing_secrets_twice(
    worker: Desk, supervisor: Desk, person: Any
) -> None:
    made = worker.change(person, {"phone": NEW_PHONE, "sex": "1"})
    path = f"/api/proposals/{made['id']}"
    supervisor.post(f"{path}/return", {}, 400)
    supervisor.post(f"{path}/return", {"reason": "性别有误"})
    told = worker.get(path)
    assert (told["state"], told["decision"], told["steps"]) == ("returned", "性别有误", ["replace"])
    again = worker.change(person, {"sex": "2"}, replaces=made["id"])
    assert [d["field"] for d in again["differences"]] == ["phone", "sex"]
    assert worker.get(path)["state"] == "superseded"
    supervisor.post(f"/api/proposals/{again['id']}/accept", {})
    assert opened(supervisor, person["id"], "phone") == NEW_PHONE


def test_one_waits_for_a_row_at_a_time_and_may_be_withdrawn(worker: Desk, person: Any) -> None:
    made = worker.change(person, {"sex": "1"})
    body = {"layer": "persons", "operation": "update", "feature_id": person["id"], "row_version": 1}
    assert "waiting" in worker.propose(409, **body, values={"sex": "2"})["detail"]
    worker.post(f"/api/proposals/{made['id']}/withdraw", {})
    assert worker.get(f"/api/proposals/{made['id']}")["state"] == "withdrawn"
    assert worker.propose(**body, values={"sex": "2"})["state"] == "pending"


def test_a_request_sent_twice_is_one_proposal(worker: Desk, person: Any) -> None:
    values = {"name": NAME, "register": "POP-01"}
    body = {"layer": "persons", "operation": "create", "values": values}
    key = {"Idempotency-Key": secrets.token_hex(8)}
    first = worker.post("/api/proposals", body, 201, **key)
    assert worker.post("/api/proposals", body, 201, **key)["id"] == first["id"]
    worker.post("/api/proposals", body | {"reason": "另一个"}, 409, **key)


def test_sensitive_values_are_never_kept_or_logged_in_plain(
    worker: Desk, supervisor: Desk, module_engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret_name, secret_phone = "慕容不可见", "13577778888"
    values = {"name": secret_name, "phone": secret_phone, "register": "POP-01"}
    key = {"Idempotency-Key": secrets.token_hex(8)}
    body = {"layer": "persons", "operation": "create", "values": values}
    made = worker.post("/api/proposals", body, 201, **key)
    told = json.dumps(supervisor.get(f"/api/proposals/{made['id']}"), ensure_ascii=False)
    tables = ("people.proposal", "core.history", "core.receipt", "core.audit", "people.person")
    with module_engine.connect() as connection:
        for table in tables:
            kept = connection.execute(
                text(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} AS t")
            ).scalar_one()
            assert secret_name not in kept, table
            assert secret_phone not in kept, table
        sealed = connection.execute(
            text("SELECT sealed FROM people.proposal WHERE id = :id"), {"id": made["id"]}
        ).scalar_one()
    assert set(sealed) == {"name", "phone"}
    for secret in (secret_name, secret_phone):
        assert secret not in told
        assert secret not in caplog.text


def test_many_are_decided_on_at_once_each_for_itself(
    worker: Desk, supervisor: Desk, next_door: Desk
) -> None:
    made = []
    for number in range(200):
        values = {"name": f"王{number}", "register": "POP-01", "sex": "1"}
        made.append(worker.propose(layer="persons", operation="create", values=values)["id"])
    next_door.post("/api/proposals/decide", {"ids": [*made, 1], "step": "accept"}, 400)
    supervisor.post("/api/proposals/decide", {"ids": made, "step": "return"}, 400)
    supervisor.post(f"/api/proposals/{made[0]}/return", {"reason": "先退一个"})
    answer = supervisor.post("/api/proposals/decide", {"ids": made, "step": "accept"})
    assert [each["is_done"] for each in answer["items"]] == [False, *[True] * 199]
    assert answer["items"][0]["problem"]["status"] == 409
    body = {"ids": made[:3], "step": "return", "reason": "不再需要"}
    answer = supervisor.post("/api/proposals/decide", body)
    assert [each["problem"]["status"] for each in answer["items"]] == [409, 409, 409]


def test_lists_are_paged_and_narrowed(worker: Desk, supervisor: Desk, person: Any) -> None:
    made = worker.change(person, {"sex": "1"})["id"]
    assert supervisor.get("/api/proposals?state=pending&limit=1")["items"][0]["id"] == made
    assert ids(worker.get(f"/api/proposals?layer=persons&feature={person['id']}")) == [made]
    assert ids(supervisor.get(f"/api/proposals?feature={person['id']}&mine=true")) == []
    assert ids(worker.get(f"/api/proposals?feature={person['id']}&mine=true")) == [made]
    page = worker.get("/api/proposals?mine=true&limit=60")
    found = ids(page)
    while page["next"] is not None:
        page = worker.get(f"/api/proposals?mine=true&limit=60&after={page['next']}")
        found += ids(page)
    assert found == sorted(set(found), reverse=True)
    assert len(found) == sum(worker.get("/api/proposals/figures")["mine"].values())
    for query in ("state=done", "mine=1", "layer=x", "limit=0", "unknown=1"):
        status = 404 if query == "layer=x" else 400
        worker.get(f"/api/proposals?{query}", status)


def test_figures_count_what_the_lists_show(
    worker: Desk, supervisor: Desk, next_door: Desk, module_engine: Engine, person: Any
) -> None:
    made = worker.change(person, {"sex": "1"})["id"]
    with module_engine.begin() as connection:
        connection.execute(
            text("UPDATE people.proposal SET proposed_at = now() - interval '5 hours'")
        )
    supervisor.post(f"/api/proposals/{made}/accept", {})
    told = supervisor.get("/api/proposals/figures")
    assert told["days"] == 30
    assert told["decided"] == told["states"]["accepted"] + told["states"]["returned"]
    assert told["median_hours"] == pytest.approx(5, abs=0.1)
    assert told["slow_hours"] == pytest.approx(5, abs=0.1)
    page = supervisor.get("/api/proposals?state=accepted&limit=200")
    assert len(page["items"]) == min(told["states"]["accepted"], 200)
    elsewhere = next_door.get("/api/proposals/figures")
    assert (sum(elsewhere["states"].values()), elsewhere["median_hours"]) == (0, None)


def test_a_step_is_told_to_those_who_have_proposals_there_and_to_nobody_else(
    worker: Desk, person: Any, module_engine: Engine
) -> None:
    made = worker.change(person, {"sex": "1"})["id"]
    statement = (
        "SELECT id, layer, feature_id, action, area_code, area_code_before, before, after "
        "FROM core.history ORDER BY id DESC LIMIT 1"
    )
    with module_engine.connect() as connection:
        row = connection.execute(text(statement)).one()
    event = Event(*row[:6])
    assert (event.layer, event.feature_id, event.action) == ("proposals", made, "create")
    assert (row.before, row.after) == (None, {"state": "pending"})
    for role, area, hears in (
        (Role.WORKER, WEST, True),
        (Role.SUPERVISOR, WEST, True),
        (Role.SUPERVISOR, EAST, False),
        (Role.COMMANDER, "", False),
    ):
        assert may_see(Reader(1, "x", (Grant(role, area),)), event) is hears


def test_a_decision_that_breaks_off_leaves_nothing_half_done(
    worker: Desk, supervisor: Desk, person: Any, module_engine: Engine, tmp_path: Path
) -> None:
    """The row is written and then the marking fails: neither is kept."""
    made = worker.change(person, {"sex": "1"})["id"]
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "ALTER TABLE people.proposal ADD CONSTRAINT broken CHECK (state <> 'accepted') "
                "NOT VALID"
            )
        )
    try:
        supervisor.post(f"/api/proposals/{made}/accept", {}, 500)
    finally:
        with module_engine.begin() as connection:
            connection.execute(text("ALTER TABLE people.proposal DROP CONSTRAINT broken"))
    assert supervisor.get(f"/api/proposals/{made}")["state"] == "pending"
    assert now(supervisor, "persons", person["id"])["properties"]["row_version"] == 1
