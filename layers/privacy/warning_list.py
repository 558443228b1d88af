"""Warnings of the audit log: spent quotas and unusual patterns, with what an auditor made of them.

They are computed from the log each time, never stored, so that none is missing or out of date. What
an auditor decides is itself a line of the log; the latest one of a warning holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple, get_args

from layers.core.database import Asks
from layers.core.errors import Fault, Forbidden, Invalid
from layers.core.features import after_area, scope_sql
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.privacy.look_list import ACTIONS, DAY, POSTS
from layers.privacy.patterns import LONGEST_DAYS, Patterns, patterns

Pattern = Literal["quota_warning", "quota_refused", "night", "surge", "one_person", "elsewhere"]
State = Literal["new", "explained", "followed_up"]

PATTERNS: tuple[Pattern, ...] = get_args(Pattern)
STATES: tuple[State, ...] = get_args(State)
MARKED: Final = "warning_marked"


@dataclass(frozen=True)
class Asked:
    """Which warnings; days are of China, `until` is the last one; `area` is where a look was.

    All of an account's looks are judged, whatever is asked for.
    """

    since: date
    until: date
    login: str | None = None
    subject: int | None = None
    pattern: Pattern | None = None
    state: State | None = None
    area: str = ""
    key: str | None = None


class Warned(NamedTuple):
    """One warning.

    `amount` of looks (accounts for one_person) against the `threshold` from which it is told;
    `usual` is the account's own median. `key` names it for as long as the log lasts; `mark` is the
    line by which its state was set, None while it is new.
    """

    key: str
    pattern: Pattern
    day: date
    login: str | None
    roles: Sequence[str]
    unit: str | None
    subject: int | None
    kind: str | None
    period: str | None
    amount: int
    usual: float | None
    threshold: int
    first_at: datetime
    last_at: datetime
    areas: Sequence[str]
    state: State
    remark: str | None
    marked_by: str | None
    marked_at: datetime | None
    mark: int | None


@dataclass(frozen=True)
class WarningPage:
    """Warnings, the latest day first, how many there are in each state, and where to go on."""

    rows: Sequence[Warned]
    counts: Mapping[State, int]
    next_after: str | None


def warning_page(
    asks: Asks, reader: Reader, asked: Asked, limit: int, after: str | None = None
) -> WarningPage:
    """A page of warnings from lines within the areas where the reader may read the log.

    Raises: Forbidden without the right to read it; Invalid for days out of order or too many.
    """
    found, values = warnings_sql(reader, asked)
    parts, more = ["TRUE"], dict[str, Any]()
    if asked.state is not None:
        parts.append("w.state = %(state)s")
        more["state"] = asked.state
    if after is not None:
        parts.append("(w.day, w.key) < (%(after_day)s::date, %(after_key)s)")
        more |= _position(after)
    counted = ", ".join(f"count(*) FILTER (WHERE state = '{state}')" for state in STATES)
    statement = f"""
        WITH w AS MATERIALIZED ({found}), c AS (SELECT {counted} FROM w),
        page AS (SELECT * FROM w WHERE {" AND ".join(parts)}
          ORDER BY day DESC, key DESC LIMIT %(limit)s),
        {POSTS}
        SELECT c.*, page.*, coalesce(p.roles, '{{}}'), p.unit
        FROM c LEFT JOIN page ON TRUE LEFT JOIN posts AS p ON p.login = page.login
        ORDER BY page.day DESC, page.key DESC
    """
    rows = [
        tuple(row) for row in asks.exec_driver_sql(statement, values | more | {"limit": limit + 1})
    ]
    size = len(STATES)
    counts: Mapping[State, int] = dict(zip(STATES, rows[0][:size], strict=True))
    told = [row[size:] for row in rows if row[size] is not None]
    kept = [Warned._make((*row[:4], *row[-2:], *row[4:-2])) for row in told[:limit]]
    following = f"{kept[-1].day}~{kept[-1].key}" if len(told) > limit else None
    return WarningPage(kept, counts, following)


def warnings_sql(
    reader: Reader, asked: Asked, rules: Patterns | None = None
) -> tuple[str, dict[str, Any]]:
    """The statement (pyformat) of all warnings with their states, and its values."""
    if not reader.scope(Right.AUDIT_READ):
        raise Forbidden(f"the audit log needs the right {Right.AUDIT_READ}")
    if not timedelta(0) <= asked.until - asked.since <= timedelta(days=LONGEST_DAYS):
        raise Invalid([Fault("to", f"0 to {LONGEST_DAYS} days after the first one expected")])
    rules = rules or patterns()
    scope, values = scope_sql("l.area_code", reader.scope(Right.AUDIT_READ), "audit")
    looks = [each for kind, each in ACTIONS.items() if kind != "warning"]
    bound: dict[str, Any] = {
        **values,
        "since": asked.since,
        "until": asked.until,
        "earlier": asked.since - timedelta(days=rules.days_before),
        "actions": [action for each in looks for action in each],
        "quota_actions": list(ACTIONS["warning"]),
        "marked": MARKED,
    } | {
        f"{name}_{word}": number
        for name, each in vars(rules).items()
        for word, number in vars(each).items()
    }
    picked = ["is_within", "day BETWEEN %(since)s AND %(until)s"]
    for name in ("login", "subject", "pattern"):
        if (value := getattr(asked, name)) is not None:
            picked.append(f"{name} = %({name})s")
            bound[name] = value
    within = "TRUE"
    if asked.area:
        within = "l.area_code >= %(area)s AND l.area_code < %(area_end)s"
        bound |= {"area": asked.area, "area_end": after_area(asked.area)}
    key = "TRUE"
    if asked.key is not None:
        key = "k.key = %(key)s"
        bound["key"] = asked.key
    found = " UNION ALL ".join(_FOUND)
    return (
        f"""
        WITH {_LINES.format(scope=scope, within=within)}, found AS ({found}), keyed AS (
          SELECT concat_ws('~', pattern, day, coalesce(kind, '-'), coalesce(period, '-'),
            coalesce(subject::text, '-'), coalesce(login, '-')) AS key, {", ".join(_TOLD)}
          FROM found WHERE {" AND ".join(picked)}
        ), marks AS (
          SELECT DISTINCT ON (l.detail ->> 'key') l.detail ->> 'key' AS key, l.id, l.at, l.login,
            l.reason, l.detail ->> 'state' AS state
          FROM core.audit AS l WHERE l.action = %(marked)s AND l.detail ->> 'key' IN
            (SELECT key FROM keyed) ORDER BY l.detail ->> 'key', l.id DESC
        )
        SELECT k.*, coalesce(m.state, 'new') AS state, m.reason, m.login AS marked_by,
          m.at AS marked_at, m.id AS mark
        FROM keyed AS k LEFT JOIN marks AS m ON m.key = k.key WHERE {key}
        """,
        bound,
    )


# What a pattern tells of a warning; beside it, whether a look of it was within the area asked for.
_TOLD: Final = (
    "pattern",
    "day",
    "login",
    "subject",
    "kind",
    "period",
    "amount",
    "usual",
    "threshold",
    "first_at",
    "last_at",
    "areas",
)
# A search or list leaves a line in every area of its reader (`repeated`), a reveal one in all.
_ONCE: Final = (
    "(coalesce(sum(lines) FILTER (WHERE repeated IS NULL), 0) "
    "+ coalesce(max(lines) FILTER (WHERE repeated IS NOT NULL), 0))::integer"
)
_LINES: Final = f"""
    lines AS MATERIALIZED (
      SELECT l.at, {DAY} AS day, l.login, l.area_code, {{within}} AS is_within,
        CASE WHEN l.action IN ('reveal', 'copy')
          THEN privacy.subject_of(l.layer, l.feature_id, l.detail) END AS subject,
        CASE WHEN l.action NOT IN ('reveal', 'copy') THEN l.area_code END AS repeated
      FROM core.audit AS l
      WHERE {{scope}} AND l.action = ANY(%(actions)s) AND l.login IS NOT NULL
        AND l.at >= %(earlier)s::date::timestamp AT TIME ZONE 'Asia/Shanghai'
        AND l.at < (%(until)s::date + 2)::timestamp AT TIME ZONE 'Asia/Shanghai'
    ), quotas AS (
      SELECT l.*, {DAY} AS day, {{within}} AS is_within FROM core.audit AS l
      WHERE {{scope}} AND l.action = ANY(%(quota_actions)s) AND l.login IS NOT NULL
        AND l.at >= %(since)s::date::timestamp AT TIME ZONE 'Asia/Shanghai'
        AND l.at < (%(until)s::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
    ), by_day AS (
      SELECT login, day, {_ONCE} AS looks, min(first_at) AS first_at, max(last_at) AS last_at
      FROM (
        SELECT login, day, repeated, count(*) AS lines, min(at) AS first_at, max(at) AS last_at
        FROM lines GROUP BY login, day, repeated
      ) AS d GROUP BY login, day
    ), by_person AS (
      SELECT subject, day, login, min(at) AS first_at, max(at) AS last_at, min(area_code) AS area,
        bool_or(is_within) AS is_within
      FROM lines WHERE subject IN (
        SELECT subject FROM lines WHERE subject IS NOT NULL
        GROUP BY subject HAVING count(DISTINCT login) >= %(one_person_accounts)s
      ) GROUP BY subject, day, login
    ), by_place AS (
      SELECT p.*, lag(day) OVER (PARTITION BY login, place ORDER BY day) AS seen,
        sum(looks) OVER (PARTITION BY login ORDER BY day RANGE BETWEEN
          make_interval(days => %(elsewhere_days)s) PRECEDING AND '1 day'::interval PRECEDING
        ) AS before
      FROM (
        SELECT login, day, left(area_code, 12) AS place, count(*) AS looks, min(at) AS first_at,
          max(at) AS last_at, bool_or(is_within) AS is_within
        FROM lines WHERE subject IS NOT NULL AND length(area_code) >= 12 GROUP BY 1, 2, 3
      ) AS p
    ), duty AS MATERIALIZED (
      SELECT * FROM privacy.duty_since(%(since)s::date::timestamp AT TIME ZONE 'Asia/Shanghai')
    )"""
_HOUR: Final = "date_part('hour', l.at AT TIME ZONE 'Asia/Shanghai')"
_AREAS: Final = "(array_agg(DISTINCT {}))[1:20]"
_FOUND: Final[tuple[str, ...]] = (
    # A refusal is told in each area of the account.
    f"""
      SELECT action AS pattern, day, login, NULL::bigint AS subject, detail ->> 'kind' AS kind,
        detail ->> 'period' AS period, (count(*) / count(DISTINCT area_code))::integer AS amount,
        NULL::float8 AS usual, max((detail ->> 'quota')::integer) AS threshold,
        min(at) AS first_at, max(at) AS last_at, {_AREAS.format("area_code")} AS areas,
        bool_or(is_within) AS is_within
      FROM quotas GROUP BY action, day, login, detail ->> 'kind', detail ->> 'period'""",
    f"""
      SELECT 'night', night, login, NULL, NULL, NULL, {_ONCE}, NULL,
        %(night_looks)s, min(first_at), max(last_at), {_AREAS.format("area")}, bool_or(is_within)
      FROM (
        SELECT l.login, l.repeated, count(*) AS lines, min(l.at) AS first_at, max(l.at) AS last_at,
          min(l.area_code) AS area, bool_or(l.is_within) AS is_within,
          (l.at AT TIME ZONE 'Asia/Shanghai' - make_interval(hours => %(night_to_hour)s))::date
            AS night
        FROM lines AS l
        WHERE ({_HOUR} >= %(night_from_hour)s OR {_HOUR} < %(night_to_hour)s) AND NOT EXISTS (
          SELECT FROM duty AS d WHERE d.login = l.login AND l.at >= d.starts AND l.at < d.ends
        )
        GROUP BY l.login, l.repeated, night
      ) AS n
      GROUP BY login, night HAVING {_ONCE} >= %(night_looks)s""",
    f"""
      SELECT 'surge', d.day, d.login, NULL, NULL, NULL, d.looks, u.usual,
        greatest(%(surge_looks)s, ceil(%(surge_factor)s * u.usual)::integer), d.first_at,
        d.last_at, a.areas, a.is_within
      FROM by_day AS d JOIN (
        SELECT h.login, h.day, percentile_cont(0.5) WITHIN GROUP (ORDER BY b.looks) AS usual
        FROM by_day AS h JOIN by_day AS b ON b.login = h.login
          AND b.day < h.day AND b.day >= h.day - %(surge_days)s
        WHERE h.looks >= %(surge_looks)s AND h.day BETWEEN %(since)s AND %(until)s
        GROUP BY h.login, h.day, h.looks HAVING count(*) >= %(surge_least_days)s AND h.looks
          >= %(surge_factor)s * percentile_cont(0.5) WITHIN GROUP (ORDER BY b.looks)
      ) AS u ON u.login = d.login AND u.day = d.day
      CROSS JOIN LATERAL (
        SELECT {_AREAS.format("l.area_code")} AS areas, bool_or(l.is_within) AS is_within
        FROM lines AS l WHERE l.login = d.login AND l.day = d.day
      ) AS a""",
    f"""
      SELECT 'one_person', s.day, NULL, s.subject, NULL, NULL, count(DISTINCT t.login)::integer,
        NULL, %(one_person_accounts)s, min(t.first_at), max(t.last_at), {_AREAS.format("t.area")},
        bool_or(t.is_within)
      FROM (SELECT DISTINCT subject, day FROM by_person) AS s
      JOIN by_person AS t ON t.subject = s.subject
        AND t.day <= s.day AND t.day > s.day - %(one_person_days)s
      GROUP BY s.subject, s.day HAVING count(DISTINCT t.login) >= %(one_person_accounts)s""",
    f"""
      SELECT 'elsewhere', day, login, NULL, NULL, NULL, sum(looks)::integer, NULL,
        %(elsewhere_looks)s, min(first_at), max(last_at), {_AREAS.format("place")},
        bool_or(is_within)
      FROM by_place
      WHERE (seen IS NULL OR seen < day - %(elsewhere_days)s) AND before >= %(elsewhere_before)s
      GROUP BY login, day HAVING sum(looks) >= %(elsewhere_looks)s""",
)


def _position(after: str) -> dict[str, Any]:
    day, _, key = after.partition("~")
    try:
        return {"after_day": date.fromisoformat(day), "after_key": key}
    except ValueError as error:
        raise Invalid([Fault("after", "no position that a page of this list gave")]) from error
