"""Vector tiles over HTTP: what is in them, for whom, and for how long."""

from __future__ import annotations

import gzip
import threading
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from gisserver.context import EXTENSION, Services
from gisserver.tiles.cache import OVERHEAD_BYTES, TileCache
from layers.catalogue import LAYERS
from layers.core.rights import Role
from tests.gisserver.conftest import signed_in
from tests.gisserver.mvt import TileLayer, decode
from tests.gisserver.town import (
    EAST,
    PASSWORD,
    TILE,
    WEST,
    add_account,
    add_building,
    build_town,
    rename_building,
)

DRAWN = [layer for layer in LAYERS if layer.geometry_kind]


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> dict[str, list[int]]:
    """Building ids by community."""
    return build_town(module_engine)


@pytest.fixture(scope="module")
def commander(app: Flask, module_engine: Engine, town: object) -> FlaskClient:
    """A reader of everything."""
    return signed_in(app, add_account(module_engine, Role.COMMANDER, ""), PASSWORD)


@pytest.fixture(scope="module")
def supervisor(app: Flask, module_engine: Engine, town: object) -> FlaskClient:
    """A reader of the western community only."""
    return signed_in(app, add_account(module_engine, Role.SUPERVISOR, WEST), PASSWORD)


def read(client: FlaskClient, layers: str, tile: str = TILE) -> dict[str, TileLayer]:
    answer = client.get(f"/tiles/{layers}/{tile}")
    assert answer.status_code in (200, 204), answer.text
    return decode(answer.data)


def wait_until_told(app: Flask, change: int) -> None:
    house: Services = app.extensions["wangge"]
    deadline = time.monotonic() + 10
    while house.hub.last_id < change:
        assert time.monotonic() < deadline, "the listener never heard of the change"
        time.sleep(0.005)


def test_a_tile_holds_the_features_with_their_tile_fields_only(
    commander: FlaskClient, town: dict[str, list[int]]
) -> None:
    answer = commander.get(f"/tiles/buildings/{TILE}")
    layer = decode(answer.data)["buildings"]
    assert answer.mimetype == "application/vnd.mapbox-vector-tile"
    assert layer.extent == 4096
    assert set(town[WEST]) < set(layer.features)
    first = layer.features[town[WEST][0]]
    assert first == {"name": f"{WEST}-1", "usage": "B1", "levels": 6}
    # Move to 4096 steps per tile: all coordinates of a building in the middle lie in the tile.
    assert layer.geometries[town[WEST][0]][0] == (1 << 3) | 1


def test_several_layers_travel_in_one_tile(commander: FlaskClient) -> None:
    tile = read(commander, "buildings,areas")
    assert set(tile) == {"buildings", "areas"}
    assert {f["code"] for f in tile["areas"].features.values()} == {WEST, EAST}


def test_no_byte_of_another_area_is_in_a_tile(
    supervisor: FlaskClient, commander: FlaskClient, town: dict[str, list[int]]
) -> None:
    for zoom_tile in (TILE, "13/6826/3379", "15/27307/13518"):
        for layers in ("buildings", "areas", "areas,buildings"):
            answer = supervisor.get(f"/tiles/{layers}/{zoom_tile}")
            assert EAST.encode() not in answer.data
            seen = decode(answer.data).get("buildings", TileLayer()).features
            assert set(seen) <= set(town[WEST])
    assert EAST.encode() in commander.get(f"/tiles/buildings/{TILE}").data


def test_row_level_security_alone_keeps_scope(
    app: Flask, supervisor: FlaskClient, town: dict[str, list[int]]
) -> None:
    from layers.catalogue import layer_by_name
    from layers.core.database import reader_transaction
    from layers.core.scope import Grant, Reader
    from layers.core.tiles import Tile, tile_parameters, tile_statement

    house: Services = app.extensions["wangge"]
    statement = tile_statement(layer_by_name("buildings"), 14)
    assert statement is not None
    reader = Reader(1, "x", (Grant(Role.SUPERVISOR, WEST),))
    with reader_transaction(house.engine, reader) as connection:
        parameters = tile_parameters(Tile(*map(int, TILE.split("/"))))
        body = bytes(connection.exec_driver_sql(statement, parameters).scalar_one())
    assert set(decode(body)["buildings"].features) == set(town[WEST])


