"""Heat over HTTP: what is told equals map, rows and GeoTIFF, within rights and scope."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
from flask import Flask
from flask.testing import FlaskClient
from rasterio.io import DatasetReader
from sqlalchemy import Engine, text

from gisserver.auth.accounts import create_account
from gisserver.heat.reading import COUNTED, SURFACE, ZONES
from layers.core.cells import cell_size, column_at, row_at
from layers.core.crs import metric_srid
from layers.core.rights import Role
from layers.core.scope import Grant
from tests.builders.heat_town import MONTH, NOISE, WASTE, build_heat_town
from tests.builders.two_sides import COUNTY, EAST, WEST
from tests.gisserver.conftest import signed_in
from tests.gisserver.town import PASSWORD, add_account


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> None:
    """30 incidents in the west, one a day, and 8 in the east; 24 live in the west."""
    build_heat_town(module_engine)


@pytest.fixture(scope="module")
def clients(app: Flask, module_engine: Engine, town: None) -> dict[str, FlaskClient]:
    accounts = {
        "commander": (Role.COMMANDER, COUNTY),
        "west": (Role.SUPERVISOR, WEST),
        "east": (Role.SUPERVISOR, EAST),
        "analyst": (Role.ANALYST, COUNTY),
        "worker": (Role.WORKER, WEST),
        "auditor": (Role.AUDITOR, ""),
    }
    return {
        name: signed_in(app, add_account(module_engine, role, area), PASSWORD)
        for name, (role, area) in accounts.items()
    }


def heat_of(client: FlaskClient, **query: Any) -> dict[str, Any]:
    answer = client.get("/api/heat", query_string={"radius": 300, "datetime": MONTH} | query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = json.loads(answer.text)
    return found


def surface(heat: dict[str, Any], frame: int = 0) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The grid of a frame, unpacked as any client would."""
    values = np.zeros((heat["grid"]["rows"], heat["grid"]["columns"]))
    told = iter(heat["frames"][frame]["values"])
    runs = heat["frames"][frame]["runs"]
    for row, column, length in zip(runs[::3], runs[1::3], runs[2::3], strict=True):
        values[row, column : column + length] = [next(told) for _ in range(length)]
    assert next(told, None) is None
    return values * heat["unit"]


def test_a_month_is_told_with_its_legend(clients: dict[str, FlaskClient]) -> None:
    heat = heat_of(clients["commander"])
    values = surface(heat)
    assert heat["frames"][0]["count"] == 38
    assert heat["per_days"] == 30
    assert values.max() == pytest.approx(heat["maximum"])
    assert heat["breaks"] == sorted(heat["breaks"])
    assert heat["breaks"][-1] <= heat["maximum"]
    width, height = cell_size(heat["grid"]["row"] + heat["grid"]["rows"] / 2, heat["grid"]["level"])
    assert values.sum() * width * height / 1e6 == pytest.approx(38, rel=0.02)
    west, south, east, north = heat["grid"]["bounds"]
    assert west < 120.003 < east
    assert south < 30.005 < north


def test_frames_share_one_legend(clients: dict[str, FlaskClient]) -> None:
    heat = heat_of(clients["commander"], step="week")
    assert len(heat["frames"]) == 6
    assert sum(frame["count"] for frame in heat["frames"]) == 38
    edges = [frame["from"] for frame in heat["frames"][1:]]
    assert edges == [frame["to"] for frame in heat["frames"][:-1]]
    highest = max(surface(heat, number).max() for number in range(6))
    assert highest == pytest.approx(heat["maximum"])


def test_a_supervisor_sees_only_her_community(clients: dict[str, FlaskClient]) -> None:
    west, east = (heat_of(clients[side]) for side in ("west", "east"))
    assert (west["frames"][0]["count"], east["frames"][0]["count"]) == (30, 8)
    assert west["grid"]["bounds"][2] < 120.011
    assert east["grid"]["bounds"][0] > 120.009
    answer = clients["west"].get(
        "/api/heat", query_string={"radius": 300, "datetime": MONTH, "area": EAST}
    )
    assert answer.status_code == 403


