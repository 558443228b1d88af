"""Drafts of grid plans in the database: scope, versions, undo, and two people at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import shapely
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from layers.analysis.grid_figures import GridFigures, grid_figures
from layers.core.database import reader_transaction
from layers.core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from layers.territory.coverage import Refused
from layers.territory.drafting import (
    OpenPlan,
    UnderWay,
    begin_plan,
    operate,
    plan_faults,
    preview,
    read_plan,
    redo,
    undo,
)
from tests.builders.community import (
    COMMUNITY,
    HOUSES,
    MIDDLE,
    OTHER,
    at,
    code,
    commander,
    supervisor,
)

# Across the first grid, between two rows of houses.
ACROSS = {"kind": "split", "grid": 1, "line": [at(-0.02, 1 / 3), at(0.52, 1 / 3)]}
AUTHOR = supervisor()
# The western half of the first grid, as another program has drawn it.
OUTLINE = {
    "type": "Polygon",
    "coordinates": [[at(0, 0), at(0.25, 0), at(0.25, 0.5), at(0, 0.5), at(0, 0)]],
}


@pytest.fixture
def reading(shared_community: Engine) -> Iterator[Connection]:
    """A transaction of the author's that is rolled back: each test begins anew."""
    with pytest.raises(Nevermind), reader_transaction(shared_community, AUTHOR) as connection:  # noqa: PT012
        yield connection
        raise Nevermind


class Nevermind(Exception):
    """Rolls a test's transaction back."""


@pytest.fixture
def plan(reading: Connection) -> int:
    return begin_plan(reading, AUTHOR, COMMUNITY, "调整第一网格")


def do(connection: Connection, plan: int, operation: dict[str, Any]) -> OpenPlan:
    operate(connection, AUTHOR, plan, operation, read_plan(connection, plan).row.row_version)
    return read_plan(connection, plan)


def codes(plan: OpenPlan) -> list[str]:
    return sorted(piece.code for piece in plan.draft.pieces.values())


def test_a_draft_begins_with_the_grids_in_force(reading: Connection, plan: int) -> None:
    found = read_plan(reading, plan)
    assert codes(found) == [code(n) for n in (1, 2, 3, 4)]
    assert found.draft.border is not None
    assert (found.row.state, found.row.author, found.row.position) == ("draft", "author", 0)
    assert not found.is_stale
    assert plan_faults(reading, found, found.draft) == []


def test_operations_change_the_pieces_and_new_ones_get_new_codes(
    reading: Connection, plan: int
) -> None:
    after = do(reading, plan, ACROSS)
    assert codes(after) == [code(n) for n in (2, 3, 4, 5, 6)]
    new = {piece.code: piece for piece in after.draft.pieces.values()}
    assert new[code(5)].name == "甲社区第5网格"
    assert new[code(5)].parents == new[code(6)].parents == after.base.pieces[1].parents
    assert shapely.coverage_is_valid([piece.shape for piece in new.values()])

    merged = do(reading, plan, {"kind": "merge", "grids": [2, 4]})
    assert codes(merged) == [code(n) for n in (3, 5, 6, 7)]
    named = do(reading, plan, {"kind": "rename", "grid": 3, "name": "锦绣园网格"})
    assert named.draft.pieces[3].name == "锦绣园网格"
    moved = do(
        reading, plan, {"kind": "move", "drags": [{"at": list(MIDDLE), "to": at(0.47, 0.46)}]}
    )
    assert shapely.coverage_is_valid([piece.shape for piece in moved.draft.pieces.values()])
    assert [each.kind for each in moved.operations] == ["split", "merge", "rename", "move"]


