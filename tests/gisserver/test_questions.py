"""Spatial questions over HTTP: pages, counts, inhabitants, saving, refusals."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyproj import Geod
from shapely.geometry import shape
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from tests.gisserver.conftest import signed_in


@pytest.fixture(scope="module")
def clients(city_app: Flask, city_passwords: dict[str, str]) -> dict[str, FlaskClient]:
    """A signed-in browser for each demo account."""
    return {login: signed_in(city_app, login, word) for login, word in city_passwords.items()}


@pytest.fixture(scope="module")
def grid(city_engine: Engine, clients: dict[str, FlaskClient]) -> int:
    """A governance grid within the supervisor's community, with people in it."""
    areas = clients["supervisor"].get("/api/me").get_json()["areas"]
    with city_engine.begin() as connection:
        return int(
            connection.execute(
                text(
                    "SELECT g.id FROM territory.grid AS g WHERE starts_with(g.code, :area) AND "
                    "EXISTS (SELECT FROM people.resident_figure AS f WHERE f.area_code = g.code) "
                    "ORDER BY g.code LIMIT 1"
                ),
                {"area": areas[0]["code"]},
            ).scalar_one()
        )


def post(client: FlaskClient, path: str, **body: Any) -> TestResponse:
    headers = {"X-CSRF-Token": client.get("/api/me").get_json()["csrf"]}
    return client.post(f"/api/questions{path}", json=body, headers=headers)


def within(grid: int, layer: str = "buildings", **more: Any) -> dict[str, Any]:
    subject = {"layer": "grids", "ids": [grid]}
    return {"layer": layer, "relation": "within", "subject": subject, **more}


def test_an_answer_with_its_counts_and_the_next_page(
    clients: dict[str, FlaskClient], grid: int
) -> None:
    supervisor = clients["supervisor"]
    asked = {"question": within(grid), "limit": 4, "sort": "levels", "descending": True}
    first = post(supervisor, "/answer", **asked, group="usage")
    assert first.status_code == 200
    assert first.mimetype == "application/geo+json"
    page = first.get_json()
    assert page["numberReturned"] == len(page["features"]) == 4
    assert sum(group["count"] for group in page["groups"]) == page["numberMatched"] > 4
    assert page["outline"]["type"].endswith("Polygon")
    ids = [feature["id"] for feature in page["features"]]
    while page["next"] is not None:
        page = post(supervisor, "/answer", **asked, after=page["next"]).get_json()
        assert "numberMatched" not in page
        ids += [feature["id"] for feature in page["features"]]
    assert len(ids) == len(set(ids)) == first.get_json()["numberMatched"]
    drawn = post(supervisor, "/shapes", question=within(grid)).get_json()
    assert drawn["complete"] is True
    assert {feature["id"] for feature in drawn["features"]} == set(ids)


def test_inhabitants_equal_the_rows_they_open(clients: dict[str, FlaskClient], grid: int) -> None:
    supervisor = clients["supervisor"]
    figures = post(supervisor, "/people", question=within(grid)).get_json()
    assert figures["residents"] > 0
    open_now = [{"field": "valid_to", "empty": True}]
    rows = post(supervisor, "/answer", question=within(grid, "residences", conditions=open_now))
    assert rows.get_json()["numberMatched"] == figures["residents"]
    for sex, count in figures["sexes"].items():
        only = [{"field": "sex", "in": [sex]}]
        rows = post(supervisor, "/answer", question=within(grid, "persons", conditions=only))
        assert rows.get_json()["numberMatched"] == count
    assert sum(band["residents"] for band in figures["ages"]) == figures["residents"]


def half_of_the_houses(client: FlaskClient, grid: int) -> tuple[list[dict[str, Any]], Any]:
    """Conditions that leave out some people of the grid, not all, and the figures of the rest."""
    everybody = post(client, "/people", question=within(grid)).get_json()["residents"]
    for levels in range(1, 40):
        houses = [{"field": "levels", "minimum": levels}]
        figures = post(client, "/people", question=within(grid, conditions=houses)).get_json()
        if 0 < figures["residents"] < everybody:
            return houses, figures
    raise AssertionError("the houses of the grid are all of one height")


@pytest.mark.parametrize(
    ("layer", "by"), [("persons", "register"), ("persons", "birth_date"), ("residences", "kind")]
)
def test_counts_by_type_age_and_tenure_add_up_and_open_their_rows(
    clients: dict[str, FlaskClient], grid: int, layer: str, by: str
) -> None:
    supervisor = clients["supervisor"]
    houses, here = half_of_the_houses(supervisor, grid)
    now = [{"field": "valid_to", "empty": True}] if layer == "residences" else []
    asked = within(grid, layer, conditions=now, building_conditions=houses)
    counted = post(supervisor, "/answer", question=asked, group=by, limit=1).get_json()
    groups = counted["groups"]
    assert sum(group["count"] for group in groups) == counted["numberMatched"]
    assert counted["numberMatched"] == here["residents"] > 0
    assert len(groups) > 1
    for group in groups:
        opened = asked | {"conditions": [*now, group["condition"]]}
        rows = post(supervisor, "/answer", question=opened, limit=1000).get_json()
        assert rows["numberMatched"] == rows["numberReturned"] == group["count"], group
    if by == "birth_date":
        bands = {str(band["age"]): band["residents"] for band in here["ages"] if band["residents"]}
        assert {group["code"]: group["count"] for group in groups} == bands
    everywhere = post(supervisor, "/answer", question=within(grid, layer, conditions=now), limit=1)
    assert everywhere.get_json()["numberMatched"] > counted["numberMatched"]


