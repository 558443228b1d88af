"""Editing the building matrix: steps over the rooms of a building, judged before any is saved.

Pure rules: rooms in, rooms and faults out. New rooms have negative ids until they are stored.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from layers.core.errors import Fault
from layers.housing.floors import lay_out, level_of, top_floor

LONGEST_NUMBER, LONGEST_UNIT = 30, 20
SETTABLE = ("usage", "tenure", "state", "beds")
_MOST = {"columns_wide": 20, "floors_high": 10}


@dataclass(frozen=True)
class Cell:
    """A room in the matrix; `people` are the open residences in it, `is_let` an open rental."""

    id: int
    unit: str
    storey: int
    room: str
    is_mezzanine: bool = False
    column_number: int | None = None
    columns_wide: int = 1
    floors_high: int = 1
    area: float | None = None
    people: int = 0
    is_let: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def floor(self) -> float:
        """Level of its lowest floor."""
        return level_of(self.storey, self.is_mezzanine)

    @property
    def place(self) -> dict[str, Any]:
        """Where it is, as the lineage keeps it."""
        return {
            "unit": self.unit,
            "floor": self.floor,
            "room": self.room,
            "column_number": self.column_number,
            "columns_wide": self.columns_wide,
            "floors_high": self.floors_high,
        }


@dataclass(frozen=True)
class House:
    """What of a building bounds its rooms; without `levels` nothing is known."""

    levels: int | None = None
    levels_below: int | None = None
    skipped: tuple[int, ...] = ()

    def fault(self, storey: int) -> str | None:
        """Why there is no such floor; None when there is."""
        if storey == 0:
            return "there is no floor 0"
        if storey in self.skipped:
            return f"the building has no floor {storey}"
        if self.levels is None:
            return None if -20 <= storey <= 200 else "floors -20 to 200 expected"
        top = top_floor(self.levels, self.skipped)
        below = 20 if self.levels_below is None else self.levels_below
        if -below <= storey <= top:
            return None
        return f"the building has floors {-below if below else 1} to {top}, not {storey}"


@dataclass(frozen=True)
class Kin:
    """One line of lineage: the room that stays, the other, and the place of the first before."""

    kind: str
    kept: int
    other: int | None
    was: Mapping[str, Any]


@dataclass
class Draft:
    """The rooms as the steps leave them; `retired` are gone, in the order they went."""

    house: House
    rooms: dict[int, Cell]
    retired: list[int] = field(default_factory=list)
    kin: list[Kin] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, room: int, member: str, reason: str) -> None:
        """Keeps a fault of a room; its field is `rooms.<id>.<member>`."""
        self.faults.append(Fault(f"rooms.{room}.{member}", reason))


def apply_steps(house: House, rooms: Sequence[Cell], steps: Sequence[Mapping[str, Any]]) -> Draft:
    """The rooms after all steps, with every fault at once.

    Faults of a room have the field `rooms.<id>.<member>`, those of a step
    `steps.<number>.<member>`, counted from 0. A step with a fault leaves the rooms as they are.
    """
    draft = Draft(house, {room.id: room for room in rooms})
    for number, step in enumerate(steps):
        do = _DO.get(str(step.get("do")))
        if do is None:
            reason = f"one of {', '.join(_DO)} expected"
            draft.faults.append(Fault(f"steps.{number}.do", reason))
            continue
        try:
            do(draft, step)
        except (KeyError, TypeError, ValueError) as error:
            reason = f"missing or wrong: {error}"[:200]
            draft.faults.append(Fault(f"steps.{number}", reason))
    _check_numbers(draft)
    return draft


def _check_numbers(draft: Draft) -> None:
    places = Counter((room.unit, room.room) for room in draft.rooms.values())
    for room in draft.rooms.values():
        if not 1 <= len(room.room.strip()) <= LONGEST_NUMBER:
            draft.fault(room.id, "room_number", f"1 to {LONGEST_NUMBER} characters expected")
        elif places[room.unit, room.room] > 1 and _is_touched(draft, room):
            where = f"unit {room.unit} has" if room.unit else "the building has"
            draft.fault(room.id, "room_number", f"{where} more than one {room.room}")


def _is_touched(draft: Draft, room: Cell) -> bool:
    """Houses loaded with a number twice may be edited elsewhere."""
    return room.id < 0 or any(kin.kept == room.id for kin in draft.kin)


def _rooms(draft: Draft, step: Mapping[str, Any]) -> list[Cell] | None:
    """The rooms a step names; None, with faults, unless all are there."""
    ids = [_whole(each, "rooms") for each in step["rooms"]]
    missing = [each for each in ids if each not in draft.rooms]
    for each in missing:
        draft.fault(each, "id", "no such room in this building")
    return None if missing or not ids else [draft.rooms[each] for each in dict.fromkeys(ids)]


def _whole(value: Any, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name} takes whole numbers")
    return value


def _text(value: Any, name: str, longest: int) -> str:
    if not isinstance(value, str) or len(value) > longest or "\x00" in value:
        raise ValueError(f"{name} takes a text of up to {longest} characters")
    return value.strip()


def _merge(draft: Draft, step: Mapping[str, Any]) -> None:
    """Neighbours become one: `into` stays, the others retire."""
    rooms = _rooms(draft, step)
    if rooms is None:
        return
    kept = next((room for room in rooms if room.id == step["into"]), None)
    if kept is None or len(rooms) < 2:
        raise ValueError("into is one of at least two rooms")
    if len({room.unit for room in rooms}) > 1:
        draft.fault(kept.id, "unit", "only rooms of one unit are merged")
        return
    matrix = lay_out(list(draft.rooms.values()), draft.house.levels, draft.house.skipped)
    upwards = matrix.floors[::-1]
    covered = {
        (upwards.index(room.floor) + high, matrix.columns[room.id] + wide)
        for room in rooms
        for wide in range(matrix.spans[room.id][0])
        for high in range(matrix.spans[room.id][1])
    }
    lowest, left = (min(at[axis] for at in covered) for axis in (0, 1))
    high, wide = (
        1 + max(at[axis] for at in covered) - min(at[axis] for at in covered) for axis in (0, 1)
    )
    if high * wide != len(covered):
        draft.fault(kept.id, "rooms", "only rooms beside or above one another are merged")
        return
    if wide > _MOST["columns_wide"] or high > _MOST["floors_high"]:
        draft.fault(kept.id, "rooms", "a room takes up to 20 columns and 10 floors")
        return
    base = next(room for room in rooms if room.floor == upwards[lowest])
    areas = [room.area for room in rooms]
    draft.rooms[kept.id] = replace(
        kept,
        room=_text(step.get("number") or kept.room, "number", LONGEST_NUMBER),
        storey=base.storey,
        is_mezzanine=base.is_mezzanine,
        column_number=left,
        columns_wide=wide,
        floors_high=high,
        area=round(sum(area or 0 for area in areas), 2) if all(areas) else kept.area,
        people=sum(room.people for room in rooms),
        is_let=any(room.is_let for room in rooms),
    )
    for other in rooms:
        if other.id != kept.id:
            draft.kin.append(Kin("merge", kept.id, other.id, kept.place))
            draft.retired.append(other.id)
            del draft.rooms[other.id]


def _split(draft: Draft, step: Mapping[str, Any]) -> None:
    """A room becomes several: it stays as one of them, with all who live in it."""
    room_id = _whole(step["room"], "room")
    room = draft.rooms.get(room_id)
    if room is None:
        draft.fault(room_id, "id", "no such room in this building")
        return
    pieces = list(step["pieces"])
    count = len(pieces) + 1
    if not 2 <= count <= 50:
        draft.fault(room.id, "pieces", "2 to 50 rooms expected")
        return
    is_wide, is_high = room.columns_wide >= count, room.floors_high >= count
    wide = room.columns_wide // count if is_wide else 1
    high = room.floors_high if is_wide else room.floors_high // count if is_high else 1
    column = room.column_number if is_wide or is_high else None
    share = round(room.area / count, 2) if room.area else None
    if room.id > 0:
        draft.kin.append(Kin("split", room.id, None, room.place))
    draft.rooms[room.id] = replace(
        room,
        room=_text(step.get("number") or room.room, "number", LONGEST_NUMBER),
        column_number=column,
        columns_wide=wide,
        floors_high=high,
        area=share,
    )
    for step_on, piece in enumerate(pieces, 1):
        new_id = _new_id(draft, piece["id"])
        storey = room.storey if is_wide or not is_high else room.storey + step_on * high
        draft.rooms[new_id] = replace(
            draft.rooms[room.id],
            id=new_id,
            storey=storey,
            room=_text(piece["number"], "number", LONGEST_NUMBER),
            column_number=column + step_on * wide if column and is_wide else column,
            people=0,
            is_let=False,
        )
        draft.kin.append(Kin("split", room.id, new_id, room.place))


def _new_id(draft: Draft, value: Any) -> int:
    new_id = _whole(value, "id")
    if new_id >= 0 or new_id in draft.rooms or new_id in draft.retired:
        raise ValueError("new rooms have negative ids of their own")
    return new_id


def _renumber(draft: Draft, step: Mapping[str, Any]) -> None:
    """Rooms get the numbers given; two may change theirs."""
    for asked in step["rooms"]:
        room_id = _whole(asked["id"], "id")
        room = draft.rooms.get(room_id)
        if room is None:
            draft.fault(room_id, "id", "no such room in this building")
            continue
        number = _text(asked["number"], "number", 200)
        if number != room.room:
            draft.kin.append(Kin("renumber", room.id, None, room.place))
            draft.rooms[room.id] = replace(room, room=number)


def _set(draft: Draft, step: Mapping[str, Any]) -> None:
    """Usage, tenure, state or beds of many at once; the codes are checked where they are stored."""
    values = dict(step["values"])
    unknown = sorted(set(values) - set(SETTABLE))
    if unknown or not values:
        raise ValueError(f"values takes {', '.join(SETTABLE)}")
    for room in _rooms(draft, step) or ():
        draft.rooms[room.id] = replace(room, values={**room.values, **values})


def _add(draft: Draft, step: Mapping[str, Any]) -> None:
    """New rooms, each on a floor that the building has."""
    for asked in step["rooms"]:
        new_id = _new_id(draft, asked["id"])
        storey = _whole(asked["floor"], "floor")
        reason = draft.house.fault(storey)
        if reason is not None:
            draft.fault(new_id, "floor", reason)
            continue
        values = {name: asked[name] for name in SETTABLE if asked.get(name) is not None}
        draft.rooms[new_id] = Cell(
            id=new_id,
            unit=_text(asked.get("unit", ""), "unit", LONGEST_UNIT),
            storey=storey,
            room=_text(asked["number"], "number", 200),
            is_mezzanine=asked.get("is_mezzanine") is True,
            values=values,
        )


def _retire(draft: Draft, step: Mapping[str, Any]) -> None:
    """Rooms that are no more; not while somebody lives in one or it is let."""
    for room in _rooms(draft, step) or ():
        if room.people:
            draft.fault(room.id, "state", f"{room.people} people live in it; they move out first")
        elif room.is_let:
            draft.fault(room.id, "state", "it is let; the rental ends first")
        else:
            del draft.rooms[room.id]
            draft.retired.append(room.id)


_DO: Mapping[str, Callable[[Draft, Mapping[str, Any]], None]] = {
    "merge": _merge,
    "split": _split,
    "renumber": _renumber,
    "set": _set,
    "add": _add,
    "retire": _retire,
}
STEPS = tuple(_DO)


def in_writing_order(
    before: Mapping[int, tuple[str, int, str]], after: Mapping[int, tuple[str, int, str]]
) -> list[tuple[int, tuple[str, int, str]]]:
    """Moves of rooms (unit, floor, number) in an order in which no two ever share a place.

    Where numbers are swapped one room waits under a number that nobody has.
    """
    held = {place: room for room, place in before.items()}
    waiting = {room: place for room, place in after.items() if before[room] != place}
    at = dict(before)
    moves: list[tuple[int, tuple[str, int, str]]] = []

    def move(room: int, place: tuple[str, int, str]) -> None:
        del held[at[room]]
        held[place] = room
        at[room] = place
        moves.append((room, place))

    while waiting:
        free = [room for room, place in waiting.items() if place not in held]
        for room in free:
            if waiting[room] not in held:
                move(room, waiting.pop(room))
        if not free:
            room = next(iter(waiting))
            unit, floor, _ = at[room]
            move(room, (unit, floor, f"~{room}"))
    return moves
