"""Grants: which areas a right covers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from layers.core.features import after_area, scope_sql
from layers.core.rights import ROLES, Right, Role
from layers.core.scope import Grant, Reader

codes = st.text("0123456789", max_size=14)
grants = st.lists(st.builds(Grant, st.sampled_from(Role), codes), max_size=6)


@given(grants, st.sampled_from(Right), codes)
def test_a_right_covers_a_code_when_a_grant_of_it_begins_it(
    given_grants: list[Grant], right: Right, code: str
) -> None:
    reader = Reader(1, "x", tuple(given_grants))
    expected = any(
        right in ROLES[grant.role] and code.startswith(grant.area_code) for grant in given_grants
    )
    assert reader.covers(right, code) == expected


@given(grants, st.sampled_from(Right))
def test_no_area_lies_inside_another(given_grants: list[Grant], right: Right) -> None:
    areas = Reader(1, "x", tuple(given_grants)).scope(right)
    assert len(set(areas)) == len(areas)
    for area in areas:
        assert not any(area != other and area.startswith(other) for other in areas)


@given(codes.filter(bool), codes)
def test_a_range_of_codes_is_the_same_as_a_beginning(area: str, code: str) -> None:
    assert (area <= code < after_area(area)) == code.startswith(area)


@given(st.lists(codes, max_size=4))
def test_hand_written_scope_names_each_area(areas: list[str]) -> None:
    condition, values = scope_sql("area_code", areas, "a")
    if not areas:
        assert condition == "(FALSE)"
    elif "" in areas:
        assert (condition, values) == ("TRUE", {})
    else:
        assert len(values) == 2 * len(areas)
        assert condition.count("area_code >=") == len(areas)


def test_rights_without_a_grant_are_not_held() -> None:
    nobody = Reader(1, "nobody", ())
    assert nobody.rights == frozenset()
    assert nobody.scope(Right.BASE_READ) == ()
    assert not nobody.covers(Right.BASE_READ, "")


def test_scopes_of_two_roles_stay_apart() -> None:
    reader = Reader(1, "x", (Grant(Role.OPERATOR, "99"), Grant(Role.SUPERVISOR, "990101")))
    assert reader.scope(Right.BASE_READ) == ("99",)
    assert reader.scope(Right.PEOPLE_READ) == ("990101",)


@given(grants, st.sampled_from(Right), st.sampled_from(Right), codes)
def test_only_where_a_right_is_held_both_are_needed(
    given_grants: list[Grant], held: Right, other: Right, code: str
) -> None:
    reader = Reader(1, "x", tuple(given_grants))
    narrowed = reader.only_where(held)
    both = reader.covers(held, code) and reader.covers(other, code)
    assert narrowed.covers(other, code) == both
    assert narrowed.covers(held, code) == reader.covers(held, code)


def test_a_trial_lends_a_right_where_another_is_held_and_nothing_else() -> None:
    worker = Reader(1, "x", (Grant(Role.WORKER, "990101"), Grant(Role.SUPERVISOR, "990102")))
    trial = worker.as_if(Right.PEOPLE_WRITE, Right.PEOPLE_PROPOSE)
    assert trial.scope(Right.PEOPLE_WRITE) == ("990101", "990102")
    assert trial.scope(Right.HOUSING_WRITE) == worker.scope(Right.HOUSING_WRITE) == ("990102",)
    assert worker.scope(Right.PEOPLE_WRITE) == ("990102",)
