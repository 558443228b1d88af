from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import shapely
import shapely.affinity
from sqlalchemy import Engine, text

from etl.keys import plain_digest
from etl.load import LoadError
from layers.core.crs import GCJ02
from tests.etl.conftest import Loading
from tests.etl.test_formats import OSM

CODE_LIST = """code,name
31,上海市
3101,市辖区
310112,闵行区
310151,崇明区
310112101,莘庄镇
310112101001,莘松一村居委会
"""
ID_NUMBER = "990101199001011230"
WEST, EAST, FAR = (shapely.box(x, 30.9, x + 0.2, 31.1) for x in (120.9, 121.9, 122.9))
HOUSE = shapely.box(121.0, 31.0, 121.001, 31.001)


def written(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def collection(path: Path, *features: tuple[dict[str, Any], Any]) -> Path:
    document = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(g)}
            for properties, g in features
        ],
    }
    return written(path, json.dumps(document))


def query(engine: Engine, sql: str) -> list[Any]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def report_rows(path: Path | None) -> list[dict[str, str]]:
    assert path is not None
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def schools(tmp_path: Path) -> Path:
    return written(
        tmp_path / "学校.csv",
        "名称,场所类型,地址,经度,纬度\n"
        "第一小学,小学,沪闵路1号,121.38,31.11\n"
        "第二小学,小学,沪闵路2号,121.39,31.12\n"
        "无处小学,小学,,,\n",
    )


def test_a_table_is_loaded_reported_and_loaded_again_without_doubling(
    load: Loading, engine: Engine, schools: Path
) -> None:
    report = load(schools, layer="key_sites")
    counts = report.layers["key_sites"]
    assert (counts.accepted, counts.rejected, counts.inserted) == (2, 1, 2)
    assert report.written
    lines = report_rows(report.path)
    assert [(line["row"], line["outcome"], line["reason"]) for line in lines] == [
        ("3", "rejected", "no_coordinates"),
        ("1", "accepted", "outside_areas"),
        ("2", "accepted", "outside_areas"),
    ]
    assert query(engine, "SELECT name, kind, source FROM places.key_site ORDER BY name") == [
        ("第一小学", "10201", "学校.csv"),
        ("第二小学", "10201", "学校.csv"),
    ]
    again = load(schools, layer="key_sites").layers["key_sites"]
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 2)


def test_changed_values_update_the_same_row(load: Loading, engine: Engine, schools: Path) -> None:
    load(schools, layer="key_sites")
    schools.write_text(schools.read_text().replace("第一小学,小学", "第一小学,中学"))
    counts = load(schools, layer="key_sites").layers["key_sites"]
    assert (counts.inserted, counts.updated, counts.unchanged) == (0, 1, 1)
    changed = "SELECT kind, row_version FROM places.key_site WHERE name = '第一小学'"
    assert query(engine, changed) == [("10204", 2)]


def test_a_dry_run_checks_and_writes_nothing(load: Loading, engine: Engine, schools: Path) -> None:
    report = load(schools, layer="key_sites", dry_run=True)
    assert report.layers["key_sites"].accepted == 2
    assert not report.written
    assert query(engine, "SELECT count(*) FROM places.key_site") == [(0,)]
    assert any("nothing written" in line for line in report.summary_lines())


def test_one_history_row_and_one_notice_a_layer(
    load: Loading, engine: Engine, schools: Path
) -> None:
    load(schools, layer="key_sites")
    assert query(engine, "SELECT layer, action, reason FROM core.history") == [
        ("key_sites", "bulk", "load 学校.csv")
    ]


def test_mostly_rejected_means_nothing_is_written_unless_partial(
    load: Loading, engine: Engine, tmp_path: Path
) -> None:
    path = written(tmp_path / "t.csv", "name,lon,lat\na,121.1,31.1\nb,0,0\nc,-77,39\nd,,\n")
    report = load(path, layer="key_sites")
    assert "3 of 4 rows rejected" in report.stopped
    assert query(engine, "SELECT count(*) FROM places.key_site") == [(0,)]
    assert {line["reason"] for line in report_rows(report.path)} == {
        "null_island", "whole_degrees", "no_coordinates",
    }  # fmt: skip
    assert load(path, layer="key_sites", partial=True).layers["key_sites"].inserted == 1


def test_a_refusal_of_the_database_leaves_nothing(
    load: Loading, engine: Engine, tmp_path: Path
) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("ALTER TABLE places.key_site ADD CONSTRAINT no_b CHECK (name <> 'b')")
        )
    path = written(tmp_path / "t.csv", "name,lon,lat\na,121.1,31.1\nb,121.2,31.2\n")
    with pytest.raises(LoadError, match="refused by the database"):
        load(path, layer="key_sites")
    assert query(engine, "SELECT count(*) FROM places.key_site") == [(0,)]


