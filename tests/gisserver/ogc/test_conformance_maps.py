"""OGC API Maps 1.0 (20-058), each requirement of the classes that are declared."""

from __future__ import annotations

import io
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
import pyproj
import pytest
import rasterio
from flask import Flask
from flask.testing import FlaskClient
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning
from sqlalchemy import Engine

from layers.territory.terrain import Heights
from tests.gisserver.ogc.conftest import PASSWORD, ask
from tests.gisserver.ogc.ground import GRID, get, keep_ground, rough

ROOT = "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/"
RELATION = "http://www.opengis.net/def/rel/ogc/1.0/map"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0"
TERRAIN, HEAT = "elevation", "heat-incidents"
Picture = NDArray[np.uint8]
EXPECTED = {
    "core",
    "collection-map",
    "background",
    "scaling",
    "spatial-subsetting",
    "datetime",
    "crs",
    "png",
    "oas30",
}
BOX = "117.0,33.0,117.02,33.01"


@pytest.fixture(scope="module")
def ground(city: Flask, module_engine: Engine) -> Heights:
    heights = rough()
    keep_ground(module_engine, heights)
    return heights


def picture(client: FlaskClient, name: str = TERRAIN, **query: Any) -> Picture:
    answer = get(client, f"{name}/map", **query)
    assert answer.content_type == "image/png"
    return opened(answer.data)


def opened(content: bytes) -> Picture:
    with catch_warnings():
        simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(io.BytesIO(content)) as image:
            assert image.driver == "PNG"
            read: Picture = image.read()
            return read


def box_of(answer: Any) -> list[float]:
    return [float(each) for each in answer.headers["Content-Bbox"].split(",")]


def maps(client: FlaskClient) -> list[Any]:
    listed = ask(client, "/collections")["collections"]
    return [each for each in listed if any(link["rel"] == RELATION for link in each["links"])]


# -- core, collection-map, png -----------------------------------------------------------------


def test_core_conformance_success(client: FlaskClient) -> None:
    declared = ask(client, "/conformance")["conformsTo"]
    assert {each.removeprefix(ROOT) for each in declared if each.startswith(ROOT)} == EXPECTED


def test_core_map_operation(client: FlaskClient, ground: Heights) -> None:
    """/req/core/map-op, map-response; /req/collection-map; /req/png/content."""
    found = maps(client)
    assert {TERRAIN, HEAT, "heat-buildings"} <= {each["id"] for each in found}
    for each in found:
        link = next(link for link in each["links"] if link["rel"] == RELATION)
        path = link["href"].partition("/ogc")[2]
        assert path.partition("?")[0] == f"/collections/{each['id']}/map"
        answer = client.get(
            f"/ogc{path}", auth=("chief", PASSWORD), headers={"Accept": "image/png"}
        )
        if answer.status_code == 204:
            assert each["extent"]["spatial"]["bbox"] == [[-180, -90, 180, 90]]
            continue
        assert answer.status_code == 200
        assert answer.content_type == link["type"] == "image/png"
        assert answer.data[:8] == b"\x89PNG\r\n\x1a\n"
        native = each["storageCrs"]
        assert answer.headers.get("Content-Crs") == (None if native == CRS84 else f"<{native}>")
        west, south, east, north = box_of(answer)
        assert west < east
        assert south < north
        assert ("Content-Datetime" in answer.headers) == ("temporal" in each["extent"])
        assert opened(answer.data).shape[0] == 4
        assert len(each["crs"]) >= 4  # /req/collection-map/desc-crs


def test_content_bbox_is_what_is_shown(client: FlaskClient, ground: Heights) -> None:
    assert box_of(get(client, f"{TERRAIN}/map")) == pytest.approx(GRID.bounds)
    shown = get(client, f"{TERRAIN}/map", bbox=BOX, width="200", height="100")
    assert box_of(shown) == pytest.approx([117.0, 33.0, 117.02, 33.01])


