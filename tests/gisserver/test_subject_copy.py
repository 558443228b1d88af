"""A subject's own copy: what the file says, who may have it made, and that it counts as a look."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import Engine, text

from layers.core.rights import Role
from tests.builders.looks import allowed, have_looked
from tests.gisserver.desk import Desk
from tests.gisserver.town import EAST, WEST

REASON = "本人申请查阅"
NAME, OTHER, PHONE, NEW_PHONE = "诸葛无名", "上官同住", "13800000001", "13800000009"
ID_NUMBER = "990101198001010014"

Book = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def supervisor(town_app: Flask, module_engine: Engine) -> Desk:
    return Desk(town_app, module_engine, Role.SUPERVISOR, WEST)


@pytest.fixture(scope="module")
def person(
    supervisor: Desk, town_app: Flask, module_engine: Engine, town: dict[str, list[int]]
) -> int:
    """With a home, one left in the other community, a rental, care and a waiting change."""
    rooms = [
        Desk(town_app, module_engine, Role.SUPERVISOR, side).make(
            "dwellings", building_id=town[side][0], unit="1", floor=2, room_number="201"
        )["id"]
        for side in (WEST, EAST)
    ]
    made = supervisor.make(
        "persons",
        name=NAME,
        document_type="111",
        id_number=ID_NUMBER,
        phone=PHONE,
        sex="1",
        birth_date="1980-01-01",
        register="POP-02",
        registered_address="测试省测试市测试路一号",
    )
    other = supervisor.make("persons", name=OTHER, register="POP-01")
    home = {"kind": "L02", "household": "H7", "valid_from": "2024-03-01"}
    supervisor.make("residences", person_id=made["id"], dwelling_id=rooms[0], **home)
    supervisor.make("residences", person_id=other["id"], dwelling_id=rooms[0], **home)
    supervisor.make(
        "rentals",
        dwelling_id=rooms[0],
        rental_class="LG1",
        lessor_name="慕容出租",
        valid_from="2024-01-01",
    )
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO people.residence (person_id, dwelling_id, kind, is_home, valid_from, "
                "valid_to) VALUES (:id, :room, 'L01', true, '2020-01-01', '2024-03-01')"
            ),
            {"id": made["id"], "room": rooms[1]},
        )
    record = supervisor.make(
        "care_records",
        person_id=made["id"],
        care_group="CARE-01",
        lawful_basis="民政救助",
        purpose="走访",
        responsible="李责任",
        review_date="2030-01-01",
        note="独居需探访",
    )
    visit = {
        "visited_on": "2026-01-02",
        "kind": "health",
        "found": "血压偏高",
        "visited_by": "王走访",
    }
    supervisor.post(f"/api/care/{record['id']}/visits", visit, 201)
    change = {"type": "Feature", "properties": {"phone": NEW_PHONE}}
    answer = supervisor.client.patch(
        f"/api/layers/persons/features/{made['id']}",
        json=change | {"row_version": made["properties"]["row_version"]},
        headers=supervisor.headers,
    )
    assert answer.status_code == 200, answer.text
    worker = Desk(town_app, module_engine, Role.WORKER, WEST)
    worker.propose(
        layer="persons",
        operation="update",
        feature_id=made["id"],
        row_version=made["properties"]["row_version"] + 1,
        values={"former_name": "诸葛曾名"},
        reason="身份证换发",
    )
    return int(made["id"])


def copied(desk: Desk, person: int, **more: str) -> Book:
    answer = desk.client.post(
        f"/api/persons/{person}/copy", json={"reason": REASON, **more}, headers=desk.headers
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert NAME not in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_the_file_says_all_in_the_open(supervisor: Desk, person: int) -> None:
    body = {"layer": "persons", "id": person, "field": "phone", "reason": "上门走访"}
    supervisor.post("/api/reveal", body)
    book = copied(supervisor, person)
    assert list(book) == [
        *("基本信息", "居住与户", "租住", "关怀服务", "走访记录", "申报", "变更历史"),
        *("查阅记录", "依据与说明"),
    ]
    held = dict(book["基本信息"][1:])
    assert held["姓名"] == NAME
    assert held["证件号码"] == ID_NUMBER
    assert held["联系电话"] == NEW_PHONE
    assert held["户籍地址"] == "测试省测试市测试路一号"
    assert held["性别"].startswith("男")
    assert held["出生日期"].date() == date(1980, 1, 1)
    head, left, home = book["居住与户"]
    column = {name: place for place, name in enumerate(head)}
    assert [row[column["生效日期"]].date() for row in (left, home)] == [
        date(2020, 1, 1),
        date(2024, 3, 1),
    ]
    assert home[column["户号"]] == "H7"
    assert "201" in home[column["地址"]]
    assert len(book["租住"]) == 2
    note = book["关怀服务"][0].index("情况说明")
    assert book["关怀服务"][1][note] == "独居需探访"
    assert [(row[1], row[2], row[3], row[4], row[6]) for row in book["申报"][1:]] == [
        ("修改", "曾用名", "诸葛曾名", "待审核", "身份证换发")
    ]
    assert ("联系电话", PHONE, NEW_PHONE) in [row[3:] for row in book["变更历史"]]
    assert [row[2:] for row in book["查阅记录"][1:]] == [("查看原文", "联系电话", "上门走访")]
    assert [row[2:] for row in copied(supervisor, person)["查阅记录"][1:]] == [
        ("查看原文", "联系电话", "上门走访"),
        ("查阅副本", None, REASON),
    ]
    assert "个人信息保护法" in str(book["依据与说明"])
    everything = str(book)
    for foreign in (OTHER, "慕容", supervisor.login, "***", "\\x"):
        assert foreign not in everything, foreign


def test_it_is_in_english_when_asked(supervisor: Desk, person: int) -> None:
    book = copied(supervisor, person, language="en")
    assert dict(book["Person"][1:])["Name"] == NAME


def test_care_needs_its_own_right(town_app: Flask, module_engine: Engine, person: int) -> None:
    worker = Desk(town_app, module_engine, Role.WORKER, WEST)
    book = copied(worker, person)
    assert "关怀服务" not in book
    assert "独居" not in str(book)
    assert "李责任" not in str(book)
    assert "走访记录" not in book


def test_visits_are_told_open_without_who_made_them(
    supervisor: Desk, town_app: Flask, module_engine: Engine, person: int
) -> None:
    supervisor.get(f"/api/persons/{person}/care")
    book = copied(supervisor, person)
    assert "查看关怀服务" in str(book["查阅记录"])
    worker = Desk(town_app, module_engine, Role.WORKER, WEST)
    assert "关怀" not in str(copied(worker, person))
    heads, row = book["走访记录"]
    assert dict(zip(heads, row, strict=True))["走访情况"] == "血压偏高"
    assert "王走访" not in str(book)


def test_who_may_not_gets_none(
    town_app: Flask, module_engine: Engine, supervisor: Desk, person: int
) -> None:
    path, body = f"/api/persons/{person}/copy", {"reason": REASON}
    Desk(town_app, module_engine, Role.SUPERVISOR, EAST).post(path, body, 404)
    Desk(town_app, module_engine, Role.COMMANDER, "").post(path, body, 403)
    Desk(town_app, module_engine, Role.AUDITOR, "").post(path, body, 403)
    supervisor.post("/api/persons/999999/copy", body, 404)
    supervisor.post(path, {"reason": "看"}, 400)
    supervisor.post(path, {}, 400)
    supervisor.post(path, body | {"language": "fr"}, 400)


def test_it_counts_as_a_reveal_and_is_logged(
    town_app: Flask, module_engine: Engine, person: int
) -> None:
    desk = Desk(town_app, module_engine, Role.SUPERVISOR, WEST)
    have_looked(module_engine, desk.login, "reveal", allowed("reveal") - 2, WEST)
    copied(desk, person)
    desk.post(
        "/api/reveal", {"layer": "persons", "id": person, "field": "name", "reason": "核对登记"}
    )
    path, body = f"/api/persons/{person}/copy", {"reason": REASON}
    answer = desk.client.post(path, json=body, headers=desk.headers)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    with module_engine.connect() as connection:
        lines = connection.execute(
            text(
                "SELECT feature_id, reason, detail FROM core.audit "
                "WHERE login = :login AND action = 'copy'"
            ),
            {"login": desk.login},
        ).all()
    assert [tuple(line) for line in lines] == [(person, REASON, {"care": 1})]
