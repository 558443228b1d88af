"""A client of OGC API Processes, as the tests use it."""

from __future__ import annotations

import time
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.gisserver.ogc.conftest import PASSWORD

PATIENCE_SECONDS = 30.0
OVER = ("successful", "failed", "dismissed")


def execute(
    client: FlaskClient,
    process: str,
    inputs: Any,
    *,
    login: str = "chief",
    is_job: bool = False,
    **members: Any,
) -> TestResponse:
    """An execute request; `members` are those beside the inputs."""
    return client.post(
        f"/ogc/processes/{process}/execution",
        json={"inputs": inputs, **members},
        auth=(login, PASSWORD),
        headers={"Prefer": "respond-async"} if is_job else {},
    )


def status(client: FlaskClient, job: str, login: str = "chief") -> Any:
    """The status of a job."""
    return client.get(f"/ogc/jobs/{job}", auth=(login, PASSWORD)).json


def job_over(client: FlaskClient, job: str, login: str = "chief") -> dict[str, Any]:
    """The status of a job once it is over."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        answer = client.get(f"/ogc/jobs/{job}", auth=(login, PASSWORD))
        assert answer.status_code == 200, answer.text
        status: dict[str, Any] = answer.json or {}
        if status["status"] in OVER:
            return status
        time.sleep(0.02)
    raise AssertionError(f"job {job} is not over: {status}")


def done(client: FlaskClient, process: str, inputs: Any, **more: Any) -> dict[str, Any]:
    """The status of a job sent now, once it is over."""
    answer = execute(client, process, inputs, is_job=True, **more)
    assert answer.status_code == 201, answer.text
    return job_over(client, answer.json["jobID"], more.get("login", "chief"))


def token_of(client: FlaskClient, login: str, **narrowing: Any) -> tuple[int, str]:
    """Number and secret of a new token of the account."""
    browser = client.application.test_client()
    browser.post("/api/session", json={"login": login, "password": PASSWORD})
    csrf = browser.get("/api/me").json["csrf"]
    answer = browser.post(
        "/api/tokens",
        json={"name": "notebook", "days": 1, **narrowing},
        headers={"X-CSRF-Token": csrf},
    )
    assert answer.status_code == 201, answer.text
    return answer.json["id"], answer.json["token"]


def take_back(client: FlaskClient, login: str, token: int) -> None:
    """Revokes a token of the account."""
    browser = client.application.test_client()
    browser.post("/api/session", json={"login": login, "password": PASSWORD})
    csrf = browser.get("/api/me").json["csrf"]
    answer = browser.delete(f"/api/tokens/{token}", headers={"X-CSRF-Token": csrf})
    assert answer.status_code == 204, answer.text