def test_the_ground_along_a_road_is_shown_before_it_is_asked(
    clients: dict[str, FlaskClient],
) -> None:
    supervisor = clients["supervisor"]
    road = {"geometry": {"type": "LineString", "coordinates": [[121.4, 31.1], [121.41, 31.1]]}}
    shown = post(supervisor, "/place", relation="along", metres=200, subject=road)
    assert shown.status_code == 200
    outline = shown.get_json()["outline"]
    metres, _ = Geod(ellps="WGS84").geometry_area_perimeter(shape(outline))
    length = Geod(ellps="WGS84").line_length([121.4, 121.41], [31.1, 31.1])
    assert abs(metres) == pytest.approx(200 * length, rel=7e-4)
    asked = {"layer": "buildings", "relation": "along", "metres": 200, "subject": road}
    answer = post(supervisor, "/answer", question=asked).get_json()
    assert answer["outline"] == outline
    for width in (0, 2_001, -5, None, "200"):
        refused = post(supervisor, "/place", relation="along", metres=width, subject=road)
        assert refused.status_code == 400
        assert refused.get_json()["faults"] == [
            {"field": "metres", "reason": "metres above 0 and at most 2,000 expected"}
        ]
    area = post(supervisor, "/place", relation="within", subject=road)
    assert "an area is needed to lie within" in area.text
    assert post(supervisor, "/place", relation="along").status_code == 400


def test_without_people_read_there_are_no_people(
    clients: dict[str, FlaskClient], grid: int
) -> None:
    analyst = clients["analyst"]
    assert post(analyst, "/answer", question=within(grid)).status_code == 200
    for path, layer in (
        ("/people", "buildings"),
        ("/answer", "persons"),
        ("/shapes", "residences"),
    ):
        refused = post(analyst, path, question=within(grid, layer))
        assert refused.status_code == 403
        assert "people:read" in refused.get_json()["detail"]


def test_a_question_is_saved_shared_asked_again_and_forgotten(
    clients: dict[str, FlaskClient], grid: int
) -> None:
    supervisor, auditor = clients["supervisor"], clients["auditor"]
    area = supervisor.get("/api/me").get_json()["areas"][0]["code"]
    asked = within(grid, conditions=[{"field": "levels", "minimum": 3}])
    made = post(supervisor, "", name="多层", question=asked, shared_area=area)
    assert made.status_code == 201
    kept = made.get_json()
    assert kept["mine"] is True
    assert supervisor.get(made.headers["Location"]).get_json() == kept
    assert [each["id"] for each in auditor.get("/api/questions").get_json()["items"]] == [
        kept["id"]
    ]
    again = supervisor.get(f"/api/questions/{kept['id']}/answer?limit=3&sort=levels").get_json()
    once = post(supervisor, "/answer", question=asked, limit=3, sort="levels").get_json()
    assert again == once
    assert post(supervisor, "", name="多层", question=asked).status_code == 400
    token = {"X-CSRF-Token": auditor.get("/api/me").get_json()["csrf"]}
    address = f"/api/questions/{kept['id']}"
    assert auditor.delete(address, headers=token).status_code == 403
    token = {"X-CSRF-Token": supervisor.get("/api/me").get_json()["csrf"]}
    assert supervisor.delete(address, headers=token).status_code == 204
    assert supervisor.get(address).status_code == 404
    assert supervisor.delete(address, headers=token).status_code == 404


def test_what_cannot_be_asked_is_refused(clients: dict[str, FlaskClient], grid: int) -> None:
    supervisor = clients["supervisor"]
    bow = [[121.0, 31.0], [121.01, 31.01], [121.01, 31.0], [121.0, 31.01], [121.0, 31.0]]
    crossing = {"geometry": {"type": "Polygon", "coordinates": [bow]}}
    refused = post(supervisor, "/answer", question=within(grid) | {"subject": crossing})
    assert refused.status_code == 400
    assert refused.get_json()["faults"] == [
        {"field": "subject", "reason": "the outline crosses itself at 121.00500, 31.00500"}
    ]
    for body, status, words in (
        ({"question": within(grid), "limit": 0}, 400, "1 to 1000"),
        ({"question": within(grid), "limit": True}, 400, "1 to 1000"),
        ({"question": within(grid), "descending": "yes"}, 400, "true or false"),
        ({"question": within(grid), "sort": 5}, 400, "sort"),
        ({"question": within(grid), "colour": 1}, 400, "unknown members: colour"),
        ({"question": None}, 400, "an object is expected"),
        ({}, 400, "an object is expected"),
        ({"question": within(99_999_999)}, 404, "no feature 99999999 in grids"),
    ):
        answer = post(supervisor, "/answer", **body)
        assert answer.status_code == status, body
        assert words in answer.text
    assert post(supervisor, "/people", question=within(grid, "roads")).status_code == 400
    assert supervisor.get("/api/questions?sort=name").status_code == 400
    assert supervisor.get("/api/questions/1/answer?limit=x").status_code == 400
    unsaved = post(supervisor, "", name="", question=within(grid))
    assert (unsaved.status_code, "name" in unsaved.text) == (400, True)
    place = post(supervisor, "", name="无", question=within(99_999_999))
    assert place.status_code == 404


def test_a_feature_of_another_community_is_not_there(
    city_engine: Engine, clients: dict[str, FlaskClient]
) -> None:
    area = clients["supervisor"].get("/api/me").get_json()["areas"][0]["code"]
    with city_engine.begin() as connection:
        foreign = connection.execute(
            text("SELECT id FROM territory.grid WHERE NOT starts_with(code, :area) LIMIT 1"),
            {"area": area},
        ).scalar_one()
    refused = post(clients["supervisor"], "/answer", question=within(foreign))
    assert refused.status_code == 404
    assert post(clients["commander"], "/answer", question=within(foreign)).status_code == 200
