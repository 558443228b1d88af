"""The building matrix over HTTP: built, merged, split, renumbered, refused, edited by two."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from layers.core.rights import Role
from tests.gisserver.test_proposals import Desk
from tests.gisserver.town import EAST, WEST, add_building

RULE = {
    "units": ["1", "2"],
    "lowest": -1,
    "highest": 6,
    "rooms": 3,
    "skipped": [4],
    "mezzanines": [1],
}

# Of China, where the day begins eight hours earlier.
YESTERDAY = (datetime.now(UTC) + timedelta(hours=8)).date() - timedelta(days=1)


@pytest.fixture(scope="module")
def desk(town_app: Flask, module_engine: Engine) -> Desk:
    return Desk(town_app, module_engine, Role.SUPERVISOR, WEST)


class House:
    """A house of its own, with six levels and two rooms on each of floors 1 and 2."""

    def __init__(self, desk: Desk, engine: Engine) -> None:
        self.desk = desk
        self.id = add_building(engine, 120.005, "楼")
        self.path = f"/api/buildings/{self.id}"
        numbers = ("101", "102", "201", "202")
        rooms = [
            {"id": -i, "unit": "1", "floor": int(n[0]), "number": n}
            for i, n in enumerate(numbers, 1)
        ]
        self.save({"do": "add", "rooms": rooms})

    def get(self, on: date | None = None) -> Any:
        return self.desk.get(f"{self.path}/house" + (f"?on={on}" if on else ""))

    def save(self, *steps: Any, status: int = 200, version: int | None = None, **more: Any) -> Any:
        version = version or self.get()["building"]["row_version"]
        body = {"row_version": version, "steps": steps, **more}
        return self.desk.post(f"{self.path}/matrix", body, status)

    def rooms(self, on: date | None = None) -> dict[str, Any]:
        return {room["room"]: room for room in self.get(on)["rooms"]}

    def live_in(self, room: str, **more: Any) -> tuple[int, Any]:
        person = self.desk.make("persons", name="某甲", register="POP-01", area_code=WEST)["id"]
        made = self.desk.make(
            "residences",
            person_id=person,
            dwelling_id=self.rooms()[room]["id"],
            kind="L01",
            **more,
        )
        return person, made


@pytest.fixture
def house(desk: Desk, module_engine: Engine) -> House:
    return House(desk, module_engine)


def test_merging_moves_who_lives_there_and_the_day_before_still_answers(house: House) -> None:
    house.live_in("101", valid_from="2020-01-01")
    person, second = house.live_in("102", valid_from="2021-01-01")
    rooms = house.rooms()
    one, two = rooms["101"]["id"], rooms["102"]["id"]
    rental = house.desk.make("rentals", dwelling_id=two)
    house.save({"do": "merge", "rooms": [one, two], "into": one, "number": "101-102"})
    now = house.rooms()
    assert set(now) == {"101-102", "201", "202"}
    merged = now["101-102"]
    assert (merged["id"], merged["residents"], merged["columns_wide"]) == (one, 2, 2)
    moved = house.desk.get(f"/api/layers/residences/features/{second['id']}")["properties"]
    assert (moved["dwelling_id"], moved["valid_from"], moved["valid_to"]) == (
        one,
        "2021-01-01",
        None,
    )
    assert (
        house.desk.get(f"/api/layers/rentals/features/{rental['id']}")["properties"]["dwelling_id"]
        == one
    )
    before = house.rooms(YESTERDAY)
    assert {name: room["residents"] for name, room in before.items()} == {
        "101": 1,
        "102": 1,
        "201": 0,
        "202": 0,
    }
    assert before["101"]["columns_wide"] == 1
    told = house.desk.get(f"/api/dwellings/{two}/residents?on={YESTERDAY}")
    assert [m["person_id"] for h in told["households"] for m in h["members"]] == [person]
    assert house.desk.get(f"/api/dwellings/{two}/residents")["households"] == []
    life = house.desk.get(f"/api/dwellings/{one}/residents")["lineage"]
    assert [(each["kind"], each["other_id"], each["room"]) for each in life] == [
        ("merge", two, "102")
    ]


def test_a_duplex_has_a_box_on_both_floors(house: House) -> None:
    rooms = house.rooms()
    house.save(
        {
            "do": "merge",
            "rooms": [rooms["101"]["id"], rooms["201"]["id"]],
            "into": rooms["101"]["id"],
        }
    )
    assert house.rooms()["101"]["floors_high"] == 2
    boxes = house.desk.get(f"{house.path}/boxes")["boxes"]
    assert sorted(b["floor"] for b in boxes if b["id"] == rooms["101"]["id"]) == [1, 2]


def test_splitting_keeps_the_people_in_the_room_that_stays(house: House) -> None:
    house.live_in("201", valid_from="2020-01-01")
    room = house.rooms()["201"]["id"]
    made = house.save(
        {"do": "split", "room": room, "number": "201甲", "pieces": [{"id": -1, "number": "201乙"}]}
    )
    now = house.rooms()
    assert (now["201甲"]["id"], now["201甲"]["residents"]) == (room, 1)
    assert (now["201乙"]["id"], now["201乙"]["residents"]) == (made["ids"]["-1"], 0)
    assert "201" in house.rooms(YESTERDAY)
    assert "201乙" not in house.rooms(YESTERDAY)


def test_merging_keeps_householders_and_beds_apart(house: House) -> None:
    own = {"relation": "02", "household": "1", "bed": "A"}
    _, first = house.live_in("101", **own)
    _, second = house.live_in("102", **own)
    one, two = (house.rooms()[number]["id"] for number in ("101", "102"))
    house.save({"do": "merge", "rooms": [one, two], "into": one, "number": "101"})
    told = [
        house.desk.get(f"/api/layers/residences/features/{made['id']}")["properties"]
        for made in (first, second)
    ]
    assert [(each["household"], each["rented_room"], each["bed"]) for each in told] == [
        ("1", None, "A"),
        ("102-1", "102", "A"),
    ]


def test_numbers_are_swapped(house: House) -> None:
    rooms = house.rooms()
    one, two = rooms["101"]["id"], rooms["102"]["id"]
    house.save(
        {"do": "renumber", "rooms": [{"id": one, "number": "102"}, {"id": two, "number": "101"}]}
    )
    now = house.rooms()
    assert (now["102"]["id"], now["101"]["id"]) == (one, two)


def test_all_faults_are_told_at_the_cells_and_nothing_is_half_written(house: House) -> None:
    house.live_in("102")
    rooms = house.rooms()
    before = house.get()
    answer = house.save(
        {"do": "set", "rooms": [rooms["201"]["id"]], "values": {"usage": "U4"}},
        {"do": "retire", "rooms": [rooms["102"]["id"]]},
        {"do": "add", "rooms": [{"id": -1, "unit": "1", "floor": 9, "number": "901"}]},
        {"do": "renumber", "rooms": [{"id": rooms["201"]["id"], "number": "202"}]},
        status=400,
    )
    told = {fault["field"]: fault["reason"] for fault in answer["faults"]}
    assert told[f"rooms.{rooms['102']['id']}.state"].startswith("1 people live in it")
    assert told["rooms.-1.floor"] == "the building has floors -20 to 6, not 9"
    assert "more than one 202" in told[f"rooms.{rooms['201']['id']}.room_number"]
    assert house.get() == before


def test_two_editors_do_not_overwrite_one_another(house: House) -> None:
    version = house.get()["building"]["row_version"]
    room = house.rooms()["101"]["id"]
    step = {"do": "renumber", "rooms": [{"id": room, "number": "商1"}]}
    house.save(step, version=version)
    answer = house.save({"do": "retire", "rooms": [room]}, version=version, status=409)
    assert (answer["asked"], answer["current"]) == (version, version + 1)
    assert "商1" in house.rooms()


def test_a_repeated_request_is_done_once(house: House) -> None:
    version = house.get()["building"]["row_version"]
    body = {
        "row_version": version,
        "steps": [{"do": "add", "rooms": [{"id": -1, "unit": "1", "floor": 3, "number": "301"}]}],
    }
    first, again = (
        house.desk.post(f"{house.path}/matrix", body, **{"Idempotency-Key": f"matrix-{house.id}"})
        for _ in range(2)
    )
    assert first == again
    assert len(house.rooms()) == 5


def test_a_rule_is_shown_and_then_saved_beside_what_is_there(house: House) -> None:
    shown = house.desk.post(f"{house.path}/matrix/preview", RULE)
    assert (shown["kept"], shown["there"]) == (4, 4)
    assert shown["new"] == 2 * 3 * 7 - 4
    rooms = [
        {"id": -i, **{name: room[name] for name in ("unit", "floor", "number", "is_mezzanine")}}
        for i, room in enumerate(shown["rooms"], 1)
        if room["id"] is None
    ]
    house.save({"do": "add", "rooms": rooms})
    assert house.get()["floors"] == [6, 5, 4, 3, 2, 1.5, 1, -1]
    assert house.rooms()["1夹01"]["floor"] == 1.5
    refused = house.desk.post(
        f"{house.path}/matrix/preview",
        RULE | {"highest": 9, "pattern": "{floor}", "units": []},
        400,
    )
    assert {fault["field"] for fault in refused["faults"]} == {"highest", "pattern", "units"}


def test_who_may_edit(house: House, town_app: Flask, module_engine: Engine) -> None:
    body = {"row_version": 1, "steps": [{"do": "retire", "rooms": [1]}]}
    for role, area, status in (
        (Role.SUPERVISOR, EAST, 404),
        (Role.WORKER, WEST, 403),
        (Role.ADMIN, WEST, 403),
    ):
        Desk(town_app, module_engine, role, area).post(f"{house.path}/matrix", body, status)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"steps": []}, "steps"),
        ({"steps": [{"do": "retire", "rooms": [1]}]}, "row_version"),
        ({"row_version": 1, "steps": [1]}, "steps"),
        ({"row_version": 1, "steps": [{"do": "x"}], "more": 1}, "more"),
    ],
)
def test_what_is_no_request(house: House, body: Any, word: str) -> None:
    assert word in house.desk.post(f"{house.path}/matrix", body, 400)["detail"]


def test_a_form_puts_no_room_outside_the_floors_and_nobody_into_a_demolished_house(
    house: House, module_engine: Engine
) -> None:
    body = {"properties": {"building_id": house.id, "unit": "1", "floor": 7, "room_number": "701"}}
    told = house.desk.post("/api/layers/dwellings/features", {"type": "Feature", **body}, 400)
    assert told["faults"] == [{"field": "floor", "reason": "the building has floors -20 to 6"}]
    room = house.rooms()["101"]["id"]
    with module_engine.begin() as connection:
        connection.execute(
            text("UPDATE housing.building SET valid_to = '2020-01-01' WHERE id = :id"),
            {"id": house.id},
        )
    person = house.desk.make("persons", name="某乙", register="POP-01", area_code=WEST)["id"]
    values = {"person_id": person, "dwelling_id": room, "kind": "L01"}
    told = house.desk.post(
        "/api/layers/residences/features", {"type": "Feature", "properties": values}, 400
    )
    assert told["faults"] == [
        {"field": "dwelling_id", "reason": "the dwelling or its building is gone"}
    ]
    assert (
        house.save({"do": "retire", "rooms": [room]}, status=400)["faults"][0]["field"]
        == "building"
    )