def test_a_layer_without_the_right_is_not_found(commander: FlaskClient, app: Flask,
    module_engine: Engine) -> None:  # fmt: skip
    auditor = signed_in(app, add_account(module_engine, Role.AUDITOR, ""), PASSWORD)
    assert auditor.get(f"/tiles/buildings/{TILE}").status_code == 200
    answer = auditor.get(f"/tiles/buildings,incidents,cameras/{TILE}")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert "incidents, cameras" in answer.json["detail"]
    assert "buildings" not in answer.json["detail"]
    assert commander.get(f"/tiles/persons/{TILE}").status_code == 404
    assert commander.get(f"/tiles/nothing/{TILE}").status_code == 404


def test_nobody_reads_a_tile_without_signing_in(app: Flask) -> None:
    assert app.test_client().get(f"/tiles/buildings/{TILE}").status_code == 401


@pytest.mark.parametrize(
    "path",
    ["14/x/1", "14/1/-1", "14/16384/0", "23/0/0", "-1/0/0", "1e1/0/0", "14/13653/6759?x=1",
     "999999999999999999999/0/0", "１/0/0"],
)  # fmt: skip
def test_an_address_of_no_tile_is_refused(commander: FlaskClient, path: str) -> None:
    answer = commander.get(f"/tiles/buildings/{path}")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"


def test_outside_the_zooms_or_empty_there_is_no_content(commander: FlaskClient) -> None:
    assert commander.get("/tiles/buildings/11/1706/844").status_code == 204
    assert commander.get("/tiles/buildings/17/109228/54074").status_code == 204
    assert commander.get("/tiles/buildings/14/0/0").status_code == 204
    assert commander.get(f"/tiles/cameras/{TILE}").status_code == 204


@pytest.mark.parametrize("layer", DRAWN, ids=lambda layer: layer.name)
@pytest.mark.parametrize("zoom", [9, 12, 13, 14, 16])
def test_every_layer_has_a_statement_the_database_takes(
    commander: FlaskClient, layer: object, zoom: int, module_engine: Engine
) -> None:
    from layers.core.layer import Layer
    from layers.core.tiles import Tile, tile_parameters, tile_statement

    assert isinstance(layer, Layer)
    statement = tile_statement(layer, zoom)
    if statement is None:
        return
    with module_engine.begin() as connection:
        x, y = (part >> (14 - min(zoom, 14)) << max(0, zoom - 14) for part in (13653, 6759))
        found = connection.exec_driver_sql(statement, tile_parameters(Tile(zoom, x, y)))
        assert set(decode(bytes(found.scalar_one()))) <= {layer.name}


def test_far_out_a_tile_holds_only_what_is_drawn(
    commander: FlaskClient, module_engine: Engine
) -> None:
    with module_engine.begin() as connection:
        for road_class in ("primary", "residential"):
            connection.execute(
                text(
                    "INSERT INTO territory.road (name, road_class, geom) VALUES ('路', :class, "
                    "'SRID=4326;MULTILINESTRING((120.001 30.005,120.019 30.005))')"
                ),
                {"class": road_class},
            )
        for n in range(50):
            connection.execute(
                text(
                    "INSERT INTO incidents.incident (category, report_source, description, geom) "
                    "VALUES ('01', '1', 'x', ST_SetSRID(ST_MakePoint(120.005 + :n / 1e7, 30.005), "
                    "4326))"
                ),
                {"n": n},
            )

    def classes(tile: str) -> list[str]:
        return sorted(
            f["road_class"] for f in read(commander, "roads", tile)["roads"].features.values()
        )

    assert classes("10/853/422") == ["primary"]
    assert classes(TILE) == ["primary", "residential"]
    near, far = (read(commander, "incidents", t)["incidents"] for t in (TILE, "12/3413/1689"))
    assert len(near.features) == 50
    assert len(far.features) <= 2
    assert all(set(f) == {"state"} for f in far.features.values())
    small = read(commander, "buildings", "13/6826/3379")["buildings"]
    assert all("name" not in f for f in small.features.values())


