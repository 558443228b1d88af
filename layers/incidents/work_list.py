"""Work lists: which cases wait for whom, found, counted and drawn by one condition each.

A list is a condition on the incident. The page of rows, the count on its tab, the points on the map
and the exported file all put the same condition and the same filters into their statement, so
that none can say anything else than the others.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from layers.core.errors import Fault, Forbidden, Invalid
from layers.core.features import after_area, scope_sql
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.core.search import fold
from layers.incidents.flow import Title
from layers.incidents.incident import INCIDENTS

OPEN = "closed_at IS NULL"
RUNNING = f"{OPEN} AND paused_at IS NULL"
MOMENT = "coalesce(closed_at, paused_at, now())"

# As in the search box: a digit and at least six characters, as names and house numbers have not.
_CASE_NUMBER = re.compile(r"(?=.*\d)[a-z0-9][a-z0-9._/-]{5,63}")

Sort = Literal["due", "newest", "oldest"]
LightColor = Literal["green", "yellow", "red"]


@dataclass(frozen=True)
class WorkList:
    """One list: its condition, the right without which there is none, how it is sorted first."""

    name: str
    title: Title
    right: Right
    condition: str
    sort: Sort = "due"


_IN_CHARGE = "(unit_id = %(unit)s OR handler_id = %(staff)s)"

WORK_LISTS: tuple[WorkList, ...] = (
    WorkList(
        "to_register",
        ("待立案", "To register"),
        Right.INCIDENTS_REGISTER,
        f"{OPEN} AND state IN ('reported', 'pending_register')",
        "oldest",
    ),
    WorkList(
        "to_dispatch",
        ("待派遣", "To dispatch"),
        Right.INCIDENTS_DISPATCH,
        f"{OPEN} AND state = 'pending_dispatch'",
    ),
    WorkList(
        "my_unit",
        ("本单位待办", "My unit"),
        Right.INCIDENTS_HANDLE,
        f"{OPEN} AND state IN ('pending_handle', 'handling', 'handle_finish') AND {_IN_CHARGE}",
    ),
    WorkList(
        "to_check",
        ("待核实核查", "To verify and check"),
        Right.INCIDENTS_CHECK,
        f"{OPEN} AND (state = 'verifying' OR state = 'pending_check' "
        "AND handler_id IS DISTINCT FROM %(other_staff)s)",
    ),
    WorkList(
        "to_close",
        ("待结案", "To close"),
        Right.INCIDENTS_REGISTER,
        f"{OPEN} AND state = 'checked'",
    ),
    WorkList(
        "to_decide",
        ("延期审批", "Extensions"),
        Right.INCIDENTS_SUPERVISE,
        f"{OPEN} AND extension_days IS NOT NULL",
    ),
    WorkList(
        "overdue",
        ("已超期", "Overdue"),
        Right.INCIDENTS_READ,
        f"{RUNNING} AND due_at < now()",
    ),
    WorkList(
        "due_soon",
        ("即将到期", "Due soon"),
        Right.INCIDENTS_READ,
        f"{RUNNING} AND warn_at <= now() AND due_at >= now()",
    ),
    WorkList(
        "suspended",
        ("挂账", "Suspended"),
        Right.INCIDENTS_READ,
        f"{OPEN} AND state = 'suspended'",
    ),
    WorkList(
        "supervised",
        ("督办", "Supervised"),
        Right.INCIDENTS_READ,
        f"{OPEN} AND supervision IS NOT NULL",
    ),
    WorkList(
        "mine",
        ("我经办的", "Mine"),
        Right.INCIDENTS_READ,
        f"{OPEN} AND (registered_by = %(login)s OR reported_by = %(login)s "
        "OR handler_id = %(staff)s)",
    ),
    WorkList("open", ("全部在办", "All open"), Right.INCIDENTS_READ, OPEN),
    WorkList(
        "to_archive",
        ("待归档", "To archive"),
        Right.INCIDENTS_REGISTER,
        "state IN ('closed', 'forced_close')",
        "oldest",
    ),
    WorkList("all", ("全部", "All"), Right.INCIDENTS_READ, "TRUE", "newest"),
)

_BY_NAME = {each.name: each for each in WORK_LISTS}


@dataclass(frozen=True)
class Filter:
    """What of a list is wanted; all conditions hold together.

    `category` is a category or the group above it, `area` a prefix of area codes, the times bound
    the report [since, until).
    """

    category: str | None = None
    area: str | None = None
    unit: int | None = None
    light: LightColor | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def work_list(name: str, reader: Reader) -> WorkList:
    """The list of that name.

    Raises: Invalid naming the lists there are; Forbidden without the list's right.
    """
    found = _BY_NAME.get(name)
    if found is None:
        names = ", ".join(_BY_NAME)
        raise Invalid([Fault("list", f"no list {name!r}; there are: {names}")])
    if found.right not in reader.rights or Right.INCIDENTS_READ not in reader.rights:
        raise Forbidden(f"the list {name} needs the right {found.right}")
    return found


def lists_of(reader: Reader) -> tuple[WorkList, ...]:
    """The lists there are for the reader."""
    if Right.INCIDENTS_READ not in reader.rights:
        return ()
    return tuple(each for each in WORK_LISTS if each.right in reader.rights)


def where(lists: Sequence[WorkList], reader: Reader, wanted: Filter) -> tuple[str, dict[str, Any]]:
    """The condition of scope and filters (pyformat) and the values of it and of all the lists."""
    scope, bounds = scope_sql("area_code", reader.areas_to_read(INCIDENTS), "read")
    parts, values = [scope], dict[str, Any](bounds)
    for condition, more in _filters(wanted):
        parts.append(condition)
        values |= more
    for each in lists:
        values |= _list_scope(each, reader)[1]
    values |= {
        "login": reader.login,
        # What is compared with an unknown employee or unit is true of no case.
        "staff": reader.staff_id,
        "unit": reader.unit_id,
        "other_staff": reader.staff_id or -1,
    }
    return " AND ".join(part for part in parts if part != "TRUE") or "TRUE", values


def condition(each: WorkList, reader: Reader) -> str:
    """The list's condition within the areas where the reader holds its right."""
    scope = _list_scope(each, reader)[0]
    return each.condition if scope == "TRUE" else f"({each.condition}) AND {scope}"


