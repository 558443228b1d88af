"""Whoever lists persons leaves a line in the audit log of each area looked into."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from layers.catalogue import LAYERS, layer_by_name
from layers.core.database import reader_transaction
from layers.core.looks import record_feature, record_in_each_area, record_list, record_once
from layers.core.rights import Right, Role
from layers.core.scope import Grant, Reader
from tests.builders.two_sides import EAST, SUPERVISOR_WEST, WEST, build_two_sides

BOTH = Reader(7, "both", (Grant(Role.SUPERVISOR, WEST), Grant(Role.SUPERVISOR, EAST)))


def looks(engine: Engine) -> list[tuple[str, str, dict[str, object]]]:
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT layer, area_code, detail FROM core.audit ORDER BY id")
        )
        return [(row.layer, row.area_code, row.detail) for row in rows]


@pytest.mark.parametrize("layer", ["persons", "residences", "care_records"])
def test_a_list_of_persons_is_logged_in_each_area(engine: Engine, layer: str) -> None:
    with reader_transaction(engine, BOTH) as connection:
        record_list(connection, BOTH, layer_by_name(layer), {"sex": "1"}, 3)
    detail = {"asked": {"sex": "1"}, "returned": 3}
    assert looks(engine) == [(layer, WEST, detail), (layer, EAST, detail)]


@pytest.mark.parametrize("layer", ["buildings", "service_providers", "dwellings"])
def test_a_list_of_what_is_about_nobody_is_not_logged(engine: Engine, layer: str) -> None:
    with reader_transaction(engine, BOTH) as connection:
        record_list(connection, BOTH, layer_by_name(layer), {}, 3)
        record_feature(connection, BOTH, layer_by_name(layer), 1, WEST)
    assert looks(engine) == []


def test_whatever_refers_to_a_person_says_whom_it_is_about() -> None:
    of_persons = {
        layer.name
        for layer in LAYERS
        if any(info.reference == "persons" for info in layer.fields.values())
    }
    personal = {layer.name for layer in LAYERS if layer.is_personal}
    assert personal == {"persons", "care_visits"} | of_persons


def test_a_look_at_one_row_names_the_person_it_is_about(engine: Engine) -> None:
    sides = build_two_sides(engine)
    who = SUPERVISOR_WEST
    personal = [layer for layer in LAYERS if layer.is_personal]
    with reader_transaction(engine, who) as connection:
        for layer in (*personal, *personal):
            record_feature(connection, who, layer, sides.west(layer.name), WEST)
        record_once(connection, who, personal[0], "care_map", None, (WEST,), {"n": 1})
        record_once(connection, who, personal[0], "care_map", None, (WEST,), {"n": 2})
    about = {"person": sides.west("persons")}
    assert looks(engine) == [
        *((layer.name, WEST, about) for layer in personal),
        (personal[0].name, WEST, {"n": 1}),
    ]


def test_a_look_in_each_area_is_always_logged(engine: Engine) -> None:
    layer = layer_by_name("persons")
    with reader_transaction(engine, BOTH) as connection:
        for _ in range(2):
            record_in_each_area(connection, BOTH, layer, "export", Right.DATA_EXPORT, {})
    assert len(looks(engine)) == 2 * len(BOTH.scope(Right.DATA_EXPORT)) > 0