def test_the_count_at_a_place_opens_its_rows(clients: dict[str, FlaskClient]) -> None:
    query = {"radius": 300, "datetime": MONTH, "lon": 120.0031, "lat": 30.005, "category": WASTE}
    answer = json.loads(clients["commander"].get("/api/heat/rows", query_string=query).text)
    assert answer["numberMatched"] == len(answer["features"]) == 15
    assert {each["properties"]["category"] for each in answer["features"]} == {WASTE}
    paged = query | {"limit": 10}
    first = json.loads(clients["commander"].get("/api/heat/rows", query_string=paged).text)
    rest = json.loads(
        clients["commander"]
        .get("/api/heat/rows", query_string=paged | {"after": first["next"]})
        .text
    )
    ids = [each["id"] for each in (*first["features"], *rest["features"])]
    assert ids == [each["id"] for each in answer["features"]]


@pytest.fixture(scope="module")
def rasters(clients: dict[str, FlaskClient]) -> Iterator[dict[str, DatasetReader]]:
    found = {}
    for crs in ("EPSG:3857", "EPSG:4490", "local"):
        query = {"radius": 300, "datetime": MONTH, "crs": crs, "step": "week"}
        answer = clients["commander"].get("/api/heat.tif", query_string=query)
        assert answer.status_code == 200, answer.text
        assert answer.content_type == "image/tiff; application=geotiff"
        found[crs] = rasterio.open(io.BytesIO(answer.data))
    yield found
    for raster in found.values():
        raster.close()


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:4490", "local"])
def test_a_geotiff_holds_the_numbers_of_the_map(
    clients: dict[str, FlaskClient], rasters: dict[str, DatasetReader], crs: str
) -> None:
    heat, raster = heat_of(clients["commander"], step="week"), rasters[crs]
    assert raster.count == len(heat["frames"])
    assert raster.crs.to_epsg() == {"local": metric_srid(120, 30)}.get(crs, raster.crs.to_epsg())
    assert raster.crs.to_epsg() == (4549 if crs == "local" else int(crs[5:]))
    grid, level = heat["grid"], heat["grid"]["level"]
    # Every pixel, at its own middle, has the value that the map shows there.
    rows, columns = np.mgrid[0 : raster.height, 0 : raster.width]
    x, y = (np.reshape(each, rows.shape) for each in raster.xy(rows.ravel(), columns.ravel()))
    lon, lat = pyproj.Transformer.from_crs(raster.crs, "EPSG:4326", always_xy=True).transform(x, y)
    column, row = column_at(lon, level) - grid["column"], row_at(lat, level) - grid["row"]
    inside = (column >= 0) & (column < grid["columns"]) & (row >= 0) & (row < grid["rows"])
    assert inside.mean() > 0.9
    for band in range(raster.count):
        pixels = raster.read(band + 1)
        told = surface(heat, band)[row[inside], column[inside]]
        np.testing.assert_allclose(pixels[inside], told, rtol=1e-6)
        assert (pixels[~inside] == raster.nodata).all()


def test_a_geotiff_tells_what_it_is(rasters: dict[str, DatasetReader]) -> None:
    raster = rasters["local"]
    assert raster.tags()["UNITS"] == raster.units[0] == "incidents per km² and 30 days"
    assert raster.tags()["RADIUS_METRES"] == "300"
    assert raster.tags()["KERNEL"] == "quartic"
    assert raster.nodata == -9999
    assert raster.descriptions[0].startswith("2026-03-01T00:00:00+08:00/2026-03-02T00:00:00")


def test_an_export_needs_the_right_and_leaves_a_line(
    clients: dict[str, FlaskClient], module_engine: Engine
) -> None:
    query = {"radius": 300, "datetime": MONTH, "crs": "EPSG:3857"}
    count = text("SELECT count(*) FROM core.audit WHERE action = 'export' AND layer = 'incidents'")
    with module_engine.connect() as connection:
        before = connection.execute(count).scalar_one()
    assert clients["worker"].get("/api/heat.tif", query_string=query).status_code == 403
    with module_engine.connect() as connection:
        assert connection.execute(count).scalar_one() == before
    assert clients["west"].get("/api/heat.tif", query_string=query).status_code == 200
    line = text(
        "SELECT area_code, detail FROM core.audit WHERE action = 'export' ORDER BY id DESC LIMIT 1"
    )
    with module_engine.connect() as connection:
        area, detail = connection.execute(line).one()
    assert area == WEST
    assert detail["heat"]["crs"] == "EPSG:3857"


