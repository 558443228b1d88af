"""What the app serves besides its rooms: the page, health, figures, headers, the audit log."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from gisserver.auth.accounts import create_account, list_accounts
from layers.core.errors import Invalid
from layers.core.rights import Role
from layers.core.scope import Grant
from tests.gisserver.conftest import app_over, signed_in
from tests.harness import Databases

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def auditor(module_engine: Engine) -> str:
    """An auditor of everywhere."""
    create_account(module_engine, "auditor1", "Auditor", PASSWORD, [Grant(Role.AUDITOR, "")])
    return "auditor1"


@pytest.fixture
def viewer(tmp_path: Path) -> Path:
    """A built web client of three files."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>网格</title>", encoding="utf-8")
    (dist / "favicon.svg").write_text("<svg/>")
    (dist / "sw.js").write_text("const a = 1\n")
    (dist / "manifest.webmanifest").write_text("{}")
    (dist / "assets" / "worker-1a2b.mjs").write_text("export const a = 1\n" * 200)
    (dist / "assets" / "secret.key").write_text("not part of the page")
    (tmp_path / "outside.js").write_text("outside")
    return dist


def test_the_page_and_its_files_are_served_to_everybody(
    module_database_url: str, tmp_path: Path, viewer: Path
) -> None:
    with app_over(module_database_url, tmp_path, viewer) as app:
        client = app.test_client()
        page = client.get("/?panel=layers#14/30/104")
        assert page.status_code == 200
        assert "网格" in page.text
        assert page.headers["Cache-Control"] == "no-store"
        assert client.get("/favicon.svg").content_type == "image/svg+xml"
        worker = client.get("/assets/worker-1a2b.mjs")
        assert worker.content_type.startswith("text/javascript")
        assert "immutable" in worker.headers["Cache-Control"]
        packed = client.get("/assets/worker-1a2b.mjs", headers={"Accept-Encoding": "gzip"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == worker.data


def test_what_decides_the_version_on_a_device_is_asked_for_each_time(
    module_database_url: str, tmp_path: Path, viewer: Path
) -> None:
    with app_over(module_database_url, tmp_path, viewer) as app:
        worker = app.test_client().get("/sw.js")
        assert worker.content_type.startswith("text/javascript")
        assert worker.headers["Cache-Control"] == "no-cache"
        assert "worker-src 'self'" in worker.headers["Content-Security-Policy"]
        manifest = app.test_client().get("/manifest.webmanifest")
        assert manifest.content_type == "application/manifest+json"
        assert manifest.headers["Cache-Control"] == "no-cache"
        assert "max-age" in app.test_client().get("/favicon.svg").headers["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../outside.js",
        "/assets/%2e%2e/%2e%2e/outside.js",
        "/..%2foutside.js",
        "/assets//etc/passwd",
        "/assets/secret.key",
        "/assets/",
        "/assets",
    ],
)
def test_nothing_outside_the_page_is_served(
    module_database_url: str, tmp_path: Path, viewer: Path, path: str
) -> None:
    with app_over(module_database_url, tmp_path, viewer) as app:
        answer = app.test_client().get(path)
        assert answer.status_code == 401
        assert "outside" not in answer.text


def test_without_a_built_page_one_is_told_what_to_do(
    module_database_url: str, tmp_path: Path
) -> None:
    with app_over(module_database_url, tmp_path, tmp_path / "missing") as app:
        answer = app.test_client().get("/")
    assert answer.status_code == 503
    assert "./wangge up" in answer.text


def test_every_answer_carries_the_security_headers(app: Flask) -> None:
    for path in ("/", "/healthz", "/api/me", "/nothing"):
        headers = app.test_client().get(path).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "worker-src 'self' blob:" in headers["Content-Security-Policy"]
        assert "unsafe-eval" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"]


def test_health_is_that_of_the_database(app: Flask, tmp_path: Path) -> None:
    assert app.test_client().get("/healthz").json == {"status": "ok"}


def test_without_its_database_it_says_so_and_nothing_else(
    databases: Databases, template_url: str, tmp_path: Path
) -> None:
    with databases.fresh(template_url) as url, app_over(url, tmp_path) as app:
        client = app.test_client()
        databases.drop(url)
        health = client.get("/healthz")
        assert health.status_code == 503
        for _ in range(2):  # a connection of the pool breaks first, then a new one is refused
            client.set_cookie("wangge_session", "anything")
            answer = client.get("/api/me")
            assert answer.status_code == 503
            assert answer.content_type == "application/problem+json"
            assert answer.headers["Retry-After"]
            assert "test_" not in answer.text


def test_figures_count_requests_by_route_for_this_machine_only(app: Flask) -> None:
    client = app.test_client()
    client.get("/api/tokens/123")
    client.delete("/api/tokens/123")
    figures = client.get("/metrics")
    assert figures.content_type.startswith("text/plain; version=0.0.4")
    assert (
        'wangge_requests_total{method="DELETE",route="/api/tokens/<int:token_id>",status="401"} 1'
        in figures.text
    )
    assert 'wangge_request_seconds_bucket{route="/api/tokens/<int:token_id>",le="+Inf"}' in (
        figures.text
    )
    assert "wangge_open_streams 0" in figures.text
    away = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.get("/metrics", environ_overrides=away).status_code == 403
    proxied = {"X-Forwarded-For": "192.0.2.7"}
    assert client.get("/metrics", headers=proxied).status_code == 403


def test_long_json_is_packed_for_those_who_take_it(app: Flask, auditor: str) -> None:
    client = signed_in(app, auditor, PASSWORD)
    for _ in range(10):
        client.post("/api/session", json={"login": "nobody", "password": "wrong password"})
    plain = client.get("/api/audit?limit=20")
    packed = client.get("/api/audit?limit=20", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.data)) == plain.json
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_the_audit_log_is_read_page_by_page(
    app: Flask, auditor: str, module_engine: Engine
) -> None:
    create_account(module_engine, "reader1", "Reader", PASSWORD, [Grant(Role.AUDITOR, "990101")])
    with module_engine.begin() as connection:
        for number in range(5):
            connection.execute(
                text(
                    "SELECT core.write_audit(1, 'x', 'look', 'persons', :n, '990102', NULL, '{}')"
                ),
                {"n": number},
            )
        total = connection.execute(text("SELECT count(*) FROM core.audit")).scalar_one()
    client = signed_in(app, auditor, PASSWORD)

    seen: list[int] = []
    before = ""
    while True:
        page = client.get(f"/api/audit?limit=3{before}").json
        assert page is not None
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    assert len(seen) == total + 1  # and the line of signing in
    assert seen == sorted(set(seen), reverse=True)

    looks = client.get("/api/audit?action=look&layer=persons&feature_id=3").json
    assert looks is not None
    assert [item["feature_id"] for item in looks["items"]] == [3]
    elsewhere = signed_in(app, "reader1", PASSWORD).get("/api/audit?action=look").json
    assert elsewhere == {"items": [], "next": None}


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "before=-1", "from=now", "order=id", "feature_id=1.5"]
)
def test_a_wrong_question_to_the_audit_log_is_400(app: Flask, auditor: str, query: str) -> None:
    client = signed_in(app, auditor, PASSWORD)
    assert client.get(f"/api/audit?{query}").status_code == 400


