"""The building matrix (楼盘表): rooms laid out by unit and floor, the same stack in one column."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

_DIGITS = re.compile(r"(\d+)")


class Place(Protocol):
    """What of a dwelling says where it is; floors below ground are negative."""

    @property
    def id(self) -> int:
        """Identity of the dwelling."""

    @property
    def unit(self) -> str:
        """Unit or stairway, empty where the building has none."""

    @property
    def floor(self) -> int:
        """Floor; there is no floor 0."""

    @property
    def room(self) -> str:
        """Room number as on the door."""


@dataclass(frozen=True)
class Matrix:
    """Units in natural order, floors top first, and each dwelling's column within its unit.

    Columns count from 1. Rooms one above the other share a column, so a floor with a merged or
    missing room has a gap; no two rooms of one unit and floor share a column.
    """

    units: tuple[str, ...]
    floors: tuple[int, ...]
    columns: Mapping[int, int]


def lay_out(rooms: Sequence[Place], levels: int | None = None) -> Matrix:
    """The matrix of a building's dwellings; `levels` above ground adds floors without rooms.

    Without any room the matrix is empty, whatever the levels.
    """
    units = tuple(sorted({room.unit for room in rooms}, key=natural))
    columns: dict[int, int] = {}
    for unit in units:
        columns |= _columns([room for room in rooms if room.unit == unit])
    return Matrix(units, _floors({room.floor for room in rooms}, levels), columns)


def natural(value: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key by which 2 stands before 10 and a number before a letter."""
    return tuple(
        (0, int(part), part) if part.isdecimal() else (1, 0, part)
        for part in _DIGITS.split(value)
        if part
    )


def _floors(floors: set[int], levels: int | None) -> tuple[int, ...]:
    if not floors:
        return ()
    top = max(*floors, levels or 1, 1)
    bottom = min(*floors, 1)
    return tuple(floor for floor in range(top, bottom - 1, -1) if floor != 0)


def _columns(rooms: Sequence[Place]) -> dict[int, int]:
    by_floor: dict[int, list[Place]] = {}
    for room in rooms:
        by_floor.setdefault(room.floor, []).append(room)
    stacks = {room.id: stack_of(room.room, room.floor) for room in rooms}
    order = _rank(set(stacks.values()))
    widest = max(len(row) for row in by_floor.values())
    is_regular = len(order) <= widest + 2 and all(
        len({stacks[room.id] for room in row}) == len(row) for row in by_floor.values()
    )
    if is_regular:
        return {room.id: order[stacks[room.id]] for room in rooms}
    return {
        room.id: column
        for row in by_floor.values()
        for column, room in enumerate(sorted(row, key=lambda r: (natural(r.room), r.id)), 1)
    }


def _rank(stacks: Iterable[str]) -> dict[str, int]:
    return {stack: i for i, stack in enumerate(sorted(stacks, key=natural), 1)}


def stack_of(room: str, floor: int) -> str:
    """The room number without its floor: 1803 on floor 18 and B103 on floor -1 both give 03."""
    number = room.strip()
    depth = str(abs(floor))
    for mark in ("B", "b", "负", "-") if floor < 0 else ("",):
        head = mark + depth
        if number.startswith(head) and number[len(head) : len(head) + 1].isdecimal():
            return number[len(head) :]
        padded = mark + depth.zfill(2)
        if number.startswith(padded) and number[len(padded) : len(padded) + 1].isdecimal():
            return number[len(padded) :]
    return number
