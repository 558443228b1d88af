"""OGC API Coverages (19-087), each requirement of the classes that are declared.

By the abstract tests of the draft of 2026; the drafts before it are named where they differ.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy import Engine

from gisserver.ogc.conformance import CONFORMANCE
from layers.core.change import Change, Edit, apply_change
from layers.core.database import reader_transaction
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from layers.incidents.incident import INCIDENTS
from layers.territory.terrain import Heights
from tests.gisserver.ogc.conftest import PASSWORD, ask
from tests.gisserver.ogc.ground import CELL, GRID, get, keep_ground, rough, tiff, values

ROOT = "http://www.opengis.net/spec/ogcapi-coverages-1/1.0/conf/"
RELATION = "http://www.opengis.net/def/rel/ogc/1.0/"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
GEOTIFF, COVJSON = "image/tiff; application=geotiff", "application/vnd.cov+json"
TERRAIN, HEAT = "elevation", "heat-incidents"
EXPECTED = {
    "core",
    "subsetting-spatial",
    "subsetting-temporal",
    "scaling-spatial",
    "scaling",
    "crs",
    "geotiff",
    "coveragejson",
    "png",
    "api-operations",
}


@pytest.fixture(scope="module")
def ground(city: Flask, module_engine: Engine) -> Heights:
    """A terrain, and incidents in January and in March beside the one there is."""
    heights = rough()
    keep_ground(module_engine, heights)
    chief = Reader(0, "admin", (Grant(Role.ADMIN, ""), Grant(Role.OPERATOR, "")))
    edits = [
        Edit(
            INCIDENTS,
            "create",
            values={
                "category": "UM-0101",
                "report_source": "SRC01",
                "description": moment,
                "reported_at": moment,
            },
            geometry={"type": "Point", "coordinates": [117.005, 33.005]},
        )
        for moment in ("2026-01-10T08:00:00Z", "2026-03-05T08:00:00Z", "2026-03-05T20:00:00Z")
    ]
    with reader_transaction(module_engine, chief) as connection:
        apply_change(connection, Change(edits), chief, city.extensions["wangge"].tools)
    return heights


def described(client: FlaskClient) -> list[Any]:
    listed = ask(client, "/collections")["collections"]
    return [each for each in listed if each["itemType"] == "coverage"]


def linked(document: Any, relation: str) -> list[Any]:
    return [each for each in document["links"] if each["rel"] == f"{RELATION}{relation}"]


def total(client: FlaskClient, **query: Any) -> float:
    with tiff(client, HEAT, **query) as raster:
        return float(np.nansum(values(raster)))


# -- core --------------------------------------------------------------------------------------


def test_core_conformance_success(client: FlaskClient) -> None:
    declared = ask(client, "/conformance")["conformsTo"]
    assert {each.removeprefix(ROOT) for each in declared if each.startswith(ROOT)} == EXPECTED
    assert len(declared) == len(set(declared)) == len(CONFORMANCE)


def test_core_collection_description(client: FlaskClient, ground: Heights) -> None:
    found = described(client)
    assert {TERRAIN, HEAT} <= {each["id"] for each in found}
    for each in found:
        alone = ask(client, f"/collections/{each['id']}")
        assert alone == each
        assert linked(each, "coverage")
        assert linked(each, "schema")
        spatial = each["extent"]["spatial"]
        assert spatial["crs"] == CRS84
        west, south, east, north = spatial["bbox"][0]
        assert -180 <= west < east <= 180
        assert -90 <= south < north <= 90
        assert each["storageCrs"] in each["crs"]
        assert (each["storageCrs"] != CRS84) == (
            "storageCrsBbox" in spatial or "grid" not in spatial
        )


def test_core_grids_are_described(client: FlaskClient, ground: Heights) -> None:
    """/req/core/collection-description F of the drafts before."""
    spatial = ask(client, f"/collections/{TERRAIN}")["extent"]["spatial"]
    east, north = spatial["grid"]
    assert (east["cellsCount"], north["cellsCount"]) == (GRID.columns, GRID.rows)
    west, south, _, _ = spatial["bbox"][0]
    for axis, low in ((east, west), (north, south)):
        assert axis["resolution"] == pytest.approx(CELL)
        assert axis["firstCoordinate"] == pytest.approx(low + CELL / 2)
    heat = ask(client, f"/collections/{HEAT}")["extent"]
    east, north = heat["spatial"]["grid"]
    low_x, low_y, high_x, high_y = heat["spatial"]["storageCrsBbox"][0]
    assert east["cellsCount"] * east["resolution"] == pytest.approx(high_x - low_x)
    assert north["cellsCount"] * north["resolution"] == pytest.approx(high_y - low_y)
    with tiff(client, HEAT) as raster:
        assert (raster.width, raster.height) == (east["cellsCount"], north["cellsCount"])
        assert tuple(raster.bounds) == pytest.approx((low_x, low_y, high_x, high_y))
    assert heat["temporal"]["interval"] == [["2026-01-10T08:00:00Z", "2026-03-05T20:00:00Z"]]


def test_core_coverage_fields_schema(client: FlaskClient, ground: Heights) -> None:
    for each in described(client):
        address = linked(each, "schema")[0]["href"].partition("/ogc")[2]
        answer = client.get(f"/ogc{address}", auth=("chief", PASSWORD))
        assert answer.mimetype == "application/schema+json"
        Draft202012Validator.check_schema(answer.json)
        assert answer.json["$id"].endswith(address)
        for field in answer.json["properties"].values():
            assert field["title"]
            assert field["type"] == "number"
            assert field["x-ogc-propertySeq"] == 1
            assert field["x-ogc-unit"]


def test_core_get_coverage(client: FlaskClient, ground: Heights) -> None:
    for each in described(client):
        links = linked(each, "coverage")
        for link in links:
            path = link["href"].partition("/ogc")[2]
            answer = client.get(f"/ogc{path}", auth=("chief", PASSWORD))
            assert answer.status_code in (200, 204)
            if answer.status_code == 200:
                assert answer.content_type == link["type"]
        # Nothing said: the form of the first link; said by Accept: that form.
        address = f"/ogc/collections/{each['id']}/coverage"
        plain = client.get(address, auth=("chief", PASSWORD))
        if plain.status_code == 204:
            continue
        assert plain.content_type == links[0]["type"]
        for link in links:
            accept = {"Accept": link["type"]}
            asked = client.get(address, auth=("chief", PASSWORD), headers=accept)
            assert asked.content_type == link["type"], link
        with tiff(client, each["id"]) as raster:
            native = {CRS84: 4326}.get(each["storageCrs"], 3857)
            assert raster.crs.to_epsg() == native


def test_core_response_headers(client: FlaskClient, ground: Heights) -> None:
    with tiff(client) as raster:
        bounds = raster.bounds
    headers = get(client, f"{TERRAIN}/coverage").headers
    assert "Content-Crs" not in headers
    told = [float(each) for each in headers["Content-Bbox"].split(",")]
    assert told == pytest.approx(list(bounds))
    turned = get(client, f"{TERRAIN}/coverage", crs="[EPSG:4326]").headers
    west, south, east, north = told
    assert [float(each) for each in turned["Content-Bbox"].split(",")] == [south, west, north, east]
    heat = get(client, f"{HEAT}/coverage").headers
    assert heat["Content-Crs"] == f"<{MERCATOR}>"
    assert heat["Content-Datetime"] == "2026-01-10T08:00:00Z/2026-03-05T20:00:00Z"


@pytest.mark.parametrize("method", ["nearest-neighbor", "cubic", "no-such-thing"])
def test_core_preferences(client: FlaskClient, ground: Heights, method: str) -> None:
    """/conf/core/preference-applied, preference-handling-interpolation."""
    address = f"/ogc/collections/{TERRAIN}/coverage?scale-factor=2"
    plain = client.get(address, auth=("chief", PASSWORD)).data
    for prefer in (f"interpolation={method}", f"handling=lenient; interpolation={method}"):
        answer = client.get(address, auth=("chief", PASSWORD), headers={"Prefer": prefer})
        assert answer.status_code == 200
        # The default is kept, so nothing was applied.
        assert answer.data == plain
        assert "Preference-Applied" not in answer.headers
    strict = {"Prefer": f"handling=strict, interpolation={method}"}
    answer = client.get(address, auth=("chief", PASSWORD), headers=strict)
    assert answer.status_code == 400


def test_core_native_resolution(
    client: FlaskClient, ground: Heights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """/conf/core/preference-handling-resolution: as it is kept, or 413; never coarser unasked."""
    strict = {"Prefer": "handling=strict"}
    address = f"/ogc/collections/{TERRAIN}/coverage"
    answer = client.get(address, auth=("chief", PASSWORD), headers=strict)
    assert answer.status_code == 200
    with tiff(client) as raster:
        assert raster.res == pytest.approx((CELL, CELL))
    monkeypatch.setattr("gisserver.ogc.coverages.MOST_VALUES", 5_000)
    for headers in (strict, {}):
        answer = client.get(address, auth=("chief", PASSWORD), headers=headers)
        assert answer.status_code == 413
        assert "5,000" in answer.json["detail"]


# -- subsetting-spatial ------------------------------------------------------------------------


def test_subset(client: FlaskClient, ground: Heights) -> None:
    """/conf/subsetting-spatial/subset: axes, intervals, places, the cells that are met."""
    with tiff(client, subset="Lat(33.0001:33.0047),Lon(117.0041:117.0059)") as raster:
        np.testing.assert_array_equal(values(raster), ground[38:50, 35:40])
    with tiff(client, subset="Lat(33.004:33.008)") as raster:
        np.testing.assert_array_equal(values(raster), ground[30:40])
    told = get(client, f"{TERRAIN}/coverage", f="covjson", subset="Lon(117.0041)").json
    assert told["ranges"][TERRAIN]["axisNames"] == ["y"]
    assert told["ranges"][TERRAIN]["values"] == pytest.approx(
        [None if np.isnan(each) else pytest.approx(float(each), abs=1e-4) for each in ground[:, 35]]
    )
    told = get(client, f"{TERRAIN}/coverage", f="covjson", subset="Lon(117.0041:117.0042)").json
    assert told["ranges"][TERRAIN]["axisNames"] == ["y", "x"]
    for axes in ("E(13024900:13025000),N(3895400:3895900)",):
        with tiff(client, HEAT, subset=axes, subset_crs=MERCATOR) as raster:
            assert raster.bounds.left <= 13024900 < raster.bounds.right - raster.res[0] + 100


@pytest.mark.parametrize("axis", ["height", "h", "lat", "E", "q"])
def test_subset_invalid_axis(client: FlaskClient, ground: Heights, axis: str) -> None:
    for name in (TERRAIN, HEAT):
        problem = get(client, f"{name}/coverage", subset=f"{axis}(1:2)", status=400).json
        assert {"Lon", "Lat"} <= set(problem["allowed"])


@pytest.mark.parametrize(
    "query",
    [{"subset": "Lat(50:51)"}, {"subset": "Lon(-10)"}, {"bbox": "-10,-10,-9,-9"}],
)
def test_out_of_bounds(client: FlaskClient, ground: Heights, query: dict[str, str]) -> None:
    for name in (TERRAIN, HEAT):
        assert not get(client, f"{name}/coverage", status=204, **query).data


def test_wrap_around(client: FlaskClient, ground: Heights) -> None:
    with tiff(client, subset="Lon(117.03:-170)") as raster:
        np.testing.assert_array_equal(values(raster), ground[:, 100:])
    with tiff(client, bbox="117.03,-80,-170,80") as raster:
        np.testing.assert_array_equal(values(raster), ground[:, 100:])


def test_subset_bbox_exclusivity(client: FlaskClient, ground: Heights) -> None:
    box = {"bbox": "117.0,33.0,117.01,33.01"}
    get(client, f"{TERRAIN}/coverage", subset="Lat(33:33.01)", status=400, **box)
    # Of time there is no doubt.
    get(client, f"{HEAT}/coverage", subset='time("2026-03")', **box)


def test_wildcard_limits(client: FlaskClient, ground: Heights) -> None:
    with tiff(client, subset="Lat(*:33.0),Lon(*:117.0)") as raster:
        np.testing.assert_array_equal(values(raster), ground[50:, :25])
    with tiff(client, subset="Lat(33.0:*),Lon(117.0:*)") as raster:
        np.testing.assert_array_equal(values(raster), ground[:50, 25:])
    with tiff(client, subset="Lat(*:*)") as raster:
        np.testing.assert_array_equal(values(raster), ground)


def test_multiple_subset(client: FlaskClient, ground: Heights) -> None:
    one = get(client, f"{TERRAIN}/coverage", subset="Lat(33:33.01),Lon(117:117.01)")
    several = get(client, f"{TERRAIN}/coverage", subset=["Lat(33:33.01)", "Lon(117:117.01)"])
    assert one.data == several.data


@pytest.mark.parametrize("scaled", [{"resolution": "Lat(0.01)"}, {"height": "3"}])
def test_subset_scaling_exclusivity(
    client: FlaskClient, ground: Heights, scaled: dict[str, str]
) -> None:
    get(client, f"{TERRAIN}/coverage", subset="Lat(33.001)", status=400, **scaled)


def test_subset_crs(client: FlaskClient, ground: Heights) -> None:
    expected = get(client, f"{TERRAIN}/coverage", subset="Lat(33:33.01)").data
    for name in (CRS84, "[OGC:CRS84]", "[EPSG:4326]", "http://www.opengis.net/def/crs/EPSG/0/4490"):
        found = get(client, f"{TERRAIN}/coverage", subset="Lat(33:33.01)", subset_crs=name)
        assert found.data == expected, name
    # Of no use without a subset, and no fault.
    get(client, f"{TERRAIN}/coverage", subset_crs=MERCATOR)
    native = ask(client, f"/collections/{HEAT}")["storageCrs"]
    get(client, f"{HEAT}/coverage", subset="E(13024900:13025000)", subset_crs=native)
    get(client, f"{TERRAIN}/coverage", subset="Lat(1:2)", subset_crs="[EPSG:1]", status=400)


def test_bbox_definition(client: FlaskClient, ground: Heights) -> None:
    with tiff(client, bbox="117.0001,33.0001,117.0099,33.0099") as raster:
        np.testing.assert_array_equal(values(raster), ground[25:50, 25:50])
    with tiff(client, bbox="117.0001,33.0001,-100,117.0099,33.0099,100") as raster:
        np.testing.assert_array_equal(values(raster), ground[25:50, 25:50])
    with tiff(client, bbox="33.0001,117.0001,33.0099,117.0099", bbox_crs="[EPSG:4326]") as raster:
        np.testing.assert_array_equal(values(raster), ground[25:50, 25:50])
    for wrong in ("1,2,3", "a,b,c,d", "1,2,3,4,5", ""):
        get(client, f"{TERRAIN}/coverage", bbox=wrong, status=400)


def test_bbox_crs(client: FlaskClient, ground: Heights) -> None:
    box = "117.0001,33.0001,117.0099,33.0099"
    expected = get(client, f"{TERRAIN}/coverage", bbox=box).data
    for name in (CRS84, "[OGC:CRS84]"):
        assert get(client, f"{TERRAIN}/coverage", bbox=box, bbox_crs=name).data == expected
    get(client, f"{TERRAIN}/coverage", bbox_crs=MERCATOR)
    native = ask(client, f"/collections/{HEAT}")["storageCrs"]
    box = "13024900,3895400,13025000,3895900"
    with tiff(client, HEAT, bbox=box, bbox_crs=native) as raster:
        assert raster.width * raster.res[0] < 400
    get(client, f"{TERRAIN}/coverage", bbox=box, bbox_crs="nonsense", status=400)


# -- subsetting-temporal -----------------------------------------------------------------------


def test_temporal_subset(client: FlaskClient, ground: Heights) -> None:
    """Places and intervals, days and months as long as they are (UTC)."""
    both = total(client, subset='time("2026-03-05T00:00:00Z":"2026-03-06T00:00:00Z")')
    assert total(client, subset='time("2026-03-05")') == pytest.approx(both)
    assert total(client, subset='time("2026-03-05T08:00:00Z")') > 0
    assert total(client, subset='time("2026-03-05T09:00:00Z":"2026-03-05T10:00:00Z")') == 0
    month = total(client, subset='time("2026-03")')
    # Two a day for thirty days, against two in thirty-one of March.
    assert both / month == pytest.approx(31, rel=0.01)
    assert total(client, subset='time("2026-01":"2026-03")') == pytest.approx(
        month * 31 / 90 * 4 / 2, rel=0.01
    )
    get(client, f"{TERRAIN}/coverage", subset='time("2026-03")', status=400)
    query = {"subset": 'time("2026-03-04":"2026-03-06")', "step": "day", "f": "covjson"}
    told = get(client, f"{HEAT}/coverage", **query).json
    assert told["ranges"]["heat"]["axisNames"] == ["t", "y", "x"]
    one = get(client, f"{HEAT}/coverage", subset='time("2026-03-05")', f="covjson").json
    assert one["ranges"]["heat"]["axisNames"] == ["y", "x"]


def test_temporal_invalid_axis(client: FlaskClient, ground: Heights) -> None:
    for axis in ("date", "phenomenon", "Time"):
        problem = get(client, f"{HEAT}/coverage", subset=f'{axis}("2026")', status=400).json
        assert "time" in problem["allowed"]


def test_temporal_out_of_bounds(client: FlaskClient, ground: Heights) -> None:
    for asked in ('"2031"', '"2010":"2011"', '"2026-03-06":*'):
        get(client, f"{HEAT}/coverage", subset=f"time({asked})", status=204)


def test_subset_datetime_exclusivity(client: FlaskClient, ground: Heights) -> None:
    query = {"subset": 'time("2026-03")', "datetime": "2026-03"}
    get(client, f"{HEAT}/coverage", status=400, **query)


def test_temporal_wildcard_limits(client: FlaskClient, ground: Heights) -> None:
    whole = total(client)
    assert total(client, subset="time(*:*)") == whole
    later = total(client, subset='time("2026-02-01T00:00:00Z":*)')
    earlier = total(client, subset='time(*:"2026-02-01T00:00:00Z")')
    assert later + earlier == pytest.approx(whole, rel=1e-3)
    assert total(client, subset="time(*)") == total(client, subset='time("2026-03-05T20:00:00Z")')


def test_temporal_multiple_subset(client: FlaskClient, ground: Heights) -> None:
    axes = ["Lat(33:33.01)", 'time("2026-03")']
    one = get(client, f"{HEAT}/coverage", subset=",".join(axes))
    assert one.data == get(client, f"{HEAT}/coverage", subset=axes).data


def test_datetime(client: FlaskClient, ground: Heights) -> None:
    assert total(client, datetime="2026-03-05") > 0
    assert total(client, datetime="2026-03-05T08:00:00Z") > 0
    assert total(client, datetime="2026-03-01/2026-03-31") > 0
    later = total(client, datetime="2026-02-01T00:00:00Z/..")
    assert later == total(client, datetime="2026-02-01T00:00:00Z/")
    assert later < total(client, datetime="../..") == total(client)
    get(client, f"{TERRAIN}/coverage", datetime="2026", status=400)


# -- scaling-spatial, and scaling of the drafts before -----------------------------------------


def test_resolution(client: FlaskClient, ground: Heights) -> None:
    with tiff(client, resolution="Lat(0.002),Lon(0.001)") as raster:
        assert raster.res == pytest.approx((0.001, 0.002))
    with tiff(client, crs=MERCATOR, resolution="E(100),N(250)") as raster:
        assert raster.res == pytest.approx((100, 250))
    for wrong in ("Lat(-1)", "Lat(x)", "Lat", "0.1"):
        get(client, f"{TERRAIN}/coverage", resolution=wrong, status=400)


@pytest.mark.parametrize("asked", ["", "Lat(),Lon()", "Lon()"])
def test_native_resolution(client: FlaskClient, ground: Heights, asked: str) -> None:
    plain = get(client, f"{TERRAIN}/coverage").data
    assert get(client, f"{TERRAIN}/coverage", resolution=asked).data == plain


def test_resolution_invalid_axis(client: FlaskClient, ground: Heights) -> None:
    for parameter in ("resolution", "scale-axes", "scale-size"):
        for axis in ("E", "time", "h"):
            query = {parameter: f"{axis}(3)"}
            problem = get(client, f"{TERRAIN}/coverage", status=400, **query).json
            assert {"Lat", "Lon"} <= set(problem["allowed"]), parameter


def test_width_and_height(client: FlaskClient, ground: Heights) -> None:
    for query, size in (
        ({"width": "37"}, (37, GRID.rows)),
        ({"height": "37"}, (GRID.columns, 37)),
        ({"width": "13", "height": "7"}, (13, 7)),
        ({"width": "300", "height": "200", "crs": MERCATOR}, (300, 200)),
    ):
        with tiff(client, **query) as raster:
            assert (raster.width, raster.height) == size
    with tiff(client, bbox="116.9,33.0,117.1,33.1", width="20", height="10") as raster:
        assert tuple(raster.bounds) == pytest.approx((116.9, 33.0, 117.1, 33.1))
    for wrong in ("0", "-1", "2.5", "many"):
        get(client, f"{TERRAIN}/coverage", width=wrong, status=400)


def test_scaling_of_the_drafts_before(client: FlaskClient, ground: Heights) -> None:
    """/req/scaling: scale-factor, scale-axes, scale-size, with and without a part."""
    part = {"bbox": "117.0,33.0,117.02,33.02"}
    for query, size in (
        ({"scale-factor": "1"}, (GRID.columns, GRID.rows)),
        ({"scale-factor": "2"}, (55, 45)),
        ({"scale-factor": "0.5"}, (220, 180)),
        ({"scale-axes": "Lat(3)"}, (110, 30)),
        ({"scale-axes": "Lat(9),Lon(11)"}, (10, 10)),
        ({"scale-size": "Lon(12)"}, (12, 90)),
        ({"scale-size": "Lon(12),Lat(8)"}, (12, 8)),
        ({"scale-factor": "5", **part}, (10, 10)),
        ({"scale-size": "Lon(5),Lat(4)", **part}, (5, 4)),
    ):
        with tiff(client, **query) as raster:
            assert (raster.width, raster.height) == size, query


# -- crs ---------------------------------------------------------------------------------------


def test_crs_definition(client: FlaskClient, ground: Heights) -> None:
    for name in (TERRAIN, HEAT):
        offered = ask(client, f"/collections/{name}")["crs"]
        assert {CRS84, MERCATOR} <= set(offered)
        assert any(each.endswith("/4490") for each in offered)
        for uri in offered:
            with tiff(client, name, crs=uri) as raster:
                code = 4326 if uri == CRS84 else int(uri.rsplit("/", 1)[1])
                assert raster.crs.to_epsg() == code
                middle = raster.lnglat()
            assert middle == pytest.approx((117.01, 33.0), abs=0.1)
            box = get(client, f"{name}/coverage", crs=uri).headers["Content-Bbox"]
            again = get(client, f"{name}/coverage", crs=uri, bbox=box, bbox_crs=uri)
            assert again.headers["Content-Bbox"] == box
        curie = get(client, f"{name}/coverage", crs="[EPSG:3857]")
        assert curie.data == get(client, f"{name}/coverage", crs=MERCATOR).data
        for wrong in ("EPSG:3857", "[EPSG:32650]", "", "http://example.org/"):
            problem = get(client, f"{name}/coverage", crs=wrong, status=400).json
            assert set(problem["allowed"]) == set(offered)


# -- encodings ---------------------------------------------------------------------------------


def test_geotiff(client: FlaskClient, ground: Heights) -> None:
    """/conf/geotiff/coverage, raster-type: cells are areas."""
    accept = {"Accept": GEOTIFF}
    answer = client.get(
        f"/ogc/collections/{TERRAIN}/coverage", auth=("chief", PASSWORD), headers=accept
    )
    assert answer.content_type == GEOTIFF
    assert answer.data[:4] in (b"II*\0", b"MM\0*")
    with tiff(client) as raster:
        assert raster.driver == "GTiff"
        assert raster.tags()["AREA_OR_POINT"] == "Area"
        assert raster.count == 1


def test_coveragejson(client: FlaskClient, ground: Heights) -> None:
    """Every member that OGC 21-069r2 asks of a coverage, a grid, a parameter and an array."""
    for query in ({}, {"subset": "Lat(33.001)"}, {"crs": "[EPSG:4326]", "width": "1"}):
        answer = get(client, f"{TERRAIN}/coverage", f="covjson", **query)
        assert answer.content_type == COVJSON
        told = json.loads(answer.text, parse_constant=pytest.fail)
        check_coverage(told)
    for query in ({}, {"datetime": "2026-03-01/2026-03-31", "step": "week"}):
        check_coverage(get(client, f"{HEAT}/coverage", f="covjson", **query).json)


def check_coverage(told: Any) -> None:
    assert told["type"] == "Coverage"
    domain = told["domain"]
    assert (domain["type"], domain["domainType"]) == ("Domain", "Grid")
    lengths = {}
    for name, axis in domain["axes"].items():
        if "num" in axis:
            assert set(axis) == {"start", "stop", "num"}
            assert axis["num"] > 1
            assert axis["start"] != axis["stop"]
            lengths[name] = axis["num"]
        else:
            assert set(axis) <= {"values", "bounds"}
            lengths[name] = len(axis["values"])
            assert len(axis.get("bounds", [0, 0] * lengths[name])) == 2 * lengths[name]
    assert {"x", "y"} <= set(lengths)
    referenced = [name for each in domain["referencing"] for name in each["coordinates"]]
    assert sorted(referenced) == sorted(lengths)
    kinds = {each["system"]["type"] for each in domain["referencing"]}
    assert kinds <= {"GeographicCRS", "ProjectedCRS", "TemporalRS"}
    assert set(told["parameters"]) == set(told["ranges"])
    for name, parameter in told["parameters"].items():
        assert parameter["type"] == "Parameter"
        assert parameter["observedProperty"]["label"]["zh"]
        assert parameter["unit"]["symbol"]["value"]
        array = told["ranges"][name]
        assert (array["type"], array["dataType"]) == ("NdArray", "float")
        for axis, size in zip(array["axisNames"], array["shape"], strict=True):
            assert lengths[axis] == size
        # What is left out has one place.
        assert all(lengths[axis] == 1 for axis in set(lengths) - set(array["axisNames"]))
        assert len(array["values"]) == int(np.prod(array["shape"]))
        assert all(each is None or isinstance(each, int | float) for each in array["values"])


def test_png(client: FlaskClient, ground: Heights) -> None:
    answer = get(client, f"{TERRAIN}/coverage", f="png")
    assert answer.content_type == "image/png"
    assert answer.data[24] == 16  # bits, by the header of a PNG
    scale, offset = (float(answer.headers[f"Values-{each}"]) for each in ("Scale", "Offset"))
    assert np.nanmin(ground) * scale + offset == pytest.approx(1)
    assert np.nanmax(ground) * scale + offset == pytest.approx(65_535)
    get(client, f"{TERRAIN}/coverage", f="png", exclude_properties="elevation", status=400)
    get(
        client,
        f"{HEAT}/coverage",
        f="png",
        datetime="2026-03-01/2026-03-09",
        step="day",
        status=400,
    )


# -- api-operations ----------------------------------------------------------------------------


def test_api_definition(client: FlaskClient, ground: Heights) -> None:
    paths = ask(client, "/openapi")["paths"]
    get_coverage = paths["/collections/{collectionId}/coverage"]["get"]
    assert get_coverage["operationId"].endswith(".getCoverage")
    known = {each["name"]: each for each in get_coverage["parameters"]}
    names = known["collectionId"]["schema"]["enum"]
    for each in described(client):
        assert each["id"] in names
        path = linked(each, "coverage")[0]["href"].partition("/ogc")[2].partition("?")[0]
        assert path == f"/collections/{each['id']}/coverage"
        assert f"/collections/{each['id']}" in paths
        assert f"/collections/{each['id']}/schema" in paths
    for parameter in (
        *("subset", "subset-crs", "bbox", "bbox-crs", "datetime", "crs", "width", "height"),
        *("resolution", "scale-factor", "scale-axes", "scale-size", "radius", "step", "category"),
    ):
        assert known[parameter]["in"] == "query"
    # What is told is what is taken, and nothing else.
    told = get(client, f"{HEAT}/coverage", status=400, nonsense="1").json["allowed"]
    assert set(told) <= {*known, "f"}
    assert set(get_coverage["responses"]["200"]["content"]) == {GEOTIFF, COVJSON, "image/png"}
