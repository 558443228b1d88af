"""HTTP Basic and personal tokens, as QGIS, GDAL and notebooks use them."""

from __future__ import annotations

import secrets
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from gisserver.auth.accounts import change_password, create_account, set_active
from gisserver.auth.sign_in import FAILURES
from gisserver.context import Services
from layers.core.rights import Role
from layers.core.scope import Grant
from tests.gisserver.conftest import soon

PASSWORD = "correct horse battery"


@pytest.fixture
def login(module_engine: Engine) -> str:
    """A new analyst of one district."""
    name = f"gis{secrets.token_hex(4)}"
    create_account(module_engine, name, "Gis", PASSWORD, [Grant(Role.ANALYST, "990101")])
    return name


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client that keeps no cookies."""
    return app.test_client(use_cookies=False)


def me(client: FlaskClient, login: str, password: str) -> int:
    return client.get("/api/me", auth=(login, password)).status_code


def forget(app: Flask) -> None:
    """Grow five seconds older."""
    services: Services = app.extensions["wangge"]
    services.auth.cache.clear()


def new_token(client: FlaskClient, login: str, **body: object) -> dict[str, object]:
    answer = client.post("/api/tokens", json={"name": "notebook"} | body, auth=(login, PASSWORD))
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.json or {}
    return made


def bearer(token: object) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_basic_signs_in_without_a_cookie(client: FlaskClient, login: str) -> None:
    answer = client.get("/api/me", auth=(login, PASSWORD))
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["login"] == login
    assert answer.json["csrf"] == ""
    assert "Set-Cookie" not in answer.headers


def test_a_credential_is_checked_once_a_minute_not_once_a_tile(
    client: FlaskClient, login: str, module_engine: Engine
) -> None:
    assert me(client, login, PASSWORD) == 200
    began = time.perf_counter()
    assert {me(client, login, PASSWORD) for _ in range(40)} == {200}
    assert (time.perf_counter() - began) / 40 < 0.015
    with module_engine.begin() as connection:
        checks = connection.execute(
            text("SELECT count(*) FROM core.audit WHERE login = :login AND action = 'sign_in'"),
            {"login": login},
        ).scalar_one()
    assert checks == 1


def test_a_wrong_password_repeated_by_a_client_counts_once(client: FlaskClient, login: str) -> None:
    assert {me(client, login, "an old password") for _ in range(FAILURES * 2)} == {401}
    assert me(client, login, PASSWORD) == 200


def test_a_map_asking_for_many_tiles_at_once_counts_once(
    app: Flask, login: str, module_engine: Engine
) -> None:
    def ask(_: int) -> int:
        return me(app.test_client(use_cookies=False), login, "an old password")

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(24))) == {401}
    with module_engine.begin() as connection:
        failures = connection.execute(
            text("SELECT failed_sign_ins FROM organisation.account WHERE login = :login"),
            {"login": login},
        ).scalar_one()
    assert failures == 1


def test_a_flood_of_sign_ins_is_turned_away_and_guesses_no_more_than_five(
    app: Flask, login: str, module_engine: Engine
) -> None:
    def guess(number: int) -> int:
        body = {"login": login, "password": f"guess number {number}"}
        return app.test_client().post("/api/session", json=body).status_code

    with ThreadPoolExecutor(64) as threads:
        statuses = set(threads.map(guess, range(128)))
    assert statuses <= {401, 503}
    assert 401 in statuses
    with module_engine.begin() as connection:
        locked = connection.execute(
            text("SELECT locked_until > now() FROM organisation.account WHERE login = :login"),
            {"login": login},
        ).scalar_one()
    assert locked
    assert app.test_client().get("/healthz").status_code == 200


def test_guessing_by_basic_pauses_the_account(client: FlaskClient, login: str) -> None:
    for number in range(FAILURES):
        assert me(client, login, f"guess number {number}") == 401
    assert me(client, login, PASSWORD) == 401


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic YQ==",
        "Basic //8=",
        "Bearer",
        "Bearer wgt_no",
        "Digest a=b",
        "x",
    ],
)
def test_broken_credentials_are_401(client: FlaskClient, header: str) -> None:
    assert client.get("/api/me", headers={"Authorization": header}).status_code == 401


def test_basic_with_a_zero_character_is_401(client: FlaskClient) -> None:
    assert me(client, "a\x00b", "c\x00d") == 401


def test_a_new_password_counts_at_once(
    client: FlaskClient, login: str, module_engine: Engine
) -> None:
    assert me(client, login, PASSWORD) == 200
    change_password(module_engine, login, "another long password")
    soon(lambda: me(client, login, PASSWORD), 401)
    assert me(client, login, "another long password") == 200


def test_a_token_works_as_bearer_and_as_basic_password(client: FlaskClient, login: str) -> None:
    token = new_token(client, login)["token"]
    assert str(token).startswith("wgt_")
    assert client.get("/api/me", headers=bearer(token)).status_code == 200
    assert me(client, login, str(token)) == 200
    assert me(client, "", str(token)) == 200
    assert me(client, "somebody-else", str(token)) == 401


def test_a_token_writes_without_csrf_but_makes_no_tokens(client: FlaskClient, login: str) -> None:
    made = new_token(client, login)
    again = client.post("/api/tokens", json={"name": "b"}, headers=bearer(made["token"]))
    assert again.status_code == 403
    gone = client.delete(f"/api/tokens/{made['id']}", headers=bearer(made["token"]))
    assert gone.status_code == 204


def test_a_page_of_another_site_cannot_write_with_remembered_basic(
    client: FlaskClient, login: str
) -> None:
    answer = client.post(
        "/api/tokens",
        json={"name": "b"},
        auth=(login, PASSWORD),
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403


def test_a_tokens_secret_is_shown_once_and_not_stored(
    client: FlaskClient, login: str, module_engine: Engine
) -> None:
    made = new_token(client, login, days=7)
    listed = client.get("/api/tokens", auth=(login, PASSWORD)).json
    assert listed is not None
    assert [each["name"] for each in listed["items"]] == ["notebook"]
    assert "token" not in listed["items"][0]
    with module_engine.begin() as connection:
        kept = connection.execute(text("SELECT token_hash FROM organisation.token")).scalars()
        assert all(str(made["token"]).encode() not in bytes(each) for each in kept)


def test_a_revoked_token_is_dead_at_once(client: FlaskClient, login: str) -> None:
    made = new_token(client, login)
    assert client.get("/api/me", headers=bearer(made["token"])).status_code == 200
    path = f"/api/tokens/{made['id']}"
    assert client.delete(path, auth=(login, PASSWORD)).status_code == 204
    assert client.get("/api/me", headers=bearer(made["token"])).status_code == 401
    assert client.delete(path, auth=(login, PASSWORD)).status_code == 404


def test_nobody_revokes_the_token_of_another(
    client: FlaskClient, login: str, module_engine: Engine
) -> None:
    made = new_token(client, login)
    create_account(module_engine, login + "x", "Other", PASSWORD)
    path = f"/api/tokens/{made['id']}"
    assert client.delete(path, auth=(login + "x", PASSWORD)).status_code == 404


def test_a_token_ends_on_its_day(
    app: Flask, client: FlaskClient, login: str, module_engine: Engine
) -> None:
    made = new_token(client, login)
    with module_engine.begin() as connection:
        connection.execute(
            text("UPDATE organisation.token SET expires_at = now() WHERE id = :id"),
            {"id": made["id"]},
        )
    forget(app)
    assert client.get("/api/me", headers=bearer(made["token"])).status_code == 401


def test_use_of_a_token_is_noted_at_most_once_a_minute(
    app: Flask, client: FlaskClient, login: str, module_engine: Engine
) -> None:
    made = new_token(client, login)
    seen = set()
    for _ in range(3):
        client.get("/api/me", headers=bearer(made["token"]))
        forget(app)
        with module_engine.begin() as connection:
            seen.add(
                connection.execute(
                    text("SELECT last_used_at FROM organisation.token WHERE id = :id"),
                    {"id": made["id"]},
                ).scalar_one()
            )
    assert len(seen) == 1
    assert None not in seen


def test_a_closed_account_loses_its_tokens(
    client: FlaskClient, login: str, module_engine: Engine
) -> None:
    made = new_token(client, login)
    assert me(client, login, PASSWORD) == 200
    set_active(module_engine, login, is_active=False)
    soon(lambda: client.get("/api/me", headers=bearer(made["token"])).status_code, 401)
    soon(lambda: me(client, login, PASSWORD), 401)
    set_active(module_engine, login, is_active=True)
    soon(lambda: me(client, login, PASSWORD), 200)
    assert client.get("/api/me", headers=bearer(made["token"])).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "a", "days": 0},
        {"name": "a", "days": 400},
        {"name": "a", "days": "7"},
        {"name": "a", "days": True},
        {"name": "a", "scope": "x"},
    ],
)
def test_a_malformed_token_request_is_400(
    client: FlaskClient, login: str, body: dict[str, object]
) -> None:
    answer = client.post("/api/tokens", json=body, auth=(login, PASSWORD))
    assert answer.status_code == 400
