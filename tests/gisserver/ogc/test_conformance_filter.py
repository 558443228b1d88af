"""A check per requirement of Features Part 3 and CQL2, and of the drafts of Parts 5, 6 and 8.

The tests are named after the requirements; each declared class has at least one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from shapely.geometry import box, shape

from gisserver.ogc.conformance import CONFORMANCE
from layers.catalogue import layer_by_name
from tests.gisserver.ogc.conftest import PASSWORD, SOUTH, WEST, ask, feature_collections

SPEC = "http://www.opengis.net/spec"
RELATION = "http://www.opengis.net/def/rel/ogc/1.0"
ITEMS = "/collections/buildings/items"
CQL2 = [
    "cql2-text",
    "cql2-json",
    "basic-cql2",
    "advanced-comparison-operators",
    "case-insensitive-comparison",
    "accent-insensitive-comparison",
    "basic-spatial-functions",
    "basic-spatial-functions-plus",
    "spatial-functions",
    "temporal-functions",
    "property-property",
    "arithmetic",
    "basic-spatial-operators",
    "spatial-operators",
    "temporal-operators",
]
FEATURES = [
    ("3", ["queryables", "queryables-query-parameters", "filter", "features-filter"]),
    (
        "5",
        [
            "schemas",
            "core-roles-features",
            "returnables-and-receivables",
            "queryables",
            "sortables",
        ],
    ),
    ("6", ["properties", "properties-features"]),
    ("8", ["sortables", "sorting", "features-sorting"]),
]
CLASSES = [f"{SPEC}/cql2/1.0/conf/{name}" for name in CQL2] + [
    f"{SPEC}/ogcapi-features-{part}/1.0/conf/{name}" for part, names in FEATURES for name in names
]


def test_just_these_classes_are_declared(client: FlaskClient) -> None:
    declared = ask(client, "/conformance")["conformsTo"]
    ours = ("/cql2/", "ogcapi-features-3", "ogcapi-features-5", "features-6", "features-8")
    assert sorted(uri for uri in declared if any(word in uri for word in ours)) == sorted(CLASSES)
    assert len(CONFORMANCE) == len(set(CONFORMANCE))


def test_qgis_finds_what_makes_it_push_filters_down(client: FlaskClient) -> None:
    """The names that QgsOapifProvider looks for before it sends a filter or reads a schema."""
    declared = ask(client, "/conformance")["conformsTo"]
    for name in (
        "ogcapi-features-3/1.0/conf/filter",
        "ogcapi-features-3/1.0/conf/features-filter",
        "cql2/1.0/conf/cql2-text",
        "cql2/1.0/conf/basic-cql2",
        "cql2/1.0/conf/advanced-comparison-operators",
        "cql2/1.0/conf/case-insensitive-comparison",
        "cql2/1.0/conf/basic-spatial-operators",
        "ogcapi-features-5/1.0/conf/schemas",
    ):
        assert f"{SPEC}/{name}" in declared


@pytest.fixture
def collections(client: FlaskClient) -> list[str]:
    return [each["id"] for each in feature_collections(client)]


def document(client: FlaskClient, collection: str, name: str) -> Any:
    answer = client.get(
        f"/ogc/collections/{collection}/{name}",
        auth=("chief", PASSWORD),
        headers={"Accept": "application/schema+json"},
    )
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/schema+json"
    return answer.json


# -- /req/queryables, /req/schemas, /req/sortables ---------------------------------------------


@pytest.mark.parametrize("name", ["queryables", "sortables", "schema"])
def test_get_op_and_response(client: FlaskClient, collections: list[str], name: str) -> None:
    for collection in collections:
        read = document(client, collection, name)
        Draft202012Validator.check_schema(read)
        assert read["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert read["$id"] == f"http://localhost/ogc/collections/{collection}/{name}"
        assert read["type"] == "object"
        assert read["properties"]
        assert read["additionalProperties"] is False
        for words in read["properties"].values():
            assert words["title"]
            assert words["x-title-en"]
            is_spatial = words.get("format", "").startswith("geometry-")
            assert is_spatial != ("type" in words)
            assert "$ref" not in words


@pytest.mark.parametrize("name", ["queryables", "sortables", "schema"])
def test_link_from_the_collection(client: FlaskClient, collections: list[str], name: str) -> None:
    for collection in collections:
        links = ask(client, f"/collections/{collection}")["links"]
        for relation in (f"{RELATION}/{name}", f"[ogc-rel:{name}]"):
            found = [
                link["href"].partition("?")[0]
                for link in links
                if link["rel"] == relation and link["type"] == "application/schema+json"
            ]
            assert found == [f"http://localhost/ogc/collections/{collection}/{name}"]


def test_link_header_of_what_is_filtered_and_sorted(client: FlaskClient) -> None:
    headers = client.get(f"/ogc{ITEMS}", auth=("chief", PASSWORD)).headers.getlist("Link")
    for name in ("queryables", "sortables"):
        address = f"http://localhost/ogc/collections/buildings/{name}"
        assert f'<{address}>; rel="{RELATION}/{name}"' in headers


def test_schema_roles(client: FlaskClient, collections: list[str]) -> None:
    for collection in collections:
        layer = layer_by_name(collection)
        properties = document(client, collection, "schema")["properties"]
        roles = {
            words["x-ogc-role"]: name
            for name, words in properties.items()
            if "x-ogc-role" in words and words["x-ogc-role"] != "reference"
        }
        assert roles["id"] == "id"
        assert ("primary-geometry" in roles) == (layer.geometry_kind is not None)
        assert roles.get("primary-instant") == layer.time_field
        positions = [words["x-ogc-propertySeq"] for words in properties.values()]
        assert positions == list(range(1, len(positions) + 1))


def test_schema_is_what_items_return_and_take(client: FlaskClient) -> None:
    properties = document(client, "buildings", "schema")["properties"]
    feature = ask(client, f"{ITEMS}?limit=1")["features"][0]
    assert set(properties) == {"id", "geom", *feature["properties"]}
    assert {name for name, words in properties.items() if words.get("readOnly")} == {
        "id",
        "row_version",
        "area_code",
        "updated_at",
        "updated_by",
        "source",
    }
    assert properties["geom"]["format"] == "geometry-multipolygon"
    assert properties["height"]["x-ogc-unit"] == "m"
    assert (properties["levels"]["minimum"], properties["levels"]["maximum"]) == (1, 200)
    usages = {each["const"]: each for each in properties["usage"]["oneOf"]}
    assert usages[feature["properties"]["usage"]]["title"]
    assert properties["updated_at"]["format"] == "date-time"


def test_queryables_query_parameters(client: FlaskClient) -> None:
    """Each queryable that is not spatial is a parameter, in the document and in truth."""
    properties = document(client, "buildings", "queryables")["properties"]
    told = ask(client, "/openapi")["paths"][f"{ITEMS}"]["get"]["parameters"]
    named = {parameter.get("name") for parameter in told}
    for name in set(properties) - {"geom", "id"}:
        assert name in named
    assert ask(client, f"{ITEMS}?levels=3&name=2号楼")["numberMatched"] == 1


# -- /req/filter, /req/features-filter ---------------------------------------------------------


def matched(client: FlaskClient, expression: str, rest: str = "", status: int = 200) -> Any:
    answer = ask(client, f"{ITEMS}?limit=100&filter={quote(expression)}{rest}", status=status)
    return answer.get("numberMatched")


def kept(client: FlaskClient, expression: str, holds: Callable[[Any], bool | None]) -> None:
    """The filter keeps just the buildings for which `holds`, and not all and not none of them."""
    every = ask(client, f"{ITEMS}?limit=100")["features"]
    page = ask(client, f"{ITEMS}?limit=100&filter={quote(expression)}")
    expected = [feature["id"] for feature in every if holds(feature)]
    assert 0 < len(expected) < len(every)
    assert [feature["id"] for feature in page["features"]] == expected


def value(name: str) -> Callable[[Any], Any]:
    return lambda feature: feature["properties"][name]


def test_filter_param_for_every_collection(client: FlaskClient, collections: list[str]) -> None:
    for collection in collections:
        sample = [*document(client, collection, "queryables")["properties"]][-1]
        path = f"/collections/{collection}/items?filter"
        whole = ask(client, f"/collections/{collection}/items?limit=1000")["numberMatched"]
        none = ask(client, f"{path}={quote(f'{sample} IS NULL')}&limit=1000")["numberMatched"]
        some = ask(client, f"{path}={quote(f'{sample} IS NOT NULL')}&limit=1000")["numberMatched"]
        assert none + some == whole
        ask(client, f"{path}=THIS%20IS%20NOT%20A%20FILTER", status=400)
        ask(client, f"{path}={quote('this_is_not_a_queryable IS NULL')}", status=400)


def test_filter_lang_param_and_default(client: FlaskClient) -> None:
    tree = quote('{"op":"=","args":[{"property":"levels"},3]}')
    assert matched(client, "levels = 3") == matched(client, "levels = 3", "&filter-lang=cql2-text")
    page = ask(client, f"{ITEMS}?filter={tree}&filter-lang=cql2-json")
    assert page["numberMatched"] == matched(client, "levels = 3") == 8
    ask(client, f"{ITEMS}?filter={tree}", status=400)
    ask(client, f"{ITEMS}?filter={tree}&filter-lang=ecql", status=400)


def test_filter_crs_wgs84_is_the_default(client: FlaskClient) -> None:
    for collection in ("buildings", "areas"):
        bbox = ask(client, f"/collections/{collection}")["extent"]["spatial"]["bbox"][0]
        path = f"/collections/{collection}/items?filter="
        inside = quote(f"S_INTERSECTS(geom,BBOX({','.join(map(str, bbox))}))")
        whole = ask(client, f"/collections/{collection}/items")["numberMatched"]
        assert ask(client, f"{path}{inside}")["numberMatched"] == whole
        outside = quote("S_INTERSECTS(geom,BBOX(1000000,1000000,2000000,2000000))")
        ask(client, f"{path}{outside}", status=400)


def test_filter_crs_param_follows_the_axes(client: FlaskClient) -> None:
    north_first = f"S_INTERSECTS(geom,BBOX({SOUTH},{WEST},{SOUTH + 0.01},{WEST + 0.01}))"
    crs = "&filter-crs=http://www.opengis.net/def/crs/EPSG/0/4326"
    assert matched(client, north_first, crs) == 25
    matched(client, north_first, status=400)


def test_mixing_expressions(client: FlaskClient) -> None:
    bbox = f"&bbox={WEST},{SOUTH},{WEST + 0.01},{SOUTH + 0.01}"
    assert matched(client, "levels = 3", bbox) == 4
    assert matched(client, "levels = 3", f"{bbox}&name=2号楼") == 1


# -- CQL2 --------------------------------------------------------------------------------------


def test_basic_cql2_comparisons_and_logic(client: FlaskClient) -> None:
    levels = value("levels")
    kept(client, "levels = 3", lambda f: levels(f) == 3)
    kept(client, "levels <> 3", lambda f: levels(f) != 3)
    kept(client, "levels < 3", lambda f: levels(f) < 3)
    kept(client, "levels <= 3", lambda f: levels(f) <= 3)
    kept(client, "levels > 3", lambda f: levels(f) > 3)
    kept(client, "levels >= 3", lambda f: levels(f) >= 3)
    kept(client, "name = '3号楼'", lambda f: value("name")(f) == "3号楼")
    kept(client, "name > '3'", lambda f: value("name")(f) > "3")
    kept(client, "levels = 3 OR levels = 4", lambda f: levels(f) in (3, 4))
    kept(client, "levels > 1 AND levels < 5 OR levels = 6", lambda f: levels(f) not in (1, 5))
    kept(client, "NOT levels = 3", lambda f: levels(f) != 3)
    kept(client, "levels > 2 AND NOT (levels = 3 OR levels = 4)", lambda f: levels(f) > 4)
    assert matched(client, "height IS NULL") == 50
    assert matched(client, "height IS NOT NULL") == 0
    assert matched(client, "levels_estimated = FALSE AND true") == 50


def test_advanced_comparison_operators(client: FlaskClient) -> None:
    name, levels = value("name"), value("levels")
    kept(client, "name LIKE '1%'", lambda f: name(f).startswith("1"))
    kept(client, "name LIKE '_号楼'", lambda f: len(name(f)) == 3)
    kept(client, "name NOT LIKE '1%'", lambda f: not name(f).startswith("1"))
    kept(client, "levels BETWEEN 2 AND 4", lambda f: 2 <= levels(f) <= 4)
    kept(client, "levels NOT BETWEEN 2 AND 4", lambda f: not 2 <= levels(f) <= 4)
    kept(client, "name IN ('1号楼','2号楼')", lambda f: name(f) in ("1号楼", "2号楼"))
    kept(client, "levels NOT IN (1,2,3)", lambda f: levels(f) > 3)


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("CASEI('STRASSE a') = CASEI('strasse A')", True),
        ("CASEI('ÄÖ') LIKE CASEI('äÖ%')", True),
        ("'A' = 'a'", False),
        ("ACCENTI('débárquér') = ACCENTI('debarquer')", True),
        ("ACCENTI(CASEI('PAPÁ')) IN (ACCENTI(CASEI('papa')))", True),
        ("'papá' = 'papa'", False),
    ],
)
def test_case_and_accent_insensitive(client: FlaskClient, expression: str, holds: bool) -> None:
    assert matched(client, expression) == (50 if holds else 0)


RECTANGLE = (WEST + 0.0002, SOUTH, WEST + 0.005, SOUTH + 0.0015)
SPATIAL: list[tuple[str, Callable[[Any, Any], bool]]] = [
    ("S_INTERSECTS", lambda a, b: a.intersects(b)),
    ("S_DISJOINT", lambda a, b: a.disjoint(b)),
    ("S_OVERLAPS", lambda a, b: a.overlaps(b)),
]


@pytest.mark.parametrize(("operator", "holds"), SPATIAL)
@pytest.mark.parametrize("form", ["bbox", "wkt", "multi", "collection"])
def test_spatial_functions_of_surfaces(
    client: FlaskClient, operator: str, holds: Callable[[Any, Any], bool], form: str
) -> None:
    drawn = box(*RECTANGLE)
    literal = {
        "bbox": f"BBOX({','.join(map(str, RECTANGLE))})",
        "wkt": drawn.wkt,
        "multi": drawn.wkt.replace("POLYGON ((", "MULTIPOLYGON(((") + ")",
        "collection": f"GEOMETRYCOLLECTION({drawn.wkt})",
    }[form]
    kept(client, f"{operator}(geom,{literal})", lambda f: holds(shape(f["geometry"]), drawn))


def test_spatial_functions_of_points_and_lines(client: FlaskClient) -> None:
    first = ask(client, f"{ITEMS}?limit=1")["features"][0]
    drawn = shape(first["geometry"])
    x, y = drawn.representative_point().coords[0]
    corner_x, corner_y = drawn.geoms[0].exterior.coords[0]

    def is_first(feature: Any) -> bool:
        return bool(feature["id"] == first["id"])

    kept(client, f"S_INTERSECTS(geom,POINT({x} {y}))", is_first)
    kept(client, f"S_CONTAINS(geom,POINT({x} {y}))", is_first)
    kept(client, f"S_CONTAINS(geom,MULTIPOINT(({x} {y}),({x} {y})))", is_first)
    kept(client, f"S_TOUCHES(geom,POINT({corner_x} {corner_y}))", is_first)
    line = f"LINESTRING({x - 1} {y},{x} {y})"
    kept(client, f"S_CROSSES(geom,{line})", is_first)
    kept(client, f"S_CROSSES(geom,MULTILINESTRING(({x - 1} {y},{x} {y})))", is_first)
    kept(client, f"S_EQUALS(geom,{drawn.wkt})", is_first)
    west, south, east, north = drawn.bounds
    around = f"BBOX({west - 1e-6},{south - 1e-6},{east + 1e-6},{north + 1e-6})"
    kept(client, f"S_WITHIN(geom,{around})", is_first)


# The one incident was reported on 2026-01-31 at 08:00 in China, which is midnight in UTC.
TEMPORAL = [
    ("T_AFTER(reported_at,DATE('2026-01-30'))", True),
    ("T_AFTER(reported_at,DATE('2026-01-31'))", False),
    ("T_BEFORE(reported_at,DATE('2026-02-01'))", True),
    ("T_BEFORE(reported_at,TIMESTAMP('2026-01-31T00:00:00Z'))", False),
    ("T_EQUALS(reported_at,TIMESTAMP('2026-01-31T00:00:00Z'))", True),
    ("T_EQUALS(reported_at,DATE('2026-01-31'))", True),
    ("T_INTERSECTS(reported_at,INTERVAL('2026-01-31','2026-01-31'))", True),
    ("T_INTERSECTS(reported_at,INTERVAL('..','2026-01-30'))", False),
    ("T_DISJOINT(reported_at,INTERVAL('2026-02-01','..'))", True),
    ("T_DURING(reported_at,INTERVAL('2026-01-30','2026-02-01'))", True),
    ("T_DURING(reported_at,INTERVAL('2026-01-31T00:00:00Z','2026-02-01T00:00:00Z'))", False),
    ("T_STARTS(reported_at,INTERVAL('2026-01-31T00:00:00Z','2026-02-01T00:00:00Z'))", True),
    ("T_FINISHES(reported_at,INTERVAL('2026-01-01T00:00:00Z','2026-01-31T00:00:00Z'))", True),
    ("T_MEETS(INTERVAL('..',reported_at),INTERVAL('2026-01-31T00:00:00Z','..'))", True),
    ("T_METBY(INTERVAL(reported_at,'..'),INTERVAL('..','2026-01-31T00:00:00Z'))", True),
    ("T_CONTAINS(INTERVAL(reported_at,'..'),INTERVAL('2026-02-01','2026-02-02'))", True),
    ("T_CONTAINS(INTERVAL(reported_at,'..'),INTERVAL('2026-01-30','2026-02-02'))", False),
    ("T_CONTAINS(INTERVAL('..','..'),INTERVAL('2026-02-01',reported_at))", True),
    ("T_OVERLAPS(INTERVAL('..',reported_at),INTERVAL('2026-01-30','2026-02-02'))", True),
    ("T_OVERLAPPEDBY(INTERVAL(reported_at,'..'),INTERVAL('2026-01-30','2026-02-02'))", True),
    ("T_STARTEDBY(INTERVAL('..','..'),INTERVAL('..',reported_at))", True),
    ("T_FINISHEDBY(INTERVAL('..','..'),INTERVAL(reported_at,'..'))", True),
    ("reported_at = DATE('2026-01-31')", True),
    ("reported_at < DATE('2026-01-31')", False),
    ("reported_at >= TIMESTAMP('2026-01-31T08:00:00+08:00')", True),
    ("reported_at BETWEEN DATE('2026-01-31') AND DATE('2026-01-31')", True),
    ("reported_at IN (DATE('2026-01-31'))", True),
]


@pytest.mark.parametrize(("expression", "holds"), TEMPORAL)
def test_temporal_functions(client: FlaskClient, expression: str, holds: bool) -> None:
    path = f"/collections/incidents/items?filter={quote(expression)}"
    assert ask(client, path)["numberMatched"] == (1 if holds else 0)


def test_property_property_and_arithmetic(client: FlaskClient) -> None:
    levels = value("levels")
    kept(client, "levels < id", lambda f: levels(f) < f["id"])
    kept(client, "3 < levels", lambda f: levels(f) > 3)
    kept(client, "levels + 1 = 3", lambda f: levels(f) == 2)
    kept(client, "levels - 1 > id / 10", lambda f: levels(f) - 1 > f["id"] / 10)
    kept(client, "id % 7 = 0", lambda f: f["id"] % 7 == 0)
    kept(client, "id div 7 = 2", lambda f: f["id"] // 7 == 2)
    kept(client, "levels ^ 2 >= 16", lambda f: levels(f) >= 4)
    kept(client, "-levels < -3", lambda f: levels(f) > 3)
    assert matched(client, "1 = 1") == 50
    assert matched(client, "1 / 0 = 1") == 0


def test_text_and_json_say_the_same(client: FlaskClient) -> None:
    tree = {
        "op": "and",
        "args": [
            {"op": "like", "args": [{"property": "name"}, "%号楼"]},
            {"op": "between", "args": [{"property": "levels"}, 2, 4]},
            {"op": "not", "args": [{"op": "in", "args": [{"property": "levels"}, [3]]}]},
            {"op": "s_within", "args": [{"property": "geom"}, {"bbox": [WEST, 33, 117.01, 34]}]},
        ],
    }
    text = "name LIKE '%号楼' AND levels BETWEEN 2 AND 4 AND levels NOT IN (3) "
    text += f"AND S_WITHIN(geom,BBOX({WEST},33,117.01,34))"
    page = ask(client, f"{ITEMS}?filter={quote(json.dumps(tree))}&filter-lang=cql2-json")
    assert page["numberMatched"] == matched(client, text) == 8


# -- /req/sorting, /req/features-sorting, /req/properties --------------------------------------


def test_sortby_param_and_response(client: FlaskClient) -> None:
    for collection in ("buildings", "areas", "incidents"):
        sortable = [*document(client, collection, "sortables")["properties"]][-1]
        ask(client, f"/collections/{collection}/items?sortby={sortable}")
        path = f"/collections/{collection}/items?sortby"
        ask(client, f"{path}=THIS%20IS%20NOT%20A%20SORTBY%20EXPRESSION", status=400)
        ask(client, f"{path}=this_is_not_a_sortable", status=400)
    for sort, sign in (("levels", 1), ("%2Blevels", 1), ("-levels", -1)):
        features = ask(client, f"{ITEMS}?limit=100&sortby={sort}")["features"]
        levels = [feature["properties"]["levels"] * sign for feature in features]
        assert levels == sorted(levels)
        assert len(set(levels)) == 6


def test_properties_param_and_response(client: FlaskClient) -> None:
    every = ask(client, f"{ITEMS}?limit=1")["features"][0]
    for path in (f"{ITEMS}?limit=1&", f"{ITEMS}/{every['id']}?"):
        answer = ask(client, f"{path}properties=usage,name")
        feature = answer["features"][0] if "features" in answer else answer
        names = ("usage", "name")
        assert feature["properties"] == {name: every["properties"][name] for name in names}
        ask(client, f"{path}properties=this_is_no_property", status=400)


def test_every_parameter_told_is_taken(client: FlaskClient) -> None:
    told = ask(client, "/openapi")["paths"][ITEMS]["get"]["parameters"]
    named = {parameter["name"]: parameter for parameter in told if "name" in parameter}
    assert {"filter", "filter-lang", "filter-crs", "sortby", "properties"} <= set(named)
    assert named["filter-lang"]["schema"]["enum"] == ["cql2-text", "cql2-json"]
    values = {
        "filter": "levels%3D3",
        "filter-lang": "cql2-text",
        "filter-crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "sortby": "-levels",
        "properties": "name",
        "skipGeometry": "true",
    }
    for name, words in values.items():
        assert name in named
        ask(client, f"{ITEMS}?{name}={words}")
    assert "post" in ask(client, "/openapi")["paths"]["/collections/buildings/search"]
