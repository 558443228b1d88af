"""Revealing one sealed value: a right, a place, a reason, and a line in the log before the text."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from layers.catalogue import layer_by_name
from layers.core.database import reader_transaction
from layers.core.errors import Forbidden, Invalid, NotFound
from layers.core.reveal import reveal
from layers.core.rights import Role
from layers.core.scope import Reader
from tests.builders.two_sides import (
    EAST,
    ID_NUMBERS,
    PHONES,
    SEALER,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    build_two_sides,
    reader,
)

REASON = "上门核实身份"


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    return build_two_sides(module_engine)


def ask(
    engine: Engine,
    row: int,
    field: str = "id_number",
    *,
    layer: str = "persons",
    asker: Reader = SUPERVISOR_WEST,
    reason: str = REASON,
) -> str:
    with reader_transaction(engine, asker) as connection:
        return reveal(connection, layer_by_name(layer), asker, row, field, reason, SEALER)


def logged(engine: Engine) -> list[tuple[str, str, int, str, str]]:
    statement = text(
        "SELECT action, layer, feature_id, reason, detail ->> 'field' FROM core.audit ORDER BY id"
    )
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(statement)]


def test_the_text_is_given_and_logged(module_engine: Engine, town: TwoSides) -> None:
    row = town.west("persons")
    assert ask(module_engine, row) == ID_NUMBERS[WEST]
    assert logged(module_engine)[-1] == ("reveal", "persons", row, REASON, "id_number")
    assert ask(module_engine, town.west("rentals"), "lessor_phone", layer="rentals") == PHONES[WEST]
    assert ask(module_engine, town.west("care_records"), "note", layer="care_records") == "情况"


def test_nothing_is_given_that_could_not_be_logged(module_engine: Engine, town: TwoSides) -> None:
    """The line and the text come from one statement; undoing one undoes the other."""
    before = logged(module_engine)
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        reveal(
            connection,
            layer_by_name("persons"),
            SUPERVISOR_WEST,
            town.west("persons"),
            "name",
            REASON,
            SEALER,
        )
        assert len(connection.execute(text("SELECT 1 FROM core.audit")).all()) == 0
        connection.rollback()
    assert logged(module_engine) == before


@pytest.mark.parametrize("reason", ["", "   ", "abc", " abc ", "x" * 501])
def test_a_reason_is_needed(module_engine: Engine, town: TwoSides, reason: str) -> None:
    with pytest.raises(Invalid, match="reason"):
        ask(module_engine, town.west("persons"), reason=reason)


@pytest.mark.parametrize("field", ["sex", "name_cipher", "password_hash", "id; DROP TABLE x", ""])
def test_only_sealed_fields_can_be_revealed(
    module_engine: Engine, town: TwoSides, field: str
) -> None:
    with pytest.raises(Invalid, match="no sealed field"):
        ask(module_engine, town.west("persons"), field)


def test_an_empty_field_is_not_found(module_engine: Engine, town: TwoSides) -> None:
    with pytest.raises(NotFound, match="no value"):
        ask(module_engine, town.west("persons"), "former_name")


@pytest.mark.parametrize(
    ("asker", "layer", "error"),
    [
        (reader(Role.SUPERVISOR, EAST), "persons", NotFound),
        (reader(Role.COMMANDER, ""), "persons", Forbidden),
        (reader(Role.ADMIN, ""), "dwellings", Forbidden),
        (reader(Role.WORKER, WEST), "care_records", Forbidden),
        (reader(Role.AUDITOR, ""), "persons", Forbidden),
        (
            Reader(1, "x", (*reader(Role.COMMANDER, "").grants, *reader(Role.WORKER, EAST).grants)),
            "persons",
            Forbidden,
        ),
    ],
)
def test_who_may_not(
    module_engine: Engine, town: TwoSides, asker: Reader, layer: str, error: type[Exception]
) -> None:
    before = logged(module_engine)
    field = {"dwellings": "owner_name", "care_records": "note"}.get(layer, "name")
    with pytest.raises(error):
        ask(module_engine, town.west(layer), field, layer=layer, asker=asker)
    assert logged(module_engine) == before


def test_the_database_itself_refuses_without_right_reason_or_scope(
    module_engine: Engine, town: TwoSides
) -> None:
    call = text(
        "SELECT core.reveal('people.person', 'persons', :id, 'name', 'people:read', 1, 'x', :why)"
    )
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        foreign = {"id": town.east("persons"), "why": REASON}
        assert connection.execute(call, foreign).scalar_one() is None
    commander = reader(Role.COMMANDER, "")
    with reader_transaction(module_engine, commander) as connection:
        own = {"id": town.west("persons"), "why": REASON}
        assert connection.execute(call, own).scalar_one() is None
