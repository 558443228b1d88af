"""Which area of the code list a row means: by its code, else by its name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, text

from etl.check import CheckedRow, Remark
from etl.reasons import Outcome
from layers.territory.area import LEVELS, full_code, level_of, prefix_of

SOURCE = "region codes"

_SUFFIX = re.compile(r"(特别行政区|自治区|自治州|自治县|新区|地区|林区|街道|省|市|区|县|旗|镇|乡)$")
_LEVEL_ORDER = (6, 9, 12, 4, 2)
_NO_PLACE = frozenset({"市辖区", "县", "自治区直辖县级行政区划", "省直辖县级行政区划"})


@dataclass(frozen=True, slots=True)
class KnownArea:
    """An area already in the database; `code` is its stored code, `prefix` without zeros."""

    prefix: str
    code: str
    name: str
    source: str | None
    source_key: str | None


class AreaIndex:
    """The areas there are, by code prefix and by name."""

    def __init__(self, areas: Iterable[KnownArea]) -> None:
        self.by_prefix: dict[str, KnownArea] = {area.prefix: area for area in areas}
        self._by_core: dict[str, list[KnownArea]] = {}
        self._listed: set[tuple[str, int]] = set()
        for area in self.by_prefix.values():
            self._by_core.setdefault(core_name(area.name), []).append(area)
            self._listed.add(_list_of(area.prefix))

    def named(self, name: str, within: str, digits: int) -> list[KnownArea]:
        """Areas of one level below a prefix whose name fits, exact names before bare ones."""
        found = [
            area
            for area in self._by_core.get(core_name(name), ())
            if len(area.prefix) == digits and area.prefix.startswith(within)
        ]
        return [area for area in found if area.name == name] or found

    def lists(self, prefix: str) -> bool:
        """True when the list that would hold this code is loaded, so that its absence counts."""
        return _list_of(prefix) in self._listed


def read_index(connection: Connection) -> AreaIndex:
    """The index of all areas in force."""
    rows = connection.execute(
        text("SELECT code, name, source, source_key FROM territory.area WHERE valid_to IS NULL")
    )
    return AreaIndex(
        KnownArea(prefix_of(row.code), row.code, row.name, row.source, row.source_key)
        for row in rows
        if row.code
    )


def core_name(name: str) -> str:
    """The name without its kind: 龙岗区 and 龙岗 give 龙岗; a name of one character stays whole."""
    bare = _SUFFIX.sub("", name)
    return bare if len(bare) > 1 else name


def resolve_areas(rows: Sequence[CheckedRow], index: AreaIndex) -> list[CheckedRow]:
    """The rows with code, level, parent and full name, or with the reason why they have none.

    A code in the list stands; one not in it is looked for by name in the same province. Rows
    without code are matched by name inside the one parent that fits most names of the file.
    """
    rows = [_without_derived_faults(row) for row in rows]
    own = {
        prefix_of(str(row.values["code"])): str(row.values["name"] or "")
        for row in rows
        if row.values.get("code") and row.outcome is not Outcome.REJECTED
    }
    names = {prefix: area.name for prefix, area in index.by_prefix.items()} | own
    place = _common_place([row for row in rows if not row.values.get("code")], index)
    return [_resolve(row, index, names, place) for row in rows]


def _without_derived_faults(row: CheckedRow) -> CheckedRow:
    """The level follows from the code, so its absence is no fault."""
    return replace(row, remarks=tuple(r for r in row.remarks if r.field != "level"))


def _resolve(
    row: CheckedRow, index: AreaIndex, names: Mapping[str, str], place: tuple[str, int]
) -> CheckedRow:
    if row.outcome is Outcome.REJECTED:
        return row
    given, name = row.values.get("code"), str(row.values.get("name") or "")
    if not given:
        return _by_name(row, index.named(name, *place), names, "no_area_of_that_name", name)
    prefix = prefix_of(str(given))
    if len(prefix) not in LEVELS or not prefix.isdigit():
        return _refused(row, Remark("bad_region_code", "code", str(given)))
    known = index.by_prefix.get(prefix)
    if known is None and row.geometry is not None and index.lists(prefix):
        found = index.named(name, prefix[:2], len(prefix))
        return _by_name(row, found, names, "not_in_code_list", f"{given} {name}")
    if known is not None and row.geometry is not None and name and known.name != name:
        row = replace(
            row, remarks=(*row.remarks, Remark("name_differs", "name", f"{name} / {known.name}"))
        )
    return _with_place(row, prefix, known, names)


def _by_name(
    row: CheckedRow,
    found: Sequence[KnownArea],
    names: Mapping[str, str],
    absent: str,
    asked: str,
) -> CheckedRow:
    if len(found) != 1:
        return _refused(row, Remark("ambiguous_name" if found else absent, "name", asked))
    area = found[0]
    detail = f"{asked} → {area.prefix} {area.name}"
    if absent == "not_in_code_list":
        detail += "; not in the code list in force"
    row = replace(row, remarks=(*row.remarks, Remark("matched_by_name", "name", detail)))
    return _with_place(row, area.prefix, area, names)


def _refused(row: CheckedRow, remark: Remark) -> CheckedRow:
    return replace(row, remarks=(*row.remarks, remark))


def _with_place(
    row: CheckedRow, prefix: str, known: KnownArea | None, names: Mapping[str, str]
) -> CheckedRow:
    # The list's name stands against that of a polygon file, which is often older.
    name = known.name if known is not None and row.geometry is not None else row.values["name"]
    parents = [prefix_of(prefix[:digits]) for digits in LEVELS if digits < len(prefix)]
    chain = [names[parent] for parent in dict.fromkeys(parents) if names.get(parent)]
    values: dict[str, Any] = {
        **row.values,
        "code": known.code if known is not None else full_code(prefix),
        "name": name,
        "level": level_of(prefix),
        "parent_code": full_code(parents[-1]) if parents else None,
        "full_name": "".join([part for part in chain if part not in _NO_PLACE] + [str(name)]),
    }
    return replace(row, values=values, key=prefix)


def _common_place(rows: Sequence[CheckedRow], index: AreaIndex) -> tuple[str, int]:
    """The parent prefix and the level under which most of the names are found."""
    best: tuple[int, str, int] = (0, "", 6)
    for digits in _LEVEL_ORDER:
        votes: Counter[str] = Counter()
        for row in rows:
            found = index.named(str(row.values.get("name") or ""), "", digits)
            votes.update({_family(area.prefix) for area in found})
        for parent, count in votes.most_common(1):
            if count > best[0]:
                best = (count, parent, digits)
    return best[1], best[2]


def _list_of(prefix: str) -> tuple[str, int]:
    """Counties are listed by province, for old counties stood under prefixes since given up."""
    digits = len(prefix)
    return prefix[: {4: 0, 6: 2, 9: 6, 12: 9}.get(digits, 0)], digits


def _family(prefix: str) -> str:
    return prefix[: {4: 2, 6: 4, 9: 6, 12: 9}.get(len(prefix), 0)]
