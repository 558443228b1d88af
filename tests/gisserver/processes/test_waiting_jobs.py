"""Jobs that wait: limits, what becomes of those left by a server that ended."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from gisserver.processes.runner import JobRunner
from layers.core.job import MOST_OPEN, keep_alive, take_job
from tests.gisserver.ogc.conftest import PASSWORD
from tests.gisserver.ogc.conftest import city as _city
from tests.gisserver.ogc.process_client import execute, status, take_back, token_of

city = _city
ZONES = {"reach": 100, "least": 3, "datetime": "2026-01-01T00:00:00Z/2026-03-01T00:00:00Z"}


@pytest.fixture(scope="module")
def jobs(city: Flask) -> JobRunner:
    """The server's, whose threads have stopped: jobs are done when a test says so."""
    runner: JobRunner = city.extensions["wangge"].jobs
    runner.stop()
    return runner


@pytest.fixture
def client(city: Flask, jobs: JobRunner) -> FlaskClient:
    return city.test_client(use_cookies=False)


def test_the_job_that_waits_longest_is_done_first(client: FlaskClient, jobs: JobRunner) -> None:
    sent = [execute(client, "hot_zones", ZONES, is_job=True).json["jobID"] for _ in range(3)]
    assert jobs.do_next()
    assert [status(client, job)["status"] for job in sent] == ["successful", "accepted", "accepted"]
    assert jobs.do_next()
    assert jobs.do_next()
    assert not jobs.do_next()


def test_a_job_left_twice_has_failed(client: FlaskClient, module_engine: Engine) -> None:
    job = execute(client, "hot_zones", ZONES, is_job=True).json["jobID"]
    for _ in range(2):
        taken = take_job(module_engine)
        assert taken is not None
        assert str(taken.id) == job
        keep_alive(module_engine, [taken.id])
        assert take_job(module_engine) is None  # somebody is at it
        with module_engine.begin() as connection:
            connection.execute(text("UPDATE core.job SET alive_at = now() - interval '2 minutes'"))
    assert take_job(module_engine) is None
    lost = status(client, job)
    assert lost["status"] == "failed"
    assert "ended twice" in lost["message"]
    answer = client.get(f"/ogc/jobs/{job}/results", auth=("chief", PASSWORD))
    assert answer.status_code == 500


def test_an_account_has_so_many_jobs_waiting(client: FlaskClient, module_engine: Engine) -> None:
    sent = [
        execute(client, "hot_zones", ZONES, login="one", is_job=True).json["jobID"]
        for _ in range(MOST_OPEN)
    ]
    refused = execute(client, "hot_zones", ZONES, login="one", is_job=True)
    assert refused.status_code == 409
    assert str(MOST_OPEN) in refused.json["detail"]
    assert client.delete(f"/ogc/jobs/{sent[0]}", auth=("one", PASSWORD)).status_code == 200
    assert execute(client, "hot_zones", ZONES, login="one", is_job=True).status_code == 201
    with module_engine.begin() as connection:
        connection.execute(text("DELETE FROM core.job WHERE login = 'one'"))


def test_a_token_taken_back_has_nothing_done(client: FlaskClient, jobs: JobRunner) -> None:
    token, secret = token_of(client, "chief")
    job = client.post(
        "/ogc/processes/hot_zones/execution",
        json={"inputs": ZONES},
        headers={"Authorization": f"Bearer {secret}", "Prefer": "respond-async"},
    ).json["jobID"]
    take_back(client, "chief", token)
    assert jobs.do_next()
    failed = status(client, job)
    assert failed["status"] == "failed"
    assert "no longer valid" in failed["message"]


def test_a_fault_of_ours_is_told_by_a_number(
    client: FlaskClient, jobs: JobRunner, module_engine: Engine
) -> None:
    job = execute(client, "hot_zones", ZONES, is_job=True).json["jobID"]
    with module_engine.begin() as connection:
        # What no request can send: kept by a release that knew other members.
        connection.execute(
            text("UPDATE core.job SET asked = '{\"nothing\": 1}' WHERE id = :job"), {"job": job}
        )
    assert jobs.do_next()
    failed = status(client, job)
    assert failed["status"] == "failed"
    assert failed["message"].startswith("fault ")
    assert "Execution" not in failed["message"]
