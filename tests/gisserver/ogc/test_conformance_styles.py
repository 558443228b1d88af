"""OGC API Styles (20-009, draft): a check for each requirement of the classes that are declared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from gisserver.settings import ROOT
from layers.catalogue import LAYERS, layer_by_name
from layers.core.codes import read_code_tables, store_code_tables
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from layers.core.styling.mapbox import is_styled
from tests.gisserver.mvt import decode
from tests.gisserver.ogc.conftest import SOUTH, WEST, ask, feature_collections
from tests.gisserver.ogc.tile_client import PLACES, RELATION, check, fetch, link, local
from tests.gisserver.ogc.tile_schemas import LINKS
from tests.layers.core.styling.sld_reader import SE, SLD, faults

PREFIX = "http://www.opengis.net/spec/ogcapi-styles-1/1.0/conf/"
CLASSES = (
    "core",
    "global-styles",
    "collection-styles",
    "mapbox-styles",
    "sld-10",
    "sld-11",
)
MAPBOX = "application/vnd.mapbox.style+json"
SLDS = {
    "sld10": "application/vnd.ogc.sld+xml;version=1.0",
    "sld11": "application/vnd.ogc.sld+xml;version=1.1",
}
STYLES: dict[str, Any] = {
    "type": "object",
    "required": ["styles"],
    "properties": {
        "default": {"type": "string"},
        "links": LINKS,
        "styles": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "links"],
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "title": {"type": "string", "minLength": 1},
                    "links": LINKS,
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
BASES = ("/styles", "/collections/buildings/styles")


def listed(client: FlaskClient, path: str = "/styles", login: str = "chief") -> list[Any]:
    return list(ask(client, path, login)["styles"])


def stylesheets(style: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (each for each in style["links"] if each["rel"] == "stylesheet")


def test_each_class_is_declared(client: FlaskClient) -> None:
    declared = ask(client, "/conformance")["conformsTo"]
    assert [uri.removeprefix(PREFIX) for uri in declared if uri.startswith(PREFIX)] == [*CLASSES]


# Core, global styles, collection styles


def test_core_base_resource_link(client: FlaskClient) -> None:
    assert local(link(ask(client, ""), f"{RELATION}styles")["href"]) == "/styles"
    for collection in feature_collections(client):
        path = f"/collections/{collection['id']}/styles"
        found = [each for each in collection["links"] if each["rel"] == f"{RELATION}styles"]
        if is_styled(layer_by_name(collection["id"])):
            assert local(found[0]["href"]) == path
            assert listed(client, path)
        else:
            assert not found
            ask(client, path, status=404)


@pytest.mark.parametrize("path", BASES)
def test_core_styles_op_and_success(client: FlaskClient, path: str) -> None:
    answer = fetch(client, path, Accept="application/json")
    assert answer.mimetype == "application/json"
    check(STYLES, answer.json)
    ids = [style["id"] for style in answer.json["styles"]]
    assert len(set(ids)) == len(ids)
    assert answer.json["default"] in ids
    for style in answer.json["styles"]:
        assert len(list(stylesheets(style))) == 3


def test_core_styles_are_those_of_what_one_may_see(client: FlaskClient) -> None:
    for login, role in (("chief", Role.COMMANDER), ("auditor", Role.AUDITOR)):
        reader = Reader(0, login, (Grant(role, "990101"),))
        seen = {each.name for each in LAYERS if is_styled(each) and each.read in reader.rights}
        assert {style["id"] for style in listed(client, login=login)} == {"wangge", *seen}


@pytest.mark.parametrize("path", BASES)
def test_core_style_op_and_success(client: FlaskClient, path: str) -> None:
    """Every stylesheet comes by its link and by its media type, in that media type."""
    for style in listed(client, path):
        for sheet in stylesheets(style):
            address = local(sheet["href"])
            by_link = fetch(client, address)
            by_type = fetch(client, address.partition("?")[0], Accept=sheet["type"])
            assert by_link.status_code == by_type.status_code == 200
            assert by_link.headers["Content-Type"] == sheet["type"]
            assert by_type.headers["Content-Type"] == sheet["type"]
            assert by_link.data == by_type.data
            assert by_link.headers["Content-Language"] == "zh-CN"


@pytest.mark.parametrize("path", BASES)
def test_core_style_metadata(client: FlaskClient, path: str) -> None:
    for style in listed(client, path):
        told = ask(client, local(link(style, "describedby")["href"]))
        assert (told["id"], told["title"]) == (style["id"], style["title"])
        sheets = [each["link"] for each in told["stylesheets"]]
        assert sheets == list(stylesheets(style))
        assert told["minScaleDenominator"] < told["maxScaleDenominator"]
        for layer in told["layers"]:
            assert local(layer["sampleData"]["href"]) == f"/collections/{layer['id']}"


def test_core_style_feature_type(client: FlaskClient) -> None:
    """What a rule is for is named as the collection and as the layer in its tiles."""
    ids = {each["id"] for each in feature_collections(client)}
    style = fetch(client, "/styles/wangge?f=mapbox").json
    named = {each["source-layer"] for each in style["layers"] if "source" in each}
    assert named <= ids
    for form, space in (("sld10", SLD), ("sld11", SE)):
        root = fromstring(fetch(client, f"/styles/wangge?f={form}").data)
        assert {str(each.text) for each in root.iter(f"{space}FeatureTypeName")} == named


def test_collection_styles_applicability(client: FlaskClient) -> None:
    for style in listed(client, "/collections/roads/styles"):
        for sheet in stylesheets(style):
            assert local(sheet["href"]).startswith("/collections/roads/styles/roads?f=")
        layers = fetch(client, "/collections/roads/styles/roads").json["layers"]
        assert {each["source-layer"] for each in layers} == {"roads"}
    ask(client, "/collections/roads/styles/buildings", status=404)
    ask(client, "/collections/roads/styles/wangge", status=404)


@pytest.mark.parametrize(
    "path",
    ["/styles/nothing", "/styles/nothing/metadata", "/styles/persons", "/collections/no/styles"],
)
def test_a_style_that_is_not_there(client: FlaskClient, path: str) -> None:
    ask(client, path, status=404)


def test_a_style_of_a_hidden_layer_is_not_there(client: FlaskClient) -> None:
    for path in (
        "/styles/incidents",
        "/styles/incidents/metadata",
        "/collections/incidents/styles",
        "/collections/incidents/styles/incidents",
    ):
        ask(client, path, "auditor", status=404)
    for form in ("mapbox", "sld10", "sld11"):
        assert "incidents" not in fetch(client, f"/styles/wangge?f={form}", "auditor").text


@pytest.mark.parametrize("question", ["f=css", "f=json", "lang=xx", "x=1"])
def test_what_is_not_known_is_refused(client: FlaskClient, question: str) -> None:
    assert ask(client, f"/styles/buildings?{question}", status=400)["allowed"]


def test_a_style_is_told_once_a_minute(client: FlaskClient) -> None:
    answer = fetch(client, "/styles/buildings?f=sld11")
    tag = answer.headers["ETag"]
    again = fetch(client, "/styles/buildings?f=sld11", If_None_Match=tag)
    assert (again.status_code, again.data) == (304, b"")
    assert answer.headers["Cache-Control"] == "private, no-cache"


# Mapbox style


def test_mapbox_style_asks_only_this_server(client: FlaskClient) -> None:
    style = client.get(
        "/ogc/styles/wangge",
        auth=("chief", "correct horse battery"),
        base_url="https://map.example",
        headers={"Accept": MAPBOX},
    ).json
    assert style["version"] == 8
    assert "glyphs" not in style
    assert "sprite" not in style
    addresses = re.findall(r"https?://[^/\"]+", str(style))
    assert set(addresses) == {"https://map.example"}
    # Times of lights are in it: other clients know no state.
    assert "global-state" not in str(style)


def test_mapbox_style_sources_hold_what_its_layers_draw(client: FlaskClient) -> None:
    style = fetch(client, "/styles/wangge").json
    z, row, column = PLACES["WebMercatorQuad"]
    found: dict[str, set[str]] = {}
    for name, source in style["sources"].items():
        (template,) = source["tiles"]
        answer = fetch(client, local(template.format(z=z, x=column, y=row)))
        assert answer.status_code in (200, 204, 404)
        found[name] = set(decode(answer.data)) if answer.status_code == 200 else set()
        west, south, east, north = source["bounds"]
        assert WEST - 1e-9 <= west < east <= WEST + 0.02 + 1e-9
        assert SOUTH - 1e-9 <= south < north <= SOUTH + 0.01 + 1e-9
    in_tiles = set().union(*found.values())
    assert {"buildings", "areas"} <= in_tiles
    drawn = {(each["source"], each["source-layer"]) for each in style["layers"] if "source" in each}
    for name, layers in found.items():
        assert {(name, layer) for layer in layers} <= drawn


def test_mapbox_style_of_one_layer_stands_alone(client: FlaskClient) -> None:
    style = fetch(client, "/styles/units").json
    assert list(style["sources"]) == ["units"]
    assert {each["layout"]["visibility"] for each in style["layers"]} == {"visible"}
    whole = {each["id"]: each for each in fetch(client, "/styles/wangge").json["layers"]}
    for each in style["layers"]:
        twin = whole[each["id"]]
        assert (each["paint"], each.get("filter")) == (twin["paint"], twin.get("filter"))
        # It is not shown from the start.
        assert twin["layout"]["visibility"] == "none"


# SLD


@pytest.mark.parametrize("form", SLDS)
def test_sld_is_valid_and_has_its_root_and_content(client: FlaskClient, form: str) -> None:
    for style in listed(client):
        root = fromstring(fetch(client, f"/styles/{style['id']}?f={form}").data)
        assert root.tag == f"{SLD}StyledLayerDescriptor"
        assert root.get("version") == {"sld10": "1.0.0", "sld11": "1.1.0"}[form]
        assert list(faults(root)) == []
        named = list(root.iter(f"{SLD}NamedLayer"))
        assert named
        space = SLD if form == "sld10" else SE
        for layer in named:
            (user,) = layer.iter(f"{SLD}UserStyle")
            assert user.findtext(f"{space}Name") == style["id"]
            assert {each.text for each in layer.iter(f"{space}FeatureTypeName")} == {
                layer.findtext(f"{space}Name")
            }


def test_sld_rules_bear_the_titles_of_codes(
    client: FlaskClient, city: Flask, module_engine: Engine
) -> None:
    """One rule a code with the title it has in its table, which may differ from the legend's."""
    tables = read_code_tables(ROOT / "data" / "codes")
    with module_engine.begin() as connection:
        store_code_tables(connection, tables)
    # The book of codes is read again after a minute.
    city.extensions["wangge"].codes._kept = None
    (usage,) = (table for table in tables if table.name == "building_use")
    names = {row.code: (row.name_zh, row.name_en) for row in usage.rows}
    for language, question in enumerate(("", "&lang=en")):
        root = fromstring(fetch(client, f"/styles/buildings?f=sld10{question}").data)
        style = next(root.iter(f"{SLD}FeatureTypeStyle"))
        titles = [each.findtext(f"{SLD}Title") for each in style.iter(f"{SLD}Rule")]
        expected = [names[f"B{i}"][language] for i in range(1, 7)]
        assert titles == [*expected, ("其他", "Other")[language]]


