"""OGC API Features Part 1 (17-069r4), requirement by requirement."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from shapely.geometry import box, mapping, shape
from sqlalchemy import Engine

from layers.catalogue import layer_by_name
from layers.core.change import Change, Edit, apply_change
from layers.core.database import reader_transaction
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from tests.gisserver.ogc.conftest import BUILDINGS, PASSWORD, SOUTH, WEST, ask, feature_collections

PREFIX = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
COLLECTION = "/collections/buildings"
ITEMS = f"{COLLECTION}/items"
GEOJSON = "application/geo+json"


def relations(document: Any) -> set[str]:
    """The relations of a document's links, each of which has an address and a type."""
    assert all(each["href"] and each["type"] for each in document["links"])
    return {each["rel"] for each in document["links"]}


def linked(document: Any, relation: str, media_type: str = "") -> str:
    """The path below /ogc of the one link of a relation."""
    found = [
        each["href"]
        for each in document["links"]
        if each["rel"] == relation and each["type"].startswith(media_type)
    ]
    assert len(found) == 1, (relation, found)
    return str(found[0]).partition("/ogc")[2]


def test_the_classes_are_declared(client: FlaskClient) -> None:
    """/req/core/conformance-op, conformance-success."""
    classes = set(ask(client, "/conformance")["conformsTo"])
    assert {f"{PREFIX}{name}" for name in ("core", "geojson", "html", "oas30")} <= classes


def test_the_landing_page_leads_to_everything(client: FlaskClient) -> None:
    """/req/core/root-op, root-success; /req/oas30/oas-definition-1, api-definition-success."""
    landing = ask(client, "/")
    ask(client, linked(landing, "conformance", "application/json"))
    ask(client, linked(landing, "data", "application/json"))
    definition = client.get(f"/ogc{linked(landing, 'service-desc')}", auth=("chief", PASSWORD))
    assert definition.mimetype == "application/vnd.oai.openapi+json"
    assert definition.json["openapi"].startswith("3.0")
    assert "/collections/buildings/items" in definition.json["paths"]


def test_every_collection_says_what_it_is_and_where_its_items_are(client: FlaskClient) -> None:
    """/req/core/fc-md-success, -links, -items, -items-links, -extent; sfc-md-success."""
    listed = ask(client, "/collections")
    assert {"self", "alternate"} <= relations(listed)
    for each in feature_collections(client):
        relations(each)
        path, _, query = linked(each, "items", GEOJSON).partition("?")
        assert path == f"/collections/{each['id']}/items"
        assert query in ("", "f=json")
        west, south, east, north = each["extent"]["spatial"]["bbox"][0]
        assert -180 <= west <= east <= 180
        assert -90 <= south <= north <= 90
        alone = ask(client, f"/collections/{each['id']}")
        for member in ("id", "title", "description", "extent", "itemType", "crs"):
            assert alone.get(member) == each.get(member), (each["id"], member)


def test_every_collection_answers_with_features(client: FlaskClient) -> None:
    """/req/core/fc-op, fc-response; /req/geojson/definition, content; crs84."""
    for each in feature_collections(client):
        answer = client.get(f"/ogc/collections/{each['id']}/items", auth=("chief", PASSWORD))
        assert answer.status_code == 200, (each["id"], answer.text)
        assert answer.mimetype == GEOJSON
        assert answer.headers["Content-Crs"] == f"<{CRS84}>"
        assert answer.json["type"] == "FeatureCollection"
        for feature in answer.json["features"]:
            assert set(feature) == {"type", "id", "geometry", "properties"}
            assert feature["type"] == "Feature"


@pytest.mark.parametrize(("limit", "count"), [("", 10), ("?limit=3", 3), ("?limit=50", 50)])
def test_a_page_holds_at_most_its_limit(client: FlaskClient, limit: str, count: int) -> None:
    """/req/core/fc-limit-definition, fc-limit-response-1, fc-numberReturned, fc-numberMatched."""
    page = ask(client, ITEMS + limit)
    assert len(page["features"]) == page["numberReturned"] == count
    assert page["numberMatched"] == 2 * BUILDINGS


def test_how_many_match_is_told_with_the_first_page(client: FlaskClient) -> None:
    """/req/core/fc-numberMatched: exact or left out."""
    first = ask(client, f"{ITEMS}?usage=B1&limit=3")
    assert first["numberMatched"] == 2 * BUILDINGS
    following = next(each["href"] for each in first["links"] if each["rel"] == "next")
    second = ask(client, following.split("/ogc", 1)[1])
    assert second["numberReturned"] == 3
    assert "numberMatched" not in second


def test_a_limit_above_the_greatest_is_lowered_and_no_error(client: FlaskClient) -> None:
    """/req/core/fc-limit-response-1."""
    assert ask(client, f"{ITEMS}?limit=999999999")["numberReturned"] == 2 * BUILDINGS


