"""Saved questions: who sees, shares and deletes them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from layers.analysis.question import read_question
from layers.analysis.saved import Saved, delete_saved, get_saved, list_saved, save_question
from layers.catalogue import LAYERS
from layers.core.database import reader_transaction
from layers.core.errors import Forbidden, Invalid, NotFound
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from tests.builders.two_sides import COUNTY, EAST, SUPERVISOR_EAST, SUPERVISOR_WEST, WEST

QUESTION = {
    "layer": "buildings",
    "relation": "within",
    "part": "centre",
    "subject": {"center": [120.005, 30.005], "radius": 300.0},
    "conditions": [{"field": "levels", "minimum": 7}],
}
ANALYST = Reader(5, "analyst", (Grant(Role.ANALYST, COUNTY),))
WORKER = Reader(6, "worker", (Grant(Role.WORKER, f"{WEST}01"),))
AUDITOR = Reader(7, "auditor", (Grant(Role.AUDITOR, EAST),))


def save(engine: Engine, owner: Reader, name: str, area: str | None = None) -> Saved:
    question = read_question(QUESTION, LAYERS, owner, lambda _table: ())
    with reader_transaction(engine, owner) as connection:
        return save_question(connection, owner, name, question, area)


def names(engine: Engine, asking: Reader) -> list[str]:
    with reader_transaction(engine, asking) as connection:
        return [saved.name for saved in list_saved(connection, asking)]


def delete(engine: Engine, actor: Reader, saved: Saved) -> None:
    with reader_transaction(engine, actor) as connection:
        delete_saved(connection, actor, saved.id)


def test_own_and_shared_questions_are_seen_by_those_they_are_for(module_engine: Engine) -> None:
    save(module_engine, ANALYST, "自己的")
    save(module_engine, ANALYST, "西边的", WEST)
    save(module_engine, ANALYST, "全县的", COUNTY)
    save(module_engine, SUPERVISOR_EAST, "东边的", EAST)
    assert names(module_engine, ANALYST) == ["全县的", "自己的", "西边的", "东边的"]
    assert names(module_engine, SUPERVISOR_WEST) == ["全县的", "西边的"]
    assert names(module_engine, WORKER) == ["全县的", "西边的"]
    assert names(module_engine, SUPERVISOR_EAST) == ["东边的", "全县的"]
    assert names(module_engine, AUDITOR) == ["东边的", "全县的"]


def test_a_question_comes_back_as_it_was_saved(module_engine: Engine) -> None:
    saved = save(module_engine, SUPERVISOR_WEST, " 高层 ")
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        found = get_saved(connection, SUPERVISOR_WEST, saved.id)
    assert (found.name, found.question, found.mine) == ("高层", QUESTION, True)
    with (
        reader_transaction(module_engine, SUPERVISOR_EAST) as connection,
        pytest.raises(NotFound),
    ):
        get_saved(connection, SUPERVISOR_EAST, saved.id)
    delete(module_engine, SUPERVISOR_WEST, saved)
    assert "高层" not in names(module_engine, SUPERVISOR_WEST)


def test_who_may_delete(module_engine: Engine) -> None:
    shared = save(module_engine, ANALYST, "给西边", WEST)
    with pytest.raises(NotFound):
        delete(module_engine, SUPERVISOR_EAST, shared)
    with pytest.raises(Forbidden, match="somebody else"):
        delete(module_engine, WORKER, shared)
    delete(module_engine, SUPERVISOR_WEST, shared)  # may share there, so may tidy up there
    wide = save(module_engine, ANALYST, "给全县", COUNTY)
    with pytest.raises(Forbidden, match="somebody else"):
        delete(module_engine, SUPERVISOR_WEST, wide)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("", "1 to 80"), ("  ", "1 to 80"), ("长" * 81, "1 to 80"), ("a\x00", "cannot be stored")],
)
def test_a_name_that_is_none(module_engine: Engine, name: str, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        save(module_engine, ANALYST, name)


def test_what_may_not_be_saved(module_engine: Engine) -> None:
    save(module_engine, ANALYST, "一次")
    with pytest.raises(Invalid, match="has this name"):
        save(module_engine, ANALYST, "一次")
    with pytest.raises(Forbidden, match="analysis:save"):
        save(module_engine, WORKER, "不行")
    with pytest.raises(Forbidden, match="sharing in"):
        save(module_engine, SUPERVISOR_WEST, "越界", COUNTY)


FORGED: list[tuple[str, dict[str, Any]]] = [
    ("owner, name, question", {"a": "analyst", "b": "伪", "c": "{}"}),
    ("owner, shared_area, question, name", {"a": "west", "b": COUNTY, "c": "{}", "d": "越界"}),
]


@pytest.mark.parametrize(("columns", "values"), FORGED)
def test_the_database_itself_refuses(
    module_engine: Engine, columns: str, values: dict[str, Any]
) -> None:
    marks = ", ".join(f":{mark}" for mark in values)
    insert = text(f"INSERT INTO analysis.saved_question ({columns}) VALUES ({marks})")
    with (
        reader_transaction(module_engine, SUPERVISOR_WEST) as connection,
        pytest.raises(ProgrammingError, match="row-level security"),
    ):
        connection.execute(insert, values)