def test_undo_and_redo_go_step_by_step_and_are_kept(reading: Connection, plan: int) -> None:
    operations = (ACROSS, {"kind": "merge", "grids": [2, 4]})
    states = [read_plan(reading, plan), *(do(reading, plan, each) for each in operations)]
    for step in (1, 0):
        undo(reading, AUTHOR, plan, read_plan(reading, plan).row.row_version)
        assert read_plan(reading, plan).draft.pieces == states[step].draft.pieces
    with pytest.raises(Conflict, match="nothing to undo"):
        undo(reading, AUTHOR, plan, read_plan(reading, plan).row.row_version)
    for step in (1, 2):
        redo(reading, AUTHOR, plan, read_plan(reading, plan).row.row_version)
        assert read_plan(reading, plan).draft.pieces == states[step].draft.pieces
    with pytest.raises(Conflict, match="nothing to redo"):
        redo(reading, AUTHOR, plan, read_plan(reading, plan).row.row_version)


def test_a_new_operation_forgets_what_was_undone(reading: Connection, plan: int) -> None:
    do(reading, plan, ACROSS)
    undo(reading, AUTHOR, plan, read_plan(reading, plan).row.row_version)
    after = do(reading, plan, {"kind": "merge", "grids": [1, 2]})
    assert [each.kind for each in after.operations] == ["merge"]
    assert codes(after) == [code(n) for n in (3, 4, 5)]


def test_a_piece_split_and_put_together_again_is_the_old_grid(
    reading: Connection, plan: int
) -> None:
    before = read_plan(reading, plan)
    after = do(reading, plan, ACROSS)
    pieces = [p.key for p in after.draft.pieces.values() if p.code in (code(5), code(6))]
    back = do(reading, plan, {"kind": "merge", "grids": pieces})
    piece = next(p for p in back.draft.pieces.values() if p.code == code(7))
    assert piece.parents == before.draft.pieces[1].parents


def test_a_preview_keeps_nothing(reading: Connection, plan: int) -> None:
    found = read_plan(reading, plan)
    seen = preview(reading, found, ACROSS)
    assert len(seen.pieces) == 5
    assert read_plan(reading, plan) == found


def test_a_cut_building_is_a_fault_with_its_outline(reading: Connection, plan: int) -> None:
    line = [at(-0.02, 0.25), at(0.52, 0.25)]
    after = do(reading, plan, {"kind": "split", "grid": 1, "line": line})
    faults = plan_faults(reading, after, after.draft)
    assert {fault.kind for fault in faults} == {"cut_building"}
    assert len(faults) == HOUSES // 2
    assert not any(fault.is_inherited for fault in faults)
    outline = reading.execute(
        text("SELECT ST_AsBinary(geom) FROM housing.building WHERE id = :id"),
        {"id": faults[0].building},
    ).scalar_one()
    assert faults[0].where.equals(shapely.from_wkb(bytes(outline)))


def test_snapping_takes_the_line_to_a_road(reading: Connection, plan: int) -> None:
    line = [at(-0.02, 0.336), at(0.52, 0.344)]
    after = do(reading, plan, {"kind": "split", "grid": 1, "line": line, "snap": 10})
    shared = [piece.shape for piece in after.draft.pieces.values() if piece.code > code(4)]
    border = shapely.intersection(*shared)
    assert {round(y, 9) for _, y in shapely.get_coordinates(border)} == {round(at(0, 0.34)[1], 9)}


def test_figures_are_the_rows_that_lie_there(reading: Connection, plan: int) -> None:
    after = do(reading, plan, ACROSS)
    figures = grid_figures(reading, AUTHOR, after.draft)
    by_code = {after.draft.pieces[key].code: each for key, each in figures.items()}
    assert by_code[code(4)] == GridFigures(
        by_code[code(4)].area, 9, 18, 18, 36, by_code[code(4)].key_sites, 9
    )
    parts = [by_code[code(5)], by_code[code(6)]]
    assert sorted(part.buildings for part in parts) == [3, 6]
    assert sum(part.residents or 0 for part in parts) == 36
    total = reading.execute(text("SELECT count(*) FROM places.key_site")).scalar_one()
    assert sum(each.key_sites or 0 for each in figures.values()) == total
    measured = reading.execute(
        text("SELECT ST_Area(geom::geography) FROM territory.grid WHERE code = :code"),
        {"code": code(1)},
    ).scalar_one()
    assert sum(part.area for part in parts) == pytest.approx(measured, rel=1e-6)


