"""Who looked at whom, over HTTP: quotas, refusals, lists, figures, marks, what is taken out."""

from __future__ import annotations

import io
import threading
from datetime import datetime, timedelta
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from layers.core.calendar import CHINA
from layers.core.quotas import KINDS, quotas
from layers.core.rights import Role
from tests.builders.looks import allowed, have_looked
from tests.gisserver.conftest import signed_in
from tests.gisserver.desk import Desk
from tests.gisserver.town import EAST, PASSWORD, WEST


@pytest.fixture(scope="module")
def auditor(town_app: Flask, module_engine: Engine) -> Desk:
    return Desk(town_app, module_engine, Role.AUDITOR, "")


@pytest.fixture
def supervisor(town_app: Flask, module_engine: Engine) -> Desk:
    """Somebody who has not looked yet."""
    return Desk(town_app, module_engine, Role.SUPERVISOR, WEST)


@pytest.fixture
def spender(supervisor: Desk, module_engine: Engine) -> Desk:
    """Somebody who may search and reveal once more within the hour."""
    for kind in KINDS:
        have_looked(module_engine, supervisor.login, kind, allowed(kind) - 1, WEST)
    return supervisor


@pytest.fixture(scope="module")
def person(town_app: Flask, module_engine: Engine) -> int:
    desk = Desk(town_app, module_engine, Role.SUPERVISOR, WEST)
    made = desk.make("persons", name="诸葛无名", phone="13800000001", register="POP-01")
    return int(made["id"])


@pytest.fixture(scope="module")
def dwelling(town_app: Flask, module_engine: Engine, town: dict[str, list[int]]) -> int:
    desk = Desk(town_app, module_engine, Role.SUPERVISOR, WEST)
    room = {"unit": "1", "floor": 2, "room_number": "201"}
    return int(desk.make("dwellings", building_id=town[WEST][0], **room)["id"])


def reveal(desk: Desk, person: int, status: int = 200, field: str = "name") -> Any:
    body = {"layer": "persons", "id": person, "field": field, "reason": "核对居住登记"}
    return desk.post("/api/reveal", body, status)


def looks(auditor: Desk, desk: Desk, query: str = "") -> list[Any]:
    items = auditor.get(f"/api/privacy/looks?login={desk.login}{query}")["items"]
    assert isinstance(items, list)
    return items


def test_a_spent_quota_is_429_with_the_time_to_wait(
    supervisor: Desk, auditor: Desk, module_engine: Engine
) -> None:
    most = allowed("person_search")
    warned = quotas().warns_at(most)
    have_looked(module_engine, supervisor.login, "person_search", warned - 1, WEST)
    supervisor.get("/api/persons/search?q=诸葛无名")
    have_looked(module_engine, supervisor.login, "person_search", most - warned - 1, WEST)
    supervisor.get("/api/persons/search?q=诸葛无名")
    answer = supervisor.client.get("/api/persons/search?q=诸葛无名")
    assert answer.status_code == 429
    assert answer.mimetype == "application/problem+json"
    assert 3590 <= int(answer.headers["Retry-After"]) <= 3600
    problem = answer.get_json()
    assert (problem["kind"], problem["period"], problem["quota"]) == ("person_search", "hour", most)
    assert datetime.fromisoformat(problem["frees_at"]) > datetime.now(CHINA)
    told = looks(auditor, supervisor, "&kind=warning")
    assert [each["action"] for each in told] == ["quota_refused", "quota_warning"]
    figures = auditor.get(f"/api/privacy/looks/figures?login={supervisor.login}")["total"]
    assert (figures["search"], figures["warning"]) == (most, 2)


def test_refusals_are_told_for_each_quota(spender: Desk, auditor: Desk, person: int) -> None:
    for status in (200, 429, 429, 429):
        spender.get("/api/persons/search?q=诸葛无名", status)
        reveal(spender, person, status)
    today = datetime.now(CHINA).date()
    found = auditor.get(f"/api/privacy/warnings?login={spender.login}&from={today}")["items"]
    refused = [each for each in found if each["pattern"] == "quota_refused"]
    assert {(each["kind"], each["amount"]) for each in refused} == {
        ("person_search", 1),
        ("reveal", 1),
    }


