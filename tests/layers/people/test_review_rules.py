"""The state machine of proposals and the difference they make, without a database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.errors import Conflict, Forbidden, Invalid
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from layers.people.proposal import OPEN_TO_PROPOSALS, STATES, Proposal, State
from layers.people.review_rules import (
    STEPS,
    changed_values,
    check_step,
    checked_reason,
    differences,
    possible_steps,
)

COMMUNITY, OTHER = "990101001001", "990101001002"
GRID = f"{COMMUNITY}01"
READERS = tuple(
    Reader(number, login, (Grant(role, area),))
    for number, (login, role, area) in enumerate(
        (
            ("worker", Role.WORKER, GRID),
            ("colleague", Role.WORKER, GRID),
            ("supervisor", Role.SUPERVISOR, COMMUNITY),
            ("next door", Role.SUPERVISOR, OTHER),
            ("admin", Role.ADMIN, ""),
            ("auditor", Role.AUDITOR, ""),
        )
    )
)
WORKER, _, SUPERVISOR, NEXT_DOOR, ADMIN, _ = READERS
END_STATES = {"accepted", "withdrawn", "superseded"}


def made(**members: Any) -> Proposal:
    """A proposal of the worker to change a person."""
    told: dict[str, Any] = {
        "id": 7,
        "layer": "persons",
        "feature_id": 3,
        "operation": "update",
        "values": {"phone": "138****0000", "sex": "1"},
        "before": {"name": "张*", "phone": "139****0000", "sex": "2", "nationality": None},
        "base_version": 4,
        "area_code": GRID,
        "state": "pending",
        "reason": None,
        "proposed_by": "worker",
        "proposed_at": datetime(2026, 11, 1, tzinfo=UTC),
        "decision": None,
        "decided_by": None,
        "decided_at": None,
        "correction": {},
        "replaces": None,
    }
    return Proposal(**told | members)


readers = st.sampled_from(READERS)
names = st.sampled_from(sorted(STEPS))
anything = st.builds(
    made,
    state=st.sampled_from(STATES),
    layer=st.sampled_from(sorted(OPEN_TO_PROPOSALS)),
    proposed_by=st.sampled_from([reader.login for reader in READERS]),
    area_code=st.sampled_from([GRID, COMMUNITY, OTHER, "99", ""]),
)


@given(reader=readers, proposal=anything)
def test_nobody_decides_on_an_own_proposal_nor_without_the_right_there(
    reader: Reader, proposal: Proposal
) -> None:
    possible = set(possible_steps(reader, proposal))
    is_own = reader.login == proposal.proposed_by
    if is_own or not reader.covers(proposal.about.write, proposal.area_code):
        assert not possible & {"accept", "return"}
    if not is_own:
        assert not possible & {"withdraw", "replace"}
    if proposal.state in END_STATES:
        assert possible == set()


@given(reader=readers, proposal=anything, name=names)
def test_a_step_is_refused_exactly_when_there_is_no_button_for_it(
    reader: Reader, proposal: Proposal, name: Any
) -> None:
    if name in possible_steps(reader, proposal):
        check_step(STEPS[name], reader, proposal)
    else:
        with pytest.raises((Forbidden, Conflict)):
            check_step(STEPS[name], reader, proposal)


@given(walk=st.lists(st.tuples(readers, names), max_size=12))
def test_whatever_is_tried_ends_at_most_once(walk: list[tuple[Reader, Any]]) -> None:
    proposal, seen = made(), ["pending"]
    for reader, name in walk:
        try:
            check_step(STEPS[name], reader, proposal)
        except (Forbidden, Conflict):
            continue
        proposal = proposal._replace(state=STEPS[name].after)
        seen.append(proposal.state)
    assert seen in (
        ["pending"],
        *(["pending", state] for state in ("accepted", "returned", "withdrawn", "superseded")),
        ["pending", "returned", "superseded"],
    )


def test_who_may_do_what() -> None:
    assert possible_steps(WORKER, made()) == ["withdraw", "replace"]
    assert possible_steps(SUPERVISOR, made()) == ["accept", "return"]
    assert possible_steps(NEXT_DOOR, made()) == []
    assert possible_steps(ADMIN, made()) == []
    assert possible_steps(ADMIN, made(layer="dwellings")) == ["accept", "return"]
    assert possible_steps(WORKER, made(state="returned")) == ["replace"]


@pytest.mark.parametrize(
    ("reason", "is_enough"), [(None, False), (" 错 ", False), ("证件有误", True)]
)
def test_returning_needs_a_reason(reason: str | None, is_enough: bool) -> None:
    if is_enough:
        assert checked_reason(STEPS["return"], reason) == reason
    else:
        with pytest.raises(Invalid):
            checked_reason(STEPS["return"], reason)
    with pytest.raises(Invalid):
        checked_reason(STEPS["accept"], "长" * 501)


def told(proposal: Proposal, now: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    return [
        (each.field, each.before, each.accepted, each.is_corrected, each.is_conflict)
        for each in differences(proposal, now)
    ]


def test_the_difference_names_each_field_in_the_order_of_the_form() -> None:
    proposal = made(correction={"sex": "9", "nationality": "中国"})
    assert told(proposal) == [
        ("phone", "139****0000", "138****0000", False, False),
        ("sex", "2", "9", True, False),
        ("nationality", None, "中国", True, False),
    ]
    assert [each.after for each in differences(proposal, None)] == ["138****0000", "1", None]


def test_a_field_that_somebody_else_changed_meanwhile_is_a_conflict() -> None:
    now = {"name": "张*", "phone": "139****0000", "sex": "9"}
    assert told(made(), now)[1] == ("sex", "2", "1", False, True)
    assert told(made(), now)[0][4] is False
    done: list[State] = ["accepted", "returned"]
    assert not any(told(made(state=state), now)[1][4] for state in done)


def test_a_new_row_has_nothing_before_and_a_deleted_one_nothing_after() -> None:
    new = made(operation="create", values={"name": "李*", "sex": None}, before={})
    assert told(new) == [("name", None, "李*", False, False)]
    gone = made(operation="delete", values={})
    assert told(gone) == [
        ("name", "张*", None, False, False),
        ("phone", "139****0000", None, False, False),
        ("sex", "2", None, False, False),
    ]


@given(
    before=st.dictionaries(st.sampled_from("abcd"), st.integers(0, 3)),
    given_values=st.dictionaries(st.sampled_from("abcd"), st.integers(0, 3)),
)
def test_only_what_differs_is_proposed(
    before: dict[str, int], given_values: dict[str, int]
) -> None:
    changed = changed_values(given_values, before, ("d",))
    assert before | changed == before | given_values
    assert all(name == "d" or before.get(name) != value for name, value in changed.items())