# -- background --------------------------------------------------------------------------------

# West of it lies nothing: columns 0 to 24 of 50.
EDGE = {"bbox": "116.98,33.0,117.0,33.01", "width": "50", "height": "25"}
NOTHING, SOMETHING = (slice(None), slice(0, 24)), (slice(None), slice(26, 50))


@pytest.mark.parametrize(
    ("query", "colour", "opacity"),
    [
        ({}, (255, 255, 255), 0),
        ({"transparent": "true"}, (255, 255, 255), 0),
        ({"transparent": "false"}, (255, 255, 255), 255),
        ({"bgcolor": "0x336699"}, (0x33, 0x66, 0x99), 255),
        ({"bgcolor": "SteelBlue"}, (0x46, 0x82, 0xB4), 255),
        ({"bgcolor": "0x336699", "transparent": "true"}, (0x33, 0x66, 0x99), 0),
        ({"bgcolor": "0x336699", "transparent": "FALSE"}, (0x33, 0x66, 0x99), 255),
    ],
)
def test_background(
    client: FlaskClient,
    ground: Heights,
    query: dict[str, str],
    colour: tuple[int, int, int],
    opacity: int,
) -> None:
    """/req/background/transparent-definition, bgcolor-definition, map-success."""
    shown = picture(client, **EDGE, **query)
    for channel, value in enumerate((*colour, opacity)):
        assert (shown[channel][NOTHING] == value).all()
    assert (shown[3][SOMETHING] == 255).all()


def test_a_void_within_is_background(client: FlaskClient, ground: Heights) -> None:
    """Row 21, column 30 is a void: of a picture with a pixel a cell, the same pixel."""
    size = {"width": str(GRID.columns), "height": str(GRID.rows)}
    shown = picture(client, **size, bgcolor="red")
    np.testing.assert_array_equal(
        (shown[0] == 255) & (shown[1] == 0) & (shown[2] == 0), np.isnan(ground)
    )
    assert (picture(client, **size)[3] == np.where(np.isnan(ground), 0, 255)).all()


# North of 90° there is nothing; the terrain is too small to be seen, so all below is background.
POLE = {"bbox": "-180,0,180,180", "width": "40", "height": "20"}


@pytest.mark.parametrize(
    ("query", "void", "plain"),
    [
        ({"bgcolor": "blue"}, (0, 0, 255, 255), (0, 0, 255, 255)),
        ({"bgcolor": "blue", "void-color": "0xff0000"}, (255, 0, 0, 255), (0, 0, 255, 255)),
        ({"void-color": "red", "void-transparent": "false"}, (255, 0, 0, 255), (255,) * 3 + (0,)),
        ({"bgcolor": "blue", "void-transparent": "true"}, (0, 0, 255, 0), (0, 0, 255, 255)),
    ],
)
def test_void(
    client: FlaskClient,
    ground: Heights,
    query: dict[str, str],
    void: tuple[int, ...],
    plain: tuple[int, ...],
) -> None:
    """/req/background/void-color-definition, void-transparent-definition."""
    shown = picture(client, **POLE, **query)
    assert (shown[:, :10] == np.array(void)[:, None, None]).all()
    assert tuple(shown[:, 12, 3]) == plain


# -- scaling -----------------------------------------------------------------------------------


def test_width_and_height(client: FlaskClient, ground: Heights) -> None:
    """/req/scaling/width-definition, height-definition."""
    assert picture(client, bbox=BOX, width="200", height="100").shape == (4, 100, 200)
    assert picture(client, width="31").shape[2] == 31
    # What is left out is as high as it is wide on the ground.
    across = 0.02 * np.cos(np.radians(33.005)) * 111_412
    up = 0.01 * 110_910
    _, rows, columns = picture(client, bbox=BOX, width="300").shape
    assert rows / columns == pytest.approx(up / across, rel=0.02)
    _, rows, columns = picture(client, bbox=BOX, height="300").shape
    assert rows == 300
    assert rows / columns == pytest.approx(up / across, rel=0.02)
    for wrong in ("0", "-5", "2.5", "wide", ""):
        get(client, f"{TERRAIN}/map", width=wrong, status=400)
        get(client, f"{TERRAIN}/map", height=wrong, status=400)


