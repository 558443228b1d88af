"""Standard addresses: a messy text cut into parts, each with its score, and put together again.

What a text does not say stays absent; nothing is made up. A number that Chinese writes by its place
alone (3-2-501) is read from its end: room, unit, building.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from layers.housing.address_names import (
    GUESSED,
    LIKELY,
    POSSIBLE,
    SURE,
    cut_names,
    is_compound_name,
    take_areas,
)
from layers.housing.address_parts import ABSENT, PARTS, Address, Part
from layers.housing.address_text import NUMERALS, clean, number_of

__all__ = ["ABSENT", "PARTS", "Address", "Part", "compose", "parse"]

MARKS = {
    "grid": "网格",
    "lane": "弄",
    "number": "号",
    "building": "幢",
    "unit": "单元",
    "floor": "层",
    "room": "室",
}

_N = rf"(?:\d+|[{NUMERALS}]+)"
_SIDE = "[甲乙丙丁东西南北中]"
_ROAD_NUMBER = "(?![线桥路街巷]|大街|大道|公路|码头|地块)"
# What follows digits that belong to a name: 10路, 2期, 5组.
_IN_NAME = "(?!\\d|[路街巷期区组队村米年]|国道|省道|公路|大道|网格|网|街坊|村民)"
_GROUPS = r"(?:[A-Z]{0,2}\d+[A-Z]?|[A-Z](?=-))(?:[-、][A-Z]?\d+[A-Z]?)*"

_TOKEN = re.compile(
    rf"(?P<lane>{_N}(?:-\d+)*)(?:支弄|弄)"
    rf"|第?(?P<building>{_N}[A-Z甲乙丙丁]?|[A-Z]\d{{0,3}}|{_SIDE})(?:号楼|号幢|号栋|号座|幢|栋|座(?!桥|落))"
    rf"|第?(?P<unit>{_N}|[A-Z]\d?|{_SIDE})(?:号?单元|号门(?!口)|号梯|门(?=\d|$)|梯(?=\d|$))"
    rf"|(?P<below>地下|负|-|B)?第?(?P<floor>{_N})(?P<mark>层|楼(?!上|下|梯)|F(?![A-Z]))"
    rf"|(?P<number>附?[甲乙丙丁]?{_N}(?:[-、之]{_N})*[A-Z甲乙丙丁]?)号(?P<yard>院)?"
    rf"(?P<side>[甲乙丙丁](?![幢栋座单])|(?:附|之){_N}号?)?{_ROAD_NUMBER}"
    rf"|(?P<room>{_GROUPS}|[{NUMERALS}]{{2,}}|{_SIDE})(?:号?室|号房|房(?![产管])|户)"
    rf"|(?P<bare>{_GROUPS}){_IN_NAME}"
    rf"|(?<=[幢栋座元门号层楼])(?P<spelt>[{NUMERALS}]{{3,}})$"
)


@dataclass(frozen=True)
class _Token:
    kind: str
    value: str
    is_last: bool


Parts = dict[str, Part]


def parse(text: str) -> Address:
    """The parts of an address as people write it; never fails, at worst nothing is found."""
    given = clean(text)
    parts = _cut(given.text)
    if not {"street", "number", "building"} & parts.keys():
        for note in given.notes:
            # 上海师范大学(桂林路100号): the address is what stands in brackets.
            inside = _cut(note)
            if {"street", "number"} <= inside.keys():
                lower = {name: Part(p.value, min(p.score, LIKELY)) for name, p in inside.items()}
                parts = lower | parts
                break
    if given.is_near:
        for name in ("number", "building", "room"):
            if name in parts:
                parts[name] = Part(parts[name].value, min(parts[name].score, POSSIBLE))
    return Address(**parts)


def _cut(text: str) -> Parts:
    parts: Parts = {}
    for token in list(_tokens(take_areas(text, parts))):
        _PLACE[token.kind](parts, token)
    _settle_floor(parts)
    return parts


def compose(address: Address) -> str:
    """The canonical text of an address; cutting it gives the same values again."""
    return "".join(_shown(name, part.value) for name, part in _in_order(address) if part)


def _in_order(address: Address) -> Iterator[tuple[str, Part | None]]:
    compound = address.compound
    inner = any((address.building, address.unit, address.floor, address.room))
    # Behind the number only what is seen as a compound there; without a road it has the number.
    stays = compound and address.street and (inner or is_compound_name(compound.value))
    for name, part in address:
        if name == "lane" and not stays:
            yield "compound", compound
        if name != "compound" or stays:
            yield name, part


def _shown(name: str, value: str) -> str:
    if name == "floor" and value.startswith("-"):
        return f"地下{value[1:]}层"
    return value + MARKS.get(name, "")


def _tokens(text: str) -> Iterator[_Token]:
    """Names and numbered parts from left to right."""
    at = 0
    for found in _TOKEN.finditer(text):
        kind = str(found.lastgroup) if found.lastgroup in _PLACE else ""
        if found["number"] is not None:
            kind = "number"
            # 一号院 is how estates are called; 5号院 is a number on a road.
            if found["yard"] and found["number"][0] in NUMERALS:
                continue
        elif found["floor"] is not None:
            kind = "floor"
        if found.start() > at:
            yield _Token("name", text[at : found.start()], False)
        at = found.end()
        yield _Token(kind, _value(kind, found), at == len(text))
    if at < len(text):
        yield _Token("name", text[at:], True)


def _value(kind: str, found: re.Match[str]) -> str:
    if kind == "floor":
        below = "-" if found["below"] and found["below"] != "-" else ""
        return f"{below}{number_of(found['floor'])}{'' if found['mark'] != '楼' else '楼'}"
    if kind == "number":
        value = "-".join(number_of(one) for one in re.split("[-之]", found["number"]))
        side = found["side"] or ""
        if side[:1] in ("附", "之") and side:
            return f"{value}-{number_of(side[1:].removesuffix('号'))}"
        return value + side
    value = str(found[kind])
    return value if kind in ("bare", "room") and value.isascii() else number_of(value)


def _name(parts: Parts, token: _Token) -> None:
    street, compound, _ = cut_names(token.value)
    has_number = "number" in parts or "lane" in parts
    if street and "street" not in parts:
        parts["street"] = Part(street, LIKELY if has_number else SURE)
        if compound is None:
            return
    elif street:
        compound = compound if compound and is_compound_name(compound) else None
    known = parts.get("compound")
    is_weak = known and known.score < SURE and "street" not in parts and "number" in parts
    if compound and is_weak and (is_compound_name(compound) or not token.is_last):
        # Of two names the first has the house number: a road that does not end like one.
        parts["street"] = Part(parts.pop("compound").value, GUESSED)
    if compound is None or "compound" in parts or "building" in parts:
        return
    if is_compound_name(compound):
        parts["compound"] = Part(compound, SURE)
    elif not token.is_last:
        parts["compound"] = Part(compound, POSSIBLE)
    elif "street" not in parts and not has_number:
        parts["compound"] = Part(compound, GUESSED)


def _lane(parts: Parts, token: _Token) -> None:
    if "lane" in parts:
        parts["lane"] = Part(f"{parts['lane'].value}-{token.value}", LIKELY)
        return
    parts["lane"] = Part(token.value, SURE if "street" in parts else LIKELY)


def _number(parts: Parts, token: _Token) -> None:
    if "number" not in parts:
        known = "street" in parts or "compound" in parts
        parts["number"] = Part(token.value, SURE if known else POSSIBLE)
    elif "building" not in parts:
        parts["building"] = Part(token.value, LIKELY if "compound" in parts else POSSIBLE)
    elif "room" not in parts:
        parts["room"] = Part(token.value, POSSIBLE)


def _building(parts: Parts, token: _Token) -> None:
    parts.setdefault("building", Part(token.value, SURE))


def _unit(parts: Parts, token: _Token) -> None:
    parts.setdefault("unit", Part(token.value, SURE))


def _floor(parts: Parts, token: _Token) -> None:
    value = token.value.removesuffix("楼")
    parts.setdefault("floor", Part(value, SURE if value == token.value else LIKELY))


def _room(parts: Parts, token: _Token) -> None:
    _take_groups(parts, token.value, SURE)


def _bare(parts: Parts, token: _Token) -> None:
    _take_groups(parts, token.value, LIKELY)


def _spelt(parts: Parts, token: _Token) -> None:
    parts.setdefault("room", Part(token.value, LIKELY))


_PLACE: dict[str, Callable[[Parts, _Token], None]] = {
    "name": _name,
    "lane": _lane,
    "number": _number,
    "building": _building,
    "unit": _unit,
    "floor": _floor,
    "room": _room,
    "bare": _bare,
    "spelt": _spelt,
}


def _take_groups(parts: Parts, text: str, score: float) -> None:
    """Numbers by their place alone; `score` is 1 when the last is called a room."""
    groups = text.split("-")
    is_room = score == SURE
    if is_room and len(groups) == 2 and _is_range(*groups):
        groups = [text]
    free = _free_places(parts, groups, is_room)
    for name, value in zip(reversed(free), reversed(groups), strict=False):
        sure = score if name == "room" or len(groups) > 2 else score - 0.2
        parts[name] = Part(value if name == "room" else number_of(value), sure)


def _free_places(parts: Parts, groups: list[str], is_room: bool) -> list[str]:
    """Which parts the numbers are, in their order; the foremost numbers may be left over."""
    count = len(groups)
    on_road = "street" in parts and not {"number", "lane", "compound"} & parts.keys()
    if count == 1:
        return [_single(parts, groups[0], is_room, on_road)]
    inner = ["building", "unit", "floor", "room"] if count >= 4 else ["building", "unit", "room"]
    order = ["number", "building", "unit", "room"] if on_road else inner
    if count == 2:
        order = ["number", "room"] if on_road else ["building", "room"]
        if "building" in parts:
            order = ["unit", "room"] if "unit" not in parts else ["floor", "room"]
    if count == 3 and on_road:
        order = ["number", "building", "room"]
    if count == 3 and "building" in parts:
        order = ["unit", "floor", "room"]
    return [name for name in order if name not in parts]


def _single(parts: Parts, value: str, is_room: bool, on_road: bool) -> str:
    digits = re.sub(r"\D", "", value)
    if is_room or "building" in parts or "unit" in parts or "floor" in parts:
        return "room"
    if on_road:
        return "number"
    if len(digits) >= 3 and ("number" in parts or "compound" in parts):
        return "room"
    if "lane" in parts and "number" not in parts:
        return "number"
    return "building"


def _is_range(first: str, last: str) -> bool:
    return len(first) == len(last) >= 3 and first.isdigit() and last.isdigit() and first < last


def _settle_floor(parts: Parts) -> None:
    """3楼 names the building when a unit follows, or a room of another floor."""
    floor, room = parts.get("floor"), parts.get("room")
    if floor is None or "building" in parts or floor.score == SURE or "compound" not in parts:
        return
    is_elsewhere = room is not None and len(room.value) >= 3 and room.value[:-2] != floor.value
    if "unit" in parts or is_elsewhere:
        parts["building"] = Part(parts.pop("floor").value, POSSIBLE)