def test_a_changed_audit_line_shows(app: Flask, auditor: str, module_engine: Engine) -> None:
    client = signed_in(app, auditor, PASSWORD)
    whole = client.get("/api/audit/check").json
    assert whole is not None
    assert (whole["broken"], whole["ids"], whole["next"]) == (False, [], None)
    pieces, after = 0, 0
    while after is not None:
        piece = client.get(f"/api/audit/check?limit=2&after={after}").json
        assert piece is not None
        assert not piece["broken"]
        pieces, after = pieces + piece["checked"], piece["next"]
    assert pieces == whole["checked"]
    with module_engine.begin() as connection:
        changed = connection.execute(
            text(
                "UPDATE core.audit SET login = 'nobody' WHERE id = "
                "(SELECT min(id) FROM core.audit) RETURNING id"
            )
        ).scalar_one()
    found = client.get("/api/audit/check").json
    assert found is not None
    assert (found["broken"], found["ids"]) == (True, [changed])


def test_the_audit_log_needs_its_right(app: Flask, module_engine: Engine) -> None:
    create_account(module_engine, "admin1", "Admin", PASSWORD, [Grant(Role.ADMIN, "")])
    client = signed_in(app, "admin1", PASSWORD)
    assert client.get("/api/audit").status_code == 403
    assert client.get("/api/audit/check").status_code == 403


@pytest.mark.parametrize(
    ("login", "password", "area"),
    [
        ("", PASSWORD, ""),
        ("-x", PASSWORD, ""),
        ("有名", PASSWORD, ""),
        ("auditor1", PASSWORD, ""),
        ("new-one", "short", ""),
        ("new-one", PASSWORD, "99010"),
        ("new-one", PASSWORD, "99%"),
    ],
)
def test_an_account_that_cannot_be_is_refused(
    auditor: str, module_engine: Engine, login: str, password: str, area: str
) -> None:
    with pytest.raises(Invalid):
        create_account(module_engine, login, "", password, [Grant(Role.WORKER, area)])
    assert "new-one" not in {each.login for each in list_accounts(module_engine)}
