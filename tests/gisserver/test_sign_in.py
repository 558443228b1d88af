"""Signing in and out over HTTP, on a real database."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from gisserver.auth.accounts import (
    change_password,
    create_account,
    grant_role,
    revoke_role,
    set_active,
)
from gisserver.auth.sign_in import FAILURES
from gisserver.context import Services
from layers.core.rights import Role
from layers.core.scope import Grant
from tests.gisserver.conftest import signed_in, soon

PASSWORD = "correct horse battery"
COOKIE = "wangge_session"


@pytest.fixture
def login(module_engine: Engine) -> str:
    """A new operator of one district."""
    name = f"amy{secrets.token_hex(4)}"
    create_account(module_engine, name, "Amy", PASSWORD, [Grant(Role.OPERATOR, "990101")])
    return name


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    """A browser nobody has signed in with."""
    with app.test_client() as client:
        yield client


def try_password(client: FlaskClient, login: str, password: str) -> TestResponse:
    return client.post("/api/session", json={"login": login, "password": password})


def forget(app: Flask) -> None:
    """Grow five seconds older."""
    services: Services = app.extensions["wangge"]
    services.auth.cache.clear()


def audit_actions(engine: Engine, login: str) -> list[str]:
    with engine.begin() as connection:
        rows = connection.execute(
            text("SELECT action FROM core.audit WHERE login = :login ORDER BY id"),
            {"login": login},
        )
        return [row.action for row in rows]


def test_signing_in_answers_who_i_am(app: Flask, client: FlaskClient, login: str) -> None:
    answer = try_password(client, login.upper() + " ", PASSWORD)

    assert answer.status_code == 200
    me = answer.json
    assert me is not None
    assert me["login"] == login
    assert me["display_name"] == "Amy"
    assert me["roles"] == ["operator"]
    assert "incidents:report" in me["rights"]
    assert "people:read" not in me["rights"]
    assert me["areas"] == [{"code": "990101", "name": "", "role": "operator"}]
    assert answer.headers["Cache-Control"] == "no-store"
    again = client.get("/api/me").json
    assert again is not None
    assert again | {"server_time": ""} == me | {"server_time": ""}


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    client: FlaskClient, login: str
) -> None:
    plain = try_password(client, login, PASSWORD).headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain

    over_tls = client.post(
        "/api/session",
        json={"login": login, "password": PASSWORD},
        base_url="https://localhost",
    )
    assert "Secure" in over_tls.headers["Set-Cookie"]


def test_only_a_hash_of_the_cookie_is_stored(
    client: FlaskClient, login: str, module_engine: Engine
) -> None:
    try_password(client, login, PASSWORD)
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    with module_engine.begin() as connection:
        kept = connection.execute(text("SELECT token_hash FROM organisation.session")).scalars()
        assert all(cookie.value.encode() not in bytes(each) for each in kept)


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/api/me", "GET"),
        ("/api/tokens", "GET"),
        ("/api/audit", "GET"),
        ("/api/session", "DELETE"),
        ("/api/nothing", "GET"),
        ("/nothing", "GET"),
        ("/assets/nothing.js", "GET"),
        ("/ogc/collections", "GET"),
        ("/tiles/buildings/14/1/1", "GET"),
        ("/live", "GET"),
        ("/api/openapi.json", "GET"),
    ],
)
def test_a_stranger_is_told_401_everywhere(client: FlaskClient, path: str, method: str) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["status"] == 401


def test_only_gis_clients_are_challenged(client: FlaskClient) -> None:
    browser = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/130"}
    assert "WWW-Authenticate" not in client.get("/tiles/roads/1/1/1", headers=browser).headers
    assert "WWW-Authenticate" not in client.get("/api/me").headers
    for agent in ("GDAL/3.6.2", "Mozilla/5.0 QGIS/32216/Linux"):
        answer = client.get("/ogc/collections", headers={"User-Agent": agent})
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="wangge"'


def test_unknown_login_and_wrong_password_look_alike(client: FlaskClient, login: str) -> None:
    answers, seconds = [], []
    for name in (login, "nobody-" + login):
        began = time.perf_counter()
        answers.append(try_password(client, name, "wrong password"))
        seconds.append(time.perf_counter() - began)
    assert answers[0].status_code == answers[1].status_code == 401
    assert answers[0].data == answers[1].data
    assert min(seconds) > 0.01


def test_five_failures_pause_the_account_for_five_minutes(
    client: FlaskClient, login: str, module_engine: Engine
) -> None:
    refused = [try_password(client, login, "wrong password") for _ in range(FAILURES)]
    while_paused = try_password(client, login, PASSWORD)
    assert while_paused.status_code == 401
    assert while_paused.data == refused[0].data

    with module_engine.begin() as connection:
        minutes = connection.execute(
            text(
                "UPDATE organisation.account SET locked_until = now() - interval '1 second' "
                "WHERE login = :login RETURNING "
                "(SELECT extract(epoch FROM locked_until - now()) / 60 "
                "FROM organisation.account WHERE login = :login)"
            ),
            {"login": login},
        ).scalar_one()
    assert 4.9 < minutes <= 5
    assert try_password(client, login, "wrong password").status_code == 401
    assert try_password(client, login, PASSWORD).status_code == 200


def test_a_success_forgets_earlier_failures(client: FlaskClient, login: str) -> None:
    for _ in range(2):
        for _ in range(FAILURES - 1):
            assert try_password(client, login, "wrong password").status_code == 401
        assert try_password(client, login, PASSWORD).status_code == 200


def test_signing_in_and_failing_are_audited(
    client: FlaskClient, login: str, module_engine: Engine
) -> None:
    try_password(client, login, "wrong password")
    me = try_password(client, login, PASSWORD).json
    assert me is not None
    client.delete("/api/session", headers={"X-CSRF-Token": me["csrf"]})
    assert audit_actions(module_engine, login) == ["sign_in_failed", "sign_in", "sign_out"]


def test_a_login_that_does_not_exist_is_not_written_down(
    client: FlaskClient, module_engine: Engine
) -> None:
    try_password(client, "hunter2-typed-here", "wrong password")
    assert audit_actions(module_engine, "hunter2-typed-here") == []


def test_signing_out_ends_the_session(app: Flask, login: str) -> None:
    client = signed_in(app, login, PASSWORD)
    stolen = app.test_client()
    cookie = client.get_cookie(COOKIE)
    me = client.get("/api/me").json
    assert cookie is not None
    assert me is not None
    stolen.set_cookie(COOKIE, cookie.value)
    assert stolen.get("/api/me").status_code == 200

    answer = client.delete("/api/session", headers={"X-CSRF-Token": me["csrf"]})

    assert answer.status_code == 204
    assert client.get_cookie(COOKIE) is None
    assert stolen.get("/api/me").status_code == 401


def test_writes_with_a_cookie_need_the_csrf_token(app: Flask, login: str) -> None:
    client = signed_in(app, login, PASSWORD)
    me = client.get("/api/me").json
    assert me is not None
    body = {"name": "notebook"}
    assert client.post("/api/tokens", json=body).status_code == 403
    wrong = {"X-CSRF-Token": "guessed"}
    assert client.post("/api/tokens", json=body, headers=wrong).status_code == 403
    foreign = {"X-CSRF-Token": "网格".encode().decode("latin-1")}
    assert client.post("/api/tokens", json=body, headers=foreign).status_code == 403
    right = {"X-CSRF-Token": me["csrf"]}
    assert client.post("/api/tokens", json=body, headers=right).status_code == 201


def test_a_form_of_another_site_cannot_sign_somebody_in(client: FlaskClient, login: str) -> None:
    answer = client.post("/api/session", data={"login": login, "password": PASSWORD})
    assert answer.status_code == 400


def test_a_session_ends_after_twelve_hours(app: Flask, login: str, module_engine: Engine) -> None:
    client = signed_in(app, login, PASSWORD)
    with module_engine.begin() as connection:
        hours = connection.execute(
            text(
                "SELECT extract(epoch FROM expires_at - now()) / 3600 FROM organisation.session "
                "ORDER BY created_at DESC LIMIT 1"
            )
        ).scalar_one()
        assert 11.9 < hours <= 12
        connection.execute(text("UPDATE organisation.session SET expires_at = now()"))
    forget(app)
    assert client.get("/api/me").status_code == 401


def test_a_change_of_grants_is_seen_at_once(app: Flask, login: str, module_engine: Engine) -> None:
    client = signed_in(app, login, PASSWORD)
    grant_role(module_engine, login, Role.AUDITOR, "")
    soon(lambda: client.get("/api/audit").status_code, 200)
    revoke_role(module_engine, login, Role.AUDITOR, "")
    soon(lambda: client.get("/api/audit").status_code, 403)


def test_a_closed_account_is_out_at_once(app: Flask, login: str, module_engine: Engine) -> None:
    client = signed_in(app, login, PASSWORD)
    set_active(module_engine, login, is_active=False)
    soon(lambda: client.get("/api/me").status_code, 401)
    assert try_password(client, login, PASSWORD).status_code == 401


def test_a_new_password_ends_other_sessions(app: Flask, login: str, module_engine: Engine) -> None:
    client = signed_in(app, login, PASSWORD)
    change_password(module_engine, login, "another long password")
    soon(lambda: client.get("/api/me").status_code, 401)
    assert try_password(client, login, PASSWORD).status_code == 401
    assert try_password(client, login, "another long password").status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"login": "a"},
        {"login": "a", "password": ""},
        {"login": ["a"], "password": "b"},
        {"login": "a\x00b", "password": "b"},
        {"login": "a", "password": "b", "remember": True},
        {"login": "a" * 300, "password": "b"},
    ],
)
def test_a_malformed_sign_in_is_400(client: FlaskClient, body: dict[str, object]) -> None:
    assert client.post("/api/session", json=body).status_code == 400


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"\xff", b'{"login":"\\ud800","password":"b"}', b'{"\\ud800":1}']
)
def test_a_body_that_is_no_proper_json_is_400(client: FlaskClient, raw: bytes) -> None:
    answer = client.post("/api/session", data=raw, content_type="application/json")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
