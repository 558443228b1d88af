"""The queue of unsure addresses: who sees it, who decides, and what a decision needs."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from layers.core.database import reader_transaction
from layers.core.errors import Conflict, Forbidden, Invalid, NotFound
from layers.core.rights import Role
from layers.core.scope import Reader
from layers.housing.address_match import match_addresses
from layers.housing.address_review import (
    ACCEPTED,
    REJECTED,
    Review,
    decide_review,
    decision_faults,
    list_reviews,
    queue_matches,
)
from tests.builders.two_sides import (
    COUNTY,
    EVERYBODY,
    SUPERVISOR_EAST,
    SUPERVISOR_WEST,
    TwoSides,
    build_two_sides,
    reader,
)

UNSURE = "云溪花园1区1幢1单元999室"


@pytest.fixture
def town(engine: Engine) -> TwoSides:
    return build_two_sides(engine)


def queue(engine: Engine, asker: Reader, *texts: str) -> int:
    with reader_transaction(engine, asker) as connection:
        found = match_addresses(connection, asker, texts)
        return queue_matches(connection, asker, found, "test")


def waiting(engine: Engine, asker: Reader, **asked: str | None) -> Sequence[Review]:
    with reader_transaction(engine, asker) as connection:
        return list_reviews(connection, asker, **asked)  # type: ignore[arg-type]


def decide(
    engine: Engine,
    asker: Reader,
    review: int,
    state: str,
    building: int | None = None,
    dwelling: int | None = None,
) -> Review:
    with reader_transaction(engine, asker) as connection:
        return decide_review(connection, asker, review, state, building, dwelling)


def test_only_the_unsure_wait_and_each_text_once(engine: Engine, town: TwoSides) -> None:
    texts = [UNSURE, UNSURE, "云溪花园1区1幢", "不知道"]
    assert queue(engine, SUPERVISOR_WEST, *texts) == 1
    assert queue(engine, SUPERVISOR_WEST, UNSURE) == 0
    (review,) = waiting(engine, SUPERVISOR_WEST)
    assert (review.text, review.source, review.created_by) == (UNSURE, "test", "west")
    assert review.candidates[0]["building_id"] == town.west("buildings")


def test_candidates_elsewhere_are_not_told(engine: Engine, town: TwoSides) -> None:
    supervisor = reader(Role.SUPERVISOR, COUNTY)
    assert queue(engine, supervisor, "云溪花园9区") == 1
    (whole,) = waiting(engine, supervisor)
    sides = {one["building_id"] for one in whole.candidates}
    assert sides == {town.west("buildings"), town.east("buildings")}
    seen = [waiting(engine, asker) for asker in (SUPERVISOR_WEST, SUPERVISOR_EAST)]
    told = [one["building_id"] for found in seen for each in found for one in each.candidates]
    assert len(told) == 1
    assert set(told) < sides


def test_the_queue_is_seen_where_its_houses_are(engine: Engine, town: TwoSides) -> None:
    queue(engine, EVERYBODY, UNSURE)
    assert waiting(engine, SUPERVISOR_EAST) == []
    assert len(waiting(engine, reader(Role.ANALYST, COUNTY))) == 1
    (review,) = waiting(engine, SUPERVISOR_WEST)
    with pytest.raises(NotFound):
        decide(engine, SUPERVISOR_EAST, review.id, REJECTED)
    with pytest.raises(Forbidden):
        waiting(engine, reader(Role.OPERATOR, COUNTY))
    with pytest.raises(Forbidden):
        queue(engine, reader(Role.ANALYST, COUNTY), UNSURE)
    with pytest.raises(Forbidden):
        decide(engine, reader(Role.ANALYST, COUNTY), review.id, REJECTED)


def test_the_database_holds_the_queue_by_itself(engine: Engine, town: TwoSides) -> None:
    queue(engine, EVERYBODY, UNSURE)
    count, change = "SELECT count(*) FROM", "UPDATE"
    with reader_transaction(engine, SUPERVISOR_EAST) as connection:
        seen = connection.execute(text(f"{count} housing.address_review"))
        assert seen.scalar_one() == 0
        changed = connection.execute(
            text(f"{change} housing.address_review SET state = 'rejected' RETURNING id")
        )
        assert changed.all() == []
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        reader_transaction(engine, SUPERVISOR_WEST) as connection,
    ):
        connection.execute(text(f"{change} housing.address_review SET text = 'x'"))


def test_a_decision_is_made_once(engine: Engine, town: TwoSides) -> None:
    queue(engine, SUPERVISOR_WEST, UNSURE)
    (review,) = waiting(engine, SUPERVISOR_WEST)
    building, dwelling = town.west("buildings"), town.west("dwellings")
    for wrong in [(None, None), (town.east("buildings"), None), (building, town.east("dwellings"))]:
        with pytest.raises(Invalid):
            decide(engine, SUPERVISOR_WEST, review.id, ACCEPTED, *wrong)
    decided = decide(engine, SUPERVISOR_WEST, review.id, ACCEPTED, building, dwelling)
    assert (decided.state, decided.building_id, decided.dwelling_id, decided.decided_by) == (
        ACCEPTED,
        building,
        dwelling,
        "west",
    )
    with pytest.raises(Conflict):
        decide(engine, SUPERVISOR_WEST, review.id, REJECTED)
    assert waiting(engine, SUPERVISOR_WEST) == []
    assert len(waiting(engine, SUPERVISOR_WEST, state=ACCEPTED)) == 1
    assert queue(engine, SUPERVISOR_WEST, UNSURE) == 1, "the same text may come again"


@pytest.mark.parametrize(
    ("state", "building", "dwelling", "is_there", "owner", "faults"),
    [
        (ACCEPTED, 1, None, True, None, []),
        (ACCEPTED, 1, 7, True, 1, []),
        (REJECTED, None, None, False, None, []),
        (ACCEPTED, None, None, False, None, ["building_id"]),
        (ACCEPTED, 1, 7, True, 2, ["dwelling_id"]),
        (REJECTED, 1, None, True, None, ["building_id"]),
        ("pending", None, None, False, None, ["state"]),
    ],
)
def test_what_a_decision_needs(
    state: str,
    building: int | None,
    dwelling: int | None,
    is_there: bool,
    owner: int | None,
    faults: list[str],
) -> None:
    found = decision_faults(state, building, dwelling, is_there=is_there, owner=owner)
    assert [fault.field for fault in found] == faults
