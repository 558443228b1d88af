"""Whoever lists persons leaves a line in the audit log of each area looked into."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from layers.catalogue import layer_by_name
from layers.core.database import reader_transaction
from layers.core.looks import record_list
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from tests.builders.two_sides import EAST, WEST

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


def test_a_list_of_buildings_is_nobody_s_secret(engine: Engine) -> None:
    with reader_transaction(engine, BOTH) as connection:
        record_list(connection, BOTH, layer_by_name("buildings"), {}, 3)
    assert looks(engine) == []
