"""OGC API Tiles 1.0 (20-057): a check for each requirement of the classes that are declared."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from numpy.typing import NDArray
from shapely import transform
from shapely.geometry import shape
from sqlalchemy import Engine, text

from tests.gisserver.mvt import decode
from tests.gisserver.ogc import tile_schemas as schemas
from tests.gisserver.ogc.conftest import SOUTH, WEST, ask, feature_collections
from tests.gisserver.ogc.tile_client import (
    MVT,
    PLACES,
    RELATION,
    SETS,
    check,
    fetch,
    link,
    local,
    read_tile,
    tile_path,
)
from tests.gisserver.ogc.tile_geometry import on_earth, shape_of

CLASSES = (
    "core",
    "tileset",
    "tilesets-list",
    "dataset-tilesets",
    "geodata-tilesets",
    "collections-selection",
    "oas30",
    "mvt",
)
PREFIX = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"


@pytest.fixture(scope="module", autouse=True)
def incident(city: Flask, module_engine: Engine) -> None:
    """One with a deadline in the tile of the buildings."""
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO incidents.incident (category, report_source, description, due_at, "
                "geom) VALUES ('UM-0101', 'SRC01', '测试', '2026-03-01T00:00:00Z', "
                "ST_SetSRID(ST_MakePoint(:x, :y), 4326))"
            ),
            {"x": WEST + 0.003, "y": SOUTH + 0.0014},
        )
    city.extensions["wangge"].versions.catch_up()


# Conformance


def test_each_class_is_declared(client: FlaskClient) -> None:
    declared = ask(client, "/conformance")["conformsTo"]
    told = {uri.removeprefix(PREFIX) for uri in declared if uri.startswith(PREFIX)}
    assert told == set(CLASSES)


# Core


@pytest.mark.parametrize("matrix_set", SETS)
def test_core_tc_op_and_success(client: FlaskClient, matrix_set: str) -> None:
    layer = read_tile(client, tile_path(matrix_set))["buildings"]
    assert layer.extent == 4096
    assert layer.features


@pytest.mark.parametrize("matrix_set", SETS)
def test_core_holds_just_what_meets_the_tile(client: FlaskClient, matrix_set: str) -> None:
    """tc-success B: every building that meets the tile is in it, none that lies apart from it."""
    level, row, column = PLACES[matrix_set]
    inside = set(read_tile(client, tile_path(matrix_set))["buildings"].features)
    corners = [on_earth(level, row, column, 1, matrix_set, at) for at in ((0, 0), (1, 1))]
    (west, north), (east, south) = corners
    page = ask(client, "/collections/buildings/items?limit=1000")
    met, near = set(), set()
    for feature in page["features"]:
        left, bottom, right, top = shape(feature["geometry"]).bounds
        margin = (east - west) / 32
        if left < east and right > west and bottom < north and top > south:
            met.add(feature["id"])
        if left < east + margin and right > west - margin:
            near.add(feature["id"])
    assert met
    assert met <= inside <= near


@pytest.mark.parametrize("matrix_set", SETS)
@pytest.mark.parametrize(
    ("place", "told"),
    [
        (("23", "0", "0"), "12 to 16"),
        (("11", "0", "0"), "12 to 16"),
        (("x", "0", "0"), "12 to 16"),
        (("-1", "0", "0"), "12 to 16"),
        (("14", "999999", "0"), "rows run from 0"),
        (("14", "0", "16384"), "columns from 0 to 16383"),
        (("14", "y", "0"), "rows run from 0"),
        (("14", "１", "0"), "rows run from 0"),
        (("14", "99999999999999999999", "0"), "rows run from 0"),
        (("14", "0", "0"), "limits"),
    ],
)
def test_core_tc_error_out_of_range(
    client: FlaskClient, matrix_set: str, place: tuple[str, str, str], told: str
) -> None:
    path = f"/collections/buildings/tiles/{matrix_set}/{'/'.join(place)}"
    assert told in ask(client, path, status=404)["detail"]


def test_core_rows_of_the_geographic_quad_are_half_as_many(client: FlaskClient) -> None:
    path = "/collections/buildings/tiles/CGCS2000Quad/14/8192/0"
    assert "rows run from 0 to 8191" in ask(client, path, status=404)["detail"]


@pytest.mark.parametrize("matrix_set", SETS)
def test_core_tc_error_empty_within_the_limits(
    client: FlaskClient, city: Flask, module_engine: Engine, matrix_set: str
) -> None:
    """B: with a site in the south-west and one in the north-east, 204 in the other corners."""
    with module_engine.begin() as connection:
        for shift in (0.001, 0.019):
            connection.execute(
                text(
                    "INSERT INTO places.key_site (name, geom) VALUES ('学校', "
                    "ST_SetSRID(ST_MakePoint(:x, :y), 4326))"
                ),
                {"x": WEST + shift, "y": SOUTH + shift / 2},
            )
    city.extensions["wangge"].versions.catch_up()
    limits = ask(client, f"/collections/key_sites/tiles/{matrix_set}")["tileMatrixSetLimits"][-1]
    south, north = limits["maxTileRow"], limits["minTileRow"]
    west, east = limits["minTileCol"], limits["maxTileCol"]
    assert south > north
    for row, column, status in (
        (south, west, 200),
        (north, east, 200),
        (north, west, 204),
        (south, east, 204),
    ):
        path = f"/collections/key_sites/tiles/{matrix_set}/{limits['tileMatrix']}/{row}/{column}"
        answer = fetch(client, path)
        assert answer.status_code == status
        assert bool(answer.data) == (status == 200)


@pytest.mark.parametrize("question", ["datetime=2026-01-01", "bbox=1,2,3,4", "f=png", "x=1"])
def test_core_refuses_what_it_does_not_know(client: FlaskClient, question: str) -> None:
    for path in (tile_path("WebMercatorQuad"), "/tiles/WebMercatorQuad", "/tiles"):
        problem = ask(client, f"{path}?{question}", status=400)
        assert problem["allowed"]


# Tileset


@pytest.mark.parametrize("matrix_set", SETS)
@pytest.mark.parametrize("path", ["/tiles", "/collections/buildings/tiles"])
def test_tileset_description(client: FlaskClient, path: str, matrix_set: str) -> None:
    answer = fetch(client, f"{path}/{matrix_set}", Accept="application/json")
    assert answer.mimetype == "application/json"
    tileset = answer.json
    check(schemas.TILESET, tileset)
    scheme = ask(client, local(link(tileset, f"{RELATION}tiling-scheme")["href"]))
    check(schemas.TILE_MATRIX_SET, scheme)
    assert scheme["crs"] == tileset["crs"]
    # A: the URI where the set is registered; the other's is its definition here.
    assert tileset["tileMatrixSetURI"] == scheme["uri"]
    assert scheme["uri"].endswith(f"/{matrix_set}")
    assert ("www.opengis.net" in scheme["uri"]) == (matrix_set == "WebMercatorQuad")
    template = link(tileset, "item")
    assert template["templated"] is True
    assert template["type"] == MVT
    assert re.findall(r"{(\w+)}", template["href"]) == ["tileMatrix", "tileRow", "tileCol"]


@pytest.mark.parametrize("matrix_set", SETS)
def test_tileset_template_leads_to_tiles(client: FlaskClient, matrix_set: str) -> None:
    tileset = ask(client, f"/collections/buildings/tiles/{matrix_set}")
    level, row, column = PLACES[matrix_set]
    href = link(tileset, "item")["href"]
    for name, value in {"tileMatrix": level, "tileRow": row, "tileCol": column}.items():
        href = href.replace(f"{{{name}}}", str(value))
    assert local(href) == tile_path(matrix_set)
    assert len(read_tile(client, local(href))["buildings"].features) > 0


@pytest.mark.parametrize("matrix_set", SETS)
def test_tileset_limits_hold_every_tile_with_something(
    client: FlaskClient, matrix_set: str
) -> None:
    tileset = ask(client, f"/collections/buildings/tiles/{matrix_set}")
    assert [each["tileMatrix"] for each in tileset["tileMatrixSetLimits"]] == list(
        map(str, range(12, 17))
    )
    for limits in tileset["tileMatrixSetLimits"]:
        level = int(limits["tileMatrix"])
        full = 0
        for row in range(limits["minTileRow"] - 1, limits["maxTileRow"] + 2):
            for column in range(limits["minTileCol"] - 1, limits["maxTileCol"] + 2):
                inside = (
                    limits["minTileRow"] <= row <= limits["maxTileRow"]
                    and limits["minTileCol"] <= column <= limits["maxTileCol"]
                )
                path = f"/collections/buildings/tiles/{matrix_set}/{level}/{row}/{column}"
                status = fetch(client, path).status_code
                assert status in ((200, 204) if inside else (404,))
                full += status == 200
        assert full


def test_tileset_layers_tell_what_the_tiles_carry(client: FlaskClient) -> None:
    for matrix_set in SETS:
        tileset = ask(client, f"/tiles/{matrix_set}?collections=buildings,incidents,areas")
        tile = read_tile(
            client,
            f"/tiles/{matrix_set}/{'/'.join(map(str, PLACES[matrix_set]))}"
            "?collections=buildings,incidents,areas",
        )
        told = {each["id"]: each for each in tileset["layers"]}
        assert set(told) == set(tile) == {"buildings", "incidents", "areas"}
        for name, layer in tile.items():
            properties = told[name]["propertiesSchema"]["properties"]
            for feature in layer.features.values():
                for field, value in feature.items():
                    check(properties[field], value)
        assert told["incidents"]["propertiesSchema"]["properties"]["due_at"]["type"] == "number"


def test_tileset_as_tilejson(client: FlaskClient) -> None:
    """Not a class of its own: the `alternate` that 17-083r4 names."""
    path = "/collections/buildings/tiles/WebMercatorQuad"
    alternate = [each["href"] for each in ask(client, path)["links"] if "tile+json" in each["type"]]
    answer = fetch(client, local(alternate[0]))
    assert answer.mimetype == "application/vnd.mapbox.tile+json"
    told = answer.json
    assert told["tilejson"] == "3.0.0"
    assert (told["minzoom"], told["maxzoom"]) == (12, 16)
    z, row, column = PLACES["WebMercatorQuad"]
    href = told["tiles"][0].format(z=z, y=row, x=column)
    (layer,) = told["vector_layers"]
    assert set(read_tile(client, local(href))) == {layer["id"]}
    west, south, east, north = told["bounds"]
    assert WEST <= west < east <= WEST + 0.02
    assert SOUTH <= south < north <= SOUTH + 0.01
    assert fetch(client, path, Accept=answer.mimetype).json == told
    # TileJSON has no word for another projection.
    ask(client, "/collections/buildings/tiles/CGCS2000Quad?f=tilejson", status=400)


# Tilesets list


@pytest.mark.parametrize("path", ["/tiles", "/collections/buildings/tiles"])
def test_tilesets_list_tileset_links(client: FlaskClient, path: str) -> None:
    listed = ask(client, path)["tilesets"]
    assert [each["tileMatrixSetId"] for each in listed] == list(SETS)
    for each in listed:
        check(schemas.LISTED, each)
        address = local(link(each, "self")["href"])
        assert address == f"{path}/{each['tileMatrixSetId']}"
        whole = ask(client, address)
        for name in ("dataType", "crs", "title"):
            assert whole[name] == each[name]
        scheme = ask(client, local(link(each, f"{RELATION}tiling-scheme")["href"]))
        assert scheme.get("uri") == each.get("tileMatrixSetURI")


# Dataset tilesets, collection tilesets


def test_dataset_tilesets_landing_page_and_operation(client: FlaskClient) -> None:
    landing = ask(client, "")
    address = local(link(landing, f"{RELATION}tilesets-vector")["href"])
    assert address == "/tiles"
    assert ask(client, address)["tilesets"]
    schemes = ask(client, local(link(landing, f"{RELATION}tiling-schemes")["href"]))
    assert [each["id"] for each in schemes["tileMatrixSets"]] == list(SETS)


def test_geodata_tilesets_links_and_operation(client: FlaskClient) -> None:
    collections = feature_collections(client)
    for collection in collections:
        links = [
            each for each in collection["links"] if each["rel"] == f"{RELATION}tilesets-vector"
        ]
        path = f"/collections/{collection['id']}/tiles"
        if links:
            assert local(links[0]["href"]) == path
            assert ask(client, path)["tilesets"]
        else:
            assert "geometry" in ask(client, path, status=404)["detail"]
    with_tiles = {
        each["id"] for each in collections if f"{RELATION}tilesets-vector" in str(each["links"])
    }
    assert {"buildings", "roads", "incidents", "areas"} <= with_tiles
    assert not {"persons", "dwellings"} & with_tiles
    single = ask(client, "/collections/buildings")
    assert (
        local(link(single, f"{RELATION}tilesets-vector")["href"]) == "/collections/buildings/tiles"
    )


# Collections selection


def test_collections_selection_by_name_and_by_address(client: FlaskClient) -> None:
    place = "/".join(map(str, PLACES["WebMercatorQuad"]))
    path = f"/tiles/WebMercatorQuad/{place}"
    base = "http://localhost/ogc/collections"
    for given in ("areas,buildings", f"{base}/areas,{base}/buildings", f"areas,{base}/buildings"):
        answer = fetch(client, f"{path}?collections={given}")
        # collections-response B: from the leftmost to the rightmost.
        assert list(decode(answer.data)) == ["areas", "buildings"]
    assert list(read_tile(client, f"{path}?collections=buildings,areas")) == ["buildings", "areas"]
    assert {"areas", "buildings", "incidents"} <= set(read_tile(client, path))


def test_collections_selection_holds_for_the_tileset(client: FlaskClient) -> None:
    question = "?collections=areas,buildings"
    tileset = ask(client, f"/tiles/WebMercatorQuad{question}")
    assert [each["id"] for each in tileset["layers"]] == ["areas", "buildings"]
    assert local(link(tileset, "item")["href"]).endswith(question)
    for each in ask(client, f"/tiles{question}")["tilesets"]:
        assert local(link(each, "self")["href"]).endswith(question)


@pytest.mark.parametrize("given", ["nothing", "buildings,persons", "", "buildings,,areas"])
def test_collections_selection_of_what_is_not_there(client: FlaskClient, given: str) -> None:
    place = "/".join(map(str, PLACES["WebMercatorQuad"]))
    for path in (f"/tiles/WebMercatorQuad/{place}", "/tiles/WebMercatorQuad", "/tiles"):
        ask(client, f"{path}?collections={given}", status=404)


# OpenAPI


def test_oas30_completeness_and_operation_ids(client: FlaskClient, city: Flask) -> None:
    paths = ask(client, "/openapi")["paths"]
    served = {
        re.sub(r"<(\w+)>", "{}", rule.rule.removeprefix("/ogc")).rstrip("/")
        for rule in city.url_map.iter_rules()
        if re.search(r"/tiles\b|tileMatrixSets", rule.rule) and rule.rule.startswith("/ogc")
    }
    told = {
        path: words for path, words in paths.items() if re.search(r"/tiles\b|tileMatrixSets", path)
    }
    assert {re.sub(r"{\w+}", "{}", path) for path in told} == served
    for path, words in told.items():
        operation = words["get"]
        named = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path))
        if path.startswith("/tiles"):
            assert "collections" in {each["name"] for each in operation["parameters"]}
        suffix = "getTile" if path.endswith("{tileCol}") else "getTileSet"
        if "/tiles" in path:
            kind = "collection" if path.startswith("/collections") else "dataset"
            expected = suffix if "{tileMatrixSetId}" in path else "getTileSetsList"
            assert operation["operationId"] == f".{kind}.vector.{expected}"
    one = told["/collections/{collectionId}/tiles"]["get"]["parameters"][0]
    assert one["name"] == "collectionId"
    assert "buildings" in one["schema"]["enum"]
    assert "persons" not in one["schema"]["enum"]


def test_oas30_every_parameter_told_is_taken(client: FlaskClient) -> None:
    paths = ask(client, "/openapi")["paths"]
    values = {"tileMatrixSetId": "WebMercatorQuad", "collectionId": "buildings"}
    level, row, column = PLACES["WebMercatorQuad"]
    values |= {"tileMatrix": str(level), "tileRow": str(row), "tileCol": str(column)}
    for path, words in paths.items():
        if not re.search(r"/tiles\b|tileMatrixSets", path):
            continue
        address = path.format(**values)
        for parameter in words["get"]["parameters"]:
            if parameter["in"] == "path":
                continue
            schema = parameter["schema"]
            for value in schema.get("enum") or schema["items"]["enum"][:1]:
                answer = fetch(client, f"{address}?{parameter['name']}={value}")
                assert answer.status_code in (200, 204), (address, parameter["name"], value)


# Mapbox vector tiles


@pytest.mark.parametrize("matrix_set", SETS)
@pytest.mark.parametrize("collection", ["buildings", "incidents", "areas"])
def test_mvt_content_lies_where_the_database_has_it(
    client: FlaskClient, matrix_set: str, collection: str
) -> None:
    """C: the grid maps linearly to the tile in the tileset's CRS, from the top left corner."""
    level, row, column = PLACES[matrix_set]
    layer = read_tile(client, tile_path(matrix_set, collection))[collection]
    features = ask(client, f"/collections/{collection}/items?limit=1000")["features"]
    stored = {each["id"]: shape(each["geometry"]) for each in features}
    compared = 0
    for identifier, commands in layer.geometries.items():
        kind = stored[identifier].geom_type
        drawn = shape_of(kind, commands)
        west, south, east, north = drawn.bounds
        if min(west, south) < 0 or max(east, north) > layer.extent:
            continue
        there = _moved(drawn, level, row, column, layer.extent, matrix_set)
        # A step of the grid is a sixteenth of a pixel of 256; half of one is lost to rounding.
        step = 360 / 2**level / layer.extent
        assert there.hausdorff_distance(stored[identifier]) < step
        compared += 1
    assert compared or collection == "areas"


