"""OWSLib, the client library of pygeoapi's authors, against the server over HTTP."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator
from threading import Thread
from typing import Any

import numpy as np
import pytest
import rasterio
import requests
from flask import Flask
from flask.testing import FlaskClient
from owslib.ogcapi.coverages import Coverages
from owslib.ogcapi.features import Features
from owslib.ogcapi.maps import Maps
from owslib.ogcapi.processes import Processes
from owslib.util import Authentication
from requests.auth import AuthBase
from shapely.geometry import box, mapping
from sqlalchemy import Engine
from werkzeug.serving import make_server

from tests.gisserver.ogc.conftest import BUILDINGS, PASSWORD, SOUTH, WEST
from tests.gisserver.ogc.ground import keep_ground, rough, values
from tests.gisserver.ogc.process_client import PATIENCE_SECONDS, token_of
from tests.gisserver.ogc.writer import building

FIRST_COMMUNITY = [WEST, SOUTH, WEST + 0.0099, SOUTH + 0.01]
SIGN_INS = ("password", "token as password", "bearer token")


class Bearer(AuthBase):
    """A token in the header that is meant for it."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


@pytest.fixture(scope="module")
def address(city: Flask, module_engine: Engine) -> Iterator[str]:
    """Address of `/ogc` of the small city, with ground."""
    keep_ground(module_engine, rough())
    server = make_server("127.0.0.1", 0, city, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/ogc"
    server.shutdown()
    thread.join(timeout=10)


@pytest.fixture(params=SIGN_INS)
def auth(request: pytest.FixtureRequest, client: FlaskClient) -> Authentication:
    """Each way in which OWSLib can sign in."""
    if request.param == "password":
        return password("chief")
    _, token = token_of(client, "chief")
    if request.param == "bearer token":
        return Authentication(auth_delegate=Bearer(token))
    return Authentication("chief", token)


def password(login: str) -> Authentication:
    """An account's password, as HTTP Basic."""
    return Authentication(login, PASSWORD)


def names(page: dict[str, Any]) -> set[str]:
    return {each["properties"]["name"] for each in page["features"]}


def test_it_finds_what_the_account_may_see(address: str, auth: Authentication) -> None:
    features = Features(address, auth=auth)
    collections = features.feature_collections()
    assert {"buildings", "incidents"} <= set(collections)
    assert "elevation" not in collections
    assert "/collections/{collectionId}/items" in features.api()["paths"] or any(
        path.endswith("/buildings/items") for path in features.api()["paths"]
    )
    assert any("ogcapi-features-4" in each for each in features.conformance()["conformsTo"])
    assert features.collection("buildings")["itemType"] == "feature"
    schema = features.collection_schema("buildings")["properties"]
    queryables = features.collection_queryables("buildings")["properties"]
    assert schema["levels"]["type"] == "integer"
    assert "levels" in queryables


def test_a_wrong_password_is_refused(address: str) -> None:
    answer = requests.get(f"{address}/collections", auth=("chief", "wrong"), timeout=10)
    assert answer.status_code == 401
    with pytest.raises(RuntimeError, match="401"):
        Features(address, auth=Authentication("chief", "wrong")).collections()


def test_items_by_box_time_filter_and_order(address: str, auth: Authentication) -> None:
    features = Features(address, auth=auth)
    page = features.collection_items("buildings", bbox=FIRST_COMMUNITY, limit=100)
    assert page["numberMatched"] == len(page["features"]) == BUILDINGS
    page = features.collection_items("buildings", filter="levels = 3 AND name LIKE '2%'")
    assert names(page) == {"2号楼", "20号楼", "26号楼"}
    page = features.collection_items("incidents", datetime_="2026-01-01T00:00:00Z/..")
    assert page["numberMatched"] == 1
    page = features.collection_items("incidents", datetime_="../2026-01-01T00:00:00Z")
    assert page["numberMatched"] == 0
    page = features.collection_items("buildings", sortby=("levels", "desc"), limit=3)
    assert [each["properties"]["levels"] for each in page["features"]] == [6, 6, 6]
    one = features.collection_item("buildings", str(page["features"][0]["id"]))
    assert one["id"] == page["features"][0]["id"]


def test_a_filter_sent_as_cql2_json(address: str, auth: Authentication) -> None:
    """It posts the filter itself to the items."""
    features = Features(address, auth=auth)
    high = {"op": ">", "args": [{"property": "levels"}, 3]}
    page = features.collection_items("buildings", cql=high, limit=10)
    assert page["numberMatched"] == 24
    assert page["numberReturned"] == len(page["features"]) == 10
    found = [each["id"] for each in page["features"]]
    while following := next((x for x in page["links"] if x["rel"] == "next"), None):
        assert following["method"] == "POST"
        path = following["href"].removeprefix(f"{address}/")
        page = features._request("POST", path, following["body"])
        found += [each["id"] for each in page["features"]]
    assert len(found) == len(set(found)) == 24
    here = {"op": "and", "args": [high, {"op": "=", "args": [{"property": "name"}, "5号楼"]}]}
    page = features.collection_items("buildings", cql=here, bbox=FIRST_COMMUNITY)
    assert names(page) == {"5号楼"}


def test_a_filter_that_is_wrong_is_told(address: str) -> None:
    features = Features(address, auth=password("chief"))
    with pytest.raises(RuntimeError, match="no_such_field"):
        features.collection_items(
            "buildings", cql={"op": "=", "args": [{"property": "no_such_field"}, 1]}
        )


@pytest.mark.parametrize("how", ["password", "token"])
def test_an_item_is_added_replaced_and_deleted(address: str, client: FlaskClient, how: str) -> None:
    """Added as GeoJSON, replaced as plain JSON unless it added something before."""
    auth = password("one")
    if how == "token":
        auth = Authentication(auth_delegate=Bearer(token_of(client, "one")[1]))
    features = Features(address, auth=auth)
    name = f"新楼{how}"
    by_name = {"op": "=", "args": [{"property": "name"}, name]}
    assert features.collection_item_create("buildings", building(name=name, levels=4))
    created = features.response_headers["Location"].rsplit("/", 1)[1]
    # It keeps the label of what it wrote for all that it sends after.
    page = features.collection_items("buildings", cql=by_name)
    assert [str(each["id"]) for each in page["features"]] == [created]
    item = features.collection_item("buildings", created)
    item["properties"]["levels"] = 9
    assert features.collection_item_update("buildings", created, item)
    features.headers.pop("Content-Type")
    item = features.collection_item("buildings", created)
    assert item["properties"]["levels"] == 9
    item["properties"]["levels"] = 10
    assert features.collection_item_update("buildings", created, item)
    assert features.collection_item("buildings", created)["properties"]["levels"] == 10
    assert features.collection_item_delete("buildings", created)
    with pytest.raises(RuntimeError, match="404"):
        features.collection_item("buildings", created)


def test_a_coverage_is_read_in_parts(address: str, auth: Authentication) -> None:
    coverages = Coverages(address, auth=auth)
    found = coverages.coverages()
    assert "elevation" in found
    assert "heat-incidents" in found
    assert "buildings" not in found
    axes = coverages.collection("elevation")["extent"]["spatial"]["grid"]
    assert [axis["cellsCount"] for axis in axes] == [110, 90]
    assert "elevation" in coverages.collection_schema("elevation")["properties"]
    ground = rough()
    with rasterio.open(coverages.coverage("elevation")) as raster:
        np.testing.assert_array_equal(values(raster), ground)
    subset = [("Lon", 117.0, 117.01), ("Lat", 33.0, 33.01)]
    with rasterio.open(coverages.coverage("elevation", subset=subset)) as raster:
        np.testing.assert_array_equal(values(raster), ground[25:50, 25:50])
    small = coverages.coverage("elevation", scale_size={"Lon": 11, "Lat": 9})
    with rasterio.open(small) as raster:
        assert raster.shape == (9, 11)
    with rasterio.open(coverages.coverage("elevation", scale_factor=2)) as raster:
        assert raster.shape == (45, 55)


def test_heat_of_a_time(address: str) -> None:
    coverages = Coverages(address, auth=password("chief"))
    time_ = ("2026-01-01T00:00:00Z", "2026-02-28T00:00:00Z")
    with rasterio.open(coverages.coverage("heat-incidents", datetime=time_)) as raster:
        assert float(np.nanmax(values(raster))) > 0
    time_ = ("2025-01-01T00:00:00Z", "2025-02-28T00:00:00Z")
    assert coverages.coverage("heat-incidents", datetime=time_).read() == b""


def test_maps(address: str, auth: Authentication) -> None:
    maps = Maps(address, auth=auth)
    assert {"elevation", "heat-incidents"} <= set(maps.maps())
    picture = maps.map("elevation", bbox=[117.0, 33.0, 117.02, 33.01], width=200, height=100)
    assert picture.read(8) == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", picture.read(16)[8:]) == (200, 100)


COUNT: dict[str, Any] = {
    "polygons": {"value": mapping(box(WEST, SOUTH, WEST + 0.01, SOUTH + 0.01))},
    "layer": "buildings",
}


def test_processes(address: str, auth: Authentication) -> None:
    processes = Processes(address, auth=auth)
    listed = {each["id"] for each in processes.processes()}
    assert "count_in_polygons" in listed
    assert "polygons" in processes.process("count_in_polygons")["inputs"]
    at_once = processes.execute("count_in_polygons", inputs=COUNT)
    job = processes.execute("count_in_polygons", inputs=COUNT, async_=True)
    assert job["status"] in ("accepted", "running", "successful")
    path, deadline = f"jobs/{job['jobID']}", time.monotonic() + PATIENCE_SECONDS
    while (status := processes._request(path=path))["status"] != "successful":
        assert status["status"] in ("accepted", "running"), status
        assert time.monotonic() < deadline
        time.sleep(0.05)
    later = processes._request(path=f"{path}/results")
    assert later == at_once
    assert BUILDINGS in counts(at_once)


def counts(document: Any) -> list[Any]:
    """Every number of a document."""
    if isinstance(document, dict):
        return [each for value in document.values() for each in counts(value)]
    if isinstance(document, list):
        return [each for value in document for each in counts(value)]
    return [document] if isinstance(document, int) else []