def test_an_export_holds_only_where_exporting_is_allowed(
    app: Flask, module_engine: Engine, town: None
) -> None:
    """Reads both sides, may export one: the other's surface stays here."""
    grants = [Grant(Role.SUPERVISOR, WEST), Grant(Role.WORKER, EAST)]
    create_account(module_engine, "both-sides", "Both", PASSWORD, grants)
    client = signed_in(app, "both-sides", PASSWORD)
    assert heat_of(client)["frames"][0]["count"] == 38
    query = {"radius": 300, "datetime": MONTH, "crs": "EPSG:4490"}
    answer = client.get("/api/heat.tif", query_string=query)
    with rasterio.open(io.BytesIO(answer.data)) as raster:
        assert raster.bounds.right < 120.011


def test_persons_come_in_fives_and_open_no_rows(clients: dict[str, FlaskClient]) -> None:
    query = {"layer": "residences", "radius": 300}
    answer = clients["west"].get("/api/heat", query_string=query)
    heat = json.loads(answer.text)
    assert (heat["least_persons"], heat["per_days"]) == (5, None)
    assert heat["frames"][0]["count"] == 20
    rows = clients["west"].get("/api/heat/rows", query_string=query | {"lon": 120, "lat": 30})
    assert rows.status_code == 400
    assert clients["analyst"].get("/api/heat", query_string=query).status_code == 403