def test_of_two_who_take_the_last_unit_one_is_refused(
    town_app: Flask, spender: Desk, person: int
) -> None:
    clients = [signed_in(town_app, spender.login, PASSWORD) for _ in range(4)]
    headers = [{"X-CSRF-Token": each.get("/api/me").get_json()["csrf"]} for each in clients]
    body = {"layer": "persons", "id": person, "field": "name", "reason": "核对居住登记"}
    statuses: list[int] = []
    start = threading.Barrier(len(clients))

    def ask(client: FlaskClient, head: dict[str, str]) -> None:
        start.wait()
        statuses.append(client.post("/api/reveal", json=body, headers=head).status_code)

    threads = [
        threading.Thread(target=ask, args=each) for each in zip(clients, headers, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 429, 429, 429]


def test_the_document_tells_of_429(auditor: Desk) -> None:
    paths = auditor.get("/api/openapi.json")["paths"]
    for method, path in (
        ("get", "/api/persons/search"),
        ("post", "/api/reveal"),
        ("post", "/api/proposals/{proposal_id}/reveal"),
    ):
        answer = paths[path][method]["responses"]["429"]
        assert "Retry-After" in answer["headers"]


def test_an_auditor_sees_looks_and_no_data(supervisor: Desk, auditor: Desk, person: int) -> None:
    reveal(supervisor, person, field="phone")
    supervisor.get("/api/layers/persons/features?limit=5")
    listed, revealed = looks(auditor, supervisor)
    assert (revealed["kind"], revealed["subject"], revealed["field"]) == (
        "reveal",
        person,
        "phone",
    )
    assert (revealed["reason"], revealed["roles"]) == ("核对居住登记", ["supervisor"])
    assert (listed["kind"], listed["subject"]) == ("list", None)
    assert listed["rows"] >= 1
    raw = auditor.client.get(f"/api/privacy/looks?login={supervisor.login}").text
    assert "诸葛" not in raw
    assert "1380" not in raw
    auditor.get(f"/api/persons/{person}/houses", 403)
    auditor.get("/api/layers/persons/features", 403)


def test_opening_a_person_or_a_room_is_one_look_for_minutes(
    supervisor: Desk, auditor: Desk, person: int, dwelling: int
) -> None:
    for _ in range(2):
        supervisor.get(f"/api/persons/{person}/houses")
        supervisor.get(f"/api/layers/persons/features/{person}")
        supervisor.get(f"/api/dwellings/{dwelling}/residents")
    room, opened = looks(auditor, supervisor, "&kind=open")
    assert (opened["layer"], opened["subject"]) == ("persons", person)
    assert (room["layer"], room["subject"]) == ("dwellings", None)
    assert room["rows"] == 0
    assert [each["id"] for each in looks(auditor, supervisor, f"&subject={person}")] == [
        opened["id"]
    ]


def test_the_history_of_a_person_is_a_look_at_the_person(
    supervisor: Desk, auditor: Desk, person: int
) -> None:
    for _ in range(2):
        supervisor.get(f"/api/layers/persons/features/{person}/history")
    (look,) = looks(auditor, supervisor)
    assert (look["kind"], look["subject"]) == ("open", person)
    assert looks(auditor, supervisor, f"&subject={person}") == [look]


def test_looks_at_care_are_told_apart(supervisor: Desk, auditor: Desk, person: int) -> None:
    for _ in range(2):
        supervisor.get(f"/api/persons/{person}/care")
    (look,) = looks(auditor, supervisor, "&kind=care")
    assert (look["action"], look["subject"]) == ("care", person)


def test_filters_agree_with_figures(supervisor: Desk, auditor: Desk, person: int) -> None:
    for field in ("name", "phone"):
        reveal(supervisor, person, field=field)
    supervisor.get("/api/persons/search?q=诸葛无名")
    today = datetime.now(CHINA).date()
    for query, expected in (
        ("", 3),
        ("&kind=reveal", 2),
        ("&kind=search", 1),
        (f"&subject={person}", 2),
        (f"&subject={person + 1}", 0),
        (f"&area={WEST}", 3),
        (f"&area={EAST}", 0),
        (f"&from={today}&to={today}", 3),
        (f"&to={today - timedelta(days=1)}", 0),
        ("&kind=warning", 0),
    ):
        path = f"/api/privacy/looks/figures?login={supervisor.login}{query}"
        figures = auditor.get(path)
        assert len(looks(auditor, supervisor, query)) == expected == figures["total"]["all"], query
        assert sum(each["all"] for each in figures["days"]) == expected
        assert sum(each["all"] for each in figures["accounts"]) == expected
        assert all(each["roles"] == ["supervisor"] for each in figures["accounts"])


def test_pages_follow_one_another(supervisor: Desk, auditor: Desk, person: int) -> None:
    for _ in range(5):
        reveal(supervisor, person)
    seen: list[int] = []
    before: int | None = None
    while True:
        more = f"&before={before}" if before else ""
        page = auditor.get(f"/api/privacy/looks?login={supervisor.login}&limit=2{more}")
        seen += [each["id"] for each in page["items"]]
        before = page["next"]
        if before is None:
            break
    assert len(seen) == 5
    assert seen == sorted(set(seen), reverse=True)


def test_an_auditor_of_elsewhere_sees_nothing(
    town_app: Flask, module_engine: Engine, supervisor: Desk, person: int
) -> None:
    reveal(supervisor, person)
    elsewhere = Desk(town_app, module_engine, Role.AUDITOR, EAST)
    assert looks(elsewhere, supervisor) == []
    assert elsewhere.get(f"/api/privacy/looks?subject={person}")["items"] == []
    supervisor.get("/api/privacy/looks", 403)
    supervisor.get("/api/privacy/looks/figures", 403)
    supervisor.get("/api/privacy/warnings", 403)
    supervisor.post("/api/privacy/looks/export", {"reason": "年度审计"}, 403)


@pytest.mark.parametrize(
    "path",
    [
        "looks?kind=gossip",
        "looks?from=yesterday",
        "looks?limit=201",
        "looks?subject=x",
        "looks?warnings_only=true",
        "looks?order=id",
        "looks?from=2026-02-01&to=2026-01-01",
        "warnings?pattern=mood",
        "warnings?state=lost",
        "warnings?after=x",
        "warnings?from=2026-01-01&to=2026-06-01",
    ],
)
def test_a_wrong_question_is_400(auditor: Desk, path: str) -> None:
    auditor.get(f"/api/privacy/{path}", 400)


def test_a_warning_is_marked(spender: Desk, auditor: Desk, person: int) -> None:
    for status in (200, 429):
        reveal(spender, person, status)
    path = f"/api/privacy/warnings?login={spender.login}&pattern=quota_refused"
    (found,) = auditor.get(path)["items"]
    body = {"key": found["key"], "state": "explained", "remark": "集中核对流动人口"}
    marked = auditor.post("/api/privacy/warnings/state", body)
    assert (marked["state"], marked["remark"]) == ("explained", "集中核对流动人口")
    assert auditor.get(path)["items"] == [marked]
    assert auditor.get(path)["counts"] == {"new": 0, "explained": 1, "followed_up": 0}
    auditor.post("/api/privacy/warnings/state", body, 409)
    auditor.post("/api/privacy/warnings/state", body | {"remark": "x"}, 400)
    auditor.post("/api/privacy/warnings/state", body | {"key": "night~2020-01-01"}, 404)
    spender.post("/api/privacy/warnings/state", body, 403)


def test_of_two_auditors_the_second_is_told(
    town_app: Flask, module_engine: Engine, spender: Desk, person: int
) -> None:
    for status in (200, 429):
        reveal(spender, person, status)
    desks = [Desk(town_app, module_engine, Role.AUDITOR, WEST[:6]) for _ in range(3)]
    path = f"/api/privacy/warnings?login={spender.login}&pattern=quota_refused"
    (found,) = desks[0].get(path)["items"]
    statuses: list[int] = []
    start = threading.Barrier(len(desks))

    def ask(desk: Desk) -> None:
        body = {"key": found["key"], "state": "followed_up", "remark": f"已约谈 {desk.login}"}
        start.wait()
        answer = desk.client.post("/api/privacy/warnings/state", json=body, headers=desk.headers)
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=ask, args=(each,)) for each in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409, 409]


