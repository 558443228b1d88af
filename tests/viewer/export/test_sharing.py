"""Maps for notebooks: of a GeoDataFrame or a question; standing alone, safe, not too large."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import geopandas
import pandas
import pytest
import shapely
from sqlalchemy import Engine, text

from gisserver.viewer_build import build_viewer
from layers.core.errors import Forbidden, Invalid
from layers.core.rights import Role
from tests.builders.two_sides import reader
from viewer.export import Picture, SharedMap, TooLarge, folium_map, offline, pydeck_map
from viewer.export.classes import classes_of

EVIL = "<img src=x onerror=alert(1)></script>"
OUTSIDE = re.compile(r"<(?:script|link)[^>]+(?:src|href)=.?https?:", re.IGNORECASE)


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    build_viewer(lambda _: None)


@pytest.fixture
def frame() -> geopandas.GeoDataFrame:
    """Two hydrants in the local zone of CGCS2000, as a surveyor's file has them."""
    points = geopandas.GeoSeries([shapely.Point(121.4, 31.1), shapely.Point(121.41, 31.11)])
    columns = {"name": ["消火栓", EVIL], "pressure": [0.35, None]}
    made = geopandas.GeoDataFrame(columns, geometry=points, crs="EPSG:4326")
    return made.to_crs("EPSG:4549")


@pytest.mark.parametrize("make", [folium_map, pydeck_map])
def test_a_frame_becomes_a_page_that_stands_alone(
    make: type, frame: geopandas.GeoDataFrame, tmp_path: Path
) -> None:
    shared = make(frame, title="消火栓 <1>", watermark="张三")
    page = shared.save(tmp_path / "map.html").read_text("utf-8")
    assert page == shared.page
    assert not OUTSIDE.search(page)
    assert "消火栓 &lt;1&gt;" in page
    assert 'data-watermark="张三' in page
    assert "121.4," in page, "moved to WGS 84"
    assert EVIL not in page
    assert "onerror=alert" not in page.replace("&lt;img src=x onerror=alert", "").replace(
        "\\u0026lt;img src=x onerror=alert", ""
    )
    assert shared._repr_html_().startswith("<iframe srcdoc=")


def test_a_layer_gives_its_look_and_its_titles(frame: geopandas.GeoDataFrame) -> None:
    houses = frame.set_geometry(frame.buffer(10)).assign(usage=["B1", "B2"])
    page = folium_map(houses, layer="buildings").page
    assert all(words in page for words in ("楼栋", "住宅", "#f3d9b1", "#f2b8a2"))
    assert json.dumps("用途").strip('"') in page


@pytest.mark.parametrize("make", [folium_map, pydeck_map])
def test_numbers_become_colours_and_heights(
    make: Callable[..., SharedMap], frame: geopandas.GeoDataFrame
) -> None:
    squares = frame.set_geometry(frame.buffer(50))
    many = pandas.concat([squares] * 5, ignore_index=True)
    many = many.assign(每平方公里=[1.0, None, 2, 3, 4, 5, 6, 7, 8, 9], metres=range(30, 40))
    page = make(many, title="密度", colour_by="每平方公里", height_by="metres").page
    lines = re.findall(r"--colour:(#\w+)\"></i>(.*?)</li>", page)
    assert "<b>每平方公里</b>" in page
    assert lines[0] == ("#bd0026", "8 – 9")
    assert lines[-2:] == [("#fed976", "1 – 2"), ("#c9ced6", "无数据")]
    if make is folium_map:
        drawn = re.findall(r'"fillColor": "(#\w+)"', page)
        assert set(drawn) >= {colour for colour, _ in lines}
    else:
        assert re.findall(r'\\?"height\\?": (\d+)\.0', page) == [str(m) for m in range(30, 40)]
    plain = make(squares, height_by="pressure").page
    assert 'share-legend">' not in plain


def test_only_numbers_become_colours(frame: geopandas.GeoDataFrame) -> None:
    with pytest.raises(ValueError, match="there are: name, pressure"):
        folium_map(frame, colour_by="nothing")
    with pytest.raises(ValueError, match="column of numbers"):
        folium_map(frame, colour_by="name")
    with pytest.raises(ValueError, match="no number"):
        folium_map(frame.assign(empty=float("nan")), colour_by="empty")
    same = classes_of("n", [3.0, 3.0, 3.0])
    assert [line.title[0] for line in same.legend("fill")] == ["3"]
    assert same.colour(3.0) == "#fd8d3c"
    parts = classes_of("n", [0.5, 20.25, 70.4, 140.0], most=2)
    assert [line.title[0] for line in parts.legend("fill")] == ["20 – 140", "0 – 20"]
    assert [parts.colour(20.25), parts.colour(20.3)] == list(parts.colours)


def test_what_cannot_be_drawn_is_refused(frame: geopandas.GeoDataFrame) -> None:
    with pytest.raises(ValueError, match="no reference system"):
        folium_map(frame.set_crs(None, allow_override=True))
    many = geopandas.GeoDataFrame(geometry=[shapely.Point(121, 31)] * 5_001, crs="EPSG:4326")
    with pytest.raises(TooLarge, match="more than 5,000 features"):
        pydeck_map(many)
    picture = Picture(title="地图", items=())
    heavy = f"<html><head></head><body>{'长' * 7_500_000}</body></html>"
    with pytest.raises(TooLarge, match="would weigh 21 MB, at most 20 MB"):
        offline.standing_alone(heavy, picture)
    with pytest.raises(ValueError, match="engine and reader"):
        folium_map({"layer": "buildings"})


def test_without_the_build_it_says_what_to_do(
    frame: geopandas.GeoDataFrame, tmp_path: Path
) -> None:
    with pytest.raises(offline.NotBuilt, match=r"run \./wangge up"):
        offline.leaflet_head(tmp_path)


def test_a_question_is_asked_for_its_reader(city_engine: Engine) -> None:
    with city_engine.begin() as connection:
        code, lon, lat = connection.execute(
            text(
                "SELECT left(area_code, 12), ST_X(spot), ST_Y(spot) FROM people.resident_figure "
                "ORDER BY residents DESC, building_id LIMIT 1"
            )
        ).one()
    asking = reader(Role.SUPERVISOR, code)
    circle = {"center": [lon, lat], "radius": 120}
    question = {"layer": "buildings", "relation": "within", "part": "any", "subject": circle}
    shared = folium_map(question, engine=city_engine, reader=asking)
    count = re.search(r"<p>([\d,]+) 个要素 · (\d{4}-\d\d-\d\d)", shared.page)
    assert count is not None
    assert int(count[1]) > 0
    assert abs((datetime.fromisoformat(count[2]) - datetime.now(UTC).replace(tzinfo=None)).days) < 2
    assert "楼栋" in shared.page
    about_people = question | {"layer": "persons"}
    with pytest.raises(Forbidden):
        pydeck_map(about_people, engine=city_engine, reader=reader(Role.DISPATCHER, code))
    with pytest.raises(Invalid):
        folium_map(question | {"metres": -1}, engine=city_engine, reader=asking)
