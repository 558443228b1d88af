"""OGC API Features Part 2 (18-058r1), requirement by requirement."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import quote

import pyproj
import pytest
import shapely
from flask.testing import FlaskClient
from shapely.geometry import shape
from sqlalchemy import Engine, text

from tests.gisserver.ogc.conftest import BUILDINGS, PASSWORD, SOUTH, WEST, ask, feature_collections

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
# The town lies at 117° E: zones 39 of three degrees and 20 of six, each with and without prefix.
ZONES = (4527, 4548, 4498, 4509)
CODES = (4326, 4490, 3857, *ZONES)
MILLIMETRE = 1e-3
ITEMS = "/collections/buildings/items"
ONE = (WEST, SOUTH, WEST + 0.01, SOUTH + 0.01)


def answered(client: FlaskClient, path: str) -> tuple[Any, str | None]:
    answer = client.get(f"/ogc{path}", auth=("chief", PASSWORD))
    assert answer.status_code == 200, answer.text
    return answer.json, answer.headers.get("Content-Crs")


def turned(code: int, geometry: Any) -> Any:
    """By PROJ itself, axes as the authority orders them."""
    return shapely.transform(geometry, transformer(code).transform, interleaved=False)


@lru_cache
def transformer(code: int) -> pyproj.Transformer:
    """Kept, as PROJ takes long to choose among its operations."""
    return pyproj.Transformer.from_crs("OGC:CRS84", f"EPSG:{code}")


def box_in(code: int) -> str:
    """The first community's box in a system, axes in its own order."""
    west, south, east, north = turned(code, shapely.box(*ONE)).bounds
    return f"{west},{south},{east},{north}"


def test_collections_list_their_systems_by_uri(client: FlaskClient) -> None:
    """/req/crs/crs-uri, fc-md-crs-list-A and -B, fc-md-storageCrs."""
    for collection in feature_collections(client):
        assert collection["crs"][0] == CRS84
        assert collection["storageCrs"] in collection["crs"]
    systems = ask(client, "/collections/buildings")["crs"]
    assert systems == [CRS84, *(f"{EPSG}{code}" for code in (4326, 4490, 3857)), *systems[4:]]
    assert {int(uri.removeprefix(EPSG)) for uri in systems[4:]} == set(ZONES)


@pytest.mark.parametrize("code", CODES)
def test_coordinates_are_told_in_the_system_asked_for(
    client: FlaskClient, module_engine: Engine, code: int
) -> None:
    """/req/crs/fc-crs-definition, fc-crs-valid-value, fc-crs-action, ogc-crs-header."""
    plain, _ = answered(client, f"{ITEMS}?limit=50")
    page, header = answered(client, f"{ITEMS}?limit=50&crs={EPSG}{code}")
    assert header == f"<{EPSG}{code}>"
    with module_engine.connect() as connection:
        rows = connection.execute(text("SELECT id, ST_AsBinary(geom) FROM housing.building"))
        stored = {number: shapely.from_wkb(bytes(content)) for number, content in rows}
    precision = 1e-7 if code in (4326, 4490) else MILLIMETRE
    for before, after in zip(plain["features"], page["features"], strict=True):
        assert "crs" not in after["geometry"]
        expected = turned(code, stored[after["id"]])
        assert shape(after["geometry"]).equals_exact(expected, precision), code
        assert before["properties"] == after["properties"]


@pytest.mark.parametrize("code", CODES)
def test_an_item_is_told_in_the_system_asked_for(client: FlaskClient, code: int) -> None:
    """/req/crs/ogc-crs-header, fc-crs-action of a single feature."""
    page, _ = answered(client, f"{ITEMS}?limit=1&crs={EPSG}{code}")
    identifier = page["features"][0]["id"]
    item, header = answered(client, f"{ITEMS}/{identifier}?crs={EPSG}{code}")
    assert header == f"<{EPSG}{code}>"
    assert item["geometry"] == page["features"][0]["geometry"]


def test_crs84_is_told_unless_another_is_asked_for(client: FlaskClient) -> None:
    """/req/crs/fc-crs-default-value, fc-bbox-crs-valid-defaultValue, ogc-crs-header."""
    plain, header = answered(client, f"{ITEMS}?limit=3")
    named, same = answered(client, f"{ITEMS}?limit=3&crs={CRS84}&bbox-crs={CRS84}")
    assert header == same == f"<{CRS84}>"
    assert plain["features"] == named["features"]


@pytest.mark.parametrize("code", CODES)
def test_a_box_is_read_in_the_system_named(client: FlaskClient, code: int) -> None:
    """/req/crs/fc-bbox-crs-definition, fc-bbox-crs-valid-value, fc-bbox-crs-action."""
    plain, _ = answered(client, f"{ITEMS}?limit=50&bbox={','.join(map(str, ONE))}")
    assert plain["numberMatched"] == BUILDINGS
    found, _ = answered(client, f"{ITEMS}?limit=50&bbox={box_in(code)}&bbox-crs={EPSG}{code}")
    assert found["numberMatched"] == BUILDINGS
    assert [each["id"] for each in found["features"]] == [each["id"] for each in plain["features"]]


