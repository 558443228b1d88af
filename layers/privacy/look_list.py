"""Who looked at whom: lines of the audit log for an auditor, who sees looks and no data.

A person looked at is a number here, never a name; nobody finds a person by it without other rights.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple, get_args

from layers.core.database import Asks
from layers.core.errors import Fault, Forbidden, Invalid
from layers.core.features import after_area, scope_sql
from layers.core.rights import Right
from layers.core.scope import Reader

LookKind = Literal["search", "reveal", "open", "list", "care", "export", "copy", "warning"]

KINDS: tuple[LookKind, ...] = get_args(LookKind)
MOST_ROWS = 200
ACTIONS: Mapping[LookKind, tuple[str, ...]] = {
    "search": ("person_search", "duplicate_search"),
    "reveal": ("reveal",),
    "open": ("open",),
    "list": ("list", "question"),
    "care": ("care", "care_map"),
    "export": ("export",),
    "copy": ("copy",),
    "warning": ("quota_warning", "quota_refused"),
}
KIND_OF: Mapping[str, LookKind] = {
    action: kind for kind, actions in ACTIONS.items() for action in actions
}
DAY = "(l.at AT TIME ZONE 'Asia/Shanghai')::date"
# Once for all the lines of a `page`.
POSTS = (
    "posts AS MATERIALIZED (SELECT * FROM "
    "privacy.posts_of(ARRAY(SELECT DISTINCT login FROM page WHERE login IS NOT NULL)))"
)


@dataclass(frozen=True)
class Wanted:
    """Which looks; days are of China, `until` is the last one; `area` is a prefix of area codes."""

    since: date
    until: date
    login: str | None = None
    subject: int | None = None
    kind: LookKind | None = None
    area: str = ""


class Look(NamedTuple):
    """One look: `subject` is the number of the person it is about, where it is about one.

    `field` is the field revealed, `rows` how many rows a search or list gave, `area_code` where
    the person lives, else where the account may look.
    """

    id: int
    at: datetime
    login: str
    roles: Sequence[str]
    unit: str | None
    kind: LookKind
    action: str
    layer: str | None
    subject: int | None
    field: str | None
    rows: int | None
    reason: str | None
    area_code: str


@dataclass(frozen=True)
class LookPage:
    """Looks, newest first, and what to continue before when there are more."""

    rows: Sequence[Look]
    next_before: int | None


class LookCounts(NamedTuple):
    """How many looks of each kind, of an account or on a day or in all."""

    key: str | None
    search: int
    reveal: int
    open: int
    list: int
    care: int
    export: int
    copy: int
    warning: int
    all: int


@dataclass(frozen=True)
class LookFigures:
    """Counts in all, by account (most looks first, with roles and unit) and by day."""

    total: LookCounts
    accounts: Sequence[tuple[LookCounts, Sequence[str], str | None]]
    days: Sequence[LookCounts]


def look_page(
    asks: Asks, reader: Reader, wanted: Wanted, limit: int, before: int | None = None
) -> LookPage:
    """A page of looks within the areas where the reader may read the log.

    Raises: Forbidden without the right to read it.
    """
    where, values = conditions(reader, wanted)
    if before is not None:
        where += " AND l.id < %(before)s"
        values["before"] = before
    statement = f"""
        WITH page AS MATERIALIZED (
          SELECT l.id, l.at, l.login, l.action, l.layer,
            privacy.subject_of(l.layer, l.feature_id, l.detail), l.detail ->> 'field',
            CASE WHEN jsonb_typeof(coalesce(l.detail -> 'found', l.detail -> 'returned',
                l.detail -> 'rows')) = 'number'
              THEN coalesce(l.detail ->> 'found', l.detail ->> 'returned', l.detail ->> 'rows')::int
            END, l.reason, l.area_code
          FROM core.audit AS l WHERE {where} ORDER BY l.id DESC LIMIT %(limit)s
        ), {POSTS}
        SELECT page.*, coalesce(p.roles, '{{}}'), p.unit
        FROM page LEFT JOIN posts AS p ON p.login = page.login
        ORDER BY page.id DESC
    """
    found = [tuple(row) for row in asks.exec_driver_sql(statement, values | {"limit": limit + 1})]
    kept = [
        Look._make((*row[:3], *row[10:12], KIND_OF[row[3]], *row[3:10])) for row in found[:limit]
    ]
    return LookPage(kept, kept[-1].id if len(found) > limit else None)


def look_figures(asks: Asks, reader: Reader, wanted: Wanted) -> LookFigures:
    """How many looks there are: as many as paging through them gives.

    Raises: Forbidden without the right to read the log.
    """
    where, values = conditions(reader, wanted)
    counts = ", ".join(
        f"count(*) FILTER (WHERE action = ANY(%(of_{kind})s)) AS {kind}" for kind in KINDS
    )
    values |= {f"of_{kind}": list(ACTIONS[kind]) for kind in KINDS}
    statement = f"""
        WITH page AS MATERIALIZED (
          SELECT grouping(login) = 0 AS of_account, grouping(day) = 0 AS of_day,
            login, day, {counts}, count(*) AS looks
          FROM (SELECT l.login, {DAY} AS day, l.action
            FROM core.audit AS l WHERE {where}) AS looks
          GROUP BY GROUPING SETS ((), (login), (day))
        ), {POSTS}
        SELECT page.*, coalesce(p.roles, '{{}}'), p.unit
        FROM page LEFT JOIN posts AS p ON p.login = page.login
        ORDER BY page.day DESC NULLS LAST, page.looks DESC, page.login
    """
    rows = [tuple(row) for row in asks.exec_driver_sql(statement, values)]
    total = LookCounts(None, *[0] * (len(KINDS) + 1))
    accounts, days = [], []
    for of_account, of_day, login, day, *numbers, roles, unit in rows:
        if of_account:
            accounts.append((LookCounts(login, *numbers), roles, unit))
        elif of_day:
            days.append(LookCounts(day.isoformat(), *numbers))
        else:
            total = LookCounts(None, *numbers)
    return LookFigures(total, accounts, days)


def conditions(reader: Reader, wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """SQL conditions (pyformat) on `core.audit AS l` and their values.

    Raises: Forbidden without the right to read the log; Invalid for days out of order.
    """
    if not reader.scope(Right.AUDIT_READ):
        raise Forbidden(f"the audit log needs the right {Right.AUDIT_READ}")
    if wanted.until < wanted.since:
        raise Invalid([Fault("to", "it ends before it begins")])
    scope, bounds = scope_sql("l.area_code", reader.scope(Right.AUDIT_READ), "audit")
    kinds = [wanted.kind] if wanted.kind else KINDS
    actions = [action for kind in kinds for action in ACTIONS[kind]]
    zone = "AT TIME ZONE 'Asia/Shanghai'"
    parts = [
        scope,
        "l.action = ANY(%(actions)s) AND l.login IS NOT NULL",
        f"l.at >= %(since)s::date::timestamp {zone}",
        f"l.at < (%(until)s::date + 1)::timestamp {zone}",
    ]
    values = {**bounds, "actions": actions, "since": wanted.since, "until": wanted.until}
    if wanted.login is not None:
        parts.append("l.login = %(login)s")
        values["login"] = wanted.login
    if wanted.subject is not None:
        parts.append("l.id IN (SELECT privacy.lines_about(%(subject)s))")
        values["subject"] = wanted.subject
    if wanted.area:
        parts.append("l.area_code >= %(area)s AND l.area_code < %(area_end)s")
        values |= {"area": wanted.area, "area_end": after_area(wanted.area)}
    return " AND ".join(parts), values
