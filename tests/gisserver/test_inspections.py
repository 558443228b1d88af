"""Inspections of rentals over HTTP: recorded once, what is due after them, lists that agree."""

from __future__ import annotations

import io
import itertools
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError
from werkzeug.test import TestResponse

from layers.core.calendar import CHINA
from layers.core.database import reader_transaction
from layers.core.picture import Picture
from layers.core.rights import Role
from layers.core.scope import Reader
from layers.housing.inspection_photo import add_inspection_photos
from tests.builders.pictures import flat_photo
from tests.builders.two_sides import reader
from tests.gisserver.desk import Desk
from tests.gisserver.mvt import decode
from tests.gisserver.town import EAST, TILE, WEST

TODAY = datetime.now(CHINA).date()


def day(days: int) -> str:
    """The day so many days from today."""
    return (TODAY + timedelta(days=days)).isoformat()


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


def let(desk: Desk, building: int, **values: Any) -> int:
    """Another rental in a building."""
    at = {"building_id": building, "floor": 1, "room_number": f"L{next(_rooms)}"}
    room = desk.make("dwellings", **at)["id"]
    return int(desk.make("rentals", dwelling_id=room, **values)["id"])


@pytest.fixture
def rental(supervisor: Desk, town: dict[str, list[int]]) -> int:
    return let(supervisor, town[WEST][0], rental_class="LG2")


def inspect(desk: Desk, rental: int, status: int = 201, /, **values: Any) -> Any:
    body = {"inspected_on": day(0), "result": "passed"} | values
    return desk.post(f"/api/rentals/{rental}/inspections", body, status)


def state_of(desk: Desk, rental: int) -> tuple[Any, ...]:
    found = desk.get(f"/api/layers/rentals/features/{rental}")["properties"]
    return found["last_inspection"], found["next_inspection"], found["hazard"]


def faults(answer: Any) -> dict[str, str]:
    return {fault["field"]: fault["reason"] for fault in answer["faults"]}