def _moved(drawn: Any, level: int, row: int, column: int, extent: int, matrix_set: str) -> Any:
    def place(places: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.array(
            [on_earth(level, row, column, extent, matrix_set, (x, y)) for x, y in places]
        )

    return transform(drawn, place)


def test_mvt_of_areas_cut_by_the_tile(client: FlaskClient) -> None:
    """What shows of an area is the area cut by the tile and its buffer."""
    features = ask(client, "/collections/areas/items?limit=10")["features"]
    stored = {each["id"]: shape(each["geometry"]) for each in features}
    for matrix_set in SETS:
        level, row, column = PLACES[matrix_set]
        layer = read_tile(client, tile_path(matrix_set, "areas"))["areas"]
        for identifier, commands in layer.geometries.items():
            drawn = shape_of("Polygon", commands)
            there = _moved(drawn, level, row, column, layer.extent, matrix_set)
            corners = [(-64, -64), (4160, -64), (4160, 4160), (-64, 4160)]
            frame = [on_earth(level, row, column, 4096, matrix_set, each) for each in corners]
            cut = stored[identifier].intersection(
                shape({"type": "Polygon", "coordinates": [[*frame, frame[0]]]})
            )
            assert there.symmetric_difference(cut).area < cut.area * 1e-3


def test_mvt_every_feature_has_geometry_and_type(client: FlaskClient) -> None:
    for matrix_set in SETS:
        for layer in read_tile(
            client, f"/tiles/{matrix_set}/{'/'.join(map(str, PLACES[matrix_set]))}"
        ).values():
            assert layer.geometries
            assert all(layer.geometries.values())


# Tile matrix sets


@pytest.mark.parametrize("matrix_set", SETS)
def test_tile_matrix_sets_are_as_prescribed(client: FlaskClient, matrix_set: str) -> None:
    told = ask(client, f"/tileMatrixSets/{matrix_set}")
    check(schemas.TILE_MATRIX_SET, told)
    assert told["id"] == matrix_set
    matrices = told["tileMatrices"]
    for above, below in itertools.pairwise(matrices):
        assert above["cellSize"] == pytest.approx(2 * below["cellSize"])
        assert above["scaleDenominator"] == pytest.approx(2 * below["scaleDenominator"])
        assert below["matrixWidth"] == 2 * above["matrixWidth"]
        assert below["matrixHeight"] == 2 * above["matrixHeight"]


def test_web_mercator_quad_is_the_registered_one(client: FlaskClient) -> None:
    """Figures of the registry's WebMercatorQuad."""
    told = ask(client, "/tileMatrixSets/WebMercatorQuad")
    assert told["uri"] == "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
    assert told["crs"] == "http://www.opengis.net/def/crs/EPSG/0/3857"
    first, last = told["tileMatrices"][0], told["tileMatrices"][22]
    assert first["scaleDenominator"] == pytest.approx(559082264.028717, rel=1e-12)
    assert first["cellSize"] == pytest.approx(156543.033928041, rel=1e-12)
    assert first["pointOfOrigin"] == pytest.approx([-20037508.3427892, 20037508.3427892], rel=1e-12)
    assert (first["matrixWidth"], first["matrixHeight"]) == (1, 1)
    assert last["id"] == "22"
    assert last["scaleDenominator"] == pytest.approx(133.295598990611, rel=1e-12)


def test_cgcs2000_quad_is_tianditus(client: FlaskClient) -> None:
    """Set "c" of Tianditu: level 1 is two tiles; its denominators are of 96 dots an inch."""
    told = ask(client, "/tileMatrixSets/CGCS2000Quad")
    assert told["crs"] == "http://www.opengis.net/def/crs/EPSG/0/4490"
    assert told["orderedAxes"] == ["Lat", "Lon"]
    by_level = {each["id"]: each for each in told["tileMatrices"]}
    assert "0" not in by_level
    for level, columns, denominator in (
        (1, 2, 2.958293554545656e8),
        (18, 262144, 2256.998866688275),
    ):
        matrix = by_level[str(level)]
        assert (matrix["matrixWidth"], matrix["matrixHeight"]) == (columns, columns // 2)
        assert (matrix["tileWidth"], matrix["tileHeight"]) == (256, 256)
        assert matrix["pointOfOrigin"] == [90, -180]
        pixels = 0.0254 / 96 / 0.00028
        assert matrix["scaleDenominator"] / pixels == pytest.approx(denominator, rel=2e-3)
    assert by_level["1"]["cellSize"] == 0.703125


def test_degrees_of_4490_are_those_of_4326(module_engine: Engine) -> None:
    """Why a tile of the CGCS2000 quad needs no ST_Transform."""
    with module_engine.begin() as connection:
        moved = connection.execute(
            text(
                "SELECT max(ST_Distance(p, ST_SetSRID(ST_Transform(p, 4490), 4326))) FROM "
                "(SELECT ST_SetSRID(ST_MakePoint(x, y), 4326) AS p FROM generate_series(73, 135) "
                "AS x, generate_series(3, 53) AS y) AS places"
            )
        ).scalar_one()
    assert moved == 0
