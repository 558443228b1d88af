"""One account a role for the demo city, with random passwords kept in a file of mode 600.

Each belongs to an employee of the fitting post, so that it acts for a unit.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text

from gisserver.auth.accounts import change_password, create_account, link_staff, list_accounts
from layers.core.rights import ROLE_TITLES, Role
from layers.core.scope import Grant

FILE_NAME = "demo-accounts.json"
EVERYWHERE = "全部区域"

# No letter or digit that is mistaken for another when read from a screen.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class Place:
    """An area or grid as it is granted: its prefix and its name."""

    code: str
    name: str


_DISTRICT = text(
    "SELECT area_code AS code, name FROM territory.area "
    "WHERE valid_to IS NULL AND level = 'county' ORDER BY area_code LIMIT 1"
)
# The community and in it the grid where most is to be seen.
_COMMUNITY = text(
    "SELECT area.area_code AS code, area.name FROM territory.area "
    "LEFT JOIN (SELECT left(area_code, 12) AS community, count(*) AS buildings "
    "  FROM housing.building GROUP BY 1) AS built ON built.community = area.area_code "
    "WHERE area.valid_to IS NULL AND area.level = 'community' "
    "ORDER BY coalesce(built.buildings, 0) DESC, area.area_code LIMIT 1"
)
_GRID = text(
    "SELECT grid.code, grid.name FROM territory.grid "
    "LEFT JOIN (SELECT area_code, count(*) AS buildings FROM housing.building GROUP BY 1) AS built "
    "ON built.area_code = grid.code "
    "WHERE grid.valid_to IS NULL AND grid.kind = 'governance' AND grid.code LIKE :prefix || '%' "
    "ORDER BY coalesce(built.buildings, 0) DESC, grid.code LIMIT 1"
)


_POSTS = {
    Role.COMMANDER: "commander",
    Role.OPERATOR: "operator",
    Role.DISPATCHER: "dispatcher",
    Role.UNIT: "handler",
    Role.SUPERVISOR: "supervisor",
    Role.WORKER: "worker",
}
# Of several, the one whose unit has most in hand.
_EMPLOYEE = text(
    "SELECT staff.code FROM organisation.staff LEFT JOIN incidents.incident "
    "ON incident.unit_id = staff.unit_id AND incident.closed_at IS NULL "
    "WHERE staff.post = :post AND staff.area_code = :area "
    "AND staff.valid_to IS NULL AND staff.code IS NOT NULL "
    "GROUP BY staff.id ORDER BY count(incident.id) DESC, staff.id LIMIT 1"
)


def create_demo_accounts(engine: Engine, var_dir: Path) -> Path:
    """Make one account a role and write `demo-accounts.json` into `var_dir`; returns its path.

    Where the file is there already nothing is changed. Accounts left from a run that did not
    come to write the file get a new password.
    """
    path = var_dir / FILE_NAME
    if path.exists():
        return path
    with engine.begin() as connection:
        places = _places(connection)
        staff = {role: _employee(connection, role, places[role]) for role in _POSTS}
    existing = {account.login for account in list_accounts(engine)}
    accounts = [_account(engine, role, places[role], existing) for role in Role]
    for role, code in staff.items():
        if code is not None:
            link_staff(engine, role.value, code)
    _write_private(path, json.dumps(accounts, ensure_ascii=False, indent=2) + "\n")
    return path


def _places(connection: Connection) -> dict[Role, Place]:
    everywhere = Place("", EVERYWHERE)
    district = _first(connection, _DISTRICT) or everywhere
    community = _first(connection, _COMMUNITY) or district
    grid = _first(connection, _GRID, prefix=community.code) or community
    places = dict.fromkeys(Role, district)
    places |= {Role.ADMIN: everywhere, Role.AUDITOR: everywhere}
    places |= {Role.SUPERVISOR: community, Role.WORKER: grid}
    return places


def _first(connection: Connection, statement: Any, **values: str) -> Place | None:
    row = connection.execute(statement, values).one_or_none()
    return Place(row.code, row.name) if row else None


def _employee(connection: Connection, role: Role, place: Place) -> str | None:
    values = {"post": _POSTS[role], "area": place.code}
    code: str | None = connection.execute(_EMPLOYEE, values).scalar_one_or_none()
    return code


def _account(engine: Engine, role: Role, place: Place, existing: set[str]) -> dict[str, str]:
    password = "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
    title = ROLE_TITLES[role]
    if role.value in existing:
        change_password(engine, role.value, password)
    else:
        create_account(engine, role.value, title[0], password, [Grant(role, place.code)])
    return {
        "login": role.value,
        "password": password,
        "role": role.value,
        "title": title[0],
        "title_en": title[1],
        "area": f"{place.code} {place.name}".strip(),
        "area_code": place.code,
        "area_name": place.name,
    }


def _write_private(path: Path, content: str) -> None:
    """Written aside and put in place, so that no half file and no readable one ever stands."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
