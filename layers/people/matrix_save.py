"""Saving an edited building matrix: rooms, who lives in them, lineage, in one transaction."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from layers.core.change import Change, Edit, Tools, apply_change
from layers.core.errors import Fault, Forbidden, Invalid, NotFound, Stale
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.housing.building import BUILDINGS
from layers.housing.dwelling import DWELLINGS
from layers.housing.floors import floor_numbers
from layers.housing.matrix_edit import Cell, Draft, House, apply_steps, in_writing_order
from layers.housing.rental import RENTALS
from layers.people.residence import RESIDENCES

BUILDING_FIELDS = ("levels", "levels_below", "skipped_floors")
# Who lives in a room follows it, so whoever edits must see and write that too.
RIGHTS = (Right.HOUSING_WRITE, Right.PEOPLE_READ, Right.PEOPLE_WRITE)

_BUILDING = text(
    "SELECT area_code, row_version, levels, levels_below, skipped_floors, valid_to <= core.today() "
    "AS is_gone FROM housing.building WHERE id = :id"
)
_ROOMS = text("""
SELECT d.id, d.unit, d.floor, d.room_number, d.is_mezzanine, d.column_number, d.columns_wide,
  d.floors_high, d.floor_area, d.usage, d.tenure, d.state, d.beds,
  (SELECT count(*) FROM people.residence AS r
    WHERE r.dwelling_id = d.id AND r.valid_to IS NULL) AS people,
  EXISTS (SELECT FROM housing.rental AS l
    WHERE l.dwelling_id = d.id AND l.valid_to IS NULL) AS is_let
FROM housing.dwelling AS d
WHERE d.building_id = :id AND (d.valid_to IS NULL OR d.valid_to > core.today())
""")
_RENTALS = text(
    "SELECT id FROM housing.rental WHERE dwelling_id = :other AND valid_to IS NULL ORDER BY id"
)
# A household keeps its householder and a bed its sleeper: where the room that stays has one of the
# same name, the one that comes takes the number of its old room along.
_STAYS = text("""
SELECT r.id,
  CASE WHEN EXISTS (SELECT FROM people.residence AS k WHERE k.dwelling_id = :kept
    AND k.valid_to IS NULL AND coalesce(k.household, '') = coalesce(r.household, ''))
    THEN concat_ws('-', d.room_number, r.household) ELSE r.household END AS household,
  CASE WHEN r.bed IS NOT NULL AND EXISTS (SELECT FROM people.residence AS k
    WHERE k.dwelling_id = :kept AND k.valid_to IS NULL AND k.bed = r.bed
      AND coalesce(k.rented_room, '') = coalesce(r.rented_room, ''))
    THEN concat_ws('-', d.room_number, r.rented_room) ELSE r.rented_room END AS rented_room