def zones_of(client: FlaskClient, **query: Any) -> list[dict[str, Any]]:
    asked = {"reach": 60, "least": 5, "datetime": MONTH} | query
    answer = client.get("/api/heat/zones", query_string=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = json.loads(answer.text)["features"]
    return found


def test_every_number_of_a_zone_opens_its_rows(clients: dict[str, FlaskClient]) -> None:
    zones = zones_of(clients["commander"])
    assert [zone["properties"]["incidents"] for zone in zones] == [30, 8]
    for zone in zones:
        query = {"reach": 60, "least": 5, "datetime": MONTH, "zone": zone["id"]}
        answer = clients["commander"].get("/api/heat/zones/rows", query_string=query)
        rows = json.loads(answer.text)
        assert rows["numberMatched"] == len(rows["features"]) == zone["properties"]["incidents"]
    assert (
        clients["commander"]
        .get("/api/heat/zones/rows", query_string=query | {"zone": 3})
        .status_code
        == 404
    )


def test_zones_are_kept_by_those_who_may(
    clients: dict[str, FlaskClient], module_engine: Engine
) -> None:
    body = {"name": "三月热点", "datetime": MONTH, "reach": 60, "least": 5}
    body |= {"where": {"category": [NOISE]}}

    def keep(who: str) -> Any:
        csrf = json.loads(clients[who].get("/api/me").text)["csrf"]
        return clients[who].post("/api/heat/zones", json=body, headers={"X-CSRF-Token": csrf})

    assert clients["west"].post("/api/heat/zones", json=body).status_code == 403, "no CSRF token"
    assert keep("worker").status_code == 403
    answer = keep("west")
    assert answer.status_code == 201, answer.text
    (zone_id,) = answer.json["ids"]
    feature = clients["west"].get(f"/api/layers/hot_zones/features/{zone_id}").json
    assert feature["properties"]["name"] == "三月热点 1"
    assert feature["properties"]["incidents"] == 15
    rows = clients["west"].get(f"/api/heat/zones/{zone_id}/rows").json
    assert rows["numberMatched"] == len(rows["features"]) == 15
    before = clients["west"].get(f"/api/heat/zones/{zone_id}/rows?before=true").json
    assert before["numberMatched"] == feature["properties"]["incidents_before"] == 0
    assert clients["east"].get(f"/api/heat/zones/{zone_id}/rows").status_code == 404
    history = clients["west"].get(f"/api/layers/hot_zones/features/{zone_id}/history").json
    assert [entry["action"] for entry in history["items"]] == ["create"]


@pytest.mark.parametrize(
    ("path", "query", "says"),
    [
        ("", {}, "radius"),
        ("", {"radius": "wide"}, "radius"),
        ("", {"radius": 49}, "50"),
        ("", {"radius": 300, "layer": "roads"}, "layer"),
        ("", {"radius": 300, "step": "year", "datetime": MONTH}, "step"),
        ("", {"radius": 300, "step": "day"}, "datetime"),
        ("", {"radius": 300, "datetime": "2026-03-01"}, "datetime"),
        ("", {"radius": 300, "datetime": "yesterday/today"}, "datetime"),
        ("", {"radius": 300, "area": "99%"}, "area"),
        ("", {"radius": 300, "bbox": "1,2,3"}, "bbox"),
        ("", {"radius": 300, "category": "UM-77"}, "category"),
        ("", {"radius": 300, "weight": "description"}, "weight"),
        ("", {"radius": 300, "colour": "red"}, "colour"),
        (".tif", {"radius": 300, "datetime": MONTH}, "crs"),
        (".tif", {"radius": 300, "datetime": MONTH, "crs": "EPSG:4326"}, "crs"),
        ("/rows", {"radius": 300}, "lon"),
        ("/zones", {"least": 5, "datetime": MONTH}, "reach"),
        ("/zones", {"reach": 60, "datetime": MONTH}, "least"),
        ("/zones", {"reach": 60, "least": 5}, "datetime"),
        ("/zones", {"reach": 60, "least": 5, "datetime": MONTH, "layer": "cameras"}, "layer"),
        ("/zones/rows", {"reach": 60, "least": 5, "datetime": MONTH}, "zone"),
        ("/zones/1/rows", {"before": "perhaps"}, "before"),
    ],
)
def test_what_cannot_be_read_is_refused(
    clients: dict[str, FlaskClient], path: str, query: dict[str, Any], says: str
) -> None:
    answer = clients["commander"].get(f"/api/heat{path}", query_string=query)
    assert answer.status_code == 400
    assert says in answer.json["detail"]  # type: ignore[index]


def test_an_empty_time_has_no_surface(clients: dict[str, FlaskClient]) -> None:
    empty = {"datetime": "2001-01-01T00:00:00Z/2001-02-01T00:00:00Z"}
    heat = heat_of(clients["commander"], **empty)
    assert heat["grid"] is None
    assert heat["frames"][0] | {"from": 0, "to": 0} == {
        "from": 0,
        "to": 0,
        "count": 0,
        "weight": 0,
        "runs": [],
        "values": [],
    }
    query = {"radius": 300, "crs": "local"} | empty
    assert clients["commander"].get("/api/heat.tif", query_string=query).status_code == 404
    assert zones_of(clients["commander"], **empty) == []


def test_no_property_is_named_like_a_parameter() -> None:
    taken = {*SURFACE, *ZONES, "crs", "lon", "lat", "limit", "after", "zone", "before"}
    for layer in COUNTED.values():
        assert not taken & set(layer.fields), layer.name


def test_the_demo_city_has_hot_spots(city_app: Flask, city_passwords: dict[str, str]) -> None:
    """Its incidents are no even noise: some places are far hotter than chance would make them."""
    client = signed_in(city_app, "commander", city_passwords["commander"])
    whole = {"datetime": "2000-01-01T00:00:00Z/2100-01-01T00:00:00Z", "radius": 200}
    heat = heat_of(client, **whole)
    values = np.sort(surface(heat)[surface(heat) > 0])[::-1]
    hottest = values[: len(values) // 20].sum() / values.sum()
    assert hottest > 0.15, "a twentieth of the ground holds a seventh of the incidents or more"
    last = json.loads(client.get("/api/layers/incidents/features", query_string={"limit": 1}).text)
    assert last["features"]