def test_what_is_smaller_than_a_pixel_is_left_out_far_away(
    app: Flask, commander: FlaskClient, module_engine: Engine
) -> None:
    with module_engine.begin() as connection:
        tiny = connection.execute(
            text(
                "INSERT INTO housing.building (geom) VALUES (ST_Multi(ST_Expand(ST_SetSRID("
                "ST_MakePoint(120.0081, 30.0081), 4326), 0.00002))) RETURNING id"
            )
        ).scalar_one()
    house: Services = app.extensions["wangge"]
    house.versions.catch_up()
    assert tiny in read(commander, "buildings")["buildings"].features
    assert tiny not in read(commander, "buildings", "13/6826/3379")["buildings"].features


def test_the_browser_asks_again_and_hears_not_modified(commander: FlaskClient) -> None:
    first = commander.get(f"/tiles/areas/{TILE}", headers={"Accept-Encoding": "gzip"})
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.headers["Content-Encoding"] == "gzip"
    assert {"Accept-Encoding", "Cookie"} <= set(first.headers["Vary"].split(", "))
    plain = commander.get(f"/tiles/areas/{TILE}", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(first.data) == plain.data
    assert first.headers["ETag"] != plain.headers["ETag"]
    assert not first.headers["ETag"].startswith("W/")
    for etag in (first.headers["ETag"], plain.headers["ETag"]):
        again = commander.get(f"/tiles/areas/{TILE}", headers={"If-None-Match": etag})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"]


def test_readers_of_different_areas_never_share_a_validator(
    commander: FlaskClient, supervisor: FlaskClient
) -> None:
    for layer, is_shared in (("buildings", False), ("roads", True)):
        tags = {
            c.get(f"/tiles/{layer}/{TILE}", headers={"Accept-Encoding": "gzip"}).headers["ETag"]
            for c in (commander, supervisor)
        }
        assert (len(tags) == 1) == is_shared


def test_an_edit_shows_in_the_next_tile(
    app: Flask, commander: FlaskClient, town: dict[str, list[int]], module_engine: Engine
) -> None:
    building = town[WEST][1]
    before = commander.get(f"/tiles/buildings/{TILE}")
    other = commander.get(f"/tiles/areas/{TILE}").headers["ETag"]
    wait_until_told(app, rename_building(module_engine, building, "新名"))
    after = commander.get(
        f"/tiles/buildings/{TILE}", headers={"If-None-Match": before.headers["ETag"]}
    )
    assert after.status_code == 200
    assert decode(after.data)["buildings"].features[building]["name"] == "新名"
    assert commander.get(f"/tiles/areas/{TILE}").headers["ETag"] == other


def test_one_s_own_write_shows_at_once(
    app: Flask, commander: FlaskClient, town: dict[str, list[int]], module_engine: Engine
) -> None:
    house: Services = app.extensions["wangge"]
    for n in range(20):
        before = house.versions.current("buildings")
        change = rename_building(module_engine, town[WEST][2], f"第{n}次")
        # What the app does after each write that it answers itself.
        house.versions.catch_up()
        assert house.versions.current("buildings") == change > before
        name = read(commander, "buildings")["buildings"].features[town[WEST][2]]["name"]
        assert name == f"第{n}次"


def test_versions_hold_without_a_listener(app: Flask, module_engine: Engine,
    town: dict[str, list[int]]) -> None:  # fmt: skip
    from gisserver.live.versions import Versions

    versions = Versions(module_engine)
    first = versions.current("buildings")
    change = rename_building(module_engine, town[EAST][0], "东")
    assert versions.current("buildings") == change > first
    assert versions.current("cameras") == 0
    assert versions.epoch


def test_a_feature_taken_away_leaves_the_tile(
    app: Flask, commander: FlaskClient, module_engine: Engine
) -> None:
    building = add_building(module_engine, 120.0085, "将拆")
    house: Services = app.extensions["wangge"]
    house.versions.catch_up()
    assert building in read(commander, "buildings")["buildings"].features
    with module_engine.begin() as connection:
        connection.execute(text("DELETE FROM housing.building WHERE id = :id"), {"id": building})
    house.versions.catch_up()
    assert building not in read(commander, "buildings")["buildings"].features


@pytest.fixture
def cache() -> TileCache:
    """A cache for about three bodies of a thousand bytes."""
    return TileCache(3 * (1000 + OVERHEAD_BYTES))


def test_the_cache_holds_its_limit_and_drops_the_oldest(cache: TileCache) -> None:
    made: list[int] = []

    def make(n: int) -> bytes:
        made.append(n)
        return bytes(1000)

    for n in (1, 2, 3, 1, 4, 1, 2):
        cache.get(n, 0, lambda n=n: make(n))  # type: ignore[misc]
    assert made == [1, 2, 3, 4, 2]
    assert cache.size <= 3 * (1000 + OVERHEAD_BYTES)
    cache.get("large", 0, lambda: bytes(10_000))
    assert cache.get(1, "new", lambda: b"x") == b"x"


def test_a_tile_is_made_once_for_all_who_wait(cache: TileCache) -> None:
    made = []
    gate = threading.Event()

    def make() -> bytes:
        made.append(1)
        gate.wait(5)
        return b"tile"

    results: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: results.append(cache.get("k", 1, make))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    gate.set()
    for thread in threads:
        thread.join()
    assert (made, results) == ([1], [b"tile"] * 8)


def test_a_failure_is_not_kept(cache: TileCache) -> None:
    def fail() -> bytes:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        cache.get("k", 1, fail)
    assert cache.get("k", 1, lambda: b"x") == b"x"


def test_times_are_seconds_and_the_most_urgent_of_a_cell_is_shown_from_afar(
    module_engine: Engine, commander: FlaskClient
) -> None:
    add = text(
        "INSERT INTO incidents.incident (category, report_source, description, warn_at, due_at, "
        "paused_at, geom) VALUES ('UM-0110', 'SRC01', '', :warn, :due, :paused, "
        "ST_SetSRID(ST_MakePoint(120.0073, 30.0021), 4326)) RETURNING id"
    )
    with module_engine.begin() as connection:
        late, soon, paused, without = (
            connection.execute(add, {"warn": warn, "due": due, "paused": paused}).scalar_one()
            for warn, due, paused in (
                ("2026-03-09 02:00+00", "2026-03-10 02:00:00.25+00", None),
                ("2026-03-02 02:00+00", "2026-03-03 02:00+00", None),
                (None, "2026-03-05 02:00+00", "2026-03-04 02:00+00"),
                (None, None, None),
            )
        )
    # A write beside the server is known to it a moment later.
    commander.application.extensions[EXTENSION].versions.catch_up()
    near = read(commander, "incidents", "14/13653/6759")["incidents"].features
    assert near[late]["due_at"] == 1773108000.25
    assert near[soon]["warn_at"] == 1772416800
    assert "warn_at" not in near[paused]
    assert near[paused]["paused_at"] == 1772589600
    assert set(near[without]) == {"category", "state"}
    far = read(commander, "incidents", "11/1706/844")["incidents"].features
    assert far.keys() & {late, soon, paused, without} == {soon}
