"""The building matrix (楼盘表): rooms laid out by unit and floor, the same stack in one column.

A floor is told as a level: 18 is floor 18, -1 the first below ground, 1.5 the mezzanine (夹层)
over floor 1. A room may be several columns wide (merged) and several floors high (复式).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import floor as lower_whole
from typing import Protocol

_DIGITS = re.compile(r"(\d+)")


class Place(Protocol):
    """What of a dwelling says where it is; its floor is a level."""

    @property
    def id(self) -> int:
        """Identity of the dwelling."""

    @property
    def unit(self) -> str:
        """Unit or stairway, empty where the building has none."""

    @property
    def floor(self) -> float:
        """Level of its lowest floor; there is no floor 0."""

    @property
    def room(self) -> str:
        """Room number as on the door."""

    @property
    def column_number(self) -> int | None:
        """Column it was given by hand, else None."""

    @property
    def columns_wide(self) -> int:
        """Columns it takes."""

    @property
    def floors_high(self) -> int:
        """Floors it takes, upwards."""


@dataclass(frozen=True)
class Matrix:
    """Units in natural order, floors top first, and each dwelling's column within its unit.

    Columns count from 1. Rooms one above the other share a column, so a floor with a missing room
    has a gap; no two rooms of a unit overlap. `spans` are columns and floors taken, as far as no
    other room stands there.
    """

    units: tuple[str, ...]
    floors: tuple[float, ...]
    columns: Mapping[int, int]
    spans: Mapping[int, tuple[int, int]] = field(default_factory=dict)


def lay_out(
    rooms: Sequence[Place], levels: int | None = None, skipped: Iterable[int] = ()
) -> Matrix:
    """The matrix of a building's dwellings; `levels` above ground adds floors without rooms.

    Floors whose number is `skipped` (4, 13, 14) are left out while nothing is on them. Without any
    room the matrix is empty, whatever the levels.
    """
    units = tuple(sorted({room.unit for room in rooms}, key=natural))
    floors = _floors({room.floor for room in rooms}, levels, frozenset(skipped))
    upwards = tuple(reversed(floors))
    columns: dict[int, int] = {}
    spans: dict[int, tuple[int, int]] = {}
    for unit in units:
        of_unit = [room for room in rooms if room.unit == unit]
        found = _columns(of_unit, upwards)
        columns |= found
        spans |= _spans(of_unit, found, upwards)
    return Matrix(units, floors, columns, spans)


def floor_numbers(text: str | None) -> tuple[int, ...]:
    """The floors that a text such as "4、13,14" names, ascending; other words are passed over."""
    return tuple(sorted({int(number) for number in re.findall(r"-?[0-9]{1,3}", text or "")}))


def top_floor(levels: int, skipped: Iterable[int] = ()) -> int:
    """The number of the highest floor of so many floors when some numbers are not used."""
    left_out = {number for number in skipped if number > 0}
    top = 0
    for _ in range(levels):
        top += 1
        while top in left_out:
            top += 1
    return top


def level_of(floor: int, is_mezzanine: bool) -> float:
    """The level of a floor, or of the mezzanine over it."""
    return floor + 0.5 if is_mezzanine else floor


def natural(value: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key by which 2 stands before 10 and a number before a letter."""
    return tuple(
        (0, int(part), part) if part.isdecimal() else (1, 0, part)
        for part in _DIGITS.split(value)
        if part
    )


def _floors(floors: set[float], levels: int | None, skipped: frozenset[int]) -> tuple[float, ...]:
    if not floors:
        return ()
    top = max(lower_whole(max(floors)), top_floor(levels or 1, skipped))
    bottom = min(lower_whole(min(floors)), 1)
    whole = {number for number in range(bottom, top + 1) if number != 0 and number not in skipped}
    return tuple(sorted(whole | floors, reverse=True))


