"""Tiles by the addresses of OGC: for whom, for how long, and as pages."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from gisserver.auth.accounts import create_account
from layers.core.rights import Role
from layers.core.scope import Grant
from tests.gisserver.mvt import decode
from tests.gisserver.ogc.conftest import BUILDINGS, COMMUNITIES, PASSWORD, WEST, ask
from tests.gisserver.ogc.tile_client import PLACES, SETS, fetch, tile_path


def test_a_hidden_collection_is_not_found(client: FlaskClient) -> None:
    for path in (
        "/collections/incidents/tiles",
        "/collections/incidents/tiles/WebMercatorQuad",
        tile_path("WebMercatorQuad", "incidents"),
        "/tiles?collections=incidents",
        "/collections/nothing/tiles",
        "/tileMatrixSets/nothing",
        "/tiles/nothing",
    ):
        ask(client, path, "auditor", status=404)
    shown = ask(client, "/tiles/WebMercatorQuad", "auditor")["layers"]
    assert "incidents" not in {each["id"] for each in shown}
    document = ask(client, "/openapi", "auditor")["paths"]
    assert "incidents" not in str(document["/tiles"])


def test_nobody_reads_tiles_without_signing_in(client: FlaskClient) -> None:
    for path in (tile_path("WebMercatorQuad"), "/tiles", "/tileMatrixSets"):
        assert client.get(f"/ogc{path}").status_code == 401


@pytest.fixture(scope="module")
def east_reader(city: Flask, module_engine: Engine) -> str:
    """A reader of the eastern community only."""
    create_account(module_engine, "two", "two", PASSWORD, [Grant(Role.SUPERVISOR, COMMUNITIES[1])])
    return "two"


@pytest.mark.parametrize("matrix_set", SETS)
def test_readers_never_get_each_others_tiles(
    client: FlaskClient, east_reader: str, matrix_set: str
) -> None:
    """Warm or cold, whoever asks first; and validators are not shared."""
    tiles = f"/collections/buildings/tiles/{matrix_set}"
    limits = ask(client, tiles)["tileMatrixSetLimits"][-1]
    whole: dict[str, set[int]] = {"chief": set(), "one": set(), east_reader: set()}
    for _ in range(2):
        for row in range(limits["minTileRow"], limits["maxTileRow"] + 1):
            for column in range(limits["minTileCol"], limits["maxTileCol"] + 1):
                path = f"{tiles}/{limits['tileMatrix']}/{row}/{column}"
                tags = set()
                for login, seen in whole.items():
                    answer = fetch(client, path, login)
                    if answer.status_code == 200:
                        seen |= set(decode(answer.data)["buildings"].features)
                        tags.add(answer.headers["ETag"])
                        assert answer.headers["Cache-Control"] == "private, no-cache"
                for tag in tags:
                    statuses = [
                        fetch(client, path, login, If_None_Match=tag).status_code for login in whole
                    ]
                    assert statuses.count(304) == 1
    assert len(whole["one"]) == len(whole[east_reader]) == BUILDINGS
    assert not whole["one"] & whole[east_reader]
    assert whole["one"] | whole[east_reader] == whole["chief"]


def test_limits_and_extent_stay_in_scope(client: FlaskClient) -> None:
    tileset = ask(client, "/collections/buildings/tiles/WebMercatorQuad", "one")
    assert tileset["boundingBox"]["upperRight"][0] <= WEST + 0.01


def test_ogc_and_viewer_share_tiles_and_validators(client: FlaskClient) -> None:
    level, row, column = PLACES["WebMercatorQuad"]
    ogc = fetch(client, tile_path("WebMercatorQuad"))
    viewer = client.get(f"/tiles/buildings/{level}/{column}/{row}", auth=("chief", PASSWORD))
    assert ogc.data == viewer.data
    assert ogc.headers["ETag"] == viewer.headers["ETag"]
    again = fetch(client, tile_path("WebMercatorQuad"), If_None_Match=ogc.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    other = fetch(client, tile_path("CGCS2000Quad"))
    assert other.headers["ETag"] != ogc.headers["ETag"]


def test_an_edit_shows_in_both_sets(
    client: FlaskClient, city: Flask, module_engine: Engine
) -> None:
    before = [fetch(client, tile_path(each)).headers["ETag"] for each in SETS]
    with module_engine.begin() as connection:
        connection.execute(text("UPDATE housing.building SET name = '改名楼' WHERE name = '3号楼'"))
    city.extensions["wangge"].versions.catch_up()
    for matrix_set, tag in zip(SETS, before, strict=True):
        answer = fetch(client, tile_path(matrix_set), If_None_Match=tag)
        assert answer.status_code == 200
        names = {each.get("name") for each in decode(answer.data)["buildings"].features.values()}
        assert "改名楼" in names


@pytest.mark.parametrize(
    "path",
    [
        "/tileMatrixSets",
        "/tileMatrixSets/CGCS2000Quad",
        "/tiles",
        "/tiles/WebMercatorQuad?collections=buildings,areas",
        "/collections/buildings/tiles",
        "/collections/buildings/tiles/CGCS2000Quad",
    ],
)
def test_every_document_has_a_page(client: FlaskClient, path: str) -> None:
    answer = fetch(client, path, Accept="text/html,application/xhtml+xml")
    assert answer.mimetype == "text/html"
    assert "瓦片" in answer.text
    assert answer.headers["Content-Language"] == "zh-CN"
    assert not re.search(r"(src|href)=\"https?://(?!localhost/)", answer.text)


def test_titles_follow_the_language(client: FlaskClient) -> None:
    path = "/collections/buildings/tiles/WebMercatorQuad"
    chinese, english = ask(client, path), ask(client, f"{path}?lang=en")
    assert chinese["layers"][0]["title"] == "楼栋"
    assert english["layers"][0]["title"] == "Buildings"
    assert fetch(client, path, Accept_Language="en-GB,en").json["title"] == english["title"]
    ask(client, f"{path}?lang=xx", status=400)


NASTY = (
    "..%2f..%2fetc%2fpasswd",
    "%00",
    "'; DROP TABLE housing.building; --",
    "1e309",
    "NaN",
    "-0",
    "９",
    "%ff%fe",
    "{{7*7}}",
    "a" * 4000,
    "%25s",
    "buildings%00",
)


@pytest.mark.parametrize("nasty", NASTY)
def test_hostile_addresses_are_refused_in_words(client: FlaskClient, nasty: str) -> None:
    for path in (
        f"/collections/{nasty}/tiles",
        f"/collections/buildings/tiles/{nasty}",
        f"/collections/buildings/tiles/WebMercatorQuad/{nasty}/1/1",
        f"/collections/buildings/tiles/WebMercatorQuad/14/{nasty}/1",
        f"/collections/buildings/tiles/CGCS2000Quad/14/1/{nasty}",
        f"/tiles/WebMercatorQuad/14/1/1?collections={nasty}",
        f"/tiles/WebMercatorQuad?collections=buildings,{nasty}",
        f"/tiles?collections={nasty}",
        f"/tileMatrixSets/{nasty}",
        f"/styles/{nasty}",
        f"/styles/{nasty}/metadata",
        f"/styles/wangge?f={nasty}",
        f"/styles/wangge?lang={nasty}",
        f"/collections/buildings/styles/{nasty}",
        f"/qgis-project?lang={nasty}",
    ):
        answer = fetch(client, path)
        assert answer.status_code in (400, 404), path
        assert answer.mimetype == "application/problem+json"
        assert len(answer.data) < 6000
