"""Numbers of coverages: cell by cell what is kept, and what rasterio makes of the same."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
import pyproj
import pytest
import rasterio
from affine import Affine
from flask import Flask
from flask.testing import FlaskClient
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile
from rasterio.vrt import WarpedVRT
from rasterio.warp import Resampling
from sqlalchemy import Engine

from layers.territory.terrain import Heights, TerrainGrid
from tests.gisserver.ogc.ground import (
    CELL,
    GRID,
    VOIDS,
    get,
    height_at,
    keep_ground,
    plane,
    rough,
    tiff,
    values,
)

EPSG = "http://www.opengis.net/def/crs/EPSG/0"


@pytest.fixture(scope="module")
def ground(city: Flask, module_engine: Engine) -> Heights:
    heights = rough()
    keep_ground(module_engine, heights)
    return heights


@pytest.fixture
def source(ground: Heights) -> Iterator[Any]:
    """The same ground as a file of rasterio's, which knows nothing of ours."""
    with MemoryFile() as memory:
        with memory.open(
            driver="GTiff",
            width=GRID.columns,
            height=GRID.rows,
            count=1,
            dtype="float32",
            crs="EPSG:4326",
            transform=Affine(CELL, 0, GRID.west, 0, -CELL, GRID.north),
            nodata=-9999,
        ) as raster:
            raster.write(np.where(np.isnan(ground), -9999, ground), 1)
        with memory.open() as raster:
            yield raster


def test_the_whole_is_what_was_kept(client: FlaskClient, ground: Heights) -> None:
    with tiff(client) as raster:
        np.testing.assert_array_equal(values(raster), ground)
        assert raster.bounds == pytest.approx(GRID.bounds)
        assert raster.crs.to_epsg() == 4326
        assert raster.tags()["AREA_OR_POINT"] == "Area"
        assert raster.tags()["VERTICAL_DATUM"] == "not stated"
        assert raster.units == ("m",)
        assert np.isnan(ground).sum() == len(VOIDS)


@pytest.mark.parametrize(
    "query",
    [
        {"bbox": "117.0,33.0,117.01,33.01"},
        {"subset": "Lon(117.0:117.01),Lat(33.0:33.01)"},
        {"bbox": "33.0,117.0,33.01,117.01", "bbox_crs": f"{EPSG}/4326"},
        {"bbox": "33.0,117.0,33.01,117.01", "bbox_crs": "[EPSG:4490]"},
        {"subset": "Lat(33.0:33.01),Lon(117.0:117.01)", "subset_crs": "[EPSG:4326]"},
        {"bbox": "117.0,33.0,-5,117.01,33.01,90"},
        {"bbox": "{west},{south},{east},{north}", "bbox_crs": f"{EPSG}/3857"},
        {"subset": "E({west}:{east}),N({south}:{north})", "subset_crs": "[EPSG:3857]"},
        {"subset": "X({west}:{east}),Y({south}:{north})", "subset_crs": "[EPSG:3857]"},
    ],
)
def test_a_part_is_the_cells_that_it_meets(
    client: FlaskClient, ground: Heights, query: dict[str, str]
) -> None:
    """117.0 is the edge of column 25, 33.01 that of row 25; where they end no other is met."""
    metres = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
    west, south, east, north = metres.transform_bounds(117.0, 33.0, 117.01, 33.01)
    box = {"west": west, "south": south, "east": east, "north": north}
    asked = {name: value.format(**box) for name, value in query.items()}
    with tiff(client, **asked) as raster:
        np.testing.assert_array_equal(values(raster), ground[25:50, 25:50])
        assert raster.bounds == pytest.approx((117.0, 33.0, 117.01, 33.01))


def test_a_box_within_a_cell_and_one_over_the_edge(client: FlaskClient, ground: Heights) -> None:
    with tiff(client, bbox="117.00005,33.00005,117.0001,33.0001") as raster:
        np.testing.assert_array_equal(values(raster), ground[49:50, 25:26])
    with tiff(client, bbox="100,30,116.99039,33.00041") as raster:
        np.testing.assert_array_equal(values(raster), ground[48:90, 0:1])
    with tiff(client, subset="Lat(*:33.0),Lon(117.02:*)") as raster:
        np.testing.assert_array_equal(values(raster), ground[50:, 75:])
    get(client, "elevation/coverage", bbox="110,30,111,31", status=204)
    get(client, "elevation/coverage", subset="Lat(40:41)", status=204)
    get(client, "elevation/coverage", subset="Lon(10)", status=204)


