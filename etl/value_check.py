"""Checks of values against a layer's declaration: types, ranges, lengths, codes, identifiers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from layers.core.identifiers import check_identifier, normalise_id_number
from layers.core.layer import Layer
from layers.core.model import FieldInfo, FieldKind, field_kind
from layers.core.values import RESIDENT_DOCUMENTS

Fault = tuple[str, str, str]
Answer = tuple[Any, Fault | None]
"""The value as it is stored, and what was wrong with the one given."""
Answers = tuple[list[Any], dict[int, Fault]]
"""The values of a column as they are stored, and the faults by position."""
CodeNames = Mapping[str, str]
Codes = Mapping[str, CodeNames]

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")
_KEPT_BY_DATABASE = frozenset({"area_code", "updated_at", "updated_by", "source"})
_SIMPLE = frozenset({str, int, float, bool, date, datetime})
_TRUE = frozenset({"1", "true", "yes", "y", "t", "是", "有"})
_FALSE = frozenset({"0", "false", "no", "n", "f", "否", "无"})
_EMPTY = frozenset({"", "null", "none", "nan", "n/a", "—", "-", "/"})
_LONGEST_EMPTY = max(map(len, _EMPTY))
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_SHORT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?")


@dataclass(frozen=True, slots=True)
class _Rule:
    """One field's checks, worked out once for a layer."""

    name: str
    info: FieldInfo
    convert: Callable[[Any], Any]
    codes: CodeNames | None
    required: bool


class ValueCheck:
    """Turns loose values into those a layer stores, column by column.

    A bad value of an optional field is left out (the row is repaired); of a required field, of
    the code or of an identifier it rejects the row.
    """

    def __init__(self, layer: Layer, codes: Codes) -> None:
        self._rules = tuple(
            _rule(name, info, layer, codes)
            for name, info in layer.fields.items()
            if name not in _KEPT_BY_DATABASE or (name, layer.area_from) == ("area_code", "given")
        )

    def check(
        self, given: Mapping[str, Sequence[Any]], size: int
    ) -> tuple[dict[str, list[Any]], dict[int, list[Fault]]]:
        """The values by field, and by position the (reason, field, detail) of every fault."""
        values: dict[str, list[Any]] = {}
        faults: dict[int, list[Fault]] = {}
        documents = self._documents(given)
        for rule in self._rules:
            column = given.get(rule.name)
            if column is None:
                _, wrong = _answers(rule, [None] * size)
            elif rule.info.check == "id_number" and documents is not None:
                values[rule.name], wrong = _id_numbers(rule, column, documents)
            else:
                values[rule.name], wrong = _answers(rule, column)
            for at, fault in wrong.items():
                faults.setdefault(at, []).append(fault)
        return values, faults

    def _documents(self, given: Mapping[str, Sequence[Any]]) -> list[Any] | None:
        """The kind of document of each row, which says what an ID number has to look like."""
        rule = next((rule for rule in self._rules if rule.name == "document_type"), None)
        if rule is None or "document_type" not in given:
            return None
        return _answers(rule, given["document_type"])[0]


def _answers(rule: _Rule, column: Sequence[Any]) -> Answers:
    """The answers for a column; equal values, of which it has many, are judged once."""
    kinds = set(map(type, column)) - {type(None)}
    if len(kinds) > 1 or not kinds <= _SIMPLE:  # 1, 1.0 and True are equal and not the same
        judged = [_judged(rule, raw) for raw in column]
        faults = {at: fault for at, (_, fault) in enumerate(judged) if fault is not None}
        return [value for value, _ in judged], faults
    known, wrong = {}, {}
    for raw in dict.fromkeys(column):
        known[raw], fault = _judged(rule, raw)
        if fault is not None:
            wrong[raw] = fault
    faults = {at: wrong[raw] for at, raw in enumerate(column) if raw in wrong} if wrong else {}
    return list(map(known.__getitem__, column)), faults


def _id_numbers(rule: _Rule, column: Sequence[Any], documents: Sequence[Any]) -> Answers:
    """A passport's number has no check digit."""
    values, faults = _answers(rule, column)
    foreign = [at for at, kind in enumerate(documents) if kind not in RESIDENT_DOCUMENTS]
    unchecked = replace(rule, info=replace(rule.info, check=None))
    for at in foreign:
        values[at], fault = _judged(unchecked, column[at])
        if fault is None:
            faults.pop(at, None)
        else:
            faults[at] = fault
    return values, faults