FROM people.residence AS r JOIN housing.dwelling AS d ON d.id = r.dwelling_id
WHERE r.dwelling_id = :other AND r.valid_to IS NULL ORDER BY r.id
""")
_KIN = text(
    "INSERT INTO housing.dwelling_lineage (kind, dwelling_id, other_id, was, residences, made_by) "
    "VALUES (:kind, :kept, :other, CAST(:was AS jsonb), :residences, :login)"
)
_REVIEWS = text("UPDATE housing.address_review SET dwelling_id = :kept WHERE dwelling_id = :other")


def find_matrix(
    connection: Connection, reader: Reader, building_id: int
) -> tuple[int, House, list[Cell]]:
    """Version of a building, its floors and its rooms of today, for whoever may edit them.

    Raises: NotFound outside the areas; Forbidden without the rights there.
    """
    row = connection.execute(_BUILDING, {"id": building_id}).one_or_none()
    if row is None or not reader.covers(Right.BASE_READ, row.area_code):
        raise NotFound(f"no feature {building_id} in buildings")
    for right in RIGHTS:
        if not reader.covers(right, row.area_code):
            raise Forbidden(f"editing the rooms of a building needs the right {right} there")
    if row.is_gone:
        raise Invalid([Fault("building", "it is demolished; its rooms stay as they were")])
    house = House(row.levels, row.levels_below, floor_numbers(row.skipped_floors))
    return row.row_version, house, [_cell(each) for each in _rooms(connection, building_id)]


def save_matrix(
    connection: Connection,
    reader: Reader,
    building_id: int,
    row_version: int,
    steps: Sequence[Mapping[str, Any]],
    tools: Tools,
    *,
    building: Mapping[str, Any] | None = None,
    reason: str | None = None,
) -> dict[str, int]:
    """Does the steps over the version of the building seen; ids of new rooms by those sent.

    The building gets a new version, so that whoever edits beside is told. `building` are its
    levels, levels_below and skipped_floors where they change too. The connection must be in a
    `reader_transaction`, which must roll back when this raises.

    Raises: NotFound; Forbidden; Stale when somebody else has saved; Invalid with every fault.
    """
    find_matrix(connection, reader, building_id)
    values = dict(building or {})
    unknown = sorted(set(values) - set(BUILDING_FIELDS))
    if unknown:
        raise Invalid([Fault(f"building.{name}", "not changed here") for name in unknown])
    version = connection.execute(
        text("SELECT row_version, levels FROM housing.building WHERE id = :id FOR UPDATE"),
        {"id": building_id},
    ).one_or_none()
    if version is None:
        raise Forbidden(f"buildings/{building_id} lies outside the areas you may write")
    if version.row_version != row_version:
        raise Stale("buildings", building_id, row_version, version.row_version)
    head = Edit(
        BUILDINGS, "update", building_id, {"levels": version.levels} | values, None, row_version
    )
    apply_change(connection, Change([head], reason), reader, tools)
    _, house, rooms = find_matrix(connection, reader, building_id)
    draft = apply_steps(house, rooms, steps)
    if draft.faults:
        raise Invalid(draft.faults)
    before = {room.id: room for room in rooms}
    ids = _write_rooms(connection, building_id, draft, before, reader, tools, reason)
    _write_kin(connection, draft, ids, reader, tools, reason)
    return {str(sent): stored for sent, stored in ids.items() if sent < 0}


def _rooms(connection: Connection, building_id: int) -> Sequence[Any]:
    return connection.execute(_ROOMS, {"id": building_id}).all()


def _cell(row: Any) -> Cell:
    return Cell(
        id=row.id,
        unit=row.unit,
        storey=row.floor,
        room=row.room_number,
        is_mezzanine=row.is_mezzanine,
        column_number=row.column_number,
        columns_wide=row.columns_wide,
        floors_high=row.floors_high,
        area=row.floor_area,
        people=row.people,
        is_let=row.is_let,
        values={name: getattr(row, name) for name in ("usage", "tenure", "state", "beds")},
    )


def _columns(cell: Cell) -> dict[str, Any]:
    return {
        "is_mezzanine": cell.is_mezzanine,
        "column_number": cell.column_number,
        "columns_wide": cell.columns_wide,
        "floors_high": cell.floors_high,
        "floor_area": cell.area,
        **cell.values,
    }


def _write_rooms(
    connection: Connection,
    building_id: int,
    draft: Draft,
    before: Mapping[int, Cell],
    reader: Reader,
    tools: Tools,
    reason: str | None,
) -> dict[int, int]:
    """Retires, moves, changes and adds, in this order; each room's stored id by the one sent."""
    today = connection.execute(text("SELECT core.today()")).scalar_one().isoformat()
    stored = {room_id: room_id for room_id in before}
    gone = [room_id for room_id in draft.retired if room_id in before]
    edits = [Edit(DWELLINGS, "update", each, {"valid_to": today}) for each in gone]
    stay = {room_id: room for room_id, room in draft.rooms.items() if room_id in before}
    moves = in_writing_order(
        {each: (before[each].unit, before[each].storey, before[each].room) for each in stay},
        {each: (room.unit, room.storey, room.room) for each, room in stay.items()},
    )
    for room_id, (unit, floor, number) in moves:
        edits.append(
            Edit(
                DWELLINGS,
                "update",
                room_id,
                {"unit": unit, "floor": floor, "room_number": number},
            )
        )
    for room_id, room in stay.items():
        was, now = _columns(before[room_id]), _columns(room)
        changed = {name: value for name, value in now.items() if value != was.get(name)}
        if changed:
            edits.append(Edit(DWELLINGS, "update", room_id, changed))
    new = [room for room_id, room in draft.rooms.items() if room_id < 0]
    for room in new:
        place = {"unit": room.unit, "floor": room.storey, "room_number": room.room}
        owner = {"building_id": building_id}
        edits.append(Edit(DWELLINGS, "create", None, owner | place | _columns(room)))
    ids = apply_change(connection, Change(edits, reason), reader, tools)
    added = ids[len(edits) - len(new) :] if new else ()
    return stored | {room.id: row_id for room, row_id in zip(new, added, strict=True)}


def _write_kin(
    connection: Connection,
    draft: Draft,
    ids: Mapping[int, int],
    reader: Reader,
    tools: Tools,
    reason: str | None,
) -> None:
    """Open residences, rentals and reviewed addresses follow merged rooms, dates as they are."""
    for kin in draft.kin:
        kept, other = ids.get(kin.kept), ids.get(kin.other) if kin.other else None
        if kept is None or (kin.other and other is None):
            continue
        moved: list[int] = []
        if kin.kind == "merge" and other is not None:
            for layer, statement in ((RESIDENCES, _STAYS), (RENTALS, _RENTALS)):
                found = connection.execute(statement, {"kept": kept, "other": other}).mappings()
                rows = [dict(row) for row in found]
                here = [row.pop("id") for row in rows]
                edits = [
                    Edit(layer, "update", row_id, row | {"dwelling_id": kept})
                    for row_id, row in zip(here, rows, strict=True)
                ]
                apply_change(connection, Change(edits, reason), reader, tools)
                if layer is RESIDENCES:
                    moved = here
            connection.execute(_REVIEWS, {"kept": kept, "other": other})
        values = {"kind": kin.kind, "kept": kept, "other": other, "residences": moved}
        was = json.dumps(dict(kin.was), ensure_ascii=False)
        connection.execute(_KIN, values | {"was": was, "login": reader.login})