def test_across_the_antimeridian(client: FlaskClient, ground: Heights) -> None:
    with tiff(client, bbox="117.02,33.0,-170,33.01") as raster:
        np.testing.assert_array_equal(values(raster), ground[25:50, 75:])
    with tiff(client, subset="Lon(170:117.0)") as raster:
        np.testing.assert_array_equal(values(raster), ground[:, :25])
    get(client, "elevation/coverage", bbox="170,33,-170,34", status=204)


def test_a_slice_is_a_line_of_cells(client: FlaskClient, ground: Heights) -> None:
    with tiff(client, subset="Lat(33.0099)") as raster:
        np.testing.assert_array_equal(values(raster), ground[25:26])
    told = get(client, "elevation/coverage", f="covjson", subset="Lat(33.0099)").json
    assert told["ranges"]["elevation"]["axisNames"] == ["x"]
    assert told["ranges"]["elevation"]["shape"] == [GRID.columns]
    told = get(
        client, "elevation/coverage", f="covjson", subset=["Lat(33.0099)", "Lon(117.0001)"]
    ).json
    assert told["ranges"]["elevation"]["shape"] == []
    assert told["ranges"]["elevation"]["values"] == [pytest.approx(float(ground[25, 25]), abs=1e-4)]


@pytest.mark.parametrize(
    "code",
    [3857, 4548],  # 117.0 to 117.02 lies in the zone of 117° E
)
def test_another_system_is_what_rasterio_makes_of_it(
    client: FlaskClient, source: Any, code: int
) -> None:
    """The same file, on the grid that the answer says it has."""
    with tiff(client, crs=f"{EPSG}/{code}") as raster:
        assert raster.crs.to_epsg() == code
        found = values(raster)
        with WarpedVRT(
            source,
            crs=f"EPSG:{code}",
            transform=raster.transform,
            width=raster.width,
            height=raster.height,
            resampling=Resampling.bilinear,
            XSCALE=1,
            YSCALE=1,
        ) as warped:
            expected = values(warped)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    # A WarpedVRT is not exact to more than an eighth of a cell.
    apart = np.abs(found - expected)[np.isfinite(found)]
    assert apart.max() < 0.5
    assert np.median(apart) < 0.05
    assert 0.9 < np.isfinite(found).mean() < 1


def test_a_plane_stays_a_plane(city: Flask, module_engine: Engine, client: FlaskClient) -> None:
    """Against the truth, not against another program: each cell's middle has its own height."""
    keep_ground(module_engine, plane(GRID))
    try:
        for code in (3857, 4548):
            with tiff(client, crs=f"[EPSG:{code}]", bbox="117.0,33.0,117.01,33.01") as raster:
                found = values(raster)
                rows, columns = np.mgrid[0 : raster.height, 0 : raster.width]
                x, y = raster.xy(rows.ravel(), columns.ravel())
            to_degrees = pyproj.Transformer.from_crs(code, 4326, always_xy=True)
            lon, lat = to_degrees.transform(x, y)
            expected = height_at(np.reshape(lon, found.shape), np.reshape(lat, found.shape))
            assert np.isfinite(found).all()
            np.testing.assert_allclose(found, expected, atol=2e-3)
    finally:
        keep_ground(module_engine, rough())