def test_looks_are_taken_out_with_a_reason(
    supervisor: Desk, auditor: Desk, person: int, module_engine: Engine
) -> None:
    reveal(supervisor, person)
    body = {"filters": {"login": supervisor.login, "from": ""}, "reason": "季度审计归档"}
    answer = auditor.client.post("/api/privacy/looks/export", json=body, headers=auditor.headers)
    assert answer.status_code == 200
    head, *rows = openpyxl.load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True)
    assert head[:2] == ("时间", "账号")
    assert [(row[1], row[2], row[4], row[6], row[9]) for row in rows] == [
        (supervisor.login, "网格长", "查看原文", person, "核对居住登记")
    ]
    with module_engine.connect() as connection:
        line = connection.execute(
            text("SELECT login, reason, detail FROM core.audit WHERE action = 'audit_export'")
        ).one()
    assert (line.login, line.reason, line.detail["rows"]) == (auditor.login, "季度审计归档", 1)
    auditor.post("/api/privacy/looks/export", {"reason": "x"}, 400)
    auditor.post("/api/privacy/looks/export", {"filters": {"x": "1"}, "reason": "季度审计"}, 400)


def test_retention_is_told_in_own_areas(
    town_app: Flask, module_engine: Engine, auditor: Desk, supervisor: Desk
) -> None:
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO people.proposal (layer, operation, values, area_code, state, "
                "proposed_by, proposed_at) VALUES ('persons', 'create', '{}', :area, 'withdrawn', "
                "'w', '2001-01-31T12:00Z')"
            ),
            {"area": WEST},
        )

    def refused(desk: Desk) -> Any:
        found = desk.get("/api/privacy/retention")["rules"]
        return next(each for each in found if each["name"] == "proposals_refused")

    told = refused(auditor)
    assert (told["rows"], told["oldest"], told["action"]) == (1, "2001-01-31", "erase")
    assert told["months"] >= told["least_months"]
    assert "个人信息保护法" in told["basis"]
    assert refused(Desk(town_app, module_engine, Role.AUDITOR, EAST))["rows"] == 0
    assert refused(auditor)["rows"] == 1
    supervisor.get("/api/privacy/retention", 403)


