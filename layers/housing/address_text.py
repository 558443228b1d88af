"""Address texts made even: folded letters, Chinese numerals, brackets and notes about nearness."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

WORDS = Path(__file__).resolve().parents[2] / "data" / "address" / "words.toml"
LONGEST = 300

_DIGITS = {"零": 0, "〇": 0, "两": 2} | {c: i for i, c in enumerate("一二三四五六七八九", 1)}
_WEIGHTS = {"十": 10, "百": 100, "千": 1000}
NUMERALS = "零〇一二三四五六七八九十百千两"

_BRACKETS = re.compile(r"[(\[{<【〔「《]([^()\[\]{}<>【】〔〕「」《》]*)[)\]}>】〕」》]")
_IN_BRACKETS = re.compile(
    rf"第?[A-Z\d{NUMERALS}]+(?:幢|栋|号楼|座|单元|层|楼|室|号|弄)[A-Z\d\-幢栋号楼座单元层室]*|[A-Z东西南北\d]区"
)
_KEPT = re.compile(r"[^0-9A-Z〇\u3400-\u9fff、\-]")


@dataclass(frozen=True)
class Clean:
    """A text ready to be cut; `is_near` when it names a place beside the one that is meant."""

    text: str
    notes: tuple[str, ...]
    is_near: bool


@cache
def words() -> dict[str, Any]:
    """The word lists of data/address/words.toml."""
    with WORDS.open("rb") as file:
        found: dict[str, Any] = tomllib.load(file)
    return found


def any_of(options: Iterable[str]) -> str:
    """A pattern of the words, longer ones first."""
    return "|".join(re.escape(word) for word in sorted(options, key=len, reverse=True))


def number_of(text: str) -> str:
    """Digits for Chinese numerals, counted (一百零三) or spelt (二〇一); other texts unchanged."""
    if not text or any(letter not in NUMERALS for letter in text):
        return text.lstrip("0") or "0" if text.isascii() and text.isdigit() else text
    if not any(letter in _WEIGHTS for letter in text):
        return "".join(str(_DIGITS[letter]) for letter in text)
    total, digit = 0, None
    for letter in text:
        if letter in _WEIGHTS:
            total += (1 if digit is None else digit) * _WEIGHTS[letter]
            digit = None
        else:
            digit = _DIGITS[letter]
    return str(total + (digit or 0))


def clean(text: str) -> Clean:
    """The text folded (NFKC, capitals, one dash), without brackets, blanks and what is only near.

    Brackets that hold a part of the address are opened, all others are notes.
    """
    folded = unicodedata.normalize("NFKC", text[: LONGEST * 2]).upper()[:LONGEST]
    folded = "".join(words()["variants"].get(letter, letter) for letter in folded)
    folded = re.sub(r"(?<=[0-9A-Z])[\s.·]+(?=\d)", "-", folded)
    folded = re.sub(r"(?<!\d)、|、(?!\d)|\s+", "", folded)
    notes: list[str] = []
    while True:
        opened = _BRACKETS.sub(lambda found: _open(found[1], notes), folded)
        if opened == folded:
            break
        folded = opened
    folded = re.sub(r"-{2,}", "-", _KEPT.sub("", folded))
    folded, is_near = _without_nearness(folded, notes)
    return Clean(folded.strip("-、"), tuple(notes), is_near)


def _open(content: str, notes: list[str]) -> str:
    if _IN_BRACKETS.fullmatch(content):
        return content
    if content:
        notes.append(content)
    return ""


@cache
def _nearness() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    near, inside = any_of(words()["notes"]["near"]), any_of(words()["notes"]["inside"])
    meet = r"(?:交叉口|交叉路口|交口|路口|交汇处|交界处)"
    crossing = (
        rf"(?<=[路街道])[与和][\u3400-\u9fff]{{1,8}}?[路街道]{meet}(?:{near}|[东西南北]|约|\d+米)*"
    )
    return (
        re.compile(crossing),
        re.compile(
            rf"(?<=.{{2}})(?P<end>(?:{near})(?:(?:约|大约|东|西|南|北)*\d*米?)*(?:处|内)?)$"
        ),
        re.compile(rf"(?<=.{{2}})(?P<end>{inside})$"),
    )


def _without_nearness(text: str, notes: list[str]) -> tuple[str, bool]:
    crossing, near, inside = _nearness()
    is_near = False
    for pattern in (crossing, near, inside, near):
        found = pattern.search(text)
        if found:
            notes.append(found[0])
            text = text[: found.start()] + text[found.end() :]
            is_near = is_near or pattern is not inside
    return text, is_near
