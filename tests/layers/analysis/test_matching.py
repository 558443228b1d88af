"""Within, near and along find what plain geometry finds, one shape after the other."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, Engine

from layers.analysis.answer import Paging, find_answer, find_shapes
from layers.analysis.place import find_place
from layers.analysis.question import PARTS, read_question
from layers.catalogue import LAYERS
from layers.core.database import reader_transaction
from layers.core.rights import Role
from tests.builders.scatter import SIZE, SOUTH, WEST, Scatter, build_scatter, to_metres
from tests.builders.two_sides import reader

EVERYWHERE = reader(Role.COMMANDER, "")
LAYER_NAMES = ("buildings", "incidents", "roads")
# Rounding of coordinates, and what a plane stretches in the length of these drawings.
SLACK, STRETCH = 0.1, 1e-4

coordinates = st.tuples(
    st.floats(WEST - 0.002, WEST + SIZE + 0.002), st.floats(SOUTH - 0.002, SOUTH + SIZE + 0.002)
)
layer_names = st.sampled_from(LAYER_NAMES)
several = settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def scatter(module_engine: Engine) -> Scatter:
    return build_scatter(module_engine)


@pytest.fixture(scope="module")
def connection(module_engine: Engine, scatter: Scatter) -> Iterator[Connection]:
    with reader_transaction(module_engine, EVERYWHERE) as connection:
        yield connection


def found(connection: Connection, question: Mapping[str, Any]) -> set[int]:
    asked = read_question(question, LAYERS, EVERYWHERE, lambda _table: ())
    place = find_place(connection, EVERYWHERE, asked.subject, asked.relation, asked.metres)
    shapes = find_shapes(connection, asked, place, EVERYWHERE)
    assert shapes.complete
    ids = [json.loads(text)["id"] for text in shapes.features]
    answer = find_answer(connection, asked, place, EVERYWHERE, Paging(limit=1))
    assert answer.total == len(ids) == len(set(ids))
    return set(ids)


@st.composite
def polygons(draw: Any) -> dict[str, Any]:
    """A star around a place, sometimes with a hole."""
    x, y = draw(coordinates)
    chance = random.Random(draw(st.integers(0, 2**32)))
    size = chance.uniform(0.0005, 0.012)
    turns = sorted(chance.uniform(0, 2 * math.pi) for _ in range(chance.randint(3, 12)))
    arms = [(turn, size * chance.uniform(0.4, 1)) for turn in turns]
    made = shapely.Polygon([(x + r * math.cos(a), y + r * math.sin(a)) for a, r in arms])
    if not made.is_valid or made.area < 1e-9:
        made = shapely.Point(x, y).buffer(size, quad_segs=3)
    if chance.random() < 0.3:
        made = made.difference(shapely.Point(x, y).buffer(size / 6, quad_segs=2))
    return dict(mapping(made))


@st.composite
def lines(draw: Any) -> dict[str, Any]:
    """A line of one to five legs."""
    places = [draw(coordinates)]
    chance = random.Random(draw(st.integers(0, 2**32)))
    heading = chance.uniform(0, 2 * math.pi)
    for _ in range(chance.randint(1, 5)):
        heading += chance.uniform(-1, 1)
        step = chance.uniform(0.0005, 0.006)
        x, y = places[-1]
        places.append((x + step * math.cos(heading), y + step * math.sin(heading)))
    return {"type": "LineString", "coordinates": places}


def assert_found(
    got: set[int],
    shapes: Mapping[int, BaseGeometry],
    surely: Callable[[BaseGeometry], bool],
    perhaps: Callable[[BaseGeometry], bool],
) -> None:
    """All that surely lies there and nothing that cannot; only rounding decides in between."""
    assert {key for key, each in shapes.items() if surely(each)} <= got
    assert got <= {key for key, each in shapes.items() if perhaps(each)}


def assert_lies(
    scatter: Scatter, layer: str, part: str, got: set[int], ground: BaseGeometry
) -> None:
    slack = SLACK + STRETCH * ground.length / 4
    inner, outer = ground.buffer(-slack), ground.buffer(slack)
    shapes = scatter.centres[layer] if part == "centre" else scatter.shapes[layer]
    if part == "whole":
        assert_found(got, shapes, inner.covers, outer.covers)
    else:
        assert_found(got, shapes, inner.intersects, outer.intersects)


@several
@given(polygon=polygons(), layer=layer_names, part=st.sampled_from(PARTS))
def test_within_a_polygon(
    connection: Connection, scatter: Scatter, polygon: dict[str, Any], layer: str, part: str
) -> None:
    question = {"layer": layer, "relation": "within", "part": part}
    got = found(connection, question | {"subject": {"geometry": polygon}})
    assert_lies(scatter, layer, part, got, to_metres(shape(polygon)))


@several
@given(center=coordinates, radius=st.floats(20, 1500), layer=layer_names)
def test_within_a_circle(
    connection: Connection,
    scatter: Scatter,
    center: tuple[float, float],
    radius: float,
    layer: str,
) -> None:
    question = {"layer": layer, "relation": "within", "part": "any"}
    got = found(connection, question | {"subject": {"center": center, "radius": radius}})
    middle = to_metres(shapely.Point(center))
    slack = SLACK + 4e-4 * radius
    assert_found(
        got,
        scatter.shapes[layer],
        lambda each: each.distance(middle) <= radius - slack,
        lambda each: each.distance(middle) <= radius + slack,
    )


@several
@given(
    drawing=polygons() | lines() | coordinates.map(lambda c: {"type": "Point", "coordinates": c}),
    metres=st.floats(1, 1500),
    layer=layer_names,
)
def test_near_a_drawing(
    connection: Connection, scatter: Scatter, drawing: dict[str, Any], metres: float, layer: str
) -> None:
    question = {"layer": layer, "relation": "near", "metres": metres}
    got = found(connection, question | {"subject": {"geometry": drawing}})
    origin = to_metres(shape(drawing))
    slack = SLACK + STRETCH * metres
    assert_found(
        got,
        scatter.shapes[layer],
        lambda each: each.distance(origin) <= metres - slack,
        lambda each: each.distance(origin) <= metres + slack,
    )


@several
@given(line=lines(), metres=st.floats(2, 800), layer=layer_names, part=st.sampled_from(PARTS))
def test_along_a_line(
    connection: Connection,
    scatter: Scatter,
    line: dict[str, Any],
    metres: float,
    layer: str,
    part: str,
) -> None:
    question = {"layer": layer, "relation": "along", "part": part, "metres": metres}
    got = found(connection, question | {"subject": {"geometry": line}})
    corridor = to_metres(shape(line)).buffer(metres / 2, quad_segs=64, cap_style="flat")
    assert_lies(scatter, layer, part, got, corridor)


def test_features_of_a_layer_are_asked_about_like_drawings(
    connection: Connection, scatter: Scatter
) -> None:
    for road in list(scatter.shapes["roads"])[:8]:
        subject = {"layer": "roads", "ids": [road]}
        near = {"layer": "incidents", "relation": "near", "metres": 250, "subject": subject}
        origin = scatter.shapes["roads"][road]
        expected = {
            key for key, each in scatter.shapes["incidents"].items() if each.distance(origin) <= 250
        }
        assert found(connection, near) == expected
        also = {"layer": "roads", "relation": "near", "metres": 1, "subject": subject}
        crossing = {
            key for key, each in scatter.shapes["roads"].items() if each.distance(origin) <= 1
        }
        assert found(connection, also) == crossing - {road}, "a feature is not near itself"


def test_pieces_of_a_road_are_one_line_with_two_ends(
    connection: Connection, scatter: Scatter
) -> None:
    """Two pieces that meet give the corridor of the whole, without gaps where they meet."""
    a, b, c = (WEST, SOUTH), (WEST + 0.01, SOUTH + 0.004), (WEST + 0.02, SOUTH)
    question = {"layer": "buildings", "relation": "along", "metres": 600, "part": "centre"}
    whole = {"geometry": {"type": "LineString", "coordinates": [a, b, c]}}
    pieces = {"geometry": {"type": "MultiLineString", "coordinates": [[a, b], [c, b]]}}
    expected = found(connection, question | {"subject": whole})
    assert expected
    assert found(connection, question | {"subject": pieces}) == expected
