"""Rooms of a building by rule: units × floors × rooms, with a pattern of their numbers."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from layers.core.errors import Fault, Invalid
from layers.housing.matrix_edit import LONGEST_NUMBER, LONGEST_UNIT, House

MOST_ROOMS = 2000
MOST_UNITS, MOST_ON_FLOOR = 50, 200
SHOP, DORMITORY = "U4", "U2"
_TOKEN = re.compile(r"\{(unit|floor|room)(?::0?([1-4]))?\}")


@dataclass(frozen=True)
class Rule:
    """Floors from `lowest` to `highest` without `skipped`; a mezzanine over each of `mezzanines`.

    `pattern` holds {unit}, {floor} and {room}, {room:02} for two digits. The floors 1 to `shops`
    are shops, as many a floor as `shop_rooms`. `beds` makes the rooms above dormitories.
    """

    units: Sequence[str]
    lowest: int
    highest: int
    rooms: int
    pattern: str = "{floor}{room:02}"
    skipped: Sequence[int] = ()
    mezzanines: Sequence[int] = ()
    shops: int = 0
    shop_rooms: int | None = None
    usage: str | None = None
    beds: int | None = None


@dataclass(frozen=True)
class Planned:
    """A room as the rule makes it."""

    unit: str
    floor: int
    is_mezzanine: bool
    number: str
    usage: str | None
    beds: int | None


def build(rule: Rule, house: House) -> list[Planned]:
    """The rooms of a rule, unit by unit, floors upwards; numbers are unique within a unit.

    Raises: Invalid with every fault of the rule at once.
    """
    faults = _faults(rule, house)
    if faults:
        raise Invalid(faults)
    made = [
        _room(rule, unit, floor, is_mezzanine, number)
        for unit in rule.units
        for floor, is_mezzanine in _floors(rule)
        for number in range(1, _count(rule, floor) + 1)
    ]
    if len(made) > MOST_ROOMS:
        raise Invalid([Fault("rooms", f"{len(made)} rooms; up to {MOST_ROOMS} are built at once")])
    if any(not 1 <= len(room.number) <= LONGEST_NUMBER for room in made):
        raise Invalid([Fault("pattern", f"numbers of 1 to {LONGEST_NUMBER} characters expected")])
    twice = [key for key, count in Counter((r.unit, r.number) for r in made).items() if count > 1]
    if twice:
        unit, number = twice[0]
        where = f" in unit {unit}" if unit else ""
        reason = f"gives {number} more than once{where}; name {{floor}} and {{room:02}} in it"
        raise Invalid([Fault("pattern", reason)])
    return made


def _floors(rule: Rule) -> Iterable[tuple[int, bool]]:
    for floor in range(rule.lowest, rule.highest + 1):
        if floor != 0 and floor not in rule.skipped:
            yield floor, False
            if floor in rule.mezzanines:
                yield floor, True


def _count(rule: Rule, floor: int) -> int:
    is_shop = 1 <= floor <= rule.shops
    return rule.shop_rooms if is_shop and rule.shop_rooms else rule.rooms


def _room(rule: Rule, unit: str, floor: int, is_mezzanine: bool, number: int) -> Planned:
    is_shop = 1 <= floor <= rule.shops
    beds = rule.beds if floor > rule.shops else None
    usage = SHOP if is_shop else rule.usage or (DORMITORY if beds else None)
    label = f"B{-floor}" if floor < 0 else str(floor)
    words = {"unit": unit, "floor": label + ("夹" if is_mezzanine else ""), "room": str(number)}
    text = _TOKEN.sub(lambda found: words[found[1]].zfill(int(found[2] or 1)), rule.pattern)
    return Planned(unit, floor, is_mezzanine, text, usage, beds)


def _faults(rule: Rule, house: House) -> list[Fault]:
    faults: list[Fault] = []

    def check(is_right: bool, field: str, reason: str) -> None:
        if not is_right:
            faults.append(Fault(field, reason))

    units = list(rule.units)
    check(1 <= len(units) <= MOST_UNITS, "units", f"1 to {MOST_UNITS} units expected")
    check(len(set(units)) == len(units), "units", "a unit is named twice")
    check(all(len(u) <= LONGEST_UNIT for u in units), "units", f"up to {LONGEST_UNIT} characters")
    check(rule.lowest <= rule.highest, "highest", "not below the lowest floor")
    check(1 <= rule.rooms <= MOST_ON_FLOOR, "rooms", f"1 to {MOST_ON_FLOOR} rooms expected")
    shop_rooms = rule.shop_rooms or 1
    check(1 <= shop_rooms <= MOST_ON_FLOOR, "shop_rooms", f"1 to {MOST_ON_FLOOR} rooms expected")
    check(0 <= rule.shops <= max(rule.highest, 0), "shops", "no more floors than there are")
    check(rule.beds is None or 1 <= rule.beds <= 200, "beds", "1 to 200 beds expected")
    check("{room" in rule.pattern, "pattern", "needs {room} or {room:02}")
    rest = _TOKEN.sub("", rule.pattern)
    check("{" not in rest and "}" not in rest, "pattern", "takes {unit}, {floor} and {room} only")
    for name, floor in (("lowest", rule.lowest), ("highest", rule.highest)):
        reason = House(house.levels, house.levels_below, ()).fault(floor)
        if floor not in rule.skipped and (reason or house.fault(floor)):
            check(False, name, reason or house.fault(floor) or "")
    return faults
