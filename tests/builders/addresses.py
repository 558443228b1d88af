"""Addresses of a city as people write them: parts dropped or glued, other marks and digits."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, text

CHINESE = "零一二三四五六七八九"


@dataclass(frozen=True)
class Truth:
    """One text and what it means; `dwelling_id` is None when it names no room."""

    text: str
    building_id: int
    dwelling_id: int | None
    noise: str


def numeral(number: int) -> str:
    """A number below 10,000 counted in Chinese."""
    if number < 10:
        return CHINESE[number]
    if number < 20:
        return "十" + (CHINESE[number - 10] if number > 10 else "")
    for size, mark in ((1000, "千"), (100, "百"), (10, "十")):
        if number >= size:
            head, rest = divmod(number, size)
            gap = "零" if 0 < rest < size // 10 else ""
            return CHINESE[head] + mark + (gap + _below(rest) if rest else "")
    raise AssertionError(number)


def _below(rest: int) -> str:
    return "一" + numeral(rest) if 10 <= rest < 20 else numeral(rest)


def spelt(digits: str) -> str:
    """Digits one by one: 201 as 二〇一."""
    return "".join("〇" if digit == "0" else CHINESE[int(digit)] for digit in digits)


def full_width(given: str) -> str:
    """Digits and letters twice as wide."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in given)


_AREAS = re.compile(
    r"^(.*?市)?(.*?区)?(.*?(?:街道|镇))?"
    r"([^路街\d]{1,6}?(?:社区|居委会|(?<![新一二三四五六七八九十])村(?=[^\d])))?"
)


def _drop_areas(given: str, chance: random.Random) -> str:
    found = _AREAS.match(given)
    assert found is not None
    parts = [part or "" for part in found.groups()]
    kept = chance.choice([[], [1], [1, 2], [2], [2, 3], [3]])
    return "".join(parts[i] for i in kept) + given[found.end() :]


def _drop_road(given: str, chance: random.Random) -> str:
    return re.sub(r"(?<=[区村会道镇])[^区村会道镇]{1,6}[路街道]\d+号(?=[^\d])", "", given)


def _drop_compound(given: str, chance: random.Random) -> str:
    return re.sub(r"(?<=\d号)[\u3400-\u9fff]+(?=\d+(?:幢|号楼))", "", given)


def _marks(given: str, chance: random.Random) -> str:
    other = chance.choice(["栋", "号楼", "座", "号", "#", "#楼"])
    return re.sub(r"(?<=\d)(?:幢|号楼)", other, given)


def _dashes(given: str, chance: random.Random) -> str:
    short = re.sub(r"(\d+)(?:幢|号楼)(?:(\d+)单元)?(\d+)室$", r"\1-\2-\3", given)
    short = re.sub(r"(?<!楼)(\d+)号(\d+)室$", r"\1-\2", short)
    return short.replace("--", "-")


def _glued(given: str, chance: random.Random) -> str:
    return re.sub(r"室$", "", given).replace("单元", chance.choice(["单元", "门", "-"]))


def _wide(given: str, chance: random.Random) -> str:
    return full_width(given)


def _numerals(given: str, chance: random.Random) -> str:
    tens = re.sub(r"\d+(?=幢|单元|号)", lambda found: numeral(int(found[0])), given)
    if chance.random() < 0.5:
        return re.sub(r"\d+(?=室)", lambda found: spelt(found[0]), tens)
    return re.sub(r"\d+(?=室)", lambda found: numeral(int(found[0])), tens)


def _notes(given: str, chance: random.Random) -> str:
    return given + chance.choice(["（近地铁站）", "(快递放门口)", "，", "内", "【本人】"])


def _blanks(given: str, chance: random.Random) -> str:
    return re.sub(r"(?<=[市区道镇号幢元])", lambda _: chance.choice(["", " ", "，", "　"]), given)


def _unit_dropped(given: str, chance: random.Random) -> str:
    return re.sub(r"\d+单元", "", given)