def means(cells: Heights, across: int, down: int) -> Heights:
    rows, columns = cells.shape
    blocks = cells.reshape(rows // down, down, columns // across, across)
    with catch_warnings():
        simplefilter("ignore", RuntimeWarning)  # a block of voids has no mean
        return np.asarray(np.nanmean(blocks, axis=(1, 3)), dtype=np.float32)


@pytest.mark.parametrize(
    ("query", "across", "down"),
    [
        ({"scale_factor": "2"}, 2, 2),
        ({"scale_axes": "Lat(3),Lon(5)"}, 5, 3),
        ({"scale_axes": "Lat(2)"}, 1, 2),
        ({"scale_size": "Lon(11),Lat(30)"}, 10, 3),
        ({"width": "55", "height": "45"}, 2, 2),
        ({"width": "55"}, 2, 1),
        ({"resolution": f"Lat({2 * CELL}),Lon({10 * CELL})"}, 10, 2),
    ],
)
def test_coarser_cells_are_the_mean_of_theirs(
    client: FlaskClient, ground: Heights, query: dict[str, str], across: int, down: int
) -> None:
    with tiff(client, **query) as raster:
        found = values(raster)
        assert raster.bounds == pytest.approx(GRID.bounds)
    np.testing.assert_allclose(found, means(ground, across, down), rtol=1e-5)


def test_finer_cells_lie_between_their_neighbours(client: FlaskClient, source: Any) -> None:
    with tiff(client, scale_factor="0.5", bbox="117.0,33.0,117.01,33.01") as raster:
        assert (raster.width, raster.height) == (50, 50)
        found = values(raster)
        with WarpedVRT(
            source,
            crs="EPSG:4326",
            transform=raster.transform,
            width=50,
            height=50,
            resampling=Resampling.bilinear,
        ) as warped:
            np.testing.assert_allclose(found, values(warped), atol=1e-4)


def test_a_size_fills_the_box_that_was_asked_for(client: FlaskClient, ground: Heights) -> None:
    """Also where it reaches beyond the ground: nothing is there."""
    with tiff(client, bbox="116.97,33.0,117.01,33.02", width="100", height="50") as raster:
        assert raster.bounds == pytest.approx((116.97, 33.0, 117.01, 33.02))
        found = values(raster)
    assert np.isnan(found[:, :50]).all()
    np.testing.assert_allclose(found[:, 50:], ground[:50, :50], rtol=1e-6)


def test_headers_honour_the_order_of_axes(client: FlaskClient) -> None:
    box = {"bbox": "117.0,33.0,117.01,33.01"}
    plain = get(client, "elevation/coverage", **box).headers
    assert plain["Content-Bbox"] == "117,33,117.01,33.01"
    assert "Content-Crs" not in plain
    for code in (4326, 4490):
        turned = get(client, "elevation/coverage", crs=f"[EPSG:{code}]", **box).headers
        assert turned["Content-Bbox"] == "33,117,33.01,117.01"
        assert turned["Content-Crs"] == f"<{EPSG}/{code}>"
    metres = get(client, "elevation/coverage", crs="[EPSG:3857]", **box).headers["Content-Bbox"]
    west, south, _, _ = (float(each) for each in metres.split(","))
    assert (west, south) == (pytest.approx(13024380, abs=60), pytest.approx(3895303, abs=60))


def test_coverage_json_tells_the_same_numbers(client: FlaskClient, ground: Heights) -> None:
    query = {"bbox": "117.0,33.0,117.02,33.015"}
    for code, order in ((None, ["x", "y"]), (4326, ["y", "x"]), (3857, ["x", "y"])):
        named = query | ({} if code is None else {"crs": f"[EPSG:{code}]"})
        answer = get(client, "elevation/coverage", f="covjson", **named)
        assert answer.content_type == "application/vnd.cov+json"
        told = answer.json
        with tiff(client, **named) as raster:
            expected = values(raster)
            first = raster.xy(0, 0)
            last = raster.xy(raster.height - 1, raster.width - 1)
        axes = told["domain"]["axes"]
        assert (axes["x"]["start"], axes["y"]["start"]) == pytest.approx(first)
        assert (axes["x"]["stop"], axes["y"]["stop"]) == pytest.approx(last)
        found = told["ranges"]["elevation"]
        assert found["shape"] == [axes["y"]["num"], axes["x"]["num"]] == list(expected.shape)
        numbers = np.array(found["values"], dtype=np.float64).reshape(found["shape"])
        np.testing.assert_allclose(numbers, expected, atol=1e-4)
        assert told["domain"]["referencing"][0]["coordinates"] == order
        assert "NaN" not in answer.text
    assert "null" in get(client, "elevation/coverage", f="covjson").text


def test_greys_tell_the_same_numbers(client: FlaskClient, ground: Heights) -> None:
    answer = get(client, "elevation/coverage", f="png")
    assert answer.content_type == "image/png"
    scale, offset = (float(answer.headers[f"Values-{name}"]) for name in ("Scale", "Offset"))
    with catch_warnings():
        simplefilter("ignore", NotGeoreferencedWarning)
        image = rasterio.open(io.BytesIO(answer.data))
    with image:
        assert (image.count, image.dtypes[0]) == (1, "uint16")
        greys = image.read(1).astype(np.float64)
    np.testing.assert_array_equal(greys == 0, np.isnan(ground))
    found = (greys - offset) / scale
    assert np.nanmax(np.abs(found - ground)) <= 0.51 / scale


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"bbox": "1,2,3"}, "four or six numbers"),
        ({"bbox": "117,33,nan,34"}, "expected"),
        ({"bbox": "117,34,118,33"}, "lower corner"),
        ({"bbox": "117,33,118,34", "subset": "Lat(33:34)"}, "one of them"),
        ({"bbox": "117,33,118,34", "bbox_crs": "[EPSG:2000]"}, "not offered"),
        ({"subset": "Lat(33:34"}, "axis(…)"),
        ({"subset": "Lat(33:34:35)"}, "low:high"),
        ({"subset": "Lat(a:b)"}, "number expected"),
        ({"subset": "Lat(34:33)"}, "low:high"),
        ({"subset": "Lat(33),Lat(34)"}, "named twice"),
        ({"subset": ["Lat(33)", "Lat(34)"]}, "named twice"),
        ({"subset": "height(3:4)"}, "no axis"),
        ({"subset": "E(3:4)"}, "no axis"),
        ({"subset": "X(3:4)", "subset_crs": "[EPSG:4548]"}, "no axis"),
        ({"subset": 'time("2026-01")'}, "no time"),
        ({"crs": "[EPSG:32650]"}, "not offered"),
        ({"crs": "4326"}, "not offered"),
        ({"scale_factor": "0"}, "above 0"),
        ({"scale_factor": "inf"}, "expected"),
        ({"scale_factor": "2", "width": "3"}, "one of them"),
        ({"scale_axes": "E(2)"}, "no axis"),
        ({"scale_size": "Lat(2.5)"}, "whole numbers"),
        ({"width": "-3"}, "expected"),
        ({"width": "0"}, "expected"),
        ({"resolution": "Lat(0)"}, "above 0"),
        ({"subset": "Lat(33.001)", "scale_axes": "Lat(2)"}, "cannot be scaled"),
        ({"properties": "depth"}, "no field"),
        ({"exclude_properties": "elevation"}, "no field would be left"),
        ({"datetime": "2026-01-01"}, "unknown query parameter"),
        ({"radius": "400"}, "unknown query parameter"),
        ({"f": "netcdf"}, "expected"),
    ],
)
def test_what_cannot_be_answered_is_told(
    client: FlaskClient, ground: Heights, query: dict[str, Any], told: str
) -> None:
    problem = get(client, "elevation/coverage", status=400, **query).json
    assert told in problem["detail"]
    if "no axis" in told or "not offered" in told or "unknown" in told:
        assert problem["allowed"]