def test_heights_of_a_projected_box_are_left_out(client: FlaskClient) -> None:
    low, left, high, right = box_in(4548).split(",")
    query = f"bbox={low},{left},-5,{high},{right},900&bbox-crs={EPSG}4548"
    assert answered(client, f"{ITEMS}?{query}")[0]["numberMatched"] == BUILDINGS


def test_a_box_may_cross_the_antimeridian(client: FlaskClient) -> None:
    """Part 1, /req/core/fc-bbox-definition: the first value may be above the third."""
    across = f"{WEST - 1},{SOUTH - 1},-170,{SOUTH + 1}"
    assert answered(client, f"{ITEMS}?bbox={across}")[0]["numberMatched"] == 2 * BUILDINGS
    beside = f"{WEST + 1},{SOUTH - 1},-170,{SOUTH + 1}"
    assert answered(client, f"{ITEMS}?bbox={beside}")[0]["numberMatched"] == 0
    flipped = f"{SOUTH - 1},{WEST - 1},{SOUTH + 1},-170"
    path = f"{ITEMS}?bbox={flipped}&bbox-crs={EPSG}4326"
    assert answered(client, path)[0]["numberMatched"] == 2 * BUILDINGS


@pytest.mark.parametrize("name", ["crs", "bbox-crs", "filter-crs"])
@pytest.mark.parametrize("system", [f"{EPSG}2163", f"{EPSG}4534", "EPSG:4490", "", "[EPSG:1]"])
def test_a_system_that_is_not_offered_is_refused(
    client: FlaskClient, name: str, system: str
) -> None:
    """/req/crs/fc-crs-valid-value, fc-bbox-crs-valid-value: 400, and those that are offered."""
    query = f"{name}={quote(system)}&bbox={','.join(map(str, ONE))}&filter=levels%3D1"
    problem = ask(client, f"{ITEMS}?{query}", status=400)
    assert name in problem["detail"]
    assert f"{EPSG}4490" in problem["allowed"]


@pytest.mark.parametrize("system", ["[EPSG:4490]", f"<{EPSG}4490>", f"https{EPSG[4:]}4490"])
def test_other_spellings_of_a_system_are_understood(client: FlaskClient, system: str) -> None:
    _, header = answered(client, f"{ITEMS}?limit=1&crs={quote(system)}")
    assert header == f"<{EPSG}4490>"


@pytest.mark.parametrize("box", ["1,2,3", "a,b,c,d", "1e20,0,2e20,1", "nan,0,1,1", "5,9,6,8"])
def test_numbers_that_make_no_box_are_refused(client: FlaskClient, box: str) -> None:
    assert ask(client, f"{ITEMS}?bbox={box}&bbox-crs={EPSG}3857", status=400)["detail"]


def test_links_and_pages_keep_the_system(client: FlaskClient) -> None:
    page, _ = answered(client, f"{ITEMS}?limit=20&crs={EPSG}4548&bbox-crs={EPSG}4548")
    following = next(link["href"] for link in page["links"] if link["rel"] == "next")
    second, header = answered(client, following.partition("/ogc")[2])
    assert header == f"<{EPSG}4548>"
    assert second["features"][0]["geometry"]["coordinates"][0][0][0][0] > 3e6


def test_a_filter_is_read_in_the_system_named(client: FlaskClient) -> None:
    written = shapely.to_wkt(turned(4548, shapely.box(*ONE)), rounding_precision=3)
    query = f"filter={quote(f'S_INTERSECTS(geom,{written})')}&filter-crs={EPSG}4548"
    assert answered(client, f"{ITEMS}?{query}")[0]["numberMatched"] == BUILDINGS


def test_rows_without_a_place_are_told_in_crs84_only(client: FlaskClient) -> None:
    assert ask(client, "/collections/dwellings")["crs"] == [CRS84]
    ask(client, f"/collections/dwellings/items?crs={EPSG}4490", status=400)


def test_tags_of_an_item_differ_by_system(client: FlaskClient) -> None:
    """Two representations never share a strong tag (RFC 9110, 8.8.3)."""
    identifier = ask(client, f"{ITEMS}?limit=1")["features"][0]["id"]
    tags = {
        client.get(f"/ogc{ITEMS}/{identifier}{query}", auth=("chief", PASSWORD)).headers["ETag"]
        for query in ("", f"?crs={EPSG}4490", f"?crs={EPSG}3857")
    }
    assert len(tags) == 3


def test_the_class_is_declared(client: FlaskClient) -> None:
    classes = ask(client, "/conformance")["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs" in classes
