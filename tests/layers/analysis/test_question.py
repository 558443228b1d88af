"""Reading a question: what cannot be answered is refused with field, reason and what is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from layers.analysis.place import find_place
from layers.analysis.question import read_question
from layers.catalogue import LAYERS
from layers.core.database import reader_transaction
from layers.core.errors import Forbidden, Invalid
from layers.core.rights import Role
from tests.builders.two_sides import (
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    build_two_sides,
    reader,
    square,
)

CODES = {"building_use": ("B1", "B2"), "road_class": ("primary",)}
SQUARE = {"geometry": square(WEST, 5, 4)}
LINE = {"geometry": {"type": "LineString", "coordinates": [[120, 30], [120.01, 30.005]]}}
GOOD: dict[str, Any] = {"layer": "buildings", "relation": "within", "subject": SQUARE}


def read(given: Any, role: Role = Role.COMMANDER) -> Any:
    return read_question(given, LAYERS, reader(role, ""), lambda table: CODES.get(table, ()))


def polygon(*ring: tuple[float, float]) -> dict[str, Any]:
    return {"geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}}


BOW = polygon((120, 30), (120.01, 30.01), (120.01, 30), (120, 30.01))
# (what differs from a good question, the field at fault, words of the reason)
REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"layer": "castles"}, "layer", "a layer with a place expected: compounds"),
    ({"layer": "staff"}, "layer", "a layer with a place expected"),
    ({"layer": None}, "layer", "a layer with a place expected"),
    ({"colour": "red"}, "colour", "unknown; allowed: layer, relation"),
    ({"relation": "above"}, "relation", "within, near, along"),
    ({"part": "half"}, "part", "centre, any, whole"),
    ({"metres": 5}, "metres", "within has no distance"),
    ({"relation": "near"}, "metres", "at most 20,000"),
    ({"relation": "near", "metres": -5}, "metres", "above 0"),
    ({"relation": "near", "metres": 20_001}, "metres", "at most 20,000"),
    ({"relation": "near", "metres": float("nan")}, "metres", "above 0"),
    ({"relation": "near", "metres": "50"}, "metres", "above 0"),
    ({"relation": "near", "metres": True}, "metres", "above 0"),
    ({"relation": "along", "metres": 2_001, "subject": LINE}, "metres", "at most 2,000"),
    ({"relation": "near", "metres": 5, "part": "whole"}, "part", "near measures"),
    ({"subject": None}, "subject", "{geometry}, {center, radius} or {layer, ids}"),
    ({"subject": {"ids": [1]}}, "subject", "{layer, ids}"),
    ({"subject": {"geometry": {"type": "Blob"}}}, "subject", "Point, LineString"),
    ({"subject": {"geometry": {"type": "Polygon"}}}, "subject", "no GeoJSON Polygon"),
    (
        {"subject": {"geometry": {"type": "Polygon", "coordinates": [[["a", 1]]]}}},
        "subject",
        "no GeoJSON Polygon",
    ),
    (
        {"subject": {"geometry": {"type": "Polygon", "coordinates": []}}},
        "subject",
        "the drawing is empty",
    ),
    ({"subject": BOW}, "subject", "the outline crosses itself at 120.00500, 30.00500"),
    (
        {"subject": polygon((190, 30), (191, 30), (191, 31))},
        "subject",
        "longitude -180..180",
    ),
    ({"subject": {"center": [120, 30], "radius": 0}}, "subject.radius", "above 0"),
    ({"subject": {"center": [120, 30], "radius": 60_000}}, "subject.radius", "50,000"),
    ({"subject": {"center": "here", "radius": 5}}, "subject.center", "[longitude, latitude]"),
    ({"subject": {"center": [120], "radius": 5}}, "subject", "no GeoJSON Point"),
    ({"subject": {"layer": "persons", "ids": [1]}}, "subject.layer", "one of compounds"),
    ({"subject": {"layer": "grids", "ids": []}}, "subject.ids", "1 to 500 ids"),
    ({"subject": {"layer": "grids", "ids": ["1"]}}, "subject.ids", "1 to 500 ids"),
    ({"subject": {"layer": "grids", "ids": [2**63]}}, "subject.ids", "1 to 500 ids"),
    ({"conditions": "all"}, "conditions", "a list of at most 20"),
    ({"conditions": [5]}, "conditions.0", "an object such as"),
    ({"conditions": [{"field": "colour", "in": ["red"]}]}, "conditions.0.colour", "no property"),
    ({"conditions": [{"field": "usage"}]}, "conditions.0.usage", "one of in, minimum"),
    ({"conditions": [{"field": "usage", "like": "x"}]}, "conditions.0.usage", "['like']"),
    ({"conditions": [{"field": "usage", "in": ["B9"]}]}, "conditions.0.usage", "no code of"),
    ({"conditions": [{"field": "usage", "in": []}]}, "conditions.0.usage", "1 to 1000 values"),
    ({"conditions": [{"field": "usage", "in": [None]}]}, "conditions.0.usage", "empty value"),
    (
        {"conditions": [{"field": "usage", "contains": "B"}]},
        "conditions.0.usage",
        "allowed: in, empty",
    ),
    (
        {"conditions": [{"field": "levels", "minimum": "many"}]},
        "conditions.0.levels",
        "whole number expected",
    ),
    (
        {"conditions": [{"field": "levels", "minimum": 9, "maximum": 3}]},
        "conditions.0.levels",
        "the minimum is above the maximum",
    ),
    (
        {"conditions": [{"field": "valid_from", "minimum": "last week"}]},
        "conditions.0.valid_from",
        "date YYYY-MM-DD expected",
    ),
    (
        {"conditions": [{"field": "updated_at", "minimum": "2026-01-01T00:00:00"}]},
        "conditions.0.updated_at",
        "offset",
    ),
    (
        {"conditions": [{"field": "name", "contains": "\x00"}]},
        "conditions.0.name",
        "cannot be stored",
    ),
    (
        {"conditions": [{"field": "name", "contains": " "}]},
        "conditions.0.name",
        "a value is needed",
    ),
    (
        {"conditions": [{"field": "levels_estimated", "is": "yes"}]},
        "conditions.0.levels_estimated",
        "true or false",
    ),
    (
        {"building_conditions": [{"field": "levels", "minimum": 3}]},
        "building_conditions",
        "only of what lies in buildings",
    ),
    (
        {"layer": "dwellings", "building_conditions": [{"field": "floor", "minimum": 3}]},
        "building_conditions.0.floor",
        "no property of buildings",
    ),
    (
        {"subject": {"geometry": {"type": "Point", "coordinates": [10**400, 33]}}},
        "subject",
        "no GeoJSON Point",
    ),
    (
        {"layer": "persons", "conditions": [{"field": "phone", "contains": "138"}]},
        "conditions.0.phone",
        "kept sealed and shown masked",
    ),
]


@pytest.mark.parametrize(("changed", "field", "reason"), REFUSED)
def test_a_question_that_cannot_be_answered(
    changed: dict[str, Any], field: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refused:
        read(GOOD | changed)
    reasons = {fault.field: fault.reason for fault in refused.value.faults}
    assert reason in reasons[field]


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        read({"layer": "x", "relation": "y", "subject": 3, "colour": 1})
    assert {fault.field for fault in refused.value.faults} == {
        "layer",
        "relation",
        "subject",
        "colour",
    }
    with pytest.raises(Invalid, match="an object is expected"):
        read([1])
    with pytest.raises(Forbidden):
        read(GOOD | {"layer": "persons"}, Role.ANALYST)


def test_a_question_is_told_as_it_was_asked() -> None:
    asked = GOOD | {
        "layer": "incidents",
        "relation": "along",
        "metres": 40.0,
        "part": "any",
        "subject": LINE,
        "conditions": [
            {"field": "reported_at", "minimum": "2026-01-01T00:00:00+08:00"},
            {"field": "description", "contains": "井盖"},
        ],
    }
    assert read(asked).told() == asked
    lived_in = GOOD | {
        "layer": "persons",
        "part": "centre",
        "conditions": [],
        "building_conditions": [{"field": "levels", "minimum": 7}],
    }
    assert read(lived_in).told() == lived_in
    assert read(read(asked).told()) == read(asked)


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    return build_two_sides(module_engine)


@pytest.fixture
def connection(module_engine: Engine, town: TwoSides) -> Iterator[Connection]:
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        yield connection


UNSUITED: list[tuple[dict[str, Any], str]] = [
    ({"subject": LINE}, "an area is needed to lie within"),
    ({"relation": "along", "metres": 10}, "a line is needed to lie along"),
    (
        {"subject": polygon((119, 29), (121, 29), (121, 31), (119, 31))},
        "at most 10,000 km² can be asked about",
    ),
    (
        {
            "relation": "along",
            "metres": 10,
            "subject": {"geometry": {"type": "LineString", "coordinates": [[118, 30], [124, 30]]}},
        },
        "at most 500 km can be asked about",
    ),
    ({"subject": {"geometry": {"type": "Point", "coordinates": [120, 30]}}}, "an area is needed"),
]


@pytest.mark.parametrize(("changed", "reason"), UNSUITED)
def test_a_place_that_does_not_suit(
    connection: Connection, changed: dict[str, Any], reason: str
) -> None:
    question = read(GOOD | changed)
    with pytest.raises(Invalid) as refused:
        find_place(
            connection, SUPERVISOR_WEST, question.subject, question.relation, question.metres
        )
    assert reason in str(refused.value)