def test_figures_keep_to_the_rights_of_who_asks(shared_community: Engine) -> None:
    admin = Reader(3, "admin", (Grant(Role.ADMIN, ""),))
    with pytest.raises(Nevermind), reader_transaction(shared_community, admin) as connection:  # noqa: PT012
        plan = begin_plan(connection, admin, COMMUNITY, "方案")
        draft = read_plan(connection, plan).draft
        figures = grid_figures(connection, admin, draft)
        first = figures[1]
        assert (first.buildings, first.dwellings) == (9, 18)
        assert (first.residents, first.households, first.open_incidents) == (None, None, None)
        raise Nevermind


def test_a_second_plan_for_a_community_is_refused_and_shows_the_first(
    reading: Connection, plan: int
) -> None:
    with pytest.raises(UnderWay) as refused:
        begin_plan(reading, supervisor("other"), COMMUNITY, "另一方案")
    assert refused.value.members["plan"] == {
        "id": plan,
        "title": "调整第一网格",
        "author": "author",
        "state": "draft",
    }


def test_whoever_is_late_is_told_both_versions(reading: Connection, plan: int) -> None:
    version = read_plan(reading, plan).row.row_version
    do(reading, plan, ACROSS)
    with pytest.raises(Stale) as refused:
        operate(reading, AUTHOR, plan, {"kind": "merge", "grids": [2, 4]}, version)
    assert (refused.value.asked, refused.value.current) == (version, version + 1)


@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ({"kind": "explode"}, "kind"),
        ({"kind": "split", "grid": 1, "line": [[120, 30]]}, "line"),
        ({"kind": "split", "grid": 1, "line": [[120, 30], ["a", 30]]}, "line"),
        ({"kind": "split", "grid": 1, "line": [[120, 30], [120, 95]]}, "line"),
        ({"kind": "split", "grid": 1, "line": [[120, 30], [120, float("nan")]]}, "line"),
        ({"kind": "split", "grid": True, "line": [[120, 30], [121, 30]]}, "grid"),
        ({"kind": "split", "grid": 77, "line": [[120, 30], [121, 30]]}, "grid"),
        ({"kind": "split", "grid": 1, "line": [[120, 30], [121, 30]], "snap": 500}, "snap"),
        ({"kind": "split", "grid": 1, "way": []}, "way"),
        ({"kind": "merge", "grids": [1]}, "grids"),
        ({"kind": "merge", "grids": [1, 1]}, "grids"),
        ({"kind": "move", "drags": []}, "drags"),
        ({"kind": "move", "drags": [{"at": [120, 30]}]}, "drags"),
        ({"kind": "move", "drags": [{"at": [10**400, 30], "to": None}]}, "drags"),
        ({"kind": "rename", "grid": 1, "name": "  "}, "name"),
        ({"kind": "rename", "grid": 1, "name": "长" * 101}, "name"),
        ({"kind": "draw", "grid": 1, "geometry": None}, "geometry"),
        ({"kind": "draw", "grid": 1, "geometry": {"type": "Point"}}, "geometry"),
        ({"kind": "draw", "grid": 9, "geometry": OUTLINE}, "grid"),
        ({"kind": "add", "geometry": OUTLINE, "name": ""}, "name"),
        ({"kind": "remove", "grid": "1"}, "grid"),
    ],
)
def test_bad_input_is_named_and_changes_nothing(
    reading: Connection, plan: int, operation: dict[str, Any], field: str
) -> None:
    before = read_plan(reading, plan)
    with pytest.raises(Invalid) as refused:
        do(reading, plan, operation)
    assert [fault.field for fault in refused.value.faults] == [field]
    assert read_plan(reading, plan) == before


def test_a_refused_geometry_changes_nothing(reading: Connection, plan: int) -> None:
    before = read_plan(reading, plan)
    crossed = [at(0.1, 0.1), at(0.4, 0.4), at(0.4, 0.1), at(0.1, 0.4)]
    with pytest.raises(Refused) as refused:
        do(reading, plan, {"kind": "split", "grid": 1, "line": crossed})
    assert refused.value.members["kind"] == "line_crosses_itself"
    assert refused.value.members["where"]["type"] == "MultiPoint"
    assert read_plan(reading, plan) == before


