"""Addresses over HTTP: cutting and matching many at once, the queue, refusals."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from tests.gisserver.conftest import signed_in


@pytest.fixture(scope="module")
def clients(city_app: Flask, city_passwords: dict[str, str]) -> dict[str, FlaskClient]:
    """A signed-in browser for each demo account."""
    return {login: signed_in(city_app, login, word) for login, word in city_passwords.items()}


@pytest.fixture(scope="module")
def room(city_engine: Engine, clients: dict[str, FlaskClient]) -> tuple[int, int, str]:
    """Building, room and address of a dwelling in the supervisor's community."""
    area = clients["supervisor"].get("/api/me").get_json()["areas"][0]["code"]
    with city_engine.begin() as connection:
        row = connection.execute(
            text(
                "SELECT d.building_id, d.id, d.address FROM housing.dwelling AS d "
                "JOIN housing.building AS b ON b.id = d.building_id "
                "WHERE starts_with(d.area_code, :area) AND b.compound_id IS NOT NULL "
                "ORDER BY d.id LIMIT 1"
            ),
            {"area": area},
        ).one()
    return int(row[0]), int(row[1]), str(row[2])


def post(client: FlaskClient, path: str, **body: Any) -> TestResponse:
    headers = {"X-CSRF-Token": client.get("/api/me").get_json()["csrf"]}
    return client.post(f"/api/addresses{path}", json=body, headers=headers)


def test_texts_are_cut_and_matched(
    clients: dict[str, FlaskClient], room: tuple[int, int, str]
) -> None:
    building, dwelling, address = room
    answer = post(clients["supervisor"], "/match", texts=[f"{address}（近公园）", "不知道"])
    assert answer.status_code == 200
    found, unknown = answer.get_json()["items"]
    assert (found["building_id"], found["dwelling_id"]) == (building, dwelling)
    assert (found["verdict"], unknown["verdict"]) == ("sure", "none")
    assert found["canonical"] == address
    assert found["address"]["room"]["score"] == 1.0
    assert found["address"]["lane"] is None


def test_unsure_texts_wait_until_somebody_decides(
    clients: dict[str, FlaskClient], room: tuple[int, int, str]
) -> None:
    supervisor, (building, dwelling, address) = clients["supervisor"], room
    unsure = address.rsplit("室", 1)[0] + "9室"
    put = post(supervisor, "/queue", texts=[unsure, address], source="报表")
    assert put.get_json() == {"queued": 1, "sure": 1, "unsure": 1, "none": 0}
    queue = supervisor.get("/api/addresses/queue").get_json()
    (waiting,) = queue["items"]
    assert queue["counts"] == {"pending": 1, "accepted": 0, "rejected": 0}
    assert (waiting["text"], waiting["source"]) == (unsure, "报表")
    assert waiting["candidates"][0]["building_id"] == building
    path = f"/queue/{waiting['id']}"
    assert post(supervisor, path, state="accepted").status_code == 400
    assert post(clients["analyst"], path, state="rejected").status_code in (403, 404)
    decided = post(supervisor, path, state="accepted", building_id=building, dwelling_id=dwelling)
    assert decided.get_json()["state"] == "accepted"
    assert post(supervisor, path, state="rejected").status_code == 409
    assert supervisor.get("/api/addresses/queue").get_json() == {
        "items": [],
        "next": None,
        "counts": {"pending": 0, "accepted": 1, "rejected": 0},
    }
    elsewhere = supervisor.get("/api/addresses/queue?area=99").get_json()["counts"]
    assert elsewhere == {"pending": 0, "accepted": 1, "rejected": 0}
    assert supervisor.get("/api/addresses/queue?area=88").get_json()["counts"]["accepted"] == 0


@pytest.mark.parametrize(
    "texts", [None, [], "澄湖路1号", [1], ["\x00"], ["路" * 301], ["澄湖路1号"] * 501]
)
def test_what_is_no_list_of_texts_is_refused(clients: dict[str, FlaskClient], texts: Any) -> None:
    assert post(clients["supervisor"], "/match", texts=texts).status_code == 400
    assert post(clients["supervisor"], "/queue", texts=texts, source="a").status_code == 400


def test_who_may_not_is_told(clients: dict[str, FlaskClient], city_app: Flask) -> None:
    assert post(clients["operator"], "/queue", texts=["澄湖路1号"], source="a").status_code == 403
    assert clients["operator"].get("/api/addresses/queue").status_code == 403
    assert clients["supervisor"].get("/api/addresses/queue?state=lost").status_code == 400
    assert post(clients["supervisor"], "/queue/999999", state="rejected").status_code == 404
    assert city_app.test_client().get("/api/addresses/queue").status_code == 401


def test_an_old_name_is_added_leads_to_the_place_and_is_removed(
    clients: dict[str, FlaskClient], city_engine: Engine, room: tuple[int, int, str]
) -> None:
    supervisor, (building, _, _) = clients["supervisor"], room
    with city_engine.begin() as connection:
        compound, number, area = connection.execute(
            text(
                "SELECT c.name, b.number, left(b.area_code, 12) FROM housing.building AS b "
                "JOIN housing.compound AS c ON c.id = b.compound_id WHERE b.id = :id"
            ),
            {"id": building},
        ).one()
    old = {"kind": "compound", "alias": "红星 大队", "name": compound, "reason": "former"}
    unknown = post(supervisor, "/match", texts=[f"红星大队{number}"]).get_json()["items"][0]
    assert unknown["verdict"] == "none"
    assert post(supervisor, "/aliases", **old, area_code="99").status_code == 403
    wrong = post(supervisor, "/aliases", **old | {"reason": "x"}, area_code=area)
    assert [fault["field"] for fault in wrong.get_json()["faults"]] == ["reason"]
    made = post(supervisor, "/aliases", **old, area_code=area)
    assert (made.status_code, made.get_json()["alias"]) == (201, "红星大队")
    assert post(supervisor, "/aliases", **old, area_code=area).status_code == 409
    found = post(supervisor, "/match", texts=[f"红星大队{number}"]).get_json()["items"][0]
    assert found["building_id"] == building
    listed = supervisor.get("/api/addresses/aliases", query_string={"name": compound}).get_json()
    assert [each["id"] for each in listed["items"]] == [made.get_json()["id"]]
    path = f"/api/addresses/aliases/{made.get_json()['id']}"
    for login, status in (("analyst", 404), ("supervisor", 204), ("supervisor", 404)):
        headers = {"X-CSRF-Token": clients[login].get("/api/me").get_json()["csrf"]}
        assert clients[login].delete(path, headers=headers).status_code == status
