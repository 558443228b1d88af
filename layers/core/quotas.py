"""How often an account may search persons and reveal values; counted from the audit log itself.

The log is shared by all server processes, so a quota holds across them.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, text

from layers.core.audit import write_line
from layers.core.errors import LayerError
from layers.core.rights import Role
from layers.core.scope import Reader

FILE = Path(__file__).resolve().parents[2] / "data" / "privacy" / "quotas.toml"
WARNED, REFUSED = "quota_warning", "quota_refused"

Kind = Literal["person_search", "reveal"]
Period = Literal["hour", "day"]
KINDS: tuple[Kind, ...] = ("person_search", "reveal")
PERIODS: Mapping[Period, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1)}

_TOLD = text("SELECT core.refusal_told(:kind, :period, :reach)")
_LOCK = text("SELECT core.lock_quota()")
# Two statements sent at once: the second one sees what was committed while the first one waited.
_LOCK_AND_COUNT = (
    "SELECT core.lock_quota(); SELECT spent, reached_at, moment "
    "FROM unnest(CAST(%(windows)s AS interval[]), CAST(%(allowed)s AS integer[])) "
    "WITH ORDINALITY AS each (reach, most, place) "
    "CROSS JOIN LATERAL core.looks_spent(%(kind)s, each.reach, each.most) ORDER BY each.place"
)


class QuotaSpent(LayerError):
    """The account has looked as often as it may; `frees_at` is when it may look again."""

    def __init__(
        self, kind: Kind, period: Period, allowed: int, moment: datetime, frees_at: datetime
    ) -> None:
        super().__init__(f"{allowed} in one {period} are allowed; next at {frees_at.isoformat()}")
        self.kind, self.period, self.allowed, self.frees_at = kind, period, allowed, frees_at
        self.retry_after = max(1, ceil((frees_at - moment).total_seconds()))

    @property
    def members(self) -> Mapping[str, Any]:
        """What was spent, how much is allowed in which period, and when it frees."""
        return {
            "kind": self.kind,
            "period": self.period,
            "quota": self.allowed,
            "frees_at": self.frees_at.isoformat(),
        }


@dataclass(frozen=True)
class Quotas:
    """Numbers by role, kind and period, and the share of one at which the auditor is warned."""

    warning_share: float
    roles: Mapping[Role, Mapping[Kind, Mapping[Period, int]]]

    def allowed(self, roles: set[Role], kind: Kind, period: Period) -> int:
        """How often an account with these roles may look in one period; 0 for never."""
        numbers = (self.roles.get(role, {}).get(kind, {}).get(period, 0) for role in roles)
        return max(numbers, default=0)

    def warns_at(self, allowed: int) -> int:
        """The look of a period that warns the auditor; never beyond the last one allowed."""
        return max(1, ceil(self.warning_share * allowed))


def parse_quotas(words: str) -> Quotas:
    """Quotas of the text of a TOML file.

    Raises: ValueError naming the role, kind or number that cannot be.
    """
    given = tomllib.loads(words)
    share = given.get("warning_share")
    if not isinstance(share, float) or not 0 < share <= 1:
        raise ValueError("warning_share: a number above 0 and up to 1 is needed")
    roles: dict[Role, dict[Kind, dict[Period, int]]] = {}
    for name, kinds in given.get("roles", {}).items():
        role = Role(name)
        roles[role] = {}
        for kind, numbers in kinds.items():
            if kind not in KINDS:
                raise ValueError(f"roles.{name}.{kind}: no such kind; there are {', '.join(KINDS)}")
            if set(numbers) != set(PERIODS) or not _are_counts(numbers):
                raise ValueError(f"roles.{name}.{kind}: hour and day need whole numbers from 1")
            if numbers["hour"] > numbers["day"]:
                raise ValueError(f"roles.{name}.{kind}: an hour allows more than a day")
            roles[role][kind] = dict(numbers)
    return Quotas(share, roles)


@cache
def quotas() -> Quotas:
    """The quotas of data/privacy/quotas.toml, read once a process."""
    return parse_quotas(FILE.read_text(encoding="utf-8"))


def _are_counts(numbers: Mapping[str, Any]) -> bool:
    return all(type(number) is int and number >= 1 for number in numbers.values())


def spend(connection: Connection, reader: Reader, kind: Kind) -> None:
    """Checks that one more look is allowed, and warns the auditor once when most are spent.

    To be called in the transaction that logs the look. Looks of one account wait for each other
    here, so that none slips through beside another.

    Raises: QuotaSpent when a period's quota is spent.
    """
    rules = quotas()
    roles = {grant.role for grant in reader.grants}
    most = {period: rules.allowed(roles, kind, period) for period in PERIODS}
    asked: dict[str, Any] = {"kind": kind, "windows": list(PERIODS.values())}
    asked |= {"allowed": [max(allowed, 1) for allowed in most.values()]}
    rows = connection.exec_driver_sql(_LOCK_AND_COUNT, asked).all()
    for (period, allowed), row in zip(most.items(), rows, strict=True):
        if row.spent >= allowed:
            reached = row.reached_at or row.moment
            raise QuotaSpent(kind, period, allowed, row.moment, reached + PERIODS[period])
        if row.spent + 1 == rules.warns_at(allowed):
            _tell(connection, reader, WARNED, kind, period, allowed)


def record_refusal(connection: Connection, reader: Reader, refused: QuotaSpent) -> None:
    """Tells the auditor of a refused look, once an hour for each quota of an account."""
    connection.execute(_LOCK)
    asked = {"kind": refused.kind, "period": refused.period, "reach": PERIODS["hour"]}
    if not connection.execute(_TOLD, asked).scalar_one():
        _tell(connection, reader, REFUSED, refused.kind, refused.period, refused.allowed)


def _tell(
    connection: Connection, reader: Reader, action: str, kind: Kind, period: Period, allowed: int
) -> None:
    detail = {"kind": kind, "period": period, "quota": allowed}
    for area in dict.fromkeys(grant.area_code for grant in reader.grants):
        write_line(
            connection,
            action,
            account_id=reader.account_id,
            login=reader.login,
            area=area,
            detail=detail,
        )
