"""How often one account or token may ask for maps."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine

from gisserver.app import close_app, create_app
from gisserver.auth.accounts import create_account
from gisserver.auth.request_rate import RequestRate, TooFast
from gisserver.settings import (
    DatabaseSettings,
    PathSettings,
    RateSettings,
    SecretSettings,
    Settings,
    SettingsError,
)
from layers.core.rights import Role
from layers.core.scope import Grant
from tests.harness import TEST_KEY

PASSWORD = "correct horse battery"
BURST = 40


@pytest.fixture(scope="module")
def slow_app(
    module_database_url: str, module_engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The app that lets an account ask forty times at once, then once a second."""
    create_account(module_engine, "chief", "chief", PASSWORD, [Grant(Role.COMMANDER, "990101")])
    settings = Settings(
        database=DatabaseSettings(module_database_url, pool_size=6),
        secrets=SecretSettings(TEST_KEY),
        paths=PathSettings(tmp_path_factory.mktemp("var")),
        rate=RateSettings(per_second=1, burst=BURST),
    )
    app = create_app(settings)
    try:
        yield app
    finally:
        close_app(app)


def test_a_map_is_answered_and_a_flood_is_told_to_wait(slow_app: Flask) -> None:
    client = slow_app.test_client(use_cookies=False)
    made = client.post("/api/tokens", json={"name": "map"}, auth=("chief", PASSWORD)).json
    assert made is not None
    headers = {"Authorization": f"Bearer {made['token']}"}
    answers = [client.get("/ogc/conformance", headers=headers) for _ in range(BURST)]
    assert {answer.status_code for answer in answers} == {200}
    flood = [client.get("/tiles/buildings/14/1/1", headers=headers) for _ in range(BURST)]
    refused = next(answer for answer in flood if answer.status_code == 429)
    assert refused.json is not None
    assert refused.json["title"] == "Too many requests"
    wait = int(refused.headers["Retry-After"])
    assert wait >= 1
    # Another credential and what is no map have nothing to do with it.
    assert client.get("/ogc/conformance", auth=("chief", PASSWORD)).status_code == 200
    assert client.get("/api/me", headers=headers).status_code == 200
    time.sleep(wait)
    assert client.get("/ogc/conformance", headers=headers).status_code == 200


def test_a_bucket_fills_by_itself_and_no_further() -> None:
    now = [0.0]
    rate = RequestRate(2, 3, lambda: now[0])

    def taken(count: int) -> None:
        for _ in range(count):
            rate.take("one")
        with pytest.raises(TooFast) as refused:
            rate.take("one")
        assert refused.value.retry_after == 1

    taken(3)
    now[0] = 1.0
    taken(2)
    now[0] = 1000.0
    taken(3)


def test_no_rate_is_no_limit() -> None:
    rate = RequestRate(0, 1)
    for _ in range(100):
        rate.take("one")


def test_a_rate_below_nothing_is_refused() -> None:
    with pytest.raises(SettingsError):
        RateSettings(per_second=-1)
    with pytest.raises(SettingsError):
        RateSettings(burst=0)