def test_twins_in_a_file_are_rejected(load: Loading, tmp_path: Path) -> None:
    path = written(
        tmp_path / "t.csv",
        "id,编码,name,lon,lat\n"
        "1,A,a,121.1,31.1\n1,B,b,121.2,31.2\n2,A,c,121.3,31.3\n3,C,d,121.4,31.4\n",
    )
    report = load(path, layer="key_sites")
    assert report.reasons["duplicate"] == 1
    assert report.reasons["duplicate_code"] == 1
    assert report.layers["key_sites"].inserted == 2


def test_a_code_of_another_source_is_not_taken_over(
    load: Loading, engine: Engine, tmp_path: Path
) -> None:
    load(written(tmp_path / "a.csv", "编码,name,lon,lat\nX1,a,121.1,31.1\n"), layer="key_sites")
    other = written(tmp_path / "b.csv", "编码,name,lon,lat\nX1,b,121.2,31.2\nX2,c,121.3,31.3\n")
    report = load(other, layer="key_sites")
    assert report.reasons["code_taken"] == 1
    names = query(engine, "SELECT name FROM places.key_site ORDER BY name")
    assert names == [("a",), ("c",)]


def test_persons_are_sealed_and_only_masked_text_is_readable(
    load: Loading, engine: Engine, tmp_path: Path
) -> None:
    path = written(
        tmp_path / "人口.csv",
        f"姓名,证件号码,联系电话,人口类型\n张三丰,{ID_NUMBER},13800138000,户籍人口\n",
    )
    report = load(path, layer="persons")
    assert report.layers["persons"].inserted == 1, report.summary_lines()
    name, number, cipher, index = query(
        engine, "SELECT name, id_number, name_cipher, id_number_index FROM people.person"
    )[0]
    assert name == "张**"
    assert number.startswith("990101")
    assert "*" in number
    assert "张三丰".encode() not in bytes(cipher)
    assert len(bytes(index)) == 16


def test_people_of_one_name_are_two_and_their_keys_give_nothing_away(
    load: Loading, engine: Engine, tmp_path: Path
) -> None:
    header = "姓名,身份证号,人口类型,出生日期\n"
    people = (
        f"王伟,{ID_NUMBER},户籍人口,1990-01-01\n"
        "王伟,,流动人口,1985-05-05\n王伟,,流动人口,1986-06-06\n"
    )
    path = written(tmp_path / "p.csv", header + people)
    assert load(path, layer="persons").layers["persons"].inserted == 3
    again = load(path, layer="persons").layers["persons"]
    assert (again.inserted, again.updated + again.unchanged) == (0, 3)
    keys = {row[0] for row in query(engine, "SELECT source_key FROM people.person")}
    assert len(keys) == 3
    assert not keys & {plain_digest(ID_NUMBER.encode())}


def test_rows_refer_to_rows_of_other_layers_by_code(
    load: Loading, engine: Engine, tmp_path: Path
) -> None:
    square = shapely.box(121.4, 31.1, 121.401, 31.101)
    load(collection(tmp_path / "b.geojson", ({"编码": "B-1", "层数": 6}, square)))
    path = written(
        tmp_path / "d.csv", "编码,所属楼栋,层,房号\nD-1,B-1,3,301\nD-2,B-9,3,302\nD-3,B-1,2,201\n"
    )
    report = load(path, layer="dwellings")
    assert report.layers["dwellings"].inserted == 2, report.summary_lines()
    assert report.reasons["bad_reference"] == 1
    joined = (
        "SELECT count(*) FROM housing.dwelling AS d "
        "JOIN housing.building AS b ON b.id = d.building_id WHERE b.code = 'B-1'"
    )
    assert query(engine, joined) == [(2,)]


def test_a_roll_of_residents_puts_people_into_their_rooms(
    load: Loading, engine: Engine, tmp_path: Path
) -> None:
    load(written(tmp_path / "codes.csv", CODE_LIST))
    outline = collection(tmp_path / "areas.geojson", ({"adcode": 310112, "name": "闵行区"}, WEST))
    load(outline)
    load(collection(tmp_path / "b.geojson", ({"编码": "B-1", "层数": 6}, HOUSE)))
    load(written(tmp_path / "d.csv", "编码,所属楼栋,层,房号\nD-1,B-1,3,301\n"), layer="dwellings")
    roll = f"姓名,身份证号,人口类型\n张三丰,{ID_NUMBER},户籍人口\n"
    assert load(written(tmp_path / "p.csv", roll), layer="persons").layers["persons"].outside == 1
    homes = written(tmp_path / "r.csv", f"人员,户室,居住方式\n{ID_NUMBER},D-1,自购房屋\n")
    report = load(homes, layer="residences")
    assert report.layers["residences"].inserted == 1, report.summary_lines()
    joined = (
        "SELECT r.area_code, p.area_code, b.code FROM people.residence AS r "
        "JOIN people.person AS p ON p.id = r.person_id "
        "JOIN housing.building AS b ON b.id = r.building_id"
    )
    assert query(engine, joined) == [("310112", "310112", "B-1")]


