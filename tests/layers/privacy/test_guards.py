"""What the room's functions tell to whom, whatever calls them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, text

from layers.core.database import owner_transaction, reader_transaction
from layers.core.rights import Role
from layers.core.scope import Reader
from layers.privacy.look_list import KINDS, LookCounts
from layers.privacy.subject_words import LOOKS
from tests.builders.two_sides import (
    SUPERVISOR_EAST,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    build_two_sides,
    reader,
)

AUDITOR, COMMANDER = reader(Role.AUDITOR, ""), reader(Role.COMMANDER, "")
COPY = "SELECT privacy.subject_copy(:id, :account, :login, 'a reason')"


@pytest.fixture(scope="module")
def sides(module_engine: Engine) -> TwoSides:
    return build_two_sides(module_engine)


def ask(engine: Engine, who: Reader, statement: str, **values: Any) -> list[Any]:
    with reader_transaction(engine, who) as connection:
        return list(connection.execute(text(statement), values).scalars())


def test_every_kind_of_look_has_its_words_and_its_place_in_the_figures() -> None:
    assert set(LOOKS) == set(KINDS)
    assert LookCounts._fields == ("key", *KINDS, "all")


@pytest.mark.parametrize(
    ("who", "is_given"),
    [(SUPERVISOR_WEST, True), (SUPERVISOR_EAST, False), (COMMANDER, False), (AUDITOR, False)],
)
def test_a_copy_is_given_where_its_reader_may_reveal(
    module_engine: Engine, sides: TwoSides, who: Reader, is_given: bool
) -> None:
    asked = {"id": sides.west("persons"), "account": who.account_id, "login": who.login}
    count = "SELECT count(*) FROM core.audit WHERE action = 'copy'"
    with owner_transaction(module_engine) as connection:
        before = connection.execute(text(count)).scalar_one()
    (held,) = ask(module_engine, who, COPY, **asked)
    assert (held is not None) == is_given
    with owner_transaction(module_engine) as connection:
        assert connection.execute(text(count)).scalar_one() - before == int(is_given)


def test_care_is_in_a_copy_with_its_right_only(module_engine: Engine, sides: TwoSides) -> None:
    for role, records in ((Role.SUPERVISOR, 1), (Role.WORKER, 0)):
        who = reader(role, WEST)
        asked = {"id": sides.west("persons"), "account": 1, "login": who.login}
        (held,) = ask(module_engine, who, COPY, **asked)
        assert len(held["care_records"] or []) == records
        assert ("care_records" in {each["layer"] for each in held["history"]}) == bool(records)


def test_posts_and_duty_are_told_to_who_reads_the_log(
    module_engine: Engine, sides: TwoSides
) -> None:
    with owner_transaction(module_engine) as connection:
        connection.execute(
            text(
                "INSERT INTO organisation.account (login, display_name, password_hash, staff_id) "
                "SELECT 'w', 'W', '', :staff"
            ),
            {"staff": sides.west("staff")},
        )
    posts = "SELECT login FROM privacy.posts_of(ARRAY['w'])"
    duty = "SELECT login FROM privacy.duty_since('2000-01-01')"
    for statement in (posts, duty):
        assert ask(module_engine, AUDITOR, statement) == ["w"]
        assert ask(module_engine, SUPERVISOR_WEST, statement) == []


def test_nobody_else_may_call_them(module_engine: Engine) -> None:
    with owner_transaction(module_engine) as connection:
        open_to_all = connection.execute(
            text(
                "SELECT proname FROM pg_proc WHERE pronamespace = 'privacy'::regnamespace "
                "AND has_function_privilege('public', oid, 'EXECUTE')"
            )
        ).scalars()
        assert list(open_to_all) == []
