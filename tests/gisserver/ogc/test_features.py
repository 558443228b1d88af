"""OGC API Features over HTTP: what a GIS client may ask, and what it is refused."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from layers.catalogue import LAYERS
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from tests.gisserver.ogc.conftest import BUILDINGS, PASSWORD, SOUTH, WEST, ask, feature_collections


def test_landing_page_answers_with_and_without_slash(client: FlaskClient) -> None:
    for path in ("", "/"):
        links = {link["rel"] for link in ask(client, path)["links"]}
        assert {"service-desc", "conformance", "data"} <= links


def test_links_follow_the_host_asked(client: FlaskClient) -> None:
    answer = client.get(
        "/ogc/collections", auth=("chief", PASSWORD), base_url="http://grid.example:81"
    )
    assert "http://grid.example:81/ogc/collections/buildings" in answer.text
    assert "localhost" not in answer.text


def test_conformance_names_only_what_is_served(client: FlaskClient) -> None:
    classes = ask(client, "/conformance")["conformsTo"]
    assert any(uri.endswith("ogcapi-features-1/1.0/conf/geojson") for uri in classes)
    assert not any("array-functions" in uri for uri in classes)


@pytest.mark.parametrize("login", ["chief", "one", "auditor"])
def test_collections_are_the_layers_one_may_read(client: FlaskClient, login: str) -> None:
    role = {"chief": Role.COMMANDER, "one": Role.SUPERVISOR, "auditor": Role.AUDITOR}[login]
    reader = Reader(0, login, (Grant(role, "990101"),))
    listed = {each["id"] for each in feature_collections(client, login)}
    assert listed == {layer.name for layer in LAYERS if layer.read in reader.rights}


@pytest.mark.parametrize("path", ["", "/items", "/items/1", "/schema", "/queryables", "/sortables"])
def test_a_hidden_collection_is_404(client: FlaskClient, path: str) -> None:
    problem = ask(client, f"/collections/persons{path}", "auditor", status=404)
    assert "persons" in problem["detail"]


def test_paging_by_next_meets_each_feature_once(client: FlaskClient) -> None:
    met: list[int] = []
    path = "/collections/buildings/items?limit=7"
    while path:
        page = ask(client, path)
        assert page["numberMatched"] == 2 * BUILDINGS
        met += [feature["id"] for feature in page["features"]]
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        path = following[0].partition("/ogc")[2] if following else ""
    assert len(met) == len(set(met)) == 2 * BUILDINGS


def test_offset_skips(client: FlaskClient) -> None:
    whole = ask(client, "/collections/buildings/items?limit=50")["features"]
    part = ask(client, "/collections/buildings/items?limit=5&offset=20")["features"]
    assert part == whole[20:25]


def test_bbox_and_property_filter_together(client: FlaskClient) -> None:
    box_text = f"{WEST},{SOUTH},{WEST + 0.01},{SOUTH + 0.01}"
    page = ask(client, f"/collections/buildings/items?bbox={box_text}&levels=3&limit=100")
    assert page["numberMatched"] == len(page["features"]) == len(range(2, BUILDINGS, 6))
    assert {feature["properties"]["levels"] for feature in page["features"]} == {3}


def test_bbox_of_six_numbers_ignores_heights(client: FlaskClient) -> None:
    flat = ask(client, f"/collections/buildings/items?bbox={WEST},{SOUTH},{WEST + 0.01},33.1")
    tall = ask(client, f"/collections/buildings/items?bbox={WEST},{SOUTH},0,{WEST + 0.01},33.1,9")
    assert flat["numberMatched"] == tall["numberMatched"] == BUILDINGS


def test_an_item_is_found_by_its_id_and_only_in_scope(client: FlaskClient) -> None:
    ids = [f["id"] for f in ask(client, "/collections/buildings/items?limit=50")["features"]]
    mine = {
        f["id"] for f in ask(client, "/collections/buildings/items?limit=50", "one")["features"]
    }
    assert len(mine) == BUILDINGS
    for identifier in ids:
        status = 200 if identifier in mine else 404
        ask(client, f"/collections/buildings/items/{identifier}", "one", status)


def test_counts_and_extents_stay_in_scope(client: FlaskClient) -> None:
    assert ask(client, "/collections/buildings/items?limit=1", "one")["numberMatched"] == BUILDINGS
    west, _, east, _ = ask(client, "/collections/buildings", "one")["extent"]["spatial"]["bbox"][0]
    assert WEST <= west < east <= WEST + 0.01


CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


@pytest.mark.parametrize("path", ["items", "items/1"])
def test_clients_may_name_the_one_reference_system(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/ogc/collections/buildings/{path}?crs={CRS84}", auth=("chief", PASSWORD))
    assert answer.status_code == 200
    assert answer.headers["Content-Crs"] == f"<{CRS84}>"


def test_a_box_may_name_the_one_reference_system(client: FlaskClient) -> None:
    box_text = f"bbox={WEST},{SOUTH},{WEST + 0.01},33.1&bbox-crs={CRS84}"
    page = ask(client, f"/collections/buildings/items?{box_text}")
    assert page["numberMatched"] == BUILDINGS


def test_no_document_names_another_host(client: FlaskClient) -> None:
    answer = client.get("/ogc/", auth=("chief", PASSWORD), base_url="http://grid.example:81")
    assert "localhost" not in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=many",
        "offset=-1",
        "bbox=1,2,3",
        "bbox=2,2,1,1",
        "bbox=nan,1,2,3",
        "datetime=2026-01-01T00:00:00Z",
        "filter=levels>high",
        "crs=http://www.opengis.net/def/crs/EPSG/0/2163",
        "sortby=colour",
        "levels=high",
        "colour=red",
        "f=xml",
    ],
)
def test_what_is_not_understood_is_400_and_never_ignored(client: FlaskClient, query: str) -> None:
    problem = ask(client, f"/collections/buildings/items?{query}", status=400)
    assert problem["status"] == 400


@pytest.mark.parametrize("identifier", ["0", "999999", "one", "1e3", "-1", "9" * 30])
def test_an_item_that_is_not_there_is_404(client: FlaskClient, identifier: str) -> None:
    ask(client, f"/collections/buildings/items/{identifier}", status=404)


def test_openapi_describes_the_reader_s_collections(client: FlaskClient) -> None:
    document = ask(client, "/openapi", "auditor")
    assert "/collections/buildings/items" in document["paths"]
    assert "/collections/persons/items" not in document["paths"]
    assert document["servers"] == [{"url": "http://localhost/ogc"}]
    of_collections = {
        path: verbs
        for path, verbs in document["paths"].items()
        if not path.startswith(("/processes", "/jobs"))
    }
    for path, verbs in of_collections.items():
        assert set(verbs) <= ({"post"} if path.endswith("/search") else {"get", "parameters"})


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/conformance",
        "/collections",
        "/collections/buildings",
        "/collections/buildings/schema",
        "/collections/buildings/queryables",
        "/collections/buildings/sortables",
        "/collections/buildings/items",
        "/collections/buildings/items/1",
    ],
)
def test_pages_need_nothing_from_outside(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/ogc{path}?f=html", auth=("chief", PASSWORD))
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "text/html"
    outside = [part for part in answer.text.split('"') if part.startswith(("http:", "https:"))]
    assert all(address.startswith("http://localhost/ogc") for address in outside)


def test_schema_names_fields_in_both_languages(client: FlaskClient) -> None:
    levels = ask(client, "/collections/buildings/schema")["properties"]["levels"]
    assert levels["title"] == "地上层数"
    assert levels["type"] == "integer"