def test_plans_are_drawn_and_seen_where_the_right_is_held(shared_community: Engine) -> None:
    for reader, kind in ((commander(), Forbidden), (supervisor(area=OTHER), Forbidden)):
        with pytest.raises(kind), reader_transaction(shared_community, reader) as connection:
            begin_plan(connection, reader, COMMUNITY, "方案")
    for wrong in ("990101", "99010100100x", ""):
        with pytest.raises(Invalid), reader_transaction(shared_community, AUTHOR) as connection:
            begin_plan(connection, AUTHOR, wrong, "方案")
    with pytest.raises(Invalid), reader_transaction(shared_community, AUTHOR) as connection:
        begin_plan(connection, AUTHOR, COMMUNITY, " ")


def test_row_level_security_holds_what_the_code_forgets(shared_community: Engine) -> None:
    with reader_transaction(shared_community, AUTHOR) as connection:
        plan = begin_plan(connection, AUTHOR, COMMUNITY, "方案")
    stranger = supervisor("stranger", OTHER)
    try:
        with reader_transaction(shared_community, stranger) as connection:
            with pytest.raises(NotFound):
                read_plan(connection, plan)
            for table in ("plan_grid", "plan_operation"):
                seen = connection.execute(text(f"SELECT count(*) FROM territory.{table}"))
                assert seen.scalar_one() == 0
            changed = connection.execute(text("UPDATE territory.plan_grid SET name = 'x'"))
            assert changed.rowcount == 0
        for statement in (
            "UPDATE territory.plan SET state = 'in_force'",
            "DELETE FROM territory.plan",
            "UPDATE territory.plan SET decided_by = 'me'",
        ):
            with (
                pytest.raises(ProgrammingError, match=r"decisions|discarded|permission denied"),
                reader_transaction(shared_community, AUTHOR) as connection,
            ):
                connection.execute(text(statement))
    finally:
        with shared_community.begin() as connection:
            connection.execute(text("DELETE FROM territory.plan WHERE id = :id"), {"id": plan})


def test_a_community_without_grids_begins_as_one(shared_community: Engine) -> None:
    other = supervisor(area=OTHER)
    with pytest.raises(Nevermind), reader_transaction(shared_community, other) as connection:  # noqa: PT012
        plan = begin_plan(connection, other, OTHER, "首次划分")
        found = read_plan(connection, plan)
        assert codes(found) == [f"{OTHER}01"]
        assert found.draft.pieces[1].parents == frozenset()
        raise Nevermind


def test_outlines_drawn_elsewhere_are_kept_as_given_and_undone(
    reading: Connection, plan: int
) -> None:
    drawn = do(reading, plan, {"kind": "draw", "grid": 1, "geometry": OUTLINE})
    assert {fault.kind for fault in plan_faults(reading, drawn, drawn.draft)} >= {"gap"}
    rest = [[at(0.25, 0), at(0.5, 0), at(0.5, 0.5), at(0.25, 0.5), at(0.25, 0)]]
    whole = do(
        reading,
        plan,
        {"kind": "add", "name": "新网格", "geometry": {"type": "Polygon", "coordinates": rest}},
    )
    added = max(whole.draft.pieces.values(), key=lambda piece: piece.key)
    assert (added.code, added.name, added.parents) == (code(5), "新网格", frozenset())
    without = do(reading, plan, {"kind": "remove", "grid": added.key})
    assert codes(without) == [code(n) for n in (1, 2, 3, 4)]
    for _ in range(3):
        undo(reading, AUTHOR, plan, read_plan(reading, plan).row.row_version)
    found = read_plan(reading, plan)
    assert found.draft.pieces == found.base.pieces


def test_the_last_grid_is_not_taken_away(reading: Connection, plan: int) -> None:
    for number in (1, 2, 3):
        do(reading, plan, {"kind": "remove", "grid": number})
    with pytest.raises(Invalid, match="at least one"):
        do(reading, plan, {"kind": "remove", "grid": 4})