def _columns(rooms: Sequence[Place], upwards: Sequence[float]) -> dict[int, int]:
    """Columns by stack where the stacks tell, else by the order of the numbers."""
    by_floor: dict[float, list[Place]] = {}
    for room in rooms:
        by_floor.setdefault(room.floor, []).append(room)
    stacks = {room.id: stack_of(room.room, room.floor) for room in rooms}
    order = _rank(rooms, stacks, upwards)
    widest = max(sum(max(room.columns_wide, 1) for room in row) for row in by_floor.values())
    is_regular = len(order) <= widest + 2 and all(
        len({stacks[room.id] for room in row}) == len(row) for row in by_floor.values()
    )
    columns: dict[int, int] = {}
    taken: set[tuple[float, int]] = set()
    for level in upwards:
        row = sorted(by_floor.get(level, ()), key=_in_row)
        following = 1
        for room in row:
            wanted = room.column_number or (order[stacks[room.id]] if is_regular else following)
            while (level, wanted) in taken:
                wanted += 1
            columns[room.id] = wanted
            taken.add((level, wanted))
            if room.column_number is None:
                following = wanted + max(room.columns_wide, 1)
            if not is_regular:
                across = range(wanted, wanted + max(room.columns_wide, 1))
                taken |= {(high, at) for high in _levels_of(room, upwards) for at in across}
    return columns


def _in_row(
    room: Place,
) -> tuple[bool, int, tuple[tuple[int, int, str], ...], int]:
    """Rooms given a column come first, then by number."""
    return room.column_number is None, room.column_number or 0, natural(room.room), room.id


def _levels_of(room: Place, upwards: Sequence[float]) -> Sequence[float]:
    first = upwards.index(room.floor)
    return upwards[first : first + max(room.floors_high, 1)]


def _spans(
    rooms: Sequence[Place], columns: Mapping[int, int], upwards: Sequence[float]
) -> dict[int, tuple[int, int]]:
    """What each room takes without standing on another."""
    taken = {(room.floor, columns[room.id]) for room in rooms}
    spans: dict[int, tuple[int, int]] = {}
    for room in rooms:
        start = columns[room.id]
        wide = 1
        while wide < room.columns_wide and (room.floor, start + wide) not in taken:
            wide += 1
        across = range(start, start + wide)
        levels = _levels_of(room, upwards)
        high = 1
        while high < len(levels) and not any((levels[high], at) in taken for at in across):
            high += 1
        spans[room.id] = wide, high
        taken |= {(level, at) for level in levels[:high] for at in across}
    return spans


def _rank(
    rooms: Sequence[Place], stacks: Mapping[int, str], upwards: Sequence[float]
) -> dict[str, int]:
    """The column of each stack, in natural order, behind whatever stands before it on a floor."""
    by_stack: dict[str, list[Place]] = {}
    for room in rooms:
        by_stack.setdefault(stacks[room.id], []).append(room)
    given = {
        (level, room.column_number + step)
        for room in rooms
        if room.column_number is not None
        for level in _levels_of(room, upwards)
        for step in range(max(room.columns_wide, 1))
    }
    ends: dict[float, int] = {}
    order: dict[str, int] = {}
    following = 1
    for stack in sorted(by_stack, key=natural):
        free = [room for room in by_stack[stack] if room.column_number is None]
        start = max([following, *(ends.get(room.floor, 1) for room in free)])
        while any((room.floor, start) in given for room in free):
            start += 1
        order[stack] = start
        if free:
            following = start + 1
        for room in free:
            end = start + max(room.columns_wide, 1)
            for level in _levels_of(room, upwards):
                ends[level] = max(ends.get(level, 1), end)
    return order


def stack_of(room: str, floor: float) -> str:
    """The room number without its floor: 1803 on floor 18 and B103 on floor -1 both give 03."""
    number = room.strip()
    whole = lower_whole(floor)
    depth = str(abs(whole))
    heads = [mark + depth for mark in (("B", "b", "负", "-") if whole < 0 else ("",))]
    if floor != whole:
        heads = [part for head in heads for part in (head + "夹", head + "M", "夹" + head)]
    for head in heads:
        padded = head.replace(depth, depth.zfill(2))
        for each in (head, padded):
            if number.startswith(each) and number[len(each) : len(each) + 1].isdecimal():
                return number[len(each) :]
    return number