def _list_scope(each: WorkList, reader: Reader) -> tuple[str, dict[str, str]]:
    areas = reader.scope(each.right)
    if areas == reader.areas_to_read(INCIDENTS):
        return "TRUE", {}
    return scope_sql("area_code", areas, f"{each.name}_")


def _filters(wanted: Filter) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if wanted.category:
        bounds = {"category": wanted.category, "category_end": after_area(wanted.category)}
        yield (
            'category COLLATE "C" >= %(category)s AND category COLLATE "C" < %(category_end)s',
            bounds,
        )
    if wanted.area:
        bounds = {"area": wanted.area, "area_end": after_area(wanted.area)}
        yield "area_code >= %(area)s AND area_code < %(area_end)s", bounds
    if wanted.unit is not None:
        yield "unit_id = %(unit_wanted)s", {"unit_wanted": wanted.unit}
    if wanted.light is not None:
        yield _LIGHTS[wanted.light], {}
    if wanted.since is not None:
        yield "reported_at >= %(since)s", {"since": wanted.since}
    if wanted.until is not None:
        yield "reported_at < %(until)s", {"until": wanted.until}
    for number, word in enumerate(fold(wanted.text or "").split()):
        yield _word(word, f"word{number}")


_LIGHTS: Mapping[LightColor, str] = {
    "red": f"due_at < {MOMENT}",
    "yellow": f"(due_at >= {MOMENT} AND warn_at <= {MOMENT})",
    "green": f"(due_at >= {MOMENT} AND warn_at > {MOMENT})",
}


def _word(word: str, name: str) -> tuple[str, Mapping[str, Any]]:
    """A word in place or description, through the index, or the beginning of a case number."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    if _CASE_NUMBER.fullmatch(word):
        return f"code LIKE %({name})s", {name: f"{escaped.upper()}%"}
    found = f"search_text LIKE %({name}_like)s"
    if len(word) > 1:
        found = f"search_bigrams @> core.bigrams(%({name})s) AND {found}"
    return found, {name: word, f"{name}_like": f"%{escaped}%"}
