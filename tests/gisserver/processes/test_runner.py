"""Jobs that are done: whose they are, how they are cancelled, for whom results are kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from gisserver.auth.accounts import create_account
from layers.core.job import forget_jobs
from layers.core.rights import Role
from layers.core.scope import Grant
from tests.gisserver.ogc.conftest import PASSWORD
from tests.gisserver.ogc.conftest import city as _city
from tests.gisserver.ogc.process_client import done, execute, job_over, status, token_of

city = _city
ZONES = {"reach": 100, "least": 3, "datetime": "2026-01-01T00:00:00Z/2026-03-01T00:00:00Z"}


@pytest.fixture
def client(city: Flask) -> FlaskClient:
    return city.test_client(use_cookies=False)


@contextmanager
def held(engine: Engine, table: str) -> Iterator[None]:
    """Nobody reads the table within the block."""
    with engine.begin() as connection:
        connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        yield


def until_running(client: FlaskClient, engine: Engine, job: str) -> int:
    """The backend that works for the job once it waits for a lock."""
    for _ in range(500):
        with engine.begin() as connection:
            waits = connection.execute(
                text(
                    "SELECT backend FROM core.job JOIN pg_stat_activity ON pid = backend "
                    "WHERE id = :job AND wait_event_type = 'Lock'"
                ),
                {"job": job},
            ).scalar_one_or_none()
        if waits:
            return int(waits)
        time.sleep(0.02)
    raise AssertionError(f"job does not run: {status(client, job)}")


def test_a_job_runs_and_its_results_wait(client: FlaskClient, module_engine: Engine) -> None:
    with held(module_engine, "incidents.incident"):
        job = execute(client, "hot_zones", ZONES, is_job=True).json["jobID"]
        until_running(client, module_engine, job)
        assert status(client, job)["status"] == "running"
        early = client.get(f"/ogc/jobs/{job}/results", auth=("chief", PASSWORD))
        assert early.status_code == 404
        assert early.json["type"].endswith("/result-not-ready")
    assert job_over(client, job)["status"] == "successful"
    found = client.get(f"/ogc/jobs/{job}/results", auth=("chief", PASSWORD))
    assert found.json["type"] == "FeatureCollection"


def test_dismissing_cancels_what_the_database_does(
    client: FlaskClient, module_engine: Engine
) -> None:
    with held(module_engine, "incidents.incident"):
        job = execute(client, "hot_zones", ZONES, is_job=True).json["jobID"]
        backend = until_running(client, module_engine, job)
        answer = client.delete(f"/ogc/jobs/{job}", auth=("chief", PASSWORD))
        assert answer.json["status"] == "dismissed"
        for _ in range(500):
            with module_engine.begin() as connection:
                waits = connection.execute(
                    text(
                        "SELECT count(*) FROM pg_stat_activity "
                        "WHERE pid = :pid AND wait_event_type = 'Lock'"
                    ),
                    {"pid": backend},
                ).scalar_one()
            if not waits:
                break
            time.sleep(0.02)
        assert not waits
    # The next job is done, by the same worker.
    assert done(client, "hot_zones", ZONES)["status"] == "successful"
    assert status(client, job)["status"] == "dismissed"


def test_jobs_are_their_owners(client: FlaskClient) -> None:
    job = done(client, "hot_zones", ZONES)["jobID"]
    for path in (f"/ogc/jobs/{job}", f"/ogc/jobs/{job}/results", f"/ogc/jobs/{job}/results/zones"):
        assert client.get(path, auth=("one", PASSWORD)).status_code == 404
    assert client.delete(f"/ogc/jobs/{job}", auth=("one", PASSWORD)).status_code == 404
    theirs = client.get("/ogc/jobs?limit=1000", auth=("one", PASSWORD)).json["jobs"]
    assert job not in [each["jobID"] for each in theirs]
    assert status(client, job)["status"] == "successful"


def test_a_token_sees_its_own_jobs_only(client: FlaskClient) -> None:
    _, secret = token_of(client, "chief", is_read_only=True)
    wide = done(client, "hot_zones", ZONES)["jobID"]
    sent = client.post(
        "/ogc/processes/hot_zones/execution",
        json={"inputs": ZONES},
        headers={"Authorization": f"Bearer {secret}", "Prefer": "respond-async"},
    )
    assert sent.status_code == 201  # reading only, and an answer is only read
    own = sent.json["jobID"]
    job_over(client, own)  # the account sees it
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get(f"/ogc/jobs/{own}/results", headers=bearer).status_code == 200
    assert client.get(f"/ogc/jobs/{wide}", headers=bearer).status_code == 404
    assert client.get(f"/ogc/jobs/{wide}/results", headers=bearer).status_code == 404
    assert [job["jobID"] for job in client.get("/ogc/jobs", headers=bearer).json["jobs"]] == [own]


def test_results_are_for_the_rights_they_were_made_with(
    client: FlaskClient, module_engine: Engine
) -> None:
    create_account(
        module_engine, "moved", "moved", PASSWORD, [Grant(Role.COMMANDER, "990101001001")]
    )
    answer = execute(
        client,
        "hot_zones",
        ZONES,
        login="moved",
        outputs={"zones": {"transmissionMode": "reference"}},
    )
    path = answer.headers["Link"].split(">")[0].removeprefix("<http://localhost")
    assert client.get(path, auth=("moved", PASSWORD)).status_code == 200
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE organisation.account_grant SET area_code = '990101001002' WHERE account_id "
                "= (SELECT id FROM organisation.account WHERE login = 'moved')"
            )
        )
    client.application.extensions["wangge"].auth.cache.clear()
    refused = client.get(path, auth=("moved", PASSWORD))
    assert refused.status_code == 403
    assert "have it done again" in refused.json["detail"]


def test_who_lacks_the_right_finds_no_process(client: FlaskClient) -> None:
    assert execute(client, "hot_zones", ZONES, login="auditor").status_code == 404
    listed = client.get("/ogc/processes", auth=("auditor", PASSWORD)).json["processes"]
    assert "hot_zones" not in [each["id"] for each in listed]
    paths = client.get("/ogc/openapi", auth=("auditor", PASSWORD)).json["paths"]
    assert "/processes/hot_zones/execution" not in paths


def test_results_are_forgotten(client: FlaskClient, module_engine: Engine) -> None:
    answer = execute(
        client, "hot_zones", ZONES, outputs={"zones": {"transmissionMode": "reference"}}
    )
    path = answer.headers["Link"].split(">")[0].removeprefix("<http://localhost")
    forget_jobs(module_engine)
    assert client.get(path, auth=("chief", PASSWORD)).status_code == 200
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE core.job SET finished_at = now() - interval '8 days' "
                "WHERE finished_at IS NOT NULL"
            )
        )
    forget_jobs(module_engine)
    assert client.get(path, auth=("chief", PASSWORD)).status_code == 404
