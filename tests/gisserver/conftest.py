"""The app in this process, over a database of the module's own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from gisserver.app import close_app, create_app
from gisserver.auth.guard import REMEMBERED_SECONDS
from gisserver.settings import DatabaseSettings, PathSettings, SecretSettings, Settings
from tests.builders.community import build_community
from tests.gisserver.town import build_town
from tests.harness import TEST_KEY


@contextmanager
def app_over(url: str, var: Path, viewer: Path | None = None) -> Iterator[Flask]:
    """The app over a migrated database; closed at the end of the block."""
    settings = Settings(
        database=DatabaseSettings(url, pool_size=6),
        secrets=SecretSettings(TEST_KEY),
        paths=PathSettings(var, viewer) if viewer else PathSettings(var),
    )
    app = create_app(settings)
    try:
        yield app
    finally:
        close_app(app)


def signed_in(app: Flask, login: str, password: str) -> FlaskClient:
    """A browser that has signed in; writes need `X-CSRF-Token` as ever."""
    client = app.test_client()
    answer = client.post("/api/session", json={"login": login, "password": password})
    assert answer.status_code == 200, answer.text
    return client


def soon(ask: Callable[[], int], status: int) -> None:
    """Wait until asking answers the status; sooner than anything remembered grows old by itself."""
    deadline = time.monotonic() + REMEMBERED_SECONDS / 2
    while (answered := ask()) != status and time.monotonic() < deadline:
        time.sleep(0.02)
    assert answered == status


@pytest.fixture(scope="module")
def app(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app over the module's empty, migrated database."""
    with app_over(module_database_url, tmp_path_factory.mktemp("var")) as app:
        yield app


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> dict[str, list[int]]:
    """Ids of the buildings of two communities side by side, by community."""
    return build_town(module_engine)


@pytest.fixture(scope="module")
def town_app(
    town: dict[str, list[int]], module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The app over the two communities."""
    with app_over(module_database_url, tmp_path_factory.mktemp("var")) as app:
        yield app


@pytest.fixture(scope="module")
def city_app(city_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app over the module's copy of the demo city."""
    with app_over(city_url, tmp_path_factory.mktemp("var")) as app:
        yield app


@pytest.fixture(scope="module")
def city_passwords(city_accounts: Path) -> dict[str, str]:
    """Passwords of the demo city's accounts by login; there is one account a role."""
    return {each["login"]: each["password"] for each in json.loads(city_accounts.read_text())}


@pytest.fixture(scope="module")
def community_app(
    module_engine: Engine, module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The app over a community of houses and grids."""
    build_community(module_engine)
    with app_over(module_database_url, tmp_path_factory.mktemp("var")) as app:
        yield app
