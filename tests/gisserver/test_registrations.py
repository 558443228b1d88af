"""Registering people over HTTP: new ones, known ones, moving over; persons alike; merging."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from layers.core.calendar import CHINA
from layers.core.identifiers import id_check_digit
from layers.core.rights import Role
from tests.gisserver.desk import Desk
from tests.gisserver.town import EAST, WEST

NAME = "欧阳测试"
_serials = itertools.count(100)


def number() -> str:
    """Another ID number that is right."""
    body = f"99010119900203{next(_serials):03d}"
    return body + id_check_digit(body)


@pytest.fixture(scope="module")
def worker(town_app: Flask, module_engine: Engine) -> Desk:
    return Desk(town_app, module_engine, Role.WORKER, WEST)


@pytest.fixture(scope="module")
def supervisor(town_app: Flask, module_engine: Engine) -> Desk:
    return Desk(town_app, module_engine, Role.SUPERVISOR, WEST)


@pytest.fixture(scope="module")
def next_door(town_app: Flask, module_engine: Engine) -> Desk:
    return Desk(town_app, module_engine, Role.SUPERVISOR, EAST)


@pytest.fixture(scope="module")
def both_sides(town_app: Flask, module_engine: Engine) -> Desk:
    return Desk(town_app, module_engine, Role.SUPERVISOR, WEST[:9])


_rooms = itertools.count(1)


def room_of(desk: Desk, building: int, **values: Any) -> int:
    """Another empty dwelling of a building."""
    at = {"building_id": building, "floor": 1, "room_number": f"R{next(_rooms)}"}
    return int(desk.make("dwellings", **at, **values)["id"])


@pytest.fixture
def room(supervisor: Desk, town: dict[str, list[int]]) -> int:
    return room_of(supervisor, town[WEST][0])


@pytest.fixture
def other_room(supervisor: Desk, town: dict[str, list[int]]) -> int:
    return room_of(supervisor, town[WEST][1])


def someone(**values: Any) -> dict[str, Any]:
    return {"name": NAME, "register": "POP-01", "id_number": number(), **values}


def enter(desk: Desk, room: int, status: int = 201, /, **body: Any) -> Any:
    """Register in a room: a new person unless the body names one."""
    if "person_id" not in body:
        body.setdefault("person", someone())
    body.setdefault("residence", {"kind": "L01"})
    return desk.post(f"/api/dwellings/{room}/residents", body, status)


def residents(desk: Desk, room: int) -> list[dict[str, Any]]:
    households = desk.get(f"/api/dwellings/{room}/residents")["households"]
    return [member for household in households for member in household["members"]]


def faults(answer: Any) -> dict[str, str]:
    return {fault["field"]: fault["reason"] for fault in answer["faults"]}


def rows(engine: Engine) -> list[int]:
    """How many persons, residences, proposals and lines of history there are."""
    with engine.connect() as connection:
        tables = ("people.person", "people.residence", "people.proposal", "core.history")
        return [
            int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
            for table in tables
        ]


def test_who_may_write_registers_person_and_residence_at_once(
    supervisor: Desk, room: int, module_engine: Engine
) -> None:
    born = {"birth_date": "1990-02-03", "register": "POP-02", "inflow_reason": "01"}
    stay = {"kind": "L02", "relation": "02", "valid_from": "2026-03-01", "bed": "A1"}
    made = enter(supervisor, room, person=someone(**born), residence=stay, reason="上门登记")
    assert made["proposal_id"] is None
    (member,) = residents(supervisor, room)
    assert (member["person_id"], member["residence_id"]) == (
        made["person_id"],
        made["residence_id"],
    )
    assert (member["relation"], member["from"], member["bed"]) == ("02", "2026-03-01", "A1")
    assert member["household"] == f"H{room:09d}"
    with module_engine.connect() as connection:
        found = connection.execute(
            text(
                "SELECT count(DISTINCT xmin::text), count(*) FROM core.history WHERE "
                "reason = '上门登记' AND (layer, feature_id) IN "
                "(('persons', :person), ('residences', :residence))"
            ),
            {"person": made["person_id"], "residence": made["residence_id"]},
        ).one()
    assert tuple(found) == (1, 2), "both lines of history are of one transaction"


def test_who_may_propose_hands_both_in_as_one_and_accepting_writes_both(
    worker: Desk, supervisor: Desk, room: int
) -> None:
    stay = {"kind": "L02", "relation": "02", "valid_from": "2026-03-01"}
    made = enter(worker, room, residence=stay, reason="新来租户")
    assert (made["person_id"], made["residence_id"]) == (None, None)
    assert residents(supervisor, room) == []
    path = f"/api/proposals/{made['proposal_id']}"
    told = supervisor.get(path)
    assert told["layer"] == "persons"
    assert "area_code" not in told["fields"]
    (also,) = told["also"]
    assert also["layer"] == "residences"
    assert (also["values"]["dwelling_id"], also["values"]["relation"]) == (room, "02")
    supervisor.post(f"{path}/accept", {"reason": "属实"})
    (member,) = residents(supervisor, room)
    assert member["person_id"] == supervisor.get(path)["feature_id"]
    assert member["relation"] == "02"


def test_a_proposal_handed_in_anew_keeps_its_residence(
    worker: Desk, supervisor: Desk, room: int
) -> None:
    made = enter(worker, room)["proposal_id"]
    supervisor.post(f"/api/proposals/{made}/return", {"reason": "请核对人口类型"})
    body = {"layer": "persons", "operation": "create", "replaces": made}
    again = worker.propose(**body, values={"register": "POP-04"})
    assert len(again["also"]) == 1
    supervisor.post(f"/api/proposals/{again['id']}/accept", {})
    assert [member["register"] for member in residents(supervisor, room)] == ["POP-04"]


def test_accepting_what_no_longer_fits_writes_neither(
    worker: Desk, supervisor: Desk, room: int, module_engine: Engine
) -> None:
    head = {"kind": "L01", "relation": "02"}
    made = enter(worker, room, residence=head)["proposal_id"]
    enter(supervisor, room, residence=head)
    before = rows(module_engine)
    answer = supervisor.post(f"/api/proposals/{made}/accept", {}, 400)
    assert faults(answer) == {"relation": "the household has a householder already"}
    assert rows(module_engine) == before


def test_all_faults_of_both_rows_are_told_and_nothing_is_written(
    supervisor: Desk, worker: Desk, room: int, module_engine: Engine
) -> None:
    tomorrow = (datetime.now(CHINA).date() + timedelta(days=1)).isoformat()
    wrong = {
        "name": "",
        "register": "NO",
        "id_number": number()[:17] + "_",
        "phone": "12",
        "birth_date": tomorrow,
    }
    stay = {"kind": "x", "relation": "none", "valid_from": "2026-02-30"}
    before = rows(module_engine)
    for desk in (supervisor, worker):
        found = faults(enter(desk, room, 400, person=wrong, residence=stay))
        assert set(found) == {
            "person.name",
            "person.register",
            "person.id_number",
            "person.phone",
            "person.birth_date",
            "residence.kind",
            "residence.relation",
            "residence.valid_from",
        }
        assert found["person.birth_date"] == "the birth date lies in the future"
    assert rows(module_engine) == before


def test_the_check_digit_and_the_birth_date_of_an_id_number_are_checked(
    supervisor: Desk, room: int
) -> None:
    right = number()
    wrong = right[:17] + ("0" if right[17] != "0" else "1")
    found = faults(enter(supervisor, room, 400, person=someone(id_number=wrong)))
    assert found["person.id_number"].startswith("wrong check character")
    found = faults(enter(supervisor, room, 400, person=someone(birth_date="1990-02-04")))
    assert found == {"person.birth_date": "the ID number says 1990-02-03"}


def test_a_household_has_one_householder_and_a_bed_one_sleeper(
    supervisor: Desk, worker: Desk, room: int, module_engine: Engine
) -> None:
    enter(supervisor, room, residence={"kind": "L02", "relation": "02", "bed": "1"})
    before = rows(module_engine)
    for desk in (supervisor, worker):
        second = {"kind": "L02", "relation": "03"}
        found = faults(enter(desk, room, 400, residence=second))
        assert found == {"residence.relation": "the household has a householder already"}
        found = faults(enter(desk, room, 400, residence={"kind": "L02", "bed": "1"}))
        assert found == {"residence.bed": "somebody has this bed already"}
    assert rows(module_engine) == before
    enter(supervisor, room, residence={"kind": "L02", "rented_room": "B", "bed": "1"})
    enter(supervisor, room, residence={"kind": "L02", "relation": "02", "household": "另户"})


def test_an_update_over_the_form_is_refused_by_the_database_too(
    supervisor: Desk, room: int
) -> None:
    enter(supervisor, room, residence={"kind": "L01", "relation": "02"})
    second = enter(supervisor, room, residence={"kind": "L01", "valid_from": "2026-05-01"})
    path = f"/api/layers/residences/features/{second['residence_id']}"

    def change(path: str, **values: Any) -> dict[str, str]:
        body = {
            "properties": values,
            "row_version": supervisor.get(path)["properties"]["row_version"],
        }
        answer = supervisor.client.patch(path, json=body, headers=supervisor.headers)
        assert answer.status_code == 400, answer.text
        return faults(answer.get_json())

    assert change(path, relation="02") == {"relation": "the household has a householder already"}
    assert change(path, valid_to="2026-04-30") == {"valid_to": "it ends before it begins"}
    person = f"/api/layers/persons/features/{second['person_id']}"
    assert change(person, birth_date="2999-01-01") == {
        "birth_date": "the birth date lies in the future"
    }


def test_a_tenancy_does_not_end_before_it_begins(supervisor: Desk, room: int) -> None:
    let = {"dwelling_id": room, "valid_from": "2026-05-01", "valid_to": "2026-04-30"}
    answer = supervisor.post("/api/layers/rentals/features", {"properties": let}, 400)
    assert faults(answer) == {"valid_to": "it ends before it begins"}
    made = supervisor.make("rentals", dwelling_id=room, valid_from="2026-05-01")
    answer = supervisor.client.patch(
        f"/api/layers/rentals/features/{made['id']}",
        json={"properties": {"valid_to": "2026-04-30"}, "row_version": 1},
        headers=supervisor.headers,
    )
    assert faults(answer.get_json()) == {"valid_to": "it ends before it begins"}


@pytest.mark.parametrize("gone", ["demolished", "ended", "building"])
def test_nobody_moves_into_what_is_gone(
    supervisor: Desk, town: dict[str, list[int]], module_engine: Engine, gone: str
) -> None:
    building = town[WEST][2]
    values = {"demolished": {"state": "demolished"}, "ended": {"valid_to": "2026-01-01"}}
    room = room_of(supervisor, building, **values.get(gone, {}))
    ends = text("UPDATE housing.building SET valid_to = :day WHERE id = :id")
    if gone == "building":
        with module_engine.begin() as connection:
            connection.execute(ends, {"day": date(2026, 1, 1), "id": building})
    before = rows(module_engine)
    found = faults(enter(supervisor, room, 400))
    assert found == {"residence.dwelling_id": "the dwelling or its building is gone"}
    assert rows(module_engine) == before
    with module_engine.begin() as connection:
        connection.execute(ends, {"day": None, "id": building})


def test_another_area_is_not_registered_in(
    worker: Desk, supervisor: Desk, next_door: Desk, room: int, module_engine: Engine
) -> None:
    before = rows(module_engine)
    enter(next_door, room, 404)
    assert rows(module_engine) == before


def test_without_a_right_nobody_is_registered(
    town_app: Flask, module_engine: Engine, room: int
) -> None:
    commander = Desk(town_app, module_engine, Role.COMMANDER, WEST)
    enter(commander, room, 403)
    commander.post("/api/persons/duplicates", {"name": NAME}, 403)


def test_a_known_person_moves_over_and_the_old_home_ends(
    supervisor: Desk, room: int, other_room: int, module_engine: Engine
) -> None:
    made = enter(supervisor, room, residence={"kind": "L01", "valid_from": "2026-01-05"})
    person = made["person_id"]
    moves = {"person_id": person, "residence": {"kind": "L02", "valid_from": "2026-06-01"}}
    before = rows(module_engine)
    found = faults(enter(supervisor, other_room, 400, **moves))
    assert set(found) == {"leaves"}
    stale = {"id": made["residence_id"], "row_version": 7}
    enter(supervisor, other_room, 409, **moves, leaves=stale)
    early = {"kind": "L02", "valid_from": "2026-01-04"}
    leaves = {"id": made["residence_id"], "row_version": 1}
    found = faults(
        enter(supervisor, other_room, 400, person_id=person, residence=early, leaves=leaves)
    )
    assert found == {"residence.valid_from": "it ends before it begins"}
    assert rows(module_engine) == before
    enter(supervisor, other_room, **moves, leaves=leaves)
    assert residents(supervisor, room) == []
    homes = supervisor.get(f"/api/persons/{person}/houses")["homes"]
    assert [(home["dwelling_id"], home["from"], home["to"]) for home in homes] == [
        (other_room, "2026-06-01", None),
        (room, "2026-01-05", "2026-06-01"),
    ]
    assert faults(enter(supervisor, other_room, 400, person_id=person)) == {
        "person_id": "the person lives there already"
    }
    enter(supervisor, room, person_id=person, residence={"kind": "L01", "is_home": False})


def test_a_move_is_proposed_and_accepted_whole(
    worker: Desk, supervisor: Desk, room: int, other_room: int
) -> None:
    made = enter(supervisor, room)
    leaves = {"id": made["residence_id"], "row_version": 1}
    proposed = enter(worker, other_room, person_id=made["person_id"], leaves=leaves)
    told = supervisor.get(f"/api/proposals/{proposed['proposal_id']}")
    assert told["also"][0]["values"]["leaving_reason"] == "moved_within"
    supervisor.post(f"/api/proposals/{proposed['proposal_id']}/accept", {})
    assert residents(supervisor, room) == []
    assert [each["person_id"] for each in residents(supervisor, other_room)] == [made["person_id"]]


def test_sent_twice_is_registered_once(supervisor: Desk, room: int) -> None:
    body = {"person": someone(), "residence": {"kind": "L01"}}
    path, key = f"/api/dwellings/{room}/residents", {"Idempotency-Key": "registration-1"}
    first = supervisor.post(path, body, 201, **key)
    assert supervisor.post(path, body, 201, **key) == first
    assert len(residents(supervisor, room)) == 1
    supervisor.post(path, body | {"person": someone()}, 409, **key)


def test_somebody_alike_is_asked_about_before_anything_is_written(
    worker: Desk, supervisor: Desk, room: int, other_room: int, module_engine: Engine
) -> None:
    known = someone(name="司马相似", phone="13800001111", birth_date="1990-02-03")
    made = enter(supervisor, room, person=known)
    before = rows(module_engine)
    answer = enter(worker, other_room, 409, person=known | {"name": "别名"})
    (alike,) = answer["duplicates"]["items"]
    assert (alike["id"], alike["alike"]) == (made["person_id"], ["id_number"])
    assert alike["id_number"] == f"{known['id_number'][:6]}********{known['id_number'][-4:]}"
    assert [home["dwelling_id"] for home in alike["homes"]] == [room]
    namesake = {"name": "司马相似", "register": "POP-01", "phone": "13800001111"}
    answer = enter(worker, other_room, 409, person=namesake)
    assert answer["duplicates"]["items"][0]["alike"] == ["name_phone"]
    assert rows(module_engine) == before
    found = faults(enter(worker, other_room, 400, person=namesake, is_another=True))
    assert set(found) == {"reason"}
    made = enter(worker, other_room, person=namesake, is_another=True, reason="父子同名共用电话")
    assert made["proposal_id"]


def test_of_another_area_no_more_is_told_than_that_the_number_is_held(
    supervisor: Desk, next_door: Desk, town: dict[str, list[int]], room: int, module_engine: Engine
) -> None:
    known = someone(phone="13800002222")
    enter(next_door, room_of(next_door, town[EAST][0]), person=known)
    asked = {name: known[name] for name in ("name", "id_number", "phone")}
    told = supervisor.post("/api/persons/duplicates", asked)
    assert told == {"items": [], "is_held_elsewhere": True}
    hint = supervisor.post("/api/persons/duplicates", {"name": NAME, "phone": "13800002222"})
    assert hint == {"items": [], "is_held_elsewhere": False}
    answer = enter(supervisor, room, 409, person=known)
    assert answer["duplicates"] == told
    with module_engine.connect() as connection:
        line = connection.execute(
            text(
                "SELECT detail FROM core.audit WHERE action = 'duplicate_search' "
                "AND login = :login AND detail ->> 'by' = 'id_number' ORDER BY id DESC LIMIT 1"
            ),
            {"login": supervisor.login},
        ).scalar_one()
    assert line["elsewhere"] is True
    assert known["id_number"] not in str(line)


def merge(desk: Desk, survivor: int, merged: int, status: int = 200, **body: Any) -> Any:
    versions = {
        "row_version": version(desk, survivor),
        "merged": merged,
        "merged_version": version(desk, merged),
        "reason": "同一人重复登记",
    }
    return desk.post(f"/api/persons/{survivor}/merge", versions | body, status)


def version(desk: Desk, person: int) -> int:
    answer = desk.client.get(f"/api/layers/persons/features/{person}")
    return int(answer.get_json()["properties"]["row_version"]) if answer.status_code == 200 else 1


def test_merging_takes_all_over_and_keeps_both_histories(
    supervisor: Desk, worker: Desk, room: int, other_room: int, module_engine: Engine
) -> None:
    survivor = enter(supervisor, room, person=someone(id_number=None), reason="首次登记")
    late = someone(id_number=number(), phone="13911112222")
    merged = enter(supervisor, other_room, person=late, reason="再次登记")
    keep, gone = survivor["person_id"], merged["person_id"]
    care = supervisor.make(
        "care_records",
        person_id=gone,
        care_group="ELD-04",
        lawful_basis="法",
        purpose="走访",
        responsible="社区",
        review_date="2027-01-01",
    )
    change = {"layer": "persons", "operation": "update", "feature_id": gone}
    asked = worker.propose(**change, row_version=1, values={"nationality": "中国"})
    merge(supervisor, keep, gone)

    stored = supervisor.get(f"/api/layers/persons/features/{keep}")["properties"]
    assert stored["phone"] == "139****2222"
    reveal = {"layer": "persons", "id": keep, "field": "id_number", "reason": "核对合并结果"}
    assert supervisor.post("/api/reveal", reveal)["value"] == late["id_number"]
    left = supervisor.get(f"/api/layers/persons/features/{gone}")["properties"]
    assert left["merged_into"] == keep
    houses = supervisor.get(f"/api/persons/{keep}/houses")
    assert {home["dwelling_id"] for home in houses["homes"]} == {room, other_room}
    assert [each["id"] for each in houses["merged"]] == [gone]
    record = supervisor.get(f"/api/layers/care_records/features/{care['id']}")["properties"]
    assert record["person_id"] == keep
    assert supervisor.get(f"/api/proposals/{asked['id']}")["feature_id"] == keep
    for person, first in ((keep, "首次登记"), (gone, "再次登记")):
        lines = supervisor.get(f"/api/layers/persons/features/{person}/history")["items"]
        assert (lines[0]["reason"], lines[-1]["reason"]) == ("同一人重复登记", first)
    found = supervisor.get(f"/api/persons/search?q={late['id_number']}")["items"]
    assert [each["id"] for each in found] == [keep]
    told = supervisor.post("/api/persons/duplicates", {"id_number": late["id_number"]})
    assert [each["id"] for each in told["items"]] == [keep]
    with module_engine.connect() as connection:
        line = connection.execute(
            text("SELECT reason, detail FROM core.audit WHERE action = 'merge' ORDER BY id DESC")
        ).first()
    assert line is not None
    assert (line.reason, line.detail) == ("同一人重复登记", {"survivor": keep, "merged": gone})
    merge(supervisor, keep, gone, 409)


def test_one_person_lives_once_in_a_room_after_merging(
    supervisor: Desk, room: int, other_room: int
) -> None:
    keep = enter(supervisor, room)["person_id"]
    twice = enter(supervisor, room, residence={"kind": "L01", "valid_from": "2026-02-01"})
    merge(supervisor, keep, twice["person_id"])
    assert [member["person_id"] for member in residents(supervisor, room)] == [keep]
    homes = supervisor.get(f"/api/persons/{keep}/houses")["homes"]
    assert len(homes) == 2
    elsewhere = enter(supervisor, other_room)["person_id"]
    merge(supervisor, keep, elsewhere)
    lives = supervisor.get("/api/layers/residences/features?is_home=true&person_id=" + str(keep))
    open_homes = [each for each in lives["features"] if each["properties"]["valid_to"] is None]
    assert [each["properties"]["dwelling_id"] for each in open_homes] == [room]


def test_who_may_be_the_same_is_found_within_ones_areas(
    supervisor: Desk, next_door: Desk, town: dict[str, list[int]], room: int, other_room: int
) -> None:
    known = someone(name="诸葛同名", birth_date="1990-02-03")
    keep = enter(supervisor, room, person=known)["person_id"]
    twice = known | {"id_number": None}
    made = enter(supervisor, other_room, person=twice, is_another=True, reason="待核对")
    foreign = room_of(next_door, town[EAST][2])
    enter(next_door, foreign, person=known, is_another=True, reason="待核对")
    (alike,) = supervisor.get(f"/api/persons/{keep}/alike")["items"]
    assert (alike["id"], alike["alike"]) == (made["person_id"], ["name_birth_date"])
    next_door.get(f"/api/persons/{keep}/alike", 404)


def test_merging_needs_a_reason_the_right_and_both_in_ones_areas(
    worker: Desk,
    supervisor: Desk,
    next_door: Desk,
    both_sides: Desk,
    town: dict[str, list[int]],
    room: int,
    module_engine: Engine,
) -> None:
    keep = enter(supervisor, room)["person_id"]
    twice = enter(supervisor, room, residence={"kind": "L01"})["person_id"]
    foreign = enter(next_door, room_of(next_door, town[EAST][1]))["person_id"]
    before = rows(module_engine)
    assert set(faults(merge(supervisor, keep, twice, 400, reason=""))) == {"reason"}
    assert set(faults(merge(supervisor, keep, keep, 400))) == {"merged"}
    merge(worker, keep, twice, 403)
    merge(supervisor, keep, foreign, 404)
    merge(supervisor, foreign, keep, 404)
    merge(supervisor, keep, twice, 409, merged_version=9)
    assert rows(module_engine) == before
    merge(both_sides, keep, foreign)
    assert (
        both_sides.get(f"/api/layers/persons/features/{foreign}")["properties"]["merged_into"]
        == keep
    )


def test_who_decides_reads_a_proposed_number_for_a_reason(
    worker: Desk, supervisor: Desk, next_door: Desk, room: int, module_engine: Engine
) -> None:
    someone_new = someone()
    made = enter(worker, room, person=someone_new)["proposal_id"]
    path = f"/api/proposals/{made}/reveal"
    asked = {"field": "id_number", "reason": "核对身份证照片"}
    assert supervisor.post(path, asked)["value"] == someone_new["id_number"]
    assert worker.post(path, asked)["value"] == someone_new["id_number"]
    assert set(faults(supervisor.post(path, asked | {"reason": "看"}, 400))) == {"reason"}
    assert set(faults(supervisor.post(path, asked | {"field": "sex"}, 400))) == {"field"}
    supervisor.post(path, asked | {"field": "phone"}, 404)
    next_door.post(path, asked, 404)
    with module_engine.connect() as connection:
        lines = connection.execute(
            text(
                "SELECT login, reason FROM core.audit WHERE action = 'reveal' AND "
                "layer = 'proposals' AND feature_id = :id ORDER BY id"
            ),
            {"id": made},
        ).all()
    assert [tuple(line) for line in lines] == [
        (supervisor.login, asked["reason"]),
        (worker.login, asked["reason"]),
    ]
    supervisor.post(f"/api/proposals/{made}/accept", {})
    supervisor.post(path, asked, 404)