def test_limits(client: FlaskClient, ground: Heights) -> None:
    limits = ask(client, "/openapi")["info"]["x-OGC-limits"]["maps"]
    most = limits["maxWidth"]
    assert limits["maxHeight"] == most
    told = get(client, f"{TERRAIN}/map", width=str(most + 1), status=413).json["detail"]
    assert str(most) in told
    get(client, f"{TERRAIN}/map", height=str(most + 1), status=413)
    assert most * most > limits["maxPixels"]
    get(client, f"{TERRAIN}/map", width=str(most), height=str(most), status=413)
    # Calculated, too.
    get(client, f"{TERRAIN}/map", bbox="117,33,117.03,33.001", height="4000", status=413)


@pytest.mark.parametrize("crs", [CRS84, f"{EPSG}/4326", f"{EPSG}/3857", f"{EPSG}/4548"])
def test_scale_denominator(client: FlaskClient, ground: Heights, crs: str) -> None:
    """/req/scaling/scale-denominator-definition: a pixel of 0.28 mm, on the ground."""
    query = {"bbox": BOX, "scale-denominator": "20000", "crs": crs}
    answer = get(client, f"{TERRAIN}/map", **query)
    _, rows, columns = opened(answer.data).shape
    box = box_of(answer)
    if crs.endswith(("4326", "4548")):
        box = [box[1], box[0], box[3], box[2]]
    corners = [(box[0], box[1]), (box[2], box[1]), (box[0], box[3])]
    if not crs.endswith(("CRS84", "4326")):
        code = int(crs.rsplit("/", 1)[1])
        move = pyproj.Transformer.from_crs(code, 4326, always_xy=True)
        corners = [move.transform(*corner) for corner in corners]
    earth = pyproj.Geod(ellps="WGS84")
    across = earth.inv(*corners[0], *corners[1])[2]
    up = earth.inv(*corners[0], *corners[2])[2]
    assert across / columns == pytest.approx(0.00028 * 20_000, rel=0.01)
    assert up / rows == pytest.approx(0.00028 * 20_000, rel=0.01)
    get(client, f"{TERRAIN}/map", **query, width="100", status=400)
    get(client, f"{TERRAIN}/map", **query, height="100", status=400)
    for wrong in ("0", "-1", "x", "inf"):
        get(client, f"{TERRAIN}/map", scale_denominator=wrong, status=400)


# -- spatial-subsetting ------------------------------------------------------------------------


def test_bbox(client: FlaskClient, ground: Heights) -> None:
    """/req/spatial-subsetting/bbox-definition, bbox-crs, map-success."""
    size = {"width": "50", "height": "25"}
    plain = picture(client, bbox=BOX, **size)
    whole = picture(client, width=str(GRID.columns), height=str(GRID.rows))
    # A pixel a cell, so that it is the same piece of the whole, lit by the same neighbours.
    np.testing.assert_array_equal(plain, whole[:, 25:50, 25:75])
    for query in (
        {"bbox": BOX, "bbox_crs": CRS84},
        {"bbox": "33.0,117.0,33.01,117.02", "bbox_crs": f"{EPSG}/4326"},
        {"bbox": "33.0,117.0,33.01,117.02", "bbox_crs": "[EPSG:4490]"},
        {"bbox": "117.0,33.0,0,117.02,33.01,9"},
    ):
        np.testing.assert_array_equal(picture(client, **query, **size), plain)
    get(client, f"{TERRAIN}/map", bbox="10,10,11,11", status=204)
    get(client, f"{TERRAIN}/map", bbox="117,33,117,33", status=400)
    get(client, f"{TERRAIN}/map", bbox=BOX, bbox_crs="[EPSG:1]", status=400)