# OpenAPI and pages


def test_openapi_tells_what_is_served(client: FlaskClient, city: Flask) -> None:
    paths = ask(client, "/openapi")["paths"]
    served = {
        re.sub(r"<(\w+)>", "{}", rule.rule.removeprefix("/ogc")).rstrip("/")
        for rule in city.url_map.iter_rules()
        if rule.rule.startswith("/ogc") and "/styles" in rule.rule
    }
    told = {path: words["get"] for path, words in paths.items() if "/styles" in path}
    assert {re.sub(r"{\w+}", "{}", path) for path in told} == served
    values = {"collectionId": "buildings", "styleId": "buildings"}
    for path, operation in told.items():
        for parameter in operation["parameters"]:
            if parameter["in"] == "path":
                assert "buildings" in parameter["schema"]["enum"]
                continue
            for value in parameter["schema"]["enum"]:
                answer = fetch(client, f"{path.format(**values)}?{parameter['name']}={value}")
                assert answer.status_code == 200
                assert answer.headers["Content-Type"].split(";")[0] in {
                    each.split(";")[0] for each in operation["responses"]["200"]["content"]
                }


@pytest.mark.parametrize(
    "path", ["/styles", "/styles/wangge", "/styles/key_sites/metadata", "/collections/roads/styles"]
)
def test_every_document_has_a_page(client: FlaskClient, path: str) -> None:
    answer = fetch(client, path, Accept="text/html,application/xhtml+xml")
    assert answer.mimetype == "text/html"
    assert "样式" in answer.text
    assert not re.search(r"(src|href)=\"https?://(?!localhost/)", answer.text)


# The project for QGIS


def test_a_project_is_of_what_one_may_see_and_of_the_host_asked(client: FlaskClient) -> None:
    for login, sees in (("chief", True), ("auditor", False)):
        answer = client.get(
            "/ogc/qgis-project",
            auth=(login, "correct horse battery"),
            base_url="https://map.example",
        )
        assert answer.status_code == 200
        assert "wangge.qgs" in answer.headers["Content-Disposition"]
        root = fromstring(answer.data)
        names = {each.findtext("id") for each in root.iter("maplayer")}
        assert "wangge_buildings" in names
        assert ("wangge_incidents" in names) == sees
        assert "wangge_persons" not in names
        assert "https://map.example/ogc" in answer.text
        assert "correct horse battery" not in answer.text
    operation = ask(client, "/openapi")["paths"]["/qgis-project"]["get"]
    assert [each["name"] for each in operation["parameters"]] == ["lang"]
    assert list(operation["responses"]["200"]["content"]) == [answer.mimetype]
    assert "Buildings" in fetch(client, "/qgis-project?lang=en").text
    ask(client, "/qgis-project?f=qgz", status=400)
    assert client.get("/ogc/qgis-project").status_code == 401