def test_a_building_that_moves_takes_all_who_live_in_it_along(
    load: Loading, engine: Engine, tmp_path: Path
) -> None:
    test_a_roll_of_residents_puts_people_into_their_rooms(load, engine, tmp_path)
    load(written(tmp_path / "more.csv", "code,name\n310115,浦东新区\n"))
    east = ({"adcode": 310115, "name": "浦东新区"}, EAST)
    load(collection(tmp_path / "east.geojson", east))
    moved = shapely.affinity.translate(HOUSE, 1.0)
    again = load(collection(tmp_path / "b.geojson", ({"编码": "B-1", "层数": 6}, moved)))
    assert again.layers["buildings"].updated == 1, again.summary_lines()
    for table in ("housing.building", "housing.dwelling", "people.residence", "people.person"):
        assert query(engine, f"SELECT area_code FROM {table}") == [("310115",)], table
    redrawn = (
        ({"adcode": 310112, "name": "闵行区"}, EAST),
        ({"adcode": 310115, "name": "浦东新区"}, FAR),
    )
    load(collection(tmp_path / "redrawn.geojson", *redrawn))
    assert query(engine, "SELECT area_code FROM people.person") == [("310112",)]


def test_what_has_no_place_says_its_area(load: Loading, engine: Engine, tmp_path: Path) -> None:
    load(written(tmp_path / "codes.csv", CODE_LIST))
    units = (
        "编码,机构名称,机构类型,所属区域\n"
        "U1,城管中队,department,310112000000\nU2,某站,department,999999\nU3,某所,department,\n"
    )
    report = load(written(tmp_path / "u.csv", units), layer="units")
    assert report.reasons["no_such_area"] == 1
    assert report.layers["units"].outside == 1
    found = query(engine, "SELECT code, area_code FROM organisation.unit ORDER BY code")
    assert found == [("U1", "310112"), ("U3", "")]


def test_vehicles_are_told_apart_by_their_plates(
    load: Loading, engine: Engine, tmp_path: Path
) -> None:
    path = written(tmp_path / "vehicles.csv", "plate,kind\n沪A00001,patrol\n沪A00002,patrol\n")
    assert load(path, layer="vehicles").layers["vehicles"].inserted == 2
    assert load(path, layer="vehicles").layers["vehicles"].unchanged == 2


def test_osm_objects_are_known_by_their_own_numbers(
    load: Loading, engine: Engine, tmp_path: Path
) -> None:
    report = load(written(tmp_path / "a.osm", OSM))
    assert report.layers["buildings"].inserted == 2
    assert report.layers["buildings"].rejected == 2
    keys = "SELECT source, source_key FROM housing.building ORDER BY source_key"
    assert query(engine, keys) == [("osm", "relation/20"), ("osm", "way/12")]
    again = load(written(tmp_path / "another name.osm", OSM))
    assert again.layers["buildings"].unchanged == 2


def test_code_lists_make_the_area_tree_without_polygons(
    load: Loading, engine: Engine, tmp_path: Path
) -> None:
    report = load(written(tmp_path / "codes.csv", CODE_LIST))
    assert report.layers["areas"].inserted == 6
    tree = query(
        engine,
        "SELECT code, level, parent_code, full_name, area_code FROM territory.area ORDER BY id",
    )
    assert tree[0] == ("310000000000", "province", None, "上海市", "31")
    assert tree[5] == ("310112101001", "community", "310112101000", tree[5][3], "310112101001")
    assert tree[5][3] == "上海市闵行区莘庄镇莘松一村居委会"


def test_polygons_attach_by_code_and_by_name_and_the_city_is_placed_anew(
    load: Loading, engine: Engine, tmp_path: Path
) -> None:
    load(written(tmp_path / "s.csv", "名称,lon,lat\n一中,121.05,31.05\n"), layer="key_sites")
    load(written(tmp_path / "codes.csv", CODE_LIST))
    square = shapely.box(121, 31, 121.1, 31.1)
    outlines = collection(
        tmp_path / "old.geojson",
        ({"adcode": 310112, "name": "闵行区"}, square),
        ({"adcode": 310230, "name": "崇明县"}, shapely.box(121.2, 31, 121.3, 31.1)),
        ({"adcode": 310108, "name": "闸北区"}, shapely.box(121.4, 31, 121.5, 31.1)),
    )
    report = load(outlines)
    counts = report.layers["areas"]
    assert (counts.accepted, counts.repaired, counts.rejected) == (1, 1, 1)
    by_reason = {line["reason"]: line["detail"] for line in report_rows(report.path)}
    assert by_reason["not_in_code_list"] == "310108 闸北区"
    assert by_reason["matched_by_name"].startswith("310230 崇明县 → 310151 崇明区; not in the code")
    placed = "SELECT area_code FROM territory.area WHERE geom IS NOT NULL ORDER BY code"
    assert query(engine, placed) == [("310112",), ("310151",)]
    assert query(engine, "SELECT area_code FROM places.key_site") == [("310112",)]
    load(written(tmp_path / "codes.csv", CODE_LIST))
    assert query(engine, placed) == [("310112",), ("310151",)], "a code list keeps the polygons"