def test_subset(client: FlaskClient, ground: Heights) -> None:
    """/req/spatial-subsetting/subset-definition, subset-crs, subset-response."""
    size = {"width": "50", "height": "25"}
    plain = picture(client, bbox=BOX, **size)
    for query in (
        {"subset": "Lat(33.0:33.01),Lon(117.0:117.02)"},
        {"subset": ["Lon(117.0:117.02)", "Lat(33.0:33.01)"]},
        {"subset": "Lon(117.0:117.02),Lat(33.0:33.01)", "subset_crs": f"{EPSG}/4326"},
    ):
        np.testing.assert_array_equal(picture(client, **query, **size), plain)
    answer = get(client, f"{TERRAIN}/map", subset="Lon(*:117.0)")
    assert box_of(answer) == pytest.approx([GRID.west, GRID.bounds[1], 117.0, GRID.north])
    answer = get(client, f"{HEAT}/map", subset="x(13024900:13025400)", subset_crs="[EPSG:3857]")
    assert box_of(answer)[::2] == pytest.approx([13024900, 13025400])
    get(client, f"{TERRAIN}/map", subset="Lat(60:61)", status=204)
    get(client, f"{TERRAIN}/map", subset="Lon(117.03:-179)", width="9")
    for axis in ("depth", "E", "lat"):
        get(client, f"{TERRAIN}/map", subset=f"{axis}(1:2)", status=400)
    for other in ({"bbox": BOX}, {"center": "117,33"}):
        get(client, f"{TERRAIN}/map", subset="Lat(33:33.01)", status=400, **other)


def test_centre(client: FlaskClient, ground: Heights) -> None:
    """/req/spatial-subsetting/center-definition, center-crs, width-height."""
    query = {"width": "60", "height": "40", "scale-denominator": "50000"}
    plain = get(client, f"{TERRAIN}/map", center="117.01,33.005", **query)
    west, south, east, north = box_of(plain)
    assert ((west + east) / 2, (south + north) / 2) == pytest.approx((117.01, 33.005), abs=1e-6)
    assert opened(plain.data).shape == (4, 40, 60)
    earth = pyproj.Geod(ellps="WGS84")
    assert earth.inv(west, 33.005, east, 33.005)[2] == pytest.approx(60 * 14, rel=0.01)
    assert earth.inv(117, south, 117, north)[2] == pytest.approx(40 * 14, rel=0.01)
    metres = pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform(117.01, 33.005)
    for centre, crs in (
        ("33.005,117.01", f"{EPSG}/4326"),
        ("33.005,117.01", "[EPSG:4490]"),
        (f"{metres[0]},{metres[1]}", f"{EPSG}/3857"),
    ):
        same = get(client, f"{TERRAIN}/map", center=centre, center_crs=crs, **query)
        assert box_of(same) == pytest.approx([west, south, east, north], abs=1e-7)
    # Without a scale, that of the whole.
    whole = get(client, f"{TERRAIN}/map", center="117.01,33.005", width="400", height="400")
    west, south, east, north = box_of(whole)
    assert max(east - west, (north - south) * 1.19) == pytest.approx(0.022, rel=0.2)
    get(client, f"{TERRAIN}/map", center="117,33", bbox=BOX, status=400)
    get(client, f"{TERRAIN}/map", center="10,10", scale_denominator="1000", status=204)
    for wrong in ("117", "117,33,0", "a,b", ""):
        get(client, f"{TERRAIN}/map", center=wrong, status=400)
    get(client, f"{TERRAIN}/map", center="117,33", center_crs="[EPSG:1]", status=400)


# -- datetime ----------------------------------------------------------------------------------