def test_a_box_picks_what_meets_it(client: FlaskClient) -> None:
    """/req/core/fc-bbox-definition, fc-bbox-response."""
    whole = ask(client, f"{ITEMS}?limit=50")["features"]
    asked = (WEST + 0.0021, SOUTH, WEST + 0.0051, SOUTH + 0.0015)
    page = ask(client, f"{ITEMS}?limit=50&bbox={','.join(map(str, asked))}")
    expected = {each["id"] for each in whole if shape(each["geometry"]).intersects(box(*asked))}
    assert {each["id"] for each in page["features"]} == expected
    assert 0 < len(expected) < BUILDINGS


@pytest.mark.parametrize(
    ("interval", "count"),
    [
        ("2026-01-31T00:00:00Z", 1),
        ("2026-01-31T00:00:01Z", 0),
        ("2026-01-30T00:00:00Z/2026-02-01T00:00:00Z", 1),
        ("../2026-01-31T00:00:00Z", 1),
        ("/2026-01-30T00:00:00Z", 0),
        ("2026-01-31T00:00:00Z/..", 1),
        ("2026-02-01T00:00:00Z/", 0),
        ("../..", 1),
    ],
)
def test_a_time_picks_what_meets_it(client: FlaskClient, interval: str, count: int) -> None:
    """/req/core/fc-time-definition, fc-time-response."""
    page = ask(client, f"/collections/incidents/items?datetime={interval}")
    assert page["numberMatched"] == page["numberReturned"] == count


def test_a_page_has_links_and_the_moment_it_was_made(client: FlaskClient) -> None:
    """/req/core/fc-links, fc-rel-type, fc-timeStamp."""
    page = ask(client, f"{ITEMS}?limit=7&levels=3")
    assert {"self", "alternate", "collection", "next"} <= relations(page)
    again = ask(client, linked(page, "self"))
    assert again["features"] == page["features"]
    html = client.get(f"/ogc{linked(page, 'alternate')}", auth=("chief", PASSWORD))
    assert html.mimetype == "text/html"
    moment = datetime.fromisoformat(page["timeStamp"])
    assert abs(datetime.now(moment.tzinfo) - moment) < timedelta(minutes=5)
    last = ask(client, linked(page, "next"))
    assert "next" not in relations(last)


@pytest.mark.parametrize("query", ["", "?crs=[EPSG:4490]", "?properties=levels"])
def test_a_feature_has_links_to_itself_and_its_collection(client: FlaskClient, query: str) -> None:
    """/req/core/f-op, f-success, f-links; /req/geojson/content."""
    identifier = ask(client, f"{ITEMS}?limit=1")["features"][0]["id"]
    feature = ask(client, f"{ITEMS}/{identifier}{query}")
    assert feature["id"] == identifier
    assert relations(feature) == {"self", "alternate", "collection"}
    assert ask(client, linked(feature, "self")) == feature
    assert ask(client, linked(feature, "collection"))["id"] == "buildings"
    html = client.get(f"/ogc{linked(feature, 'alternate')}", auth=("chief", PASSWORD))
    assert html.status_code == 200
    assert html.mimetype == "text/html"


@pytest.mark.parametrize("path", ["/", "/conformance", "/collections", COLLECTION, ITEMS])
def test_what_is_unknown_or_invalid_is_refused(client: FlaskClient, path: str) -> None:
    """/req/core/query-param-unknown, query-param-invalid; http."""
    assert ask(client, f"{path}?colour=red", status=400)["allowed"]
    ask(client, f"{path}?f=xml", status=400)


@pytest.mark.parametrize("path", ["/", "/conformance", "/collections", COLLECTION, ITEMS])
def test_browsers_get_pages(client: FlaskClient, path: str) -> None:
    """/req/html/definition, content."""
    answer = client.get(f"/ogc{path}", auth=("chief", PASSWORD), headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"


def test_pages_meet_each_feature_once_while_others_come_and_go(
    client: FlaskClient, city: Flask, module_engine: Engine
) -> None:
    """Between two pages a building met, one not yet met and a new one change places."""
    before = [each["id"] for each in ask(client, f"{ITEMS}?limit=50")["features"]]
    gone, met, path, new = {before[2], before[30]}, [], f"{ITEMS}?limit=7", 0
    while path:
        page = ask(client, path)
        met += [each["id"] for each in page["features"]]
        if not new:
            new = _replace(city, module_engine, gone)
        path = linked(page, "next") if "next" in relations(page) else ""
    assert met == [each for each in before if each != before[30]] + [new]


def _replace(city: Flask, engine: Engine, gone: set[int]) -> int:
    """Deletes buildings, adds one and returns its id."""
    buildings = layer_by_name("buildings")
    shape_added = mapping(box(WEST + 0.001, SOUTH + 0.005, WEST + 0.002, SOUTH + 0.006))
    edits = [Edit(buildings, "delete", id=each) for each in sorted(gone)]
    values = {"name": "新楼", "levels": 2, "usage": "B1"}
    edits.append(Edit(buildings, "create", values=values, geometry=shape_added))
    admin = Reader(0, "admin", (Grant(Role.ADMIN, ""), Grant(Role.OPERATOR, "")))
    with reader_transaction(engine, admin) as connection:
        applied = apply_change(connection, Change(edits), admin, city.extensions["wangge"].tools)
    return applied[-1]
