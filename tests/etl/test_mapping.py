from __future__ import annotations

from datetime import UTC, datetime

import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from etl.mapping import osm
from etl.mapping.columns import column_fields, guess_layer, key_column
from etl.mapping.osm_kinds import (
    BUILDING_STRUCTURE,
    BUILDING_USE,
    COMPONENT_TYPE,
    FACILITY_KIND,
    GREEN_KIND,
    PLACE_TYPE,
    ROAD_CLASS,
    WATER_KIND,
    Rules,
)
from etl.mapping.poi import _TYPES, place_type
from etl.mapping.row import MappedRow
from etl.mapping.service_requests import _CATEGORIES, _SOURCES, category_of, eastern_time
from etl.mapping.tags import address_of, alias_of, heading, metres, whole_number, year, yes
from etl.raw import Dataset, RawFeature
from layers.catalogue import LAYERS, layer_by_name
from layers.core.codes import read_code_tables
from layers.migrations import CODES

SQUARE = shapely.box(121.0, 31.0, 121.001, 31.001)
LINE = shapely.LineString([(121, 31), (121.001, 31)])
POINT = shapely.Point(121.0005, 31.0005)

TABLES = {table.name: {row.code for row in table.rows} for table in read_code_tables(CODES)}


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("building_use", BUILDING_USE),
        ("building_structure", BUILDING_STRUCTURE),
        ("place_type", PLACE_TYPE),
        ("component_type", COMPONENT_TYPE),
        ("facility_kind", FACILITY_KIND),
        ("water_kind", WATER_KIND),
        ("green_kind", GREEN_KIND),
    ],
)
def test_every_rule_gives_a_code_there_is(table: str, codes: Rules) -> None:
    assert {code for _, _, code in codes} <= TABLES[table]


def test_other_mappings_give_codes_there_are() -> None:
    assert set(ROAD_CLASS.values()) <= TABLES["road_class"]
    assert {code for _, code in _TYPES} <= TABLES["place_type"]
    assert {code for _, code in _CATEGORIES} | {"SG-99"} <= TABLES["incident_category"]
    assert set(_SOURCES.values()) <= TABLES["report_source"]
    assert set(osm._CAMERA_TYPES.values()) <= TABLES["camera_type"]


def rows(tags: dict[str, str], geometry: BaseGeometry | None, *notes: str) -> dict[str, MappedRow]:
    found = osm.rows(RawFeature(1, tags, geometry, "way/1", notes))
    return {row.layer: row for row in found}


def test_a_building_keeps_levels_height_and_address() -> None:
    tags = {
        "building": "apartments",
        "building:levels": "18;20",
        "building:levels:underground": "2",
        "height": "60 m",
        "name": "一号楼",
        "name:en": "No. 1",
        "addr:street": "沪闵路",
        "addr:housenumber": "6558",
        "start_date": "1998-05",
    }
    values = rows(tags, SQUARE)["buildings"].values
    assert values["usage"] == "B1"
    assert (values["levels"], values["levels_below"], values["height"]) == (20, 2, 60.0)
    assert (values["name"], values["alias"], values["built_year"]) == ("一号楼", "No. 1", 1998)
    assert values["address"] == "沪闵路6558号"


def test_a_hotel_outline_is_a_building_and_a_key_site() -> None:
    found = rows({"building": "hotel", "tourism": "hotel", "name": "和平饭店"}, SQUARE)
    assert set(found) == {"buildings", "key_sites"}
    assert found["key_sites"].geometry is not None
    assert SQUARE.contains(found["key_sites"].geometry)


def test_a_part_of_a_building_is_no_building() -> None:
    raw = RawFeature(1, {"building:part": "yes"}, SQUARE, "way/1")
    assert osm.rows(raw) == ()
    assert osm.left_out(raw) == "building_part"


def test_an_incomplete_outline_is_passed_on_to_be_rejected() -> None:
    row = rows({"building": "yes"}, LINE, "incomplete")["buildings"]
    assert row.geometry is None
    assert row.notes == ("incomplete",)


@pytest.mark.parametrize(
    ("tags", "layer"),
    [
        ({"highway": "primary_link"}, "roads"),
        ({"highway": "footway"}, "roads"),
        ({"highway": "platform"}, None),
        ({"highway": "proposed"}, None),
        ({"waterway": "river"}, None),
        ({"barrier": "bollard"}, None),
    ],
)
def test_which_lines_are_roads(tags: dict[str, str], layer: str | None) -> None:
    assert set(rows(tags, LINE)) == ({layer} if layer else set())


@pytest.mark.parametrize(
    ("tags", "one_way", "is_turned"),
    [
        ({}, None, False),
        ({"oneway": "no"}, False, False),
        ({"oneway": "yes"}, True, False),
        ({"oneway": "-1"}, True, True),
        ({"junction": "roundabout"}, True, False),
        ({"junction": "roundabout", "oneway": "no"}, False, False),
        ({"highway": "motorway"}, True, False),
        ({"highway": "motorway", "oneway": "reverse"}, True, True),
    ],
)
def test_one_way_roads_are_drawn_as_they_are_gone(
    tags: dict[str, str], one_way: bool | None, is_turned: bool
) -> None:
    road = rows({"highway": "primary", **tags}, LINE)["roads"]
    assert road.values["oneway"] is one_way
    assert road.geometry is not None
    assert road.geometry.equals_exact(LINE.reverse() if is_turned else LINE)


