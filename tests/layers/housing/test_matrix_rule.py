"""Rooms by rule and steps of editing: numbers stay unique and nobody is lost."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from layers.core.errors import Invalid
from layers.housing.floors import floor_numbers, lay_out, top_floor
from layers.housing.matrix_edit import Cell, House, apply_steps, in_writing_order
from layers.housing.matrix_rule import Rule, build

HOUSE = House(levels=33, levels_below=2)

rules = st.builds(
    Rule,
    units=st.lists(
        st.sampled_from(["1", "2", "3", "A", "东"]), min_size=1, max_size=4, unique=True
    ),
    lowest=st.integers(-2, 5),
    highest=st.integers(5, 33),
    rooms=st.integers(1, 12),
    pattern=st.sampled_from(["{floor}{room:02}", "{unit}-{floor}{room:02}", "{floor}-{room}"]),
    skipped=st.lists(st.sampled_from([4, 13, 14]), unique=True),
    mezzanines=st.lists(st.sampled_from([1, 2]), unique=True),
    shops=st.integers(0, 3),
    beds=st.none() | st.integers(1, 8),
)


@given(rules)
def test_numbers_are_unique_in_a_unit_and_floors_are_those_of_the_house(rule: Rule) -> None:
    assume(rule.lowest != 0 and rule.shops <= rule.highest)
    house = House(33, 2, tuple(rule.skipped))
    made = build(rule, house)
    assert len({(room.unit, room.number) for room in made}) == len(made)
    for room in made:
        assert house.fault(room.floor) is None
        assert rule.lowest <= room.floor <= rule.highest
        assert (room.usage == "U4") == (1 <= room.floor <= rule.shops)


def test_a_tower_of_33_floors_and_4_units() -> None:
    made = build(Rule(("1", "2", "3", "4"), 1, 33, 2, skipped=(4, 13, 14)), HOUSE)
    assert len(made) == 4 * 30 * 2
    assert "401" not in {room.number for room in made}


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        (Rule(("1", "1"), 1, 3, 0, "{floor}"), {"units", "rooms", "pattern"}),
        (Rule(("1",), -3, 34, 1), {"lowest", "highest"}),
        (Rule(("1",), 1, 3, 2, "{room}"), {"pattern"}),
        (Rule(("1",), 1, 3, 2, "{floor}{room}{x}"), {"pattern"}),
        (Rule(("1",), 1, 33, 100), {"rooms"}),
    ],
)
def test_faults_of_a_rule_are_told_at_once(rule: Rule, fields: set[str]) -> None:
    with pytest.raises(Invalid) as caught:
        build(rule, HOUSE)
    assert {fault.field for fault in caught.value.faults} == fields


def test_floors_that_are_not_used_push_the_top_up() -> None:
    assert top_floor(15, (4, 13, 14)) == 18
    assert floor_numbers("4、13，14") == (4, 13, 14)


def block(floors: int, wide: int) -> list[Cell]:
    """A unit whose rooms have one person each."""
    return [
        Cell(f * 100 + r, "1", f, f"{f}{r:02}", people=1, area=50.0)
        for f in range(1, floors + 1)
        for r in range(1, wide + 1)
    ]


@given(st.integers(1, 5), st.integers(1, 6), st.data())
def test_any_rectangle_merges_and_any_other_choice_does_not(
    floors: int, wide: int, data: st.DataObject
) -> None:
    rooms = block(floors, wide)
    ids = [room.id for room in rooms]
    chosen = data.draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))
    into = data.draw(st.sampled_from(chosen))
    rows, columns = {each // 100 for each in chosen}, {each % 100 for each in chosen}
    height, width = (max(found) - min(found) + 1 for found in (rows, columns))
    is_rectangle = len(chosen) > 1 and height * width == len(chosen)
    step = {"do": "merge", "rooms": chosen, "into": into}
    draft = apply_steps(House(floors), rooms, [step])
    assert (not draft.faults) == is_rectangle
    assert sum(room.people for room in draft.rooms.values()) == len(rooms)
    if is_rectangle:
        kept = draft.rooms[into]
        assert (kept.columns_wide, kept.floors_high, kept.storey) == (width, height, min(rows))
        assert sorted(draft.retired) == sorted(set(chosen) - {into})
        matrix = lay_out(list(draft.rooms.values()), floors)
        spots = [
            (matrix.floors[::-1].index(room.floor) + up, matrix.columns[room.id] + along)
            for room in draft.rooms.values()
            for along in range(matrix.spans[room.id][0])
            for up in range(matrix.spans[room.id][1])
        ]
        assert len(set(spots)) == len(spots) == len(rooms)


places = st.tuples(st.just("1"), st.integers(1, 3), st.sampled_from("abcdef"))


@given(st.lists(places, min_size=1, max_size=8, unique=True), st.data())
def test_numbers_move_without_ever_meeting(
    before: list[tuple[str, int, str]], data: st.DataObject
) -> None:
    after = data.draw(st.lists(places, min_size=len(before), max_size=len(before), unique=True))
    was = dict(enumerate(before, 1))
    held = dict(was)
    for room, place in in_writing_order(was, dict(enumerate(after, 1))):
        assert place not in held.values()
        held[room] = place
    assert held == dict(enumerate(after, 1))


def test_a_step_that_is_none_is_told_by_its_number() -> None:
    steps = [
        {"do": "paint"},
        {"do": "merge"},
        {"do": "retire", "rooms": [999]},
        {"do": "retire", "rooms": [101]},
    ]
    draft = apply_steps(House(1), block(1, 1), steps)
    assert [fault.field for fault in draft.faults] == [
        "steps.0.do",
        "steps.1",
        "rooms.999.id",
        "rooms.101.state",
    ]
