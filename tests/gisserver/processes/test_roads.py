"""The processes along roads, asked by HTTP: at once, as a job, wrongly, and by who may see less."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from shapely.geometry import mapping, shape
from sqlalchemy import Engine

from tests.builders.crossroads import build_crossroads, metres, point
from tests.gisserver.ogc.conftest import PASSWORD
from tests.gisserver.ogc.conftest import city as _city
from tests.gisserver.ogc.process_client import execute, job_over, token_of

city = _city


@pytest.fixture(scope="module")
def client(city: Flask, module_engine: Engine) -> FlaskClient:
    build_crossroads(module_engine)
    return city.test_client(use_cookies=False)


def places(*spots: tuple[float, float], **properties: Any) -> Mapping[str, Any]:
    """Features with ids from 71 on."""
    features = [
        {
            "type": "Feature",
            "id": 71 + number,
            "geometry": mapping(point(*spot)),
            "properties": {"name": f"设施{number}", **properties},
        }
        for number, spot in enumerate(spots)
    ]
    told: Mapping[str, Any] = json.loads(
        json.dumps({"type": "FeatureCollection", "features": features})
    )
    return told


def found(client: FlaskClient, process: str, inputs: Any) -> list[Any]:
    answer = execute(client, process, inputs)
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "application/geo+json"
    features: list[Any] = answer.json["features"]
    return features


def later(client: FlaskClient, process: str, inputs: Any) -> list[Any]:
    """The same as a job."""
    sent = execute(client, process, inputs, is_job=True)
    assert sent.status_code == 201, sent.text
    assert job_over(client, sent.json["jobID"])["status"] == "successful"
    answer = client.get(f"/ogc/jobs/{sent.json['jobID']}/results", auth=("chief", PASSWORD))
    features: list[Any] = answer.json["features"]
    return features


def test_areas_at_once_and_as_a_job(client: FlaskClient) -> None:
    inputs = {
        "facilities": places((0, 0), (1500, -3000)),
        "limits": [300, 100],
        "unit": "metres",
        "beside": 20,
    }
    *areas, lost = found(client, "service_area", inputs)
    assert [each["properties"]["limit"] for each in areas] == [100, 300]
    small, large = (shape(each["geometry"]) for each in areas)
    assert {small.geom_type, large.geom_type} == {"MultiPolygon"}
    assert metres(small).difference(metres(large)).area < 5
    told = areas[1]["properties"]
    assert told["road_m"] == pytest.approx(900, abs=0.5)
    assert (told["kind"], told["facilities"], told["unit"]) == ("area", 1, "metres")
    assert "residents" not in told
    assert lost["properties"] == {
        "kind": "facility",
        "facility": 72,
        "facility_name": "设施1",
        "reason": "no_road",
    }
    assert lost["geometry"] == inputs["facilities"]["features"][1]["geometry"]
    assert later(client, "service_area", inputs) == [*areas, lost]


def test_areas_of_each_facility_with_residents(client: FlaskClient) -> None:
    inputs = {"facilities": places((0, 0), (0, 500)), "limits": [5], "with_residents": True}
    areas = found(client, "service_area", inputs | {"apart": True})
    assert [each["properties"]["facility"] for each in areas] == [71, 72]
    assert [each["properties"]["facility_name"] for each in areas] == ["设施0", "设施1"]
    assert all(each["properties"]["access_m"] < 0.1 for each in areas)
    # Nobody lives at the crossroads; fewer than five are not told.
    assert [each["properties"]["residents"] for each in areas] == [None, None]


def test_the_nearest_at_once_and_as_a_job(client: FlaskClient) -> None:
    inputs = {
        "origins": places((200, 150), (1500, -3000), (2900, 0), floor=3),
        "facilities": places((0, 300), (-200, 0)),
        "most": 15,
    }
    near, lost, far = found(client, "nearest_facility", inputs)
    told = near["properties"]
    assert (near["id"], told["facility"], told["facility_name"]) == (71, 72, "设施1")
    assert told["distance_m"] == pytest.approx(550, abs=0.5)
    assert told["minutes"] == pytest.approx(550 * 0.015, abs=0.02)
    assert told["access_m"] == pytest.approx(150, abs=0.1)
    assert (told["reason"], told["floor"], told["name"]) == (None, 3, "设施0")
    assert near["geometry"] == inputs["origins"]["features"][0]["geometry"]
    assert lost["properties"]["reason"] == "no_road"
    assert far["properties"]["reason"] == "no_facility"
    assert far["properties"]["facility"] is far["properties"]["distance_m"] is None
    assert later(client, "nearest_facility", inputs) == [near, lost, far]


def test_routes_lead_from_place_to_facility(client: FlaskClient) -> None:
    inputs = {"origins": places((200, 150), (1500, -3000)), "facilities": places((0, 300))}
    near, lost = found(client, "nearest_facility", inputs | {"with_routes": True})
    assert lost["geometry"] is None
    route = shape(near["geometry"])
    assert metres(route).length == pytest.approx(near["properties"]["distance_m"], abs=0.5)
    assert route.coords[0] == pytest.approx(point(200, 150).coords[0], abs=1e-7)
    assert route.coords[-1] == pytest.approx(point(0, 300).coords[0], abs=1e-7)


def test_buildings_are_linked_and_stand_for_their_point(client: FlaskClient) -> None:
    buildings = "http://localhost/ogc/collections/buildings/items"
    inputs = {"origins": {"href": f"{buildings}?levels=1"}, "facilities": places((0, 0))}
    everywhere = found(client, "nearest_facility", inputs)
    listed = client.get(f"{buildings}?levels=1&limit=100", auth=("chief", PASSWORD)).json
    assert [each["id"] for each in everywhere] == [each["id"] for each in listed["features"]]
    assert all(each["properties"]["reason"] == "no_road" for each in everywhere)
    assert all(each["properties"]["levels"] == 1 for each in everywhere)


def test_links_hold_what_the_reader_may_see(client: FlaskClient) -> None:
    buildings = {"href": "http://localhost/ogc/collections/buildings/items"}
    inputs = {"origins": buildings, "facilities": places((0, 0))}
    counts = {}
    for login in ("chief", "one"):
        answer = execute(client, "nearest_facility", inputs, login=login)
        assert answer.status_code == 200, answer.text
        counts[login] = len(answer.json["features"])
    assert counts == {"chief": 50, "one": 25}


@pytest.mark.parametrize("layer", ["persons", "residences", "care_records", "reporters"])
def test_persons_are_no_places(client: FlaskClient, layer: str) -> None:
    linked = {"href": f"http://localhost/ogc/collections/{layer}/items"}
    for process, inputs in (
        ("service_area", {"facilities": linked}),
        ("nearest_facility", {"origins": linked, "facilities": places((0, 0))}),
    ):
        answer = execute(client, process, inputs)
        assert answer.status_code in (400, 404)


def test_a_token_for_some_layers_asks_no_process(client: FlaskClient) -> None:
    _, secret = token_of(client, "chief", layers=["buildings"])
    for is_job in (False, True):
        answer = client.post(
            "/ogc/processes/service_area/execution",
            json={"inputs": {"facilities": places((0, 0))}},
            headers={"Authorization": f"Bearer {secret}"}
            | ({"Prefer": "respond-async"} if is_job else {}),
        )
        assert answer.status_code == 403
        assert "for some layers" in answer.json["detail"]


def test_residents_are_for_who_may_see_persons(client: FlaskClient) -> None:
    inputs = {"facilities": places((0, 0)), "with_residents": True}
    answer = execute(client, "service_area", inputs, login="auditor")
    assert answer.status_code in (403, 404)


LINE = {"type": "LineString", "coordinates": [[120, 30], [120.01, 30]]}


@pytest.mark.parametrize("is_job", [False, True])
@pytest.mark.parametrize(
    ("process", "change", "field"),
    [
        ("service_area", {"facilities": None}, "facilities"),
        ("service_area", {"facilities": LINE}, "facilities.type"),
        ("service_area", {"facilities": {"type": "FeatureCollection", "features": []}}, None),
        ("service_area", {"limits": []}, "limits"),
        ("service_area", {"limits": [121]}, "limits"),
        ("service_area", {"limits": [-1]}, "limits.0"),
        ("service_area", {"mode": "tram"}, "mode"),
        ("service_area", {"unit": "miles"}, "unit"),
        ("service_area", {"beside": 0}, "beside"),
        ("service_area", {"access": 0}, "access"),
        ("service_area", {"nothing": 1}, "nothing"),
        ("nearest_facility", {"origins": None}, "origins"),
        ("nearest_facility", {"most": 0}, "most"),
        ("nearest_facility", {"most": 1_000}, "most"),
        ("nearest_facility", {"direction": "up"}, "direction"),
    ],
)
def test_what_does_not_fit_is_told(
    client: FlaskClient, process: str, change: Any, field: str | None, is_job: bool
) -> None:
    inputs: dict[str, Any] = {"facilities": places((0, 0))}
    if process == "nearest_facility":
        inputs["origins"] = places((0, 0))
    answer = execute(client, process, inputs | change, is_job=is_job)
    assert answer.status_code == 400, answer.text
    assert (field or "facilities") in [fault["field"] for fault in answer.json["faults"]]
