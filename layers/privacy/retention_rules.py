"""How long what is kept, from data/privacy/retention.toml, and what is due by each rule."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

FILE = Path(__file__).resolve().parents[2] / "data" / "privacy" / "retention.toml"

RuleName = Literal["persons_gone", "reporters_closed", "proposals_refused", "care_ended", "audit"]
Action = Literal["deidentify", "erase"]

NAMES: tuple[RuleName, ...] = get_args(RuleName)
ACTIONS: Mapping[RuleName, Action] = {
    "persons_gone": "deidentify",
    "reporters_closed": "deidentify",
    "proposals_refused": "erase",
    "care_ended": "erase",
    "audit": "erase",
}
LONGEST_MONTHS = 1200
# Months below which no rule may go, and why. Six months of the log are the Cybersecurity Law's
# (article 21); warnings look back 30 days beyond the 92 that may be asked for. Figures on proposals
# cover 30 days.
LEAST_MONTHS: Mapping[RuleName, int] = {
    "persons_gone": 1,
    "reporters_closed": 1,
    "proposals_refused": 2,
    "care_ended": 1,
    "audit": 6,
}


@dataclass(frozen=True)
class Rule:
    """What becomes of what after how many months, and on what lawful basis (in Chinese)."""

    name: RuleName
    months: int
    action: Action
    basis: str

    @property
    def due_sql(self) -> str:
        """Rows that are due (pyformat `%(months)s`): id, area_code, since. By day of China.

        A row whose term ends today is due today.
        """
        if self.name == "audit":
            return _AUDIT_DUE
        return (
            f"SELECT id, area_code, since FROM ({_SINCE[self.name]}) AS kept "
            "WHERE since + make_interval(months => %(months)s) <= core.today()"
        )


# The first day (of China) whose term of so many months does not end by a day: that day's number in
# the month where its term began, or the first of the next month when that one is shorter.
FIRST_KEPT = """(
  SELECT least(began + make_interval(days => extract(day FROM next)::integer - 1),
    began + interval '1 month')
  FROM (
    SELECT next, date_trunc('month', next::timestamp) - make_interval(months => %(months)s) AS began
    FROM (SELECT {today} + 1 AS next) AS n
  ) AS m
)"""
# By the moment itself, for its index: the log is the longest table of all.
_AUDIT_DUE = f"""
    SELECT id, area_code, (at AT TIME ZONE 'Asia/Shanghai')::date AS since FROM core.audit
    WHERE at < {FIRST_KEPT.format(today="core.today()")} AT TIME ZONE 'Asia/Shanghai'"""

# Persons with an open home or care that goes on are not gone, nor is whose change waits.
_SINCE: Mapping[str, str] = {
    "persons_gone": """
        SELECT p.id, p.area_code, greatest(p.valid_to, r.last, c.last) AS since
        FROM people.person AS p
        LEFT JOIN (
          SELECT person_id, max(coalesce(valid_to, 'infinity')) AS last
          FROM people.residence GROUP BY person_id
        ) AS r ON r.person_id = p.id
        LEFT JOIN (
          SELECT person_id, max(coalesce(valid_to, 'infinity')) AS last
          FROM people.care_record GROUP BY person_id
        ) AS c ON c.person_id = p.id
        WHERE p.deidentified_on IS NULL AND (p.valid_to IS NOT NULL OR r.last IS NOT NULL)
          AND greatest(r.last, c.last, p.valid_to) < 'infinity'
          AND NOT EXISTS (
            SELECT FROM people.proposal AS q WHERE q.state = 'pending'
              AND (q.layer = 'persons' AND q.feature_id = p.id
                OR q.layer = 'residences' AND q."values" -> 'person_id' = to_jsonb(p.id))
          )""",
    "reporters_closed": """
        SELECT t.id, t.area_code, (i.closed_at AT TIME ZONE 'Asia/Shanghai')::date AS since
        FROM incidents.reporter AS t JOIN incidents.incident AS i ON i.id = t.incident_id
        WHERE i.closed_at IS NOT NULL AND i.state IN ('closed', 'forced_close', 'archived', 'void')
          AND coalesce(t.name, t.phone) IS NOT NULL""",
    "proposals_refused": """
        SELECT id, area_code,
          (coalesce(decided_at, proposed_at) AT TIME ZONE 'Asia/Shanghai')::date AS since
        FROM people.proposal WHERE state IN ('returned', 'withdrawn', 'superseded')""",
    "care_ended": """
        SELECT id, area_code, valid_to AS since FROM people.care_record
        WHERE valid_to IS NOT NULL""",
}


def parse_rules(words: str) -> tuple[Rule, ...]:
    """Rules of the text of a TOML file, in the order in which they are applied.

    Raises: ValueError naming the rule that is missing, unknown, too short or without a basis.
    """
    given = tomllib.loads(words)
    if set(given) != set(NAMES):
        raise ValueError(f"retention: exactly {', '.join(NAMES)} are needed")
    return tuple(_rule(name, given[name]) for name in NAMES)


def _rule(name: RuleName, words: Mapping[str, Any]) -> Rule:
    if not isinstance(words, dict) or set(words) != {"months", "action", "basis"}:
        raise ValueError(f"{name}: exactly months, action and basis are needed")
    months, basis = words["months"], words["basis"]
    least = LEAST_MONTHS[name]
    if type(months) is not int or not least <= months <= LONGEST_MONTHS:
        raise ValueError(f"{name}.months: {least} to {LONGEST_MONTHS} are allowed, not {months!r}")
    if words["action"] != ACTIONS[name]:
        raise ValueError(f"{name}.action: only {ACTIONS[name]} is possible")
    if not isinstance(basis, str) or len(basis.strip()) < 4:
        raise ValueError(f"{name}.basis: the lawful basis is needed")
    return Rule(name, months, ACTIONS[name], basis.strip())


@cache
def rules() -> tuple[Rule, ...]:
    """The rules of data/privacy/retention.toml, read once a process."""
    return parse_rules(FILE.read_text(encoding="utf-8"))
