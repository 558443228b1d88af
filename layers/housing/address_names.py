"""Names in an address text: areas at its beginning, roads, compounds and villages."""

from __future__ import annotations

import re
from functools import cache

from layers.housing.address_parts import Part
from layers.housing.address_text import NUMERALS, any_of, words

SURE, LIKELY, POSSIBLE, GUESSED = 1.0, 0.8, 0.6, 0.4

# Letters of an area's name: what begins a road or a house is none of them.
_NAME = r"(?:(?![路街弄号幢栋座])[\u3400-\u9fff])"
_NO_ROAD = r"(?![东西南北中老新大一二三四五六七八九十\d]{0,2}[路街巷弄])"

_CITY = re.compile(
    rf"((?:(?![区县]){_NAME}){{2,6}}?(?:(?<![超都城夜门])市(?![场政民区])|自治州|地区|盟))"
)
_COUNTY = re.compile(
    rf"({_NAME}{{1,5}}?(?:(?<![小社园校片厂景院发矿业工一二三四五六七八九十东西南北中])区"
    rf"|县|自治旗|旗)|{_NAME}[东西南北中]区){_NO_ROAD}"
)
_COUNTY_CITY = re.compile(rf"({_NAME}{{1,5}}?(?<![超都城夜门])市(?![场政民区]))")
_TOWN = re.compile(
    rf"([\u3400-\u9fff]{{1,4}}?(?:街道|镇)|{_NAME}{{1,8}}?(?:街道|镇|乡(?!村|.[路街])|苏木))"
    rf"(?:办事处)?{_NO_ROAD}"
)
_GRID = re.compile(r"第?(\d{1,6}|[\u3400-\u9fff]{1,6}?\d{0,4})网格")
_GROUP = re.compile(r"第?(\d{1,3})(组|队|村民小组)")


@cache
def _community() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    after = any_of(words()["names"]["not_communities"])
    named = (
        rf"({_NAME}{{1,8}}?(?:社区(?=居委会|居民委员会)|社区|居民委员会|村民委员会|居委会|村委会|居委|村委))"
        rf"(?:居委会|居民委员会|会)?(?!{after}){_NO_ROAD}"
    )
    letters = rf"(?:(?!村){_NAME}){{1,6}}(?<![新{NUMERALS}])"
    village = rf"({letters}村)(?=[\u3400-\u9fff]{{2}}|第?\d+[组队])"
    return re.compile(named), re.compile(village), re.compile(rf"(?:{after})")


@cache
def _roads() -> re.Pattern[str]:
    after = any_of(words()["names"]["not_roads"])
    return re.compile(
        rf"[\u3400-\u9fffA-Z0-9]{{1,12}}?(?:大道(?!路)|大街|国道|省道|县道|胡同"
        rf"|(?<!^铁)[路街](?!{after})|(?<=.)巷(?![路街]|{after})|道$)"
    )


@cache
def _compounds() -> re.Pattern[str]:
    return re.compile(rf".+(?:{any_of(words()['names']['compounds'])})")


@cache
def _long_compounds() -> re.Pattern[str]:
    long = (word for word in words()["names"]["compounds"] if len(word) > 1)
    return re.compile(rf"(.{{1,12}}?(?:{any_of(long)}))(?=.{{2,}}[路街道]$)")


@cache
def _provinces() -> tuple[re.Pattern[str], re.Pattern[str]]:
    known = words()["provinces"]
    whole = any_of(known.values())
    short = any_of(known)
    return (
        re.compile(rf"({whole}|{_NAME}{{2,3}}?省)"),
        re.compile(rf"({short})(?=(?:{_NAME}){{1,5}}?[市区县])"),
    )


def is_compound_name(name: str) -> bool:
    """Whether a name ends as those of compounds and villages do."""
    return _compounds().fullmatch(name) is not None


def take_areas(text: str, parts: dict[str, Part]) -> str:
    """Takes the areas a text begins with, from province to grid; returns what is left."""
    whole, short = _provinces()
    if found := whole.match(text):
        parts["province"] = Part(found[1], SURE)
        text = text[found.end() :]
    elif found := short.match(text):
        parts["province"] = Part(words()["provinces"][found[1]], LIKELY)
        text = text[found.end() :]
    if found := whole.match(text):
        # A municipality is written as its own city.
        text = text[found.end() :]
    if not parts or not parts["province"].value.endswith("市"):
        text = _take(_CITY, "city", SURE, text, parts)
    known = SURE if parts else LIKELY
    before = text
    text = _take(_COUNTY, "county", known, text, parts)
    if text == before and "city" in parts:
        text = _take(_COUNTY_CITY, "county", known, text, parts)
    text = _take(_TOWN, "town", SURE if parts else LIKELY, text, parts)
    text = _take(_TOWN, "town", LIKELY, text, parts)
    return _take_community(text, parts)


def _take_community(text: str, parts: dict[str, Part]) -> str:
    named, village, facility = _community()
    text = _take(named, "community", SURE, text, parts)
    found = village.match(text)
    if found and "community" not in parts:
        rest = text[found.end() :]
        name = re.split(r"\d", rest, maxsplit=1)[0]
        is_place = not facility.match(name) and name not in words()["names"]["compounds"]
        is_place = is_place and not re.match(rf"[{NUMERALS}]+[号弄幢栋]", rest)
        if is_place and not re.match(r"[东西南北中大前后公]{0,2}[路街巷弄道]", rest):
            parts["community"] = Part(found[1], POSSIBLE)
            text = rest
    if found := _GRID.match(text):
        parts["grid"] = Part(found[1], SURE)
        text = text[found.end() :]
    return text


def _take(
    pattern: re.Pattern[str], name: str, score: float, text: str, parts: dict[str, Part]
) -> str:
    found = pattern.match(text)
    if not found:
        return text
    parts[name] = Part(found[1], score)
    return text[found.end() :]


def cut_names(text: str) -> tuple[str | None, str | None, list[str]]:
    """The road and the compound in a run of names, and what else it says.

    Of two roads the last is meant, since the number belongs to it.
    """
    text = text.strip("-、")
    group = _GROUP.search(text)
    if group and group.start() > 0 and group.end() == len(text):
        return None, text[: group.start()] + group[1] + group[2], []
    roads: list[str] = []
    at = 0
    while found := _roads().match(text, at):
        # 龚路北街 and 翔殷路支路 are one road each.
        if roads and len(found[0]) <= 2:
            roads[-1] += found[0]
        else:
            roads.append(found[0])
        at = found.end()
    if not roads:
        return None, text or None, []
    street, rest, others = roads[-1], text[at:], roads[:-1]
    compound = rest or None
    before = _long_compounds().match(street)
    if before and compound is None:
        compound, street = before[1], street[before.end() :]
    return street, compound, others