def test_too_much_is_told_with_what_is_allowed(client: FlaskClient, ground: Heights) -> None:
    told = get(client, "elevation/coverage", scale_factor="0.02", status=413).json
    assert told["title"] == "Too large"
    assert "at most 4,000,000 values" in told["detail"]
    factor = told["detail"].rsplit("scale-factor=", 1)[1].rstrip(")")
    assert factor == "3"
    get(client, "elevation/coverage", f="covjson", width="2000", height="1000", status=413)
    get(client, "elevation/coverage", width="100000", height="100000", status=413)
    get(client, "elevation/coverage", resolution="Lat(1e-300),Lon(1e-300)", status=413)


def test_an_answer_that_is_known_is_not_sent_again(client: FlaskClient, ground: Heights) -> None:
    first = get(client, "elevation/coverage", width="20")
    again = client.get(
        "/ogc/collections/elevation/coverage?width=20",
        headers={"If-None-Match": first.headers["ETag"]},
        auth=("chief", "correct horse battery"),
    )
    assert (again.status_code, again.data) == (304, b"")


def test_a_terrain_of_many_cells_is_read_coarser(
    city: Flask, module_engine: Engine, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from cells that are too many to be read for one answer."""
    grid = TerrainGrid("EPSG:4326", 117.0, 33.1, 0.0001, 0.0001, columns=1000, rows=1000)
    keep_ground(module_engine, plane(grid), grid)
    try:
        monkeypatch.setattr("gisserver.coverages.elevation._MOST_READ", 40_000)
        with tiff(client, scale_factor="20") as raster:
            found = values(raster)
            assert found.shape == (50, 50)
            x, y = raster.xy(*(each.ravel() for each in np.mgrid[0:50, 0:50]))
        expected = height_at(np.reshape(x, (50, 50)), np.reshape(y, (50, 50)))
        np.testing.assert_allclose(found, expected, atol=0.02)
    finally:
        keep_ground(module_engine, rough())


def test_json_says_json(client: FlaskClient, ground: Heights) -> None:
    document = json.loads(get(client, "elevation").text)
    assert document["id"] == "elevation"