@pytest.fixture
def machine(town_app: Flask) -> FlaskClient:
    return town_app.test_client(use_cookies=False)


def token_of(machine: FlaskClient, desk: Desk, **wanted: Any) -> dict[str, str]:
    body = {"name": "drainage model", **wanted}
    answer = machine.post("/api/tokens", json=body, auth=(desk.login, PASSWORD))
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.get_json()['token']}"}


def lines(auditor: Desk, desk: Desk, action: str) -> list[Any]:
    items = auditor.get("/api/audit?limit=200")["items"]
    return [each for each in items if (each["login"], each["action"]) == (desk.login, action)]


@pytest.mark.parametrize("areas", [[], [WEST]])
def test_lists_and_looks_of_a_token_carry_its_name(
    machine: FlaskClient, supervisor: Desk, auditor: Desk, areas: list[str]
) -> None:
    person = supervisor.make("persons", name="诸葛无名", phone="13800000001", register="POP-01")
    headers = token_of(machine, supervisor, areas=areas)
    for path in ("", f"/{person['id']}"):
        answer = machine.get(f"/ogc/collections/persons/items{path}", headers=headers)
        assert answer.status_code == 200, answer.text
    for action in ("list", "open"):
        found = lines(auditor, supervisor, action)
        assert [each["detail"]["token"] for each in found] == ["drainage model"]


def test_what_the_account_looks_at_itself_names_no_token(
    machine: FlaskClient, supervisor: Desk, auditor: Desk
) -> None:
    token_of(machine, supervisor)
    path = "/ogc/collections/persons/items"
    assert machine.get(path, auth=(supervisor.login, PASSWORD)).status_code == 200
    (line,) = lines(auditor, supervisor, "list")
    assert "token" not in line["detail"]
