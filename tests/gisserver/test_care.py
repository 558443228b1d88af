"""Care over HTTP: visits, reviews and ends, elderly services, what is due, and who sees it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from layers.core.rights import Role
from tests.builders.two_sides import EAST, NAMES, WEST, TwoSides, build_two_sides
from tests.gisserver.care_town import (
    ask,
    day,
    enrol,
    faults,
    listed,
    person,
    provider,
    step,
    visit,
    written,
)
from tests.gisserver.conftest import app_over
from tests.gisserver.desk import Desk
from tests.gisserver.mvt import decode
from tests.gisserver.test_scope import tiles_over_both

LISTS = (
    "visit_overdue",
    "visit_soon",
    "review_overdue",
    "review_soon",
    "service_open",
    "service_follow_up",
)


@pytest.fixture(scope="module")
def sides(module_engine: Engine) -> TwoSides:
    return build_two_sides(module_engine)


@pytest.fixture(scope="module")
def care_app(
    sides: TwoSides, module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    with app_over(module_database_url, tmp_path_factory.mktemp("var")) as app:
        yield app


@pytest.fixture(scope="module")
def west(care_app: Flask, module_engine: Engine) -> Desk:
    return Desk(care_app, module_engine, Role.SUPERVISOR, WEST)


@pytest.fixture(scope="module")
def east(care_app: Flask, module_engine: Engine) -> Desk:
    return Desk(care_app, module_engine, Role.SUPERVISOR, EAST)


@pytest.fixture(scope="module")
def both(care_app: Flask, module_engine: Engine) -> Desk:
    return Desk(care_app, module_engine, Role.SUPERVISOR, WEST[:9])


@pytest.fixture(scope="module")
def worker(care_app: Flask, module_engine: Engine) -> Desk:
    """Sees persons and houses of the western community, but no care."""
    return Desk(care_app, module_engine, Role.WORKER, WEST)


def last_visit(desk: Desk, record: int) -> Any:
    return desk.get(f"/api/layers/care_records/features/{record}")["properties"]["last_visit"]


def looks(engine: Engine, desk: Desk) -> list[tuple[str, str, int | None]]:
    with engine.connect() as connection:
        statement = text(
            "SELECT action, layer, feature_id FROM core.audit WHERE login = :who "
            "AND action <> 'sign_in' ORDER BY id"
        )
        return [tuple(row) for row in connection.execute(statement, {"who": desk.login})]


# Visits, reviews, ends


def test_the_last_visit_follows_from_the_visits(west: Desk) -> None:
    record = enrol(west, person(west))
    assert last_visit(west, record) is None
    told = visit(west, record, visited_on=day(-3), found="已送药上门")
    assert (told["last_visit"], told["next_visit"]) == (day(-3), day(7))
    visit(west, record, visited_on=day(-9))
    assert last_visit(west, record) == day(-3), "an earlier visit entered later"
    path = f"/api/layers/care_visits/features/{told['id']}"
    change = {"properties": {"visited_on": day(-1)}, "row_version": 1}
    assert west.client.patch(path, json=change, headers=west.headers).status_code == 200
    assert last_visit(west, record) == day(-1)
    assert west.client.delete(f"{path}?row_version=2", headers=west.headers).status_code == 204
    assert last_visit(west, record) == day(-9)
    line = west.get(f"/api/layers/care_records/features/{record}/history")["items"][0]
    assert line["actor"] == west.login


def test_what_was_found_is_hidden_until_it_is_revealed(west: Desk, module_engine: Engine) -> None:
    elder = person(west)
    made = visit(west, enrol(west, elder), found="独自在家，情绪低落")["id"]
    shown = west.get(f"/api/layers/care_visits/features/{made}")["properties"]
    assert "情绪" not in shown["found"]
    assert shown["visited_by"] == west.login
    body = {"layer": "care_visits", "id": made, "field": "found", "reason": "安排下次走访"}
    assert west.post("/api/reveal", body)["value"] == "独自在家，情绪低落"
    with module_engine.connect() as connection:
        statement = text(
            "SELECT detail -> 'person' FROM core.audit WHERE action = 'reveal' ORDER BY id DESC"
        )
        assert connection.execute(statement).scalars().first() == elder


def test_many_visits_in_one_statement_are_one_set(module_engine: Engine, west: Desk) -> None:
    first, second = enrol(west, person(west)), enrol(west, person(west))
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO people.care_visit (record_id, visited_on, kind) "
                "SELECT r, core.today() - n, 'phone_call' "
                "FROM unnest(CAST(:records AS bigint[])) AS r, generate_series(2, 4) AS n"
            ),
            {"records": [first, second]},
        )
        connection.execute(
            text(
                "UPDATE people.care_visit SET record_id = :to WHERE record_id = :of "
                "AND visited_on = core.today() - 2"
            ),
            {"to": second, "of": first},
        )
    assert (last_visit(west, first), last_visit(west, second)) == (day(-3), day(-2))


def test_of_two_visits_written_at_once_the_later_day_stays(
    module_engine: Engine, west: Desk
) -> None:
    record = enrol(west, person(west))
    insert = text(
        "INSERT INTO people.care_visit (record_id, visited_on, kind) "
        "VALUES (:record, core.today() - :days, 'health')"
    )

    def write_earlier_day() -> None:
        with module_engine.begin() as other:
            other.execute(insert, {"record": record, "days": 9})

    with ThreadPoolExecutor(1) as pool:
        with module_engine.begin() as first:
            first.execute(insert, {"record": record, "days": 1})
            waiting = pool.submit(write_earlier_day)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=1)
        waiting.result(timeout=20)
    assert last_visit(west, record) == day(-1)


@pytest.mark.parametrize(
    ("values", "field", "reason"),
    [
        ({"visited_on": day(1)}, "visited_on", "the visit lies in the future"),
        ({"visited_on": day(-41)}, "visited_on", "the visit lies before the record begins"),
        ({"visited_on": None}, "visited_on", "required"),
        ({"kind": "singing"}, "kind", "'singing' is no code of care_visit_kind"),
    ],
)
def test_a_wrong_visit_is_refused_with_its_field(
    west: Desk, module_engine: Engine, values: dict[str, Any], field: str, reason: str
) -> None:
    record = enrol(west, person(west))
    before = written(module_engine)
    assert faults(visit(west, record, 400, **values)) == {field: reason}
    assert written(module_engine) == before


def test_the_database_itself_refuses_a_visit_in_the_future(
    module_engine: Engine, sides: TwoSides
) -> None:
    with pytest.raises(Exception, match="not a day of a visit"), module_engine.begin() as owner:
        owner.execute(
            text(
                "INSERT INTO people.care_visit (record_id, visited_on, kind) "
                "VALUES (:record, core.today() + 1, 'health')"
            ),
            {"record": sides.west("care_records")},
        )


def test_a_visit_sent_twice_is_recorded_once(west: Desk, module_engine: Engine) -> None:
    path = f"/api/care/{enrol(west, person(west))}/visits"
    body, key = {"visited_on": day(0), "kind": "health"}, {"Idempotency-Key": "care-visit-1"}
    first = west.post(path, body, 201, **key)
    before = written(module_engine)
    assert west.post(path, body, 201, **key) == first
    assert written(module_engine) == before
    west.post(path, body | {"kind": "goods"}, 409, **key)


def test_a_review_is_renewed_with_a_reason(west: Desk) -> None:
    record = enrol(west, person(west), review_date=day(-2))
    path = f"/api/care/{record}/review"
    wrong = west.post(path, {"review_date": day(0), "reason": " "}, 400)
    assert faults(wrong) == {
        "review_date": "it must be later than today",
        "reason": "required",
    }
    assert faults(west.post(path, {"reason": "仍需照顾"}, 400)) == {"review_date": "required"}
    west.post(path, {"review_date": day(90), "reason": "仍需照顾", "row_version": 7}, 409)
    told = west.post(path, {"review_date": day(90), "reason": "仍需照顾", "row_version": 1})
    assert told["review_date"] == day(90)
    line = west.get(f"/api/layers/care_records/features/{record}/history")["items"][0]
    assert line["reason"] == "仍需照顾"


def test_an_ended_record_is_due_no_more_and_takes_nothing(west: Desk) -> None:
    record = enrol(west, person(west), review_date=day(-1))
    visit(west, record, visited_on=day(-20))
    assert record in {row["id"] for row in listed(west, "visit_overdue")}
    path = f"/api/care/{record}/end"
    assert "valid_to" in faults(west.post(path, {"valid_to": day(-21), "reason": "迁出"}, 400))
    assert "valid_to" in faults(west.post(path, {"valid_to": day(-50), "reason": "迁出"}, 400))
    assert "valid_to" in faults(west.post(path, {"valid_to": day(1), "reason": "迁出"}, 400))
    assert west.post(path, {"valid_to": day(-5), "reason": "迁出"})["valid_to"] == day(-5)
    for name in ("visit_overdue", "review_overdue"):
        assert record not in {row["id"] for row in listed(west, name)}
    assert faults(visit(west, record, 400)) == {"visited_on": "the record has ended by then"}
    again = {"review_date": day(30), "reason": "续期"}
    assert faults(west.post(f"/api/care/{record}/review", again, 400)) == {
        "": "the record has ended"
    }
    assert faults(west.post(path, {"valid_to": day(0), "reason": "再次"}, 400)) == {
        "": "the record has ended"
    }


@pytest.mark.parametrize("step", ["visits", "review", "end"])
def test_steps_are_for_holders_of_the_right_there(
    step: str, west: Desk, east: Desk, worker: Desk, module_engine: Engine
) -> None:
    path = f"/api/care/{enrol(west, person(west))}/{step}"
    body = {
        "visits": {"visited_on": day(0), "kind": "health"},
        "review": {"review_date": day(9), "reason": "续期"},
        "end": {"valid_to": day(0), "reason": "结束"},
    }[step]
    before = written(module_engine)
    east.post(path, body, 404)
    worker.post(path, body, 403)
    assert written(module_engine) == before


def test_no_way_lets_a_record_end_before_its_last_visit(west: Desk) -> None:
    record = enrol(west, person(west))
    visit(west, record, visited_on=day(-2))
    path = f"/api/layers/care_records/features/{record}"
    feature = west.get(path)
    body = {"type": "Feature", "properties": {"valid_to": day(-3)}}
    version = {"If-Match": f'"{feature["properties"]["row_version"]}"'}
    refused = west.client.patch(path, json=body, headers=west.headers | version)
    assert refused.status_code == 400
    assert faults(refused.get_json()) == {"valid_to": "it was visited after that day"}


def test_steps_and_lists_tell_the_same_next_visit(west: Desk) -> None:
    someone = person(west)
    record = enrol(west, someone, valid_from=None)
    told = west.post(f"/api/care/{record}/review", {"review_date": day(300), "reason": "年度复核"})
    (shown,) = west.get(f"/api/persons/{someone}/care")["records"]
    due = {row["id"]: row["due_on"] for row in listed(west, "visit_soon")}
    assert told["next_visit"] == shown["next_visit"] == due[record] == day(0)


# What is due


def test_never_visited_is_due_an_interval_after_the_record_begins(west: Desk) -> None:
    someone = person(west)
    begun = enrol(west, someone, valid_from=day(-12))
    unknown = enrol(west, someone, valid_from=None)
    without = enrol(west, someone, visit_interval=None)
    overdue = {row["id"]: row for row in listed(west, "visit_overdue")}
    soon = {row["id"]: row for row in listed(west, "visit_soon")}
    assert overdue[begun]["days_overdue"] == 2
    assert overdue[begun]["due_on"] == day(-2)
    assert soon[unknown]["days_overdue"] == 0
    assert without not in overdue.keys() | soon.keys()
    assert overdue[begun]["building_id"] is None, "a person without a home"
    assert "*" in overdue[begun]["person_name"]


def test_figures_rows_and_map_say_the_same_within_ones_areas(
    west: Desk, east: Desk, both: Desk, sides: TwoSides
) -> None:
    for desk, side in ((west, WEST), (east, EAST)):
        room = sides.ids["dwellings"][side]
        for number, since in enumerate((-30, -11, -10, -4, -3, -2)):
            group = ("CARE-01", "CARE-02")[number % 2]
            home = room if number < 4 else None
            values = {"care_group": group, "valid_from": day(since)}
            enrol(desk, person(desk, dwelling=home), review_date=day(since + 11), **values)
        for kind in ("repair", "errands"):
            ask(desk, person(desk, dwelling=room), kind=kind)
        offered = provider(desk, offers_other=True)
        done = ask(
            desk, person(desk, dwelling=room), kind="other", provider_id=offered, state="assigned"
        )
        step(desk, done["id"], state="done", done_on=day(-1))
    for desk, areas in ((west, {WEST}), (east, {EAST}), (both, {WEST, EAST})):
        told = desk.get("/api/care/due")
        for name in LISTS:
            rows = listed(desk, name)
            assert len(rows) == len({row["id"] for row in rows}) == told["total"][name] > 0
            assert {row["area_code"][:12] for row in rows} <= areas
            assert [row["due_on"] for row in rows] == sorted(row["due_on"] for row in rows)
            parts, field = (
                ("kinds", "service_kind") if "service" in name else ("groups", "care_group")
            )
            for part in told[parts]:
                assert len(listed(desk, name, f"&{field}={part['key']}")) == part[name]
            assert sum(part[name] for part in told[parts]) == told["total"][name]
            assert sum(area[name] for area in told["areas"]) == told["total"][name]
            assert drawn(desk, name) == sum(row["building_id"] is not None for row in rows)
    overdue = listed(west, "visit_overdue")
    assert {row["building_id"] for row in overdue} == {sides.west("buildings"), None}
    narrowed = west.get("/api/care/due?responsible=别人")
    assert narrowed["total"]["visit_overdue"] == 0
    assert both.get(f"/api/care/due?area={EAST}")["total"] == east.get("/api/care/due")["total"]


def drawn(desk: Desk, name: str, z: int = 15) -> int:
    """How many homes of a list the tiles over both sides show."""
    counts: dict[int, int] = {}
    for x, y in tiles_over_both(z):
        answer = desk.client.get(f"/api/care/due/{name}/tiles/{z}/{x}/{y}")
        assert answer.status_code in (200, 204)
        layers = decode(answer.data) if answer.status_code == 200 else {}
        if layers:
            counts |= {key: each["count"] for key, each in layers["care_due"].features.items()}
    return sum(counts.values())


def test_a_home_far_from_where_care_is_held_is_not_told(
    west: Desk, sides: TwoSides, module_engine: Engine
) -> None:
    """A person in care here, at home elsewhere: in the list, but not on the map."""
    moved = person(west)
    record = enrol(west, moved)
    with module_engine.begin() as owner:
        owner.execute(text("ALTER TABLE people.residence DISABLE TRIGGER move_person"))
        owner.execute(
            text(
                "INSERT INTO people.residence (person_id, dwelling_id, kind) "
                "VALUES (:person, :dwelling, 'L01')"
            ),
            {"person": moved, "dwelling": sides.east("dwellings")},
        )
        owner.execute(text("ALTER TABLE people.residence ENABLE TRIGGER move_person"))
    (row,) = [row for row in listed(west, "visit_overdue") if row["id"] == record]
    assert (row["building_id"], row["lon"], row["address"]) == (None, None, None)


@pytest.mark.parametrize(
    "path",
    [
        "/api/care/due?kind=visit",
        "/api/care/due?area=x",
        "/api/care/due/birthday",
        "/api/care/due/visit_overdue?limit=0",
        "/api/care/due/visit_overdue?after=yesterday",
        "/api/care/due/visit_overdue?x=1",
    ],
)
def test_a_wrong_question_is_refused(west: Desk, path: str) -> None:
    west.get(path, 400)


# Who sees it


def test_a_person_s_care_is_told_with_visits_and_services_and_logged(
    west: Desk, east: Desk, worker: Desk, module_engine: Engine
) -> None:
    elder = person(west)
    record = enrol(west, elder, note="视力差")
    visit(west, record, visited_on=day(-2))
    visit(west, record, visited_on=day(-1), next_step="联系助残社")
    service = ask(west, elder, wish="换灯泡")["id"]
    told = west.get(f"/api/persons/{elder}/care")
    assert (told["of_age"], told["editable"]) == (True, True)
    (found,) = told["records"]
    assert [each["visited_on"] for each in found["visits"]] == [day(-1), day(-2)]
    assert found["next_visit"] == day(9)
    assert "视力" not in str(told)
    assert [each["id"] for each in told["services"]] == [service]
    assert ("care", "persons", elder) in looks(module_engine, west)
    assert west.get(f"/api/persons/{person(west, '1990-01-01')}/care")["of_age"] is False
    east.get(f"/api/persons/{elder}/care", 404)
    worker.get(f"/api/persons/{elder}/care", 403)


def test_rooms_in_care_are_told_to_holders_of_the_right_only(
    west: Desk, east: Desk, worker: Desk, sides: TwoSides, module_engine: Engine
) -> None:
    path = f"/api/buildings/{sides.west('buildings')}"
    room = sides.west("dwellings")
    enrol(west, person(west, dwelling=room), valid_from=day(-30))
    (told,) = west.get(f"{path}/care")["rooms"]
    assert (told["dwelling_id"], told["overdue"]) == (room, True)
    assert told["persons"] >= 2
    assert {"CARE-01", "CARE-02"} <= set(told["care_groups"])
    assert ("care", "buildings", sides.west("buildings")) in looks(module_engine, west)
    east.get(f"{path}/care", 404)
    worker.get(f"{path}/care", 403)
    house = worker.client.get(f"{path}/house").get_data(as_text=True)
    assert house == west.client.get(f"{path}/house").get_data(as_text=True)
    assert "care" not in house


def test_every_look_at_a_list_is_logged_and_others_now_and_then(
    care_app: Flask, module_engine: Engine, sides: TwoSides
) -> None:
    fresh = Desk(care_app, module_engine, Role.SUPERVISOR, WEST)
    fresh.get("/api/care/due")
    fresh.get("/api/care/due/visit_overdue")
    fresh.get("/api/care/due/service_open")
    assert [line[:2] for line in looks(module_engine, fresh)] == [
        ("list", "care_records"),
        ("list", "care_records"),
        ("list", "elderly_services"),
    ]
    one = sides.west("care_records")
    fresh.get(f"/api/layers/care_records/features/{one}")
    fresh.get(f"/ogc/collections/care_records/items/{one}?f=json")
    fresh.get(f"/api/layers/care_records/features/{one}/history")
    assert looks(module_engine, fresh)[3:] == [
        ("care", "care_records", one),
    ]
    assert drawn(fresh, "visit_overdue") == drawn(fresh, "visit_overdue", 16) > 0
    lines = looks(module_engine, fresh)
    assert [line[0] for line in lines].count("care_map") == 1


LAYERS = ("care_records", "care_visits", "service_providers", "elderly_services")


def test_without_the_right_nothing_is_told_on_any_surface(
    care_app: Flask, module_engine: Engine, worker: Desk, west: Desk, sides: TwoSides
) -> None:
    """A grid worker sees the person and the house, and no sign that there is care."""
    z, (x, y) = 15, sorted(tiles_over_both(15))[0]
    elder = sides.west("persons")
    assert worker.get(f"/api/persons/{elder}/houses")["person"]["id"] == elder
    refused = [f"/api/care/due{more}" for more in ("", *(f"/{name}" for name in LISTS))]
    refused += [f"/api/care/due/{name}/tiles/{z}/{x}/{y}" for name in LISTS]
    for layer in LAYERS:
        one = sides.west(layer)
        refused += [f"/api/layers/{layer}/features{more}" for more in ("", f"/{one}")]
        refused += [f"/api/layers/{layer}/features/{one}/history", f"/tiles/{layer}/{z}/{x}/{y}"]
        refused += [f"/ogc/collections/{layer}{more}" for more in ("", "/items", f"/items/{one}")]
    for path in refused:
        answer = worker.client.get(path)
        assert answer.status_code in (403, 404), path
        assert NAMES[WEST][:1] not in answer.text, path
    collections = worker.get("/ogc/collections?f=json")["collections"]
    assert not {each["id"] for each in collections} & set(LAYERS)
    assert not set(worker.get("/api/summary")["counts"]) & set(LAYERS)
    found = worker.client.get("/api/search", query_string={"q": "为老"}).get_data(as_text=True)
    assert "为老中心" not in found
    assert "为老中心" in west.client.get("/api/search", query_string={"q": "为老"}).text
    commander = Desk(care_app, module_engine, Role.COMMANDER, WEST)
    around = {"relation": "within", "subject": {"layer": "areas", "ids": [sides.west("areas")]}}
    for layer in LAYERS:
        question = {"layer": layer} | around
        asked = {"question": question}
        answer = commander.client.post(
            "/api/questions/answer", json=asked, headers=commander.headers
        )
        assert answer.status_code in (400, 403, 404), (layer, answer.text)
        body = {"question": question, "format": "xlsx", "reason": "年度汇总"}
        answer = commander.client.post("/api/exports", json=body, headers=commander.headers)
        assert answer.status_code in (400, 403), (layer, answer.text)


def test_live_tells_of_care_to_holders_of_the_right_only(worker: Desk, west: Desk) -> None:
    def told(desk: Desk) -> set[str]:
        stream = desk.client.get("/live?last_event_id=0")
        found = ""
        for chunk in stream.response:
            found += chunk if isinstance(chunk, str) else chunk.decode()
            if "residences" in found:
                break
        stream.close()
        return {layer for layer in LAYERS if f'"{layer}"' in found}

    assert told(worker) == set()
    assert told(west) == set(LAYERS)