def _judged(rule: _Rule, raw: Any) -> Answer:
    if raw is None or (isinstance(raw, str) and _is_empty(raw)):
        return None, (("missing", rule.name, "") if rule.required else None)
    try:
        value = rule.convert(raw)
    except (ValueError, OverflowError):
        return None, _refusal(rule, "bad_value", raw)
    if rule.codes is not None:
        code = rule.codes.get(str(value)) or rule.codes.get(str(value).lower())
        return code, (_refusal(rule, "bad_code", raw) if code is None else None)
    info = rule.info
    below = info.minimum is not None and value < info.minimum
    if below or (info.maximum is not None and value > info.maximum):
        return None, _refusal(rule, "bad_range", raw)
    if info.check is not None:
        return _identifier(rule, str(value))
    if info.max_length is not None and len(value) > info.max_length:
        if rule.name == "code":
            return None, ("code_too_long", rule.name, str(value))
        return value[: info.max_length], ("too_long", rule.name, str(value))
    return value, None


def code_names(rows: Mapping[str, tuple[str, str | None]]) -> CodeNames:
    """Code, Chinese and English name → code, for people write any of them; codes win."""
    names: dict[str, str] = {}
    for code, titles in rows.items():
        for title in titles:
            if title:
                names.setdefault(title, code)
                names.setdefault(title.lower(), code)
    names.update({code.lower(): code for code in rows})
    names.update({code: code for code in rows})
    return names


def parse_moment(raw: Any) -> datetime:
    """The moment of a date and time; text without zone is Chinese time.

    Raises ValueError when the text is none.
    """
    if isinstance(raw, datetime):
        return raw if raw.tzinfo else raw.replace(tzinfo=LOCAL_ZONE)
    if isinstance(raw, date):
        return datetime(raw.year, raw.month, raw.day, tzinfo=LOCAL_ZONE)
    text = str(raw).strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        day = parse_date(text)
        clock = _TIME.search(text)
        hour, minute, second = (
            (int(part or 0) for part in clock.groups()[:3]) if clock else (0,) * 3
        )
        moment = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=LOCAL_ZONE)
    return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL_ZONE)


def parse_date(raw: Any) -> date:
    """The day of a date or of text such as 2024-03-01, 2024/3/1, 20240301 or 2024年3月1日.

    Raises ValueError when the text is none.
    """
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    text = str(raw).strip()
    found = _DATE.match(text) or _SHORT_DATE.fullmatch(text)
    if found is None:
        raise ValueError(f"no date: {text!r}")
    return date(*(int(part) for part in found.groups()))


def _rule(name: str, info: FieldInfo, layer: Layer, codes: Codes) -> _Rule:
    column = layer.table.columns[name]
    needed = info.required or not column.nullable
    has_default = column.server_default is not None
    # A table not loaded yet can't be checked against; the database will refuse what is wrong.
    table = codes.get(info.codes) if info.codes else None
    convert = _CONVERTERS[field_kind(column)]
    return _Rule(name, info, convert, table, needed and not has_default)


def _is_empty(text: str) -> bool:
    bare = text.strip()
    return len(bare) <= _LONGEST_EMPTY and bare.lower() in _EMPTY


def _refusal(rule: _Rule, reason: str, raw: Any) -> Fault:
    # What is sealed in the database must not stand open in a report.
    shown = "" if rule.info.sensitivity else str(raw)
    if rule.required or rule.name == "code":
        return (reason, rule.name, shown)
    return ("dropped_value", rule.name, f"{reason}: {shown}")


def _identifier(rule: _Rule, text: str) -> Answer:
    """ID numbers reject the row when wrong: a person without one is another person."""
    assert rule.info.check is not None
    value = normalise_id_number(text) if rule.info.check == "id_number" else text.strip()
    value = value.upper() if rule.info.check == "credit_code" else value
    if check_identifier(rule.info.check, value) is None:
        return value, None
    if rule.info.check == "id_number":
        return None, ("bad_id_number", rule.name, "")
    return None, _refusal(rule, f"bad_{rule.info.check}", value)


def _text(raw: Any) -> str:
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    return str(raw).strip()


def _integer(raw: Any) -> int:
    number = float(str(raw).replace(",", ""))
    if not number.is_integer():
        raise ValueError(f"no whole number: {raw!r}")
    return int(number)


def _boolean(raw: Any) -> bool:
    text = str(raw).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError(f"neither yes nor no: {raw!r}")


_CONVERTERS: dict[FieldKind, Callable[[Any], Any]] = {
    "text": _text,
    "integer": _integer,
    "number": float,
    "boolean": _boolean,
    "date": parse_date,
    "datetime": parse_moment,
}