def test_names_alone_find_the_city_that_fits_most(
    load: Loading, engine: Engine, tmp_path: Path
) -> None:
    load(
        written(
            tmp_path / "codes.csv",
            "code,name\n4403,深圳市\n440305,南山区\n440307,龙岗区\n440309,龙华区\n"
            "2304,鹤岗市\n230404,南山区\n4601,海口市\n460106,龙华区\n440307009,大鹏街道\n",
        )
    )
    report = load(
        collection(
            tmp_path / "sz.geojson",
            *(
                ({"qh": name}, shapely.box(114 + i, 22, 114.5 + i, 22.5))
                for i, name in enumerate(["龙岗", "南山", "龙华", "大鹏"])
            ),
        )
    )
    placed = "SELECT area_code FROM territory.area WHERE geom IS NOT NULL ORDER BY code"
    assert query(engine, placed) == [("440305",), ("440307",), ("440309",)]
    assert report.reasons["no_area_of_that_name"] == 1


def datav(path: Path, outline: Any) -> Path:
    properties = {"adcode": 310112, "name": "闵行区", "acroutes": [100000, 310000]}
    return collection(path, (properties, outline))


def test_datav_files_are_recognised_as_gcj02_unless_told_otherwise(
    load: Loading, engine: Engine, tmp_path: Path
) -> None:
    true = shapely.box(121.3, 31.0, 121.5, 31.2)
    x, y = GCJ02.from_wgs84(*shapely.get_coordinates(true).T)
    path = datav(tmp_path / "310112.json", shapely.Polygon(list(zip(x, y, strict=True))))
    report = load(path)
    assert report.reasons["gcj02"] == 1
    assert any("GCJ-02" in note for note in report.notes)
    west = "SELECT ST_XMin(geom) FROM territory.area"
    assert query(engine, west)[0][0] == pytest.approx(121.3, abs=1e-9)
    assert load(path, crs="wgs84").reasons["gcj02"] == 0
    assert query(engine, west)[0][0] > 121.304


def test_a_shift_is_recognised_by_the_polygons_loaded_before(
    load: Loading, engine: Engine, tmp_path: Path
) -> None:
    true = shapely.box(121.3, 31.0, 121.5, 31.2)
    load(collection(tmp_path / "a.geojson", ({"adcode": 310112, "name": "闵行区"}, true)))
    x, y = GCJ02.from_wgs84(*shapely.get_coordinates(true).T)
    shifted = shapely.Polygon(list(zip(x, y, strict=True)))
    path = collection(tmp_path / "b.geojson", ({"adcode": 310112, "name": "闵行区"}, shifted))
    report = load(path)
    assert report.reasons["gcj02"] == 1
    assert any("--crs wgs84" in note for note in report.notes)
    assert query(engine, "SELECT ST_XMin(geom) FROM territory.area")[0][0] == pytest.approx(121.3)


def test_progress_is_told_and_ends_at_the_total(
    engine: Engine, tmp_path: Path, schools: Path
) -> None:
    from etl.load import LoadOptions, load_file

    seen: list[tuple[int, int | None]] = []
    options = LoadOptions(layer="key_sites", reports=None)
    load_file(engine, schools, options, None, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (3, 3)


def test_the_summary_names_counts_reasons_and_the_report(load: Loading, schools: Path) -> None:
    report = load(schools, layer="key_sites")
    text_ = "\n".join(report.summary_lines())
    assert "读取 read 3" in text_
    assert "没有坐标 / no coordinates" in text_
    assert str(report.path) in text_
    assert report.path is not None
    assert report.path.name.startswith("学校.csv.")


def test_naming_the_layer_keeps_what_is_known_of_the_source(load: Loading, tmp_path: Path) -> None:
    header = "case_enquiry_id,open_dt,closed_dt,case_title,type,case_status,latitude,longitude\n"
    row = "1,2022-01-21 13:47:00,,Street light out,Street Lights,Open,42.35,-71.05\n"
    report = load(written(tmp_path / "requests.csv", header + row), layer="incidents")
    assert report.layers["incidents"].accepted + report.layers["incidents"].repaired == 1