def rows(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return [
            int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
            for table in ("housing.inspection", "core.history")
        ]


@pytest.mark.parametrize(("rental_class", "days"), [("LG1", 21), ("LG2", 14), ("LG3", 7)])
def test_a_visit_sets_when_the_rental_is_due_by_its_class(
    worker: Desk, supervisor: Desk, town: dict[str, list[int]], rental_class: str, days: int
) -> None:
    rental = let(supervisor, town[WEST][0], rental_class=rental_class)
    told = inspect(worker, rental, inspected_on=day(-2))
    assert (told["last_inspection"], told["next_inspection"]) == (day(-2), day(days - 2))
    assert state_of(worker, rental) == (day(-2), day(days - 2), "00")
    made = worker.get(f"/api/layers/inspections/features/{told['id']}")["properties"]
    assert made["inspector"] == worker.login
    line = supervisor.get(f"/api/layers/rentals/features/{rental}/history")["items"][0]
    assert line["actor"] == worker.login


def test_the_rental_s_own_interval_goes_before_that_of_its_class(
    worker: Desk, supervisor: Desk, town: dict[str, list[int]]
) -> None:
    rental = let(supervisor, town[WEST][0], rental_class="LG1", inspection_interval=3)
    assert inspect(worker, rental)["next_inspection"] == day(3)
    without = let(supervisor, town[WEST][0], rental_class="LG4")
    assert inspect(worker, without)["next_inspection"] is None


def test_a_hazard_is_due_when_it_is_to_be_put_right_until_a_visit_passes(
    worker: Desk, rental: int
) -> None:
    found = {"result": "hazard", "hazard": "02", "rectify_by": day(-1), "inspected_on": day(-4)}
    first = inspect(worker, rental, **found, findings="电线私拉")
    assert state_of(worker, rental) == (day(-4), day(-1), "02")
    inspect(worker, rental, result="nobody", inspected_on=day(-1))
    assert state_of(worker, rental) == (day(-4), day(-1), "02"), "nobody was in"
    inspect(worker, rental)
    assert state_of(worker, rental) == (day(0), day(14), "00")
    put_right = worker.get(f"/api/layers/inspections/features/{first['id']}")["properties"]
    assert put_right["rectified_on"] == day(0)


def test_correcting_or_deleting_a_visit_sets_the_rental_again(
    worker: Desk, supervisor: Desk, rental: int
) -> None:
    inspect(worker, rental, inspected_on=day(-9))
    wrong = inspect(worker, rental, inspected_on=day(-1))["id"]
    path = f"/api/layers/inspections/features/{wrong}"
    change = {"properties": {"inspected_on": day(-3)}, "row_version": 1}
    assert worker.client.patch(path, json=change, headers=worker.headers).status_code == 403
    assert supervisor.client.patch(path, json=change, headers=supervisor.headers).status_code == 200
    assert state_of(supervisor, rental)[:2] == (day(-3), day(11))
    gone = supervisor.client.delete(f"{path}?row_version=2", headers=supervisor.headers)
    assert gone.status_code == 204
    assert state_of(supervisor, rental)[:2] == (day(-9), day(5))


def test_all_faults_are_told_and_nothing_is_written(
    worker: Desk, rental: int, module_engine: Engine
) -> None:
    before = rows(module_engine)
    wrong = {
        "inspected_on": day(1),
        "result": "hazard",
        "rectify_by": day(0),
        "findings": "x" * 501,
    }
    assert set(faults(inspect(worker, rental, 400, **wrong))) == {
        "inspected_on",
        "hazard",
        "rectify_by",
        "findings",
    }
    assert set(faults(inspect(worker, rental, 400, result="good", hazard="77"))) == {
        "result",
        "hazard",
    }
    inspect(worker, rental, 400, inspector="somebody")
    assert rows(module_engine) == before


def test_elsewhere_and_without_the_right_nothing_is_recorded(
    next_door: Desk, town_app: Flask, rental: int, module_engine: Engine
) -> None:
    before = rows(module_engine)
    inspect(next_door, rental, 404)
    commander = Desk(town_app, module_engine, Role.COMMANDER, WEST)
    inspect(commander, rental, 403)
    generic = {"properties": {"rental_id": rental, "inspected_on": day(0), "result": "passed"}}
    next_door.post("/api/layers/inspections/features", generic, 400)
    assert rows(module_engine) == before
    operator = Desk(town_app, module_engine, Role.OPERATOR, WEST)
    operator.get("/api/rentals/due", 403)


def test_sent_twice_is_recorded_once(worker: Desk, rental: int, module_engine: Engine) -> None:
    body, key = {"inspected_on": day(0), "result": "passed"}, {"Idempotency-Key": "visit-0001"}
    path = f"/api/rentals/{rental}/inspections"
    first = worker.post(path, body, 201, **key)
    before = rows(module_engine)
    assert worker.post(path, body, 201, **key)["id"] == first["id"]
    assert rows(module_engine) == before


def all_rows(desk: Desk, name: str, query: str = "", limit: int = 3) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = desk.get(f"/api/rentals/due/{name}?limit={limit}{query}{after}")
        found += page["items"]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


def test_figures_rows_and_tiles_say_the_same_within_ones_areas(
    supervisor: Desk, next_door: Desk, both_sides: Desk, town: dict[str, list[int]]
) -> None:
    for number, offset in enumerate((-30, -3, -1, 0, 7, 8, 40)):
        values = {"rental_class": f"LG{1 + number % 3}", "next_inspection": day(offset)}
        let(supervisor, town[WEST][number % 3], **values)
    let(supervisor, town[WEST][1], rental_class="LG4", hazard="02")
    let(supervisor, town[WEST][1], next_inspection=day(-5), valid_to=day(-1))
    let(next_door, town[EAST][0], rental_class="LG1", next_inspection=day(-2), hazard="01")
    for desk, areas in ((supervisor, {WEST}), (next_door, {EAST}), (both_sides, {WEST, EAST})):
        told = desk.get("/api/rentals/due")
        for name in ("overdue", "due_soon", "to_rectify", "all"):
            listed = all_rows(desk, name)
            assert len(listed) == len({row["id"] for row in listed}) == told["total"][name]
            assert {row["area_code"][:12] for row in listed} <= areas
            for each in told["classes"]:
                if each["key"] is not None:
                    of_class = all_rows(desk, name, f"&rental_class={each['key']}")
                    assert len(of_class) == each[name]
            assert sum(each[name] for each in told["classes"]) == told["total"][name]
            assert sum(each[name] for each in told["areas"]) == told["total"][name]
            drawn = desk.client.get(f"/api/rentals/due/{name}/tiles/{TILE}")
            found = decode(drawn.data) if drawn.status_code == 200 else {}
            features = found["rentals_due"].features if found else {}
            assert sum(each["count"] for each in features.values()) == len(listed)
    classes = {each["key"]: each for each in supervisor.get("/api/rentals/due")["classes"]}
    assert (classes["LG1"]["colour"], classes["LG1"]["interval"]) == ("green", 21)
    drawn = decode(supervisor.client.get(f"/api/rentals/due/all/tiles/{TILE}").data)
    assert drawn["rentals_due"].features[town[WEST][1]]["colour"] == "red", "the strictest class"
    overdue = all_rows(supervisor, "overdue")
    days = [row["next_inspection"] for row in overdue]
    assert days == sorted(days)
    assert all(date.fromisoformat(each) < TODAY for each in days)
    soon = {row["next_inspection"] for row in all_rows(supervisor, "due_soon")}
    assert {day(0), day(7)} <= soon
    assert day(8) not in soon


def test_areas_are_told_level_by_level(both_sides: Desk, supervisor: Desk, rental: int) -> None:
    told = both_sides.get(f"/api/rentals/due?area={WEST[:9]}")
    west = next(each for each in told["areas"] if each["key"] == WEST)
    assert west["name"] == WEST
    assert west["all"] == both_sides.get(f"/api/rentals/due?area={WEST}")["total"]["all"]
    assert west["all"] == len(all_rows(both_sides, "all", f"&area={WEST}"))
    everywhere = both_sides.get("/api/rentals/due")["areas"]
    assert {each["key"] for each in everywhere} <= {WEST, EAST}, "below what both areas share"
    own = supervisor.get("/api/rentals/due")["areas"]
    assert {each["key"][:12] for each in own} == {WEST}


def test_what_is_no_list_or_no_position_is_refused(supervisor: Desk) -> None:
    supervisor.get("/api/rentals/due/late", 400)
    supervisor.get("/api/rentals/due/all?after=x", 400)
    supervisor.get("/api/rentals/due/all?limit=0", 400)
    supervisor.get("/api/rentals/due?area=x", 400)
    supervisor.get("/api/rentals/due/all/tiles/99/0/0", 404)


def test_a_compound_names_the_company_that_keeps_it(
    town_app: Flask, module_engine: Engine, supervisor: Desk
) -> None:
    company = supervisor.make("organisations", name="安居物业")["id"]
    made = supervisor.make("compounds", name="安居小区", company_id=company)
    assert made["properties"]["company_id"] == company
    nobody = {"properties": {"name": "别处小区", "company_id": 999_999}}
    answer = supervisor.post("/api/layers/compounds/features", nobody, 400)
    assert faults(answer) == {"company_id": "no such row in organisations"}


def with_photos(desk: Desk, rental: int, photos: list[bytes], **more: Any) -> TestResponse:
    """Record an inspection with photos as a form; the answer."""
    body = {"inspected_on": day(0), "result": "passed"} | more
    files = [(io.BytesIO(photo), f"{number}.jpg") for number, photo in enumerate(photos)]
    return desk.send_form(
        f"/api/rentals/{rental}/inspections",
        {"inspection": json.dumps(body), "photo": files},
    )


def test_photos_come_with_their_inspection_and_stay_within_its_scope(
    supervisor: Desk, worker: Desk, next_door: Desk, rental: int
) -> None:
    made = with_photos(worker, rental, [flat_photo(60), flat_photo(120), flat_photo(60)])
    assert made.status_code == 201
    kept = supervisor.get(f"/api/rentals/{rental}/inspections/photos")["photos"]
    assert [each["inspection_id"] for each in kept] == [made.get_json()["id"]] * 2
    path = f"/api/inspections/photos/{kept[0]['id']}"
    for picture in (path, f"{path}/thumbnail"):
        answer = supervisor.client.get(picture)
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        assert b"Exif" not in answer.data
        again = supervisor.client.get(picture, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
        assert next_door.client.get(picture).status_code == 404
    foreign = next_door.client.get(f"/api/rentals/{rental}/inspections/photos")
    assert foreign.status_code == 404


def test_a_bad_picture_takes_nothing_with_it(
    supervisor: Desk, worker: Desk, rental: int, module_engine: Engine
) -> None:
    for photos, field in (
        ([flat_photo(60), b"no picture"], "photos.1"),
        ([flat_photo(60)[:200]], "photos.0"),
        ([flat_photo(shade) for shade in range(10)], "photos"),
    ):
        refused = with_photos(worker, rental, photos)
        assert refused.status_code == 400
        assert [fault["field"] for fault in refused.get_json()["faults"]] == [field]
    late = with_photos(worker, rental, [flat_photo(60)], inspected_on=day(3))
    assert late.status_code == 400
    asked = f"/api/layers/inspections/features?rental_id={rental}"
    assert supervisor.get(asked)["features"] == []
    with module_engine.begin() as connection:
        left = text(
            "SELECT count(*) FROM housing.inspection_photo AS p JOIN housing.inspection AS i "
            "ON i.id = p.inspection_id WHERE i.rental_id = :rental"
        )
        assert connection.execute(left, {"rental": rental}).scalar_one() == 0


def who(desk: Desk, role: Role) -> Reader:
    """The reader that somebody at a desk is for the database."""
    return replace(reader(role, WEST), login=desk.login)


def test_nobody_adds_a_photo_to_the_inspection_of_somebody_else(
    supervisor: Desk, worker: Desk, rental: int, module_engine: Engine
) -> None:
    made = inspect(worker, rental)["id"]
    picture = Picture(b"a", b"b", 1, 1, "0" * 64)
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        reader_transaction(module_engine, who(supervisor, Role.SUPERVISOR)) as connection,
    ):
        add_inspection_photos(connection, made, [picture])
    with reader_transaction(module_engine, who(worker, Role.WORKER)) as connection:
        add_inspection_photos(connection, made, [picture])