def test_datetime(client: FlaskClient, ground: Heights) -> None:
    """/req/datetime: datetime and subset=time, and what is shown is of that time."""
    answer = get(client, f"{HEAT}/map", datetime="2026-01")
    assert answer.headers["Content-Datetime"] == "2026-01-01T00:00:00Z/2026-02-01T00:00:00Z"
    assert (opened(answer.data)[3] == 255).any()
    same = get(client, f"{HEAT}/map", subset='time("2026-01")')
    assert same.data == answer.data
    # There is one, on the 31st of January at midnight: none before, none after.
    get(client, f"{HEAT}/map", datetime="2026-01-01/2026-01-31T00:00:00Z", status=204)
    get(client, f"{HEAT}/map", datetime="2030", status=204)
    get(client, f"{HEAT}/map", datetime="2026-01", subset='time("2026-01")', status=400)
    get(client, f"{HEAT}/map", datetime="soon", status=400)
    get(client, f"{TERRAIN}/map", datetime="2026-01", status=400)


# -- crs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [None, 4326, 4490, 3857, 4548])
def test_crs(client: FlaskClient, ground: Heights, code: int | None) -> None:
    """/req/crs/crs-definition, map-success: the places are where the headers say they are."""
    crs = CRS84 if code is None else f"{EPSG}/{code}"
    answer = get(client, f"{TERRAIN}/map", crs=crs, bbox=BOX, width="200", height="120")
    assert answer.headers.get("Content-Crs") == (None if code is None else f"<{crs}>")
    south, west, north, east = box_of(answer)
    if code in (None, 3857):
        south, west, north, east = west, south, east, north
    expected = (117.0, 33.0, 117.02, 33.01)
    if code not in (None, 4326, 4490):
        move = pyproj.Transformer.from_crs(4326, code, always_xy=True)
        expected = move.transform_bounds(*expected)
    assert (west, south, east, north) == pytest.approx(expected, rel=1e-7)
    if code in (4326, 4490):
        # As wide as it is, whatever the order of the axes.
        plain = picture(client, bbox=BOX, width="200", height="120")
        np.testing.assert_array_equal(opened(answer.data), plain)
    get(client, f"{TERRAIN}/map", crs="[EPSG:32650]", status=400)


# -- oas30 -------------------------------------------------------------------------------------


def test_api_definition(client: FlaskClient, ground: Heights) -> None:
    """/req/oas30/completeness, operation-id."""
    operation = ask(client, "/openapi")["paths"]["/collections/{collectionId}/map"]["get"]
    assert operation["operationId"].endswith(".collection.getMap")
    known = {each["name"]: each for each in operation["parameters"]}
    assert set(known["collectionId"]["schema"]["enum"]) == {each["id"] for each in maps(client)}
    for parameter in (
        *("bbox", "bbox-crs", "subset", "subset-crs", "center", "center-crs", "crs", "datetime"),
        *("width", "height", "scale-denominator", "bgcolor", "transparent"),
        *("void-color", "void-transparent"),
    ):
        assert known[parameter]["in"] == "query"
    assert known["transparent"]["schema"] == {"type": "boolean", "default": True}
    assert known["bgcolor"]["schema"]["default"] == "0xFFFFFF"
    told = get(client, f"{TERRAIN}/map", nonsense="1", status=400).json["allowed"]
    assert set(told) <= {*known, "f"}
    assert "image/png" in operation["responses"]["200"]["content"]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"bgcolor": "nocolour"}, "bgcolor"),
        ({"bgcolor": "0x12345"}, "bgcolor"),
        ({"bgcolor": "０x112233"}, "bgcolor"),
        ({"transparent": "perhaps"}, "transparent"),
        ({"void-color": ""}, "void-color"),
        ({"step": "day"}, "unknown"),
        ({"f": "jpeg"}, "expected"),
    ],
)
def test_what_cannot_be_drawn_is_told(
    client: FlaskClient, ground: Heights, query: dict[str, str], told: str
) -> None:
    assert told in get(client, f"{HEAT}/map", status=400, **query).json["detail"]
