"""Each process over the demo city: the same answers as the routes of the viewer, the same rules."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rasterio.io import MemoryFile
from shapely import equals
from shapely.geometry import shape
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from etl.synth.city import CENTRE
from layers.analysis.answer import MOST_ROWS

AUTUMN = "2026-09-01T00:00:00+08:00/2026-11-20T00:00:00+08:00"
EVERYWHERE = {"center": list(CENTRE), "radius": 50_000}


class Asker:
    """One account's requests, with HTTP Basic."""

    def __init__(self, client: FlaskClient, login: str, password: str) -> None:
        self._client, self._who = client, (login, password)

    def run(self, process: str, inputs: Any, **members: Any) -> TestResponse:
        """An execute request."""
        path = f"/ogc/processes/{process}/execution"
        return self._client.post(path, json={"inputs": inputs, **members}, auth=self._who)

    def found(self, process: str, inputs: Any) -> Any:
        """The answer to one, as JSON."""
        answer = self.run(process, inputs)
        assert answer.status_code == 200, answer.text
        return answer.json

    def get(self, path: str) -> TestResponse:
        """A reading request."""
        return self._client.get(path, auth=self._who)


@pytest.fixture(scope="module")
def askers(city_app: Flask, city_passwords: dict[str, str]) -> dict[str, Asker]:
    client = city_app.test_client(use_cookies=False)
    return {login: Asker(client, login, word) for login, word in city_passwords.items()}


def logged(engine: Engine, action: str) -> Any:
    with engine.begin() as connection:
        statement = text(
            "SELECT login, layer, detail FROM core.audit WHERE action = :action "
            "ORDER BY id DESC LIMIT 1"
        )
        return connection.execute(statement, {"action": action}).one_or_none()


def test_grids_are_linked_and_their_buildings_counted(askers: dict[str, Asker]) -> None:
    commander = askers["commander"]
    grids = "http://localhost/ogc/collections/grids/items?kind=governance"
    inputs = {"polygons": {"href": grids}, "layer": "buildings"}
    counts = commander.found("count_in_polygons", inputs)["features"]
    assert len(counts) == commander.get(f"{grids}&limit=1").json["numberMatched"] > 3
    for each in counts[:5]:
        code = each["properties"]["code"]
        items = f"/ogc/collections/buildings/items?area_code={code}&limit=1"
        assert each["properties"]["count"] == commander.get(items).json["numberMatched"]


@pytest.mark.parametrize(
    "href",
    [
        "http://example.org/ogc/collections/grids/items",
        "http://localhost/ogc/collections/persons/items",
        "http://localhost/ogc/collections/grids/items?nothing=1",
        "http://localhost/ogc/collections/grids/items?offset=3",
        "http://localhost/ogc/collections/grids/queryables",
        "file:///etc/passwd",
    ],
)
def test_only_shapes_of_this_server_are_linked(askers: dict[str, Asker], href: str) -> None:
    inputs = {"polygons": {"href": href}, "layer": "buildings"}
    answer = askers["commander"].run("count_in_polygons", inputs)
    assert answer.status_code == 400
    assert "polygons" in [fault["field"] for fault in answer.json["faults"]]


def test_a_shape_that_crosses_itself_is_named(askers: dict[str, Asker]) -> None:
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
    good = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    features = [{"type": "Feature", "geometry": each, "properties": {}} for each in (good, bow)]
    sent = {"type": "FeatureCollection", "features": features}
    answer = askers["commander"].run("count_in_polygons", {"polygons": sent, "layer": "buildings"})
    assert answer.status_code == 400
    (fault,) = answer.json["faults"]
    assert fault["field"] == "polygons.features.1"
    assert "crosses itself" in fault["reason"]


def test_heat_is_that_of_the_viewer(askers: dict[str, Asker], city_engine: Engine) -> None:
    commander = askers["commander"]
    inputs = {"layer": "incidents", "radius": 200, "datetime": AUTUMN}
    wanted = {"surface": {"format": {"mediaType": "application/json"}}}
    told = commander.run("heat_surface", inputs, outputs=wanted).json
    query = "layer=incidents&radius=200&datetime=" + AUTUMN.replace("+", "%2B")
    assert told == commander.get(f"/api/heat?{query}").json
    tiff = commander.run("heat_surface", inputs | {"crs": "EPSG:4490"}).data
    line = logged(city_engine, "export")
    assert (line.login, line.detail["heat"]["radius"]) == ("commander", 200)
    with MemoryFile(tiff) as memory, memory.open() as raster:
        assert raster.crs.to_epsg() == 4490
        assert raster.read(1).max() == pytest.approx(told["maximum"], rel=1e-6)


def test_heat_needs_the_right_to_take_out(askers: dict[str, Asker]) -> None:
    answer = askers["worker"].run("heat_surface", {"layer": "incidents", "radius": 200})
    assert answer.status_code == 404


def test_hot_zones_are_those_of_the_viewer(askers: dict[str, Asker]) -> None:
    commander = askers["commander"]
    inputs = {"reach": 150, "least": 4, "datetime": AUTUMN, "where": {"category": ["UM-01"]}}
    zones = commander.found("hot_zones", inputs)
    query = "reach=150&least=4&category=UM-01&datetime=" + AUTUMN.replace("+", "%2B")
    assert zones == commander.get(f"/api/heat/zones?{query}").json


