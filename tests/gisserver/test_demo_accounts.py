"""The demo city's accounts: one a role, each in an area where there is something to see."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from gisserver.auth.accounts import link_staff, list_accounts
from gisserver.auth.demo import create_demo_accounts
from layers.core.errors import NotFound
from layers.core.rights import ROLES, Role
from tests.gisserver.conftest import app_over, signed_in


def test_demo_accounts_are_one_a_role_and_made_once(engine: Engine, tmp_path: Path) -> None:
    path = create_demo_accounts(engine, tmp_path)
    first = path.read_text(encoding="utf-8")
    accounts = json.loads(first)
    assert [each["role"] for each in accounts] == [role.value for role in Role]
    assert len({each["password"] for each in accounts}) == len(Role)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    create_demo_accounts(engine, tmp_path)
    assert path.read_text(encoding="utf-8") == first

    path.unlink()  # a run that was killed before it wrote the file
    create_demo_accounts(engine, tmp_path)
    again = json.loads(path.read_text(encoding="utf-8"))
    assert len(list_accounts(engine)) == len(Role)
    with app_over(engine.url.render_as_string(hide_password=False), tmp_path) as app:
        for account in again:
            signed_in(app, account["login"], account["password"])


@pytest.mark.parametrize("role", list(Role))
def test_each_role_signs_in_with_its_rights(
    city_app: Flask, city_passwords: dict[str, str], role: Role
) -> None:
    me = signed_in(city_app, role.value, city_passwords[role.value]).get("/api/me").json
    assert me is not None
    assert me["roles"] == [role.value]
    assert set(me["rights"]) == {right.value for right in ROLES[role]}
    (area,) = me["areas"]
    digits = {Role.ADMIN: 0, Role.AUDITOR: 0, Role.SUPERVISOR: 12, Role.WORKER: 14}.get(role, 6)
    assert len(area["code"]) == digits
    assert bool(area["name"]) == bool(digits)


@pytest.mark.parametrize(
    ("role", "post"), [("unit", "handler"), ("worker", "worker"), ("operator", "operator")]
)
def test_an_account_acts_for_the_unit_of_its_employee(
    city_app: Flask, city_passwords: dict[str, str], role: str, post: str
) -> None:
    me = signed_in(city_app, role, city_passwords[role]).get("/api/me").json
    assert me is not None
    assert me["staff"]["post"] == post
    assert me["staff"]["unit_id"]
    assert me["staff"]["unit_name"]


def test_who_has_left_acts_for_nobody(
    city_app: Flask, city_engine: Engine, city_passwords: dict[str, str]
) -> None:
    client = signed_in(city_app, "dispatcher", city_passwords["dispatcher"])
    before = client.get("/api/me").json
    assert before is not None
    with city_engine.begin() as connection:
        connection.execute(
            text("UPDATE organisation.staff SET valid_to = current_date WHERE id = :id"),
            {"id": before["staff"]["id"]},
        )
    after = signed_in(city_app, "dispatcher", city_passwords["dispatcher"]).get("/api/me").json
    assert after is not None
    assert after["staff"] is None
    link_staff(city_engine, "dispatcher", None)
    with pytest.raises(NotFound, match="no staff"):
        link_staff(city_engine, "dispatcher", "nobody")


def test_supervisor_and_worker_stand_where_most_is_built(
    city_engine: Engine, city_accounts: Path
) -> None:
    areas = {
        each["role"]: each["area_code"] for each in json.loads(city_accounts.read_text("utf-8"))
    }
    assert areas["worker"].startswith(areas["supervisor"])
    assert areas["supervisor"].startswith(areas["commander"])
    with city_engine.begin() as connection:
        rows = connection.execute(
            text(
                "SELECT left(area_code, 12) AS area, count(*) AS buildings "
                "FROM housing.building GROUP BY 1"
            )
        ).all()
        inside = connection.execute(
            text("SELECT count(*) FROM housing.building WHERE area_code = :code"),
            {"code": areas["worker"]},
        ).scalar_one()
    built = {row.area: row.buildings for row in rows}
    assert built[areas["supervisor"]] == max(built.values())
    assert inside > 0