def _area_marks_dropped(given: str, chance: random.Random) -> str:
    found = _AREAS.match(given)
    assert found is not None
    areas = [re.sub("(市|区|街道|镇|社区|村)$", "", part or "") for part in found.groups()]
    return "".join(areas) + given[found.end() :]


def _unit_glued(given: str, chance: random.Random) -> str:
    return re.sub(r"(\d+)单元(\d+)室$", r"\1\2", given)


def _number_mark_dropped(given: str, chance: random.Random) -> str:
    return re.sub(r"(?<=[路街道])(\d+)号(?=\D|$)", r"\1", given, count=1)


def _lane(given: str, chance: random.Random) -> str:
    return re.sub(r"(?<=[路街道])(\d+)号[\u3400-\u9fff]*?(\d+)(?:幢|号楼)", r"\1弄\2号", given)


def _road_behind(given: str, chance: random.Random) -> str:
    return re.sub(
        r"([^区村会道镇]{1,6}[路街道]\d+号)([\u3400-\u9fff]+\d+(?:幢|号楼))(.*)$",
        r"\2\3(\1)",
        given,
    )


def _said_twice(given: str, chance: random.Random) -> str:
    return re.sub(r"([^区村会道镇市]{1,4}(?:街道|镇))", r"\1\1", given, count=1)


def _wrong_letter(given: str, chance: random.Random) -> str:
    places = [found.start() for found in re.finditer(r"[\u3400-\u9fff](?=[^路街道]{0,3}\d)", given)]
    at = chance.choice(places) if places else 0
    return given[:at] + chance.choice("苑园圆元原湖胡") + given[at + 1 :]


NOISE: dict[str, Callable[[str, random.Random], str]] = {
    "as stored": lambda given, _: given,
    "areas dropped": _drop_areas,
    "road dropped": _drop_road,
    "compound dropped": _drop_compound,
    "other marks": _marks,
    "dashes": _dashes,
    "glued": _glued,
    "full width": _wide,
    "Chinese numerals": _numerals,
    "notes": _notes,
    "blanks and commas": _blanks,
    "area marks dropped": _area_marks_dropped,
    "unit glued": _unit_glued,
    "number mark dropped": _number_mark_dropped,
    "lane for compound": _lane,
    "road behind": _road_behind,
    "area said twice": _said_twice,
    "wrong letter": _wrong_letter,
    "unit dropped": _unit_dropped,
}


def noisy(given: str, kind: str, chance: random.Random) -> str:
    """The text with one kind of noise, or with several (`mixed`)."""
    if kind != "mixed":
        return NOISE[kind](given, chance)
    order = ["areas dropped", chance.choice(["road dropped", "compound dropped", "as stored"])]
    order += [chance.choice(["other marks", "dashes", "glued", "Chinese numerals", "as stored"])]
    order += [chance.choice(["full width", "notes", "blanks and commas"])]
    for one in order:
        given = NOISE[one](given, chance)
    return given


def city_truths(connection: Connection, count: int, seed: int = 1) -> list[Truth]:
    """Rooms and buildings of a made city, `count` of each, each with every kind of noise."""
    chance = random.Random(seed)
    rooms = connection.execute(
        text(
            "SELECT id, building_id, address FROM housing.dwelling WHERE address IS NOT NULL "
            "ORDER BY md5(id::text || :seed) LIMIT :count"
        ),
        {"seed": str(seed), "count": count},
    )
    houses = connection.execute(
        text(
            "SELECT NULL, id, address FROM housing.building WHERE address IS NOT NULL "
            "ORDER BY md5(id::text || :seed) LIMIT :count"
        ),
        {"seed": str(seed), "count": count},
    )
    found = [*rooms, *houses]
    return [
        Truth(noisy(address, kind, chance), building, dwelling, kind)
        for kind in (*NOISE, "mixed")
        for dwelling, building, address in found
    ]