def test_more_than_a_page_is_selected(askers: dict[str, Asker]) -> None:
    commander = askers["commander"]
    inputs = {"layer": "components", "relation": "within", "subject": EVERYWHERE, "limit": 20_000}
    found = commander.found("select_features", inputs)
    total = commander.get("/ogc/collections/components/items?limit=1").json["numberMatched"]
    assert found["numberMatched"] == total > MOST_ROWS
    ids = [each["id"] for each in found["features"]]
    assert len(set(ids)) == len(ids) == min(total, 20_000)


def test_persons_are_masked_and_logged_and_a_page_at_most(
    askers: dict[str, Asker], city_engine: Engine
) -> None:
    inputs = {"layer": "persons", "relation": "within", "subject": EVERYWHERE, "limit": 20_000}
    found = askers["commander"].found("select_features", inputs)
    assert found["numberReturned"] == MOST_ROWS < found["numberMatched"]
    assert all("*" in each["properties"]["id_number"] for each in found["features"][:50])
    line = logged(city_engine, "question")
    assert (line.layer, line.detail["returned"]) == ("persons", MOST_ROWS)
    assert askers["analyst"].run("select_features", inputs).status_code == 403


def test_every_fault_of_a_question_is_told(askers: dict[str, Asker]) -> None:
    inputs = {"layer": "roads", "relation": "near", "subject": {"nothing": 1}}
    answer = askers["commander"].run("select_features", inputs)
    assert answer.status_code == 400
    assert {fault["field"] for fault in answer.json["faults"]} == {"metres", "subject"}


def test_periods_are_compared(askers: dict[str, Asker]) -> None:
    inputs = {
        "first": "2026-09-01T00:00:00+08:00/2026-10-01T00:00:00+08:00",
        "second": "2026-10-01T00:00:00+08:00/2026-11-01T00:00:00+08:00",
        "level": "grid",
    }
    found = askers["commander"].found("compare_periods", inputs)["features"]
    assert found
    for each in found:
        told = each["properties"]
        assert told["second_per_30_days"] == pytest.approx(told["second"] * 30 / 31, abs=1e-3)
        assert shape(each["geometry"]).is_valid
    half = inputs | {"first": "2026-09-01T00:00:00Z/.."}
    assert askers["commander"].run("compare_periods", half).status_code == 400


def test_cameras_cover_ground(askers: dict[str, Asker]) -> None:
    found = askers["commander"].found("camera_coverage", {})["features"]
    *grids, seen = found
    assert seen["id"] == "seen"
    assert shape(seen["geometry"]).is_valid
    lit = [each for each in grids if each["properties"]["share"] > 0]
    assert lit
    for each in lit[:5]:
        assert shape(each["geometry"]).intersects(shape(seen["geometry"]))
    one = lit[0]["properties"]["code"][:12]
    west, south, east, north = shape(lit[0]["geometry"]).bounds
    boxed = askers["commander"].found("camera_coverage", {"bbox": [west, south, east, north]})
    assert lit[0]["id"] in [each["id"] for each in boxed["features"]]
    part = askers["commander"].found("camera_coverage", {"area": one})["features"]
    assert all(each["id"] == "seen" or each["id"].startswith(one) for each in part)
    again = askers["commander"].found("camera_coverage", {"area": one})["features"]
    assert equals(shape(part[-1]["geometry"]), shape(again[-1]["geometry"]))


def test_who_lives_within_reach_of_schools(askers: dict[str, Asker]) -> None:
    commander = askers["commander"]
    schools = "http://localhost/ogc/collections/key_sites/items?filter=kind LIKE '102%'"
    inputs = {"facilities": {"href": schools}, "limits": [3, 8], "with_residents": True}
    near, far = commander.found("service_area", inputs)["features"]
    assert 0 < near["properties"]["residents"] < far["properties"]["residents"]
    assert near["properties"]["road_m"] < far["properties"]["road_m"]
    asked = {"polygons": near, "layer": "persons"}
    (counted,) = commander.found("count_in_polygons", asked)["features"]
    assert counted["properties"]["count"] == near["properties"]["residents"]
    assert near["properties"]["residents"] % 5 == 0
    # Who may see no persons gets the ground all the same, but nobody on it.
    assert askers["analyst"].run("service_area", inputs).status_code == 403
    ground = askers["analyst"].found("service_area", inputs | {"with_residents": False})
    assert [each["geometry"] for each in ground["features"]] == [near["geometry"], far["geometry"]]


def test_each_building_finds_its_nearest_school(askers: dict[str, Asker]) -> None:
    commander = askers["commander"]
    items = "http://localhost/ogc/collections"
    inputs = {
        "origins": {"href": f"{items}/buildings/items?limit=200"},
        "facilities": {"href": f"{items}/key_sites/items?filter=kind LIKE '102%'"},
        "with_routes": True,
    }
    found = commander.found("nearest_facility", inputs)["features"]
    assert len(found) == 200
    schools = {
        each["id"]: each for each in commander.get(inputs["facilities"]["href"]).json["features"]
    }
    for each in found:
        told = each["properties"]
        assert told["reason"] is None
        assert told["facility_name"] == schools[told["facility"]]["properties"]["name"]
        end = shape(each["geometry"]).coords[-1]
        school = schools[told["facility"]]["geometry"]["coordinates"]
        assert end == pytest.approx(school, abs=1e-6)
        assert told["distance_m"] >= told["access_m"] + told["facility_access_m"] - 0.2