@pytest.mark.parametrize(
    ("tags", "layer"),
    [
        ({"natural": "water"}, "waters"),
        ({"leisure": "park", "name": "人民公园"}, "greens"),
        ({"landuse": "residential", "name": "莘城公寓"}, "compounds"),
        ({"landuse": "residential"}, None),
        ({"boundary": "administrative", "admin_level": "6", "name": "闵行区"}, "areas"),
        ({"amenity": "parking"}, "components"),
        ({"amenity": "school", "name": "一中"}, "key_sites"),
        ({"power": "substation"}, "facilities"),
    ],
)
def test_which_surfaces_go_where(tags: dict[str, str], layer: str | None) -> None:
    assert set(rows(tags, SQUARE)) == ({layer} if layer else set())


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"highway": "street_lamp"}, "C13-0137"),
        ({"emergency": "fire_hydrant"}, "C13-0124"),
        ({"man_made": "manhole", "manhole": "sewer"}, "C13-0102"),
        ({"man_made": "manhole"}, "C13-0123"),
        ({"amenity": "bench"}, "C13-0407"),
        ({"highway": "traffic_signals"}, "C07-0210"),
        ({"natural": "tree", "denotation": "natural_monument"}, "C13-0401"),
        ({"natural": "tree"}, "C13-0402"),
        ({"highway": "bus_stop"}, "C13-0204"),
        ({"highway": "crossing"}, None),
    ],
)
def test_street_furniture_by_class(tags: dict[str, str], kind: str | None) -> None:
    found = rows(tags, POINT)
    assert (found["components"].values["kind"] if found else None) == kind


def test_a_camera_knows_where_it_looks() -> None:
    tags = {
        "man_made": "surveillance",
        "camera:type": "fixed",
        "camera:direction": "NNE",
        "height": "4",
        "surveillance": "outdoor",
        "operator": "公安局",
    }
    values = rows(tags, POINT)["cameras"].values
    assert (values["kind"], values["heading"], values["mount_height"]) == ("PTZ3", 22.5, 4.0)
    assert values["indoor"] is False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90", (90.0, None)),
        ("450", (90.0, None)),
        ("-90", (270.0, None)),
        ("SW", (225.0, None)),
        ("90-180", (135.0, 90.0)),
        ("350-10", (0.0, 20.0)),
        ("90;270", (90.0, None)),
        ("forward", (None, None)),
        (None, (None, None)),
    ],
)
def test_headings(text: str | None, expected: tuple[float | None, float | None]) -> None:
    assert heading(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12", 12.0), ("12 m", 12.0), ("12,5m", 12.5), ("40'", 12.19), ("7 ft", 2.13), ("tall", None)],
)
def test_heights(text: str, expected: float | None) -> None:
    assert metres(text) == expected


def test_small_words_of_tags() -> None:
    assert whole_number("5.5") == 5
    assert whole_number("none") is None
    assert year("C19 (1870)") == 1870
    assert (yes("-1"), yes("no"), yes("alternating")) == (True, False, None)
    assert alias_of({"name": "甲", "alt_name": "甲", "name:en": "A"}) == "A"
    assert address_of({"addr:street": "Mannerheimintie", "addr:housenumber": "5 B"}) == (
        "Mannerheimintie 5 B"
    )
    assert address_of(
        {"addr:city": "上海市", "addr:street": "南京路", "addr:housenumber": "1"}
    ) == ("上海市南京路1号")


@pytest.mark.parametrize(
    ("poi", "name", "code"),
    [
        ("科教文化服务;学校;中学", "一中", "10204"),
        ("科教文化服务;学校;幼儿园|科教文化服务;培训机构;培训机构", "小星", "10202"),
        ("商务住宅;住宅区;宿舍|科教文化服务;学校;高等院校", "某大学", "10205"),
        ("交通设施服务;地铁站;地铁站", "人民广场", "20206"),
        ("医疗保健服务;综合医院;三级甲等医院", "中山医院", "10301"),
        ("医疗保健服务;动物医疗场所;宠物诊所", "申普宠物医院", "10314"),
        ("医疗保健服务;专科医院;专科医院", "安安宠物医院", "10314"),
        ("医疗保健服务;动物医疗场所;动物医疗场所", "顽皮家族", "10314"),
        ("虚拟数据;其他;其他", "某处", "21009"),
    ],
)
def test_types_of_chinese_map_services(poi: str, name: str, code: str) -> None:
    assert place_type(poi, name) == code


def test_times_of_service_requests_are_month_day_year_of_the_east_coast() -> None:
    assert eastern_time("04/12/2018 11:11:26 AM") == datetime(2018, 4, 12, 15, 11, 26, tzinfo=UTC)
    assert eastern_time("2022-01-21 13:47:00") == datetime(2022, 1, 21, 18, 47, tzinfo=UTC)
    assert eastern_time(None) is None
    with pytest.raises(ValueError, match="no local time"):
        eastern_time("soon")


def test_requests_find_their_category() -> None:
    assert category_of("SW-Graffiti Removal") == "UM-0201"
    assert category_of("Quite Another Matter") == "SG-99"


def test_columns_are_found_by_name_title_and_synonym() -> None:
    buildings = layer_by_name("buildings")
    columns = ["楼栋名称", "Floor", "高度(m)", "Year built", "用途", "geom", "Id"]
    assert column_fields(columns, buildings) == {
        "楼栋名称": "name",
        "Floor": "levels",
        "高度(m)": "height",
        "Year built": "built_year",
        "用途": "usage",
    }
    assert key_column(columns) == "Id"
    assert key_column(["a", "b"]) is None


def test_the_layer_is_guessed_from_name_or_floors() -> None:
    def guess(name: str, kind: str, *fields: str) -> str | None:
        layer = guess_layer(Dataset(name, kind, fields, lambda: iter(())), LAYERS)
        return layer.name if layer else None

    assert guess("buildings", "geojson") == "buildings"
    assert guess("楼栋", "excel", "名称") == "buildings"
    assert guess("data", "geojson", "Floor") == "buildings"
    assert guess("data", "csv", "floor") is None
