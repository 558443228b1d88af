"""The audit log: a line that was changed, moved or taken out shows."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import Engine, text

from layers.core.database import reader_transaction
from layers.core.rights import Role
from tests.builders.two_sides import SUPERVISOR_WEST, reader

ADMIN = reader(Role.ADMIN, "", 8)
AUDITOR = reader(Role.AUDITOR, "", 9)


def owner(engine: Engine, statement: str, **values: Any) -> list[Any]:
    with engine.begin() as connection:
        result = connection.execute(text(statement), values)
        return list(result.scalars()) if result.returns_rows else []


def audit(engine: Engine, number: int) -> None:
    owner(
        engine,
        "SELECT core.write_audit(:who, 'somebody', 'reveal', 'persons', :id, '', :why, '{}')",
        who=number,
        id=number,
        why=f"reason {number}",
    )


TAMPERING = {
    "changed": "UPDATE core.audit SET reason = 'another' WHERE id = :id",
    "shifted": "UPDATE core.audit SET layer = feature_id::text, feature_id = NULL, "
    "action = action || '|' || layer WHERE id = :id",
    "moved between columns": "UPDATE core.audit SET login = account_id::text || '|' || login, "
    "account_id = NULL WHERE id = :id",
    "deleted": "DELETE FROM core.audit WHERE id = :id",
    "swapped": "UPDATE core.audit SET id = CASE id WHEN :id THEN :id + 1000 ELSE id END",
    "backdated": "UPDATE core.audit SET at = at - interval '1 day' WHERE id = :id",
}


@pytest.mark.parametrize("statement", TAMPERING.values(), ids=TAMPERING)
def test_tampering_in_the_middle_shows(engine: Engine, statement: str) -> None:
    for number in range(5):
        audit(engine, number)
    assert owner(engine, "SELECT core.broken_audit()") == []
    ids = owner(engine, "SELECT id FROM core.audit ORDER BY id")
    owner(engine, statement, id=ids[2])
    assert owner(engine, "SELECT core.broken_audit()") != []


def test_the_chain_holds_under_many_writers(engine: Engine) -> None:
    def write(first: int) -> None:
        for number in range(first, first + 15):
            audit(engine, number)

    writers = [threading.Thread(target=write, args=(100 * i,)) for i in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert owner(engine, "SELECT count(*) FROM core.audit") == [60]
    assert owner(engine, "SELECT core.broken_audit()") == []
    assert owner(engine, "SELECT id FROM core.audit ORDER BY id") == owner(
        engine, "SELECT id FROM core.audit ORDER BY at, id"
    ), "times grow with the chain"


def test_a_reader_sees_no_audit_and_an_auditor_all(engine: Engine) -> None:
    audit(engine, 1)
    for actor, expected in ((SUPERVISOR_WEST, False), (ADMIN, False), (AUDITOR, True)):
        with reader_transaction(engine, actor) as connection:
            seen = connection.execute(text("SELECT count(*) FROM core.audit")).scalar_one()
        assert (seen > 0) == expected
