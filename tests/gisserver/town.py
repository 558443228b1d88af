"""Two communities side by side with a few buildings each: as little as scope can be shown with."""

from __future__ import annotations

import secrets

from sqlalchemy import Engine, text

from gisserver.auth.accounts import create_account
from layers.core.rights import Role
from layers.core.scope import Grant

WEST, EAST = "990101001001", "990101001002"
PASSWORD = "correct horse battery"
# The tile at zoom 14 that holds most of both.
TILE = "14/13653/6759"


def build_town(engine: Engine) -> dict[str, list[int]]:
    """Areas, a road and three buildings on each side; building ids by community."""
    ids: dict[str, list[int]] = {}
    for code, left in ((WEST, 120.0), (EAST, 120.01)):
        with engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO territory.area (code, name, level, geom) VALUES (:code, :code, "
                    "'community', ST_Multi(ST_MakeEnvelope(:left, 30, :left + 0.01, 30.01, 4326)))"
                ),
                {"code": code, "left": left},
            )
        ids[code] = [add_building(engine, left + 0.002 * n, f"{code}-{n}") for n in (1, 2, 3)]
    return ids


def add_building(engine: Engine, longitude: float, name: str) -> int:
    """A square of some 50 m; a write like any other, so it is in the history."""
    with engine.begin() as connection:
        return int(
            connection.execute(
                text(
                    "INSERT INTO housing.building (name, usage, levels, geom) VALUES (:name, 'B1', "
                    "6, ST_Multi(ST_Expand(ST_SetSRID(ST_MakePoint(:longitude, 30.005), 4326), "
                    "0.00025))) RETURNING id"
                ),
                {"name": name, "longitude": longitude},
            ).scalar_one()
        )


def rename_building(engine: Engine, building: int, name: str) -> int:
    """Change a building; returns the id of the change."""
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE housing.building SET name = :name WHERE id = :id"),
            {"name": name, "id": building},
        )
        return int(connection.execute(text("SELECT max(id) FROM core.history")).scalar_one())


def add_account(engine: Engine, role: Role, area: str, *more: Role) -> str:
    """An account with one grant, or one for each role; its password is PASSWORD."""
    login = f"{role.value}{secrets.token_hex(4)}"
    create_account(engine, login, login, PASSWORD, [Grant(each, area) for each in (role, *more)])
    return login
