"""Fixtures every test may ask for.

`database_url` and `engine` are fresh for each test, `module_database_url` and `module_engine`
for each module, `city_url` is a module's own copy of the demo city, `city_server` serves it.
"""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

import pytest
from hypothesis import settings

from tests.harness import (
    CHROMIUM_FLAGS,
    TEST_KEY,
    Databases,
    chromium_path,
    postgis,
    real_data,
    serving,
)

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Route
    from sqlalchemy import Engine

# How long an example takes depends on what else the machine does.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

SCREENSHOTS = Path(__file__).resolve().parent.parent / "ci-output" / "screenshots"


def pytest_configure() -> None:
    """End a terminated run like an interrupted one, so that its cluster is stopped too."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses a page as a browser test and run those last, slow after quick."""
    for item in items:
        if "page" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """The PostGIS server of this test session."""
    with postgis() as server:
        yield server


@pytest.fixture(scope="session")
def template_url(databases: Databases) -> Iterator[str]:
    """A migrated database without rows; copied, never used."""
    from layers.migrations import upgrade

    with databases.fresh() as url:
        upgrade(url)
        yield url


@pytest.fixture
def database_url(databases: Databases, template_url: str) -> Iterator[str]:
    """A migrated database of one test's own."""
    with databases.fresh(template_url) as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Engine, as table owner, of one test's own database."""
    yield from _engine(database_url)


@pytest.fixture(scope="module")
def module_database_url(databases: Databases, template_url: str) -> Iterator[str]:
    """A migrated database of one module's own."""
    with databases.fresh(template_url) as url:
        yield url


@pytest.fixture(scope="module")
def module_engine(module_database_url: str) -> Iterator[Engine]:
    """Engine, as table owner, of one module's own database."""
    yield from _engine(module_database_url)


@pytest.fixture(scope="session")
def city_template(
    databases: Databases, template_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """The demo city with its accounts, made once: database and the folder of the accounts file."""
    from etl.synth import build
    from gisserver.auth.demo import create_demo_accounts
    from layers.core.database import connect_engine
    from layers.core.sealing import Sealer

    var = tmp_path_factory.mktemp("city")
    with databases.fresh(template_url) as url:
        engine = connect_engine(url)
        try:
            build(engine, scale="demo", seed=1, sealer=Sealer(TEST_KEY))
            create_demo_accounts(engine, var)
        finally:
            engine.dispose()
        yield url, var


@pytest.fixture(scope="module")
def city_url(databases: Databases, city_template: tuple[str, Path]) -> Iterator[str]:
    """A module's own copy of the demo city."""
    with databases.fresh(city_template[0]) as url:
        yield url


@pytest.fixture(scope="module")
def city_engine(city_url: str) -> Iterator[Engine]:
    """Engine, as table owner, of the module's copy of the demo city."""
    yield from _engine(city_url)


@pytest.fixture(scope="module")
def city_accounts(city_template: tuple[str, Path]) -> Path:
    """The file of the demo city's accounts with their passwords."""
    return city_template[1] / "demo-accounts.json"


@pytest.fixture(scope="module")
def city_server(
    city_url: str, city_accounts: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of the real server over the module's copy of the demo city."""
    var = tmp_path_factory.mktemp("server")
    shutil.copy(city_accounts, var)
    with serving(city_url, var) as address:
        yield address


@pytest.fixture(scope="session")
def real_files() -> Path:
    """Folder of the real input files; what needs them fails when they are missing."""
    folder = real_data()
    assert folder is not None, "set WANGGE_REAL_DATA to the folder of real input files"
    return folder


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The distribution's Chromium, drawing WebGL2 in software, the same on every machine."""
    return browser_type_launch_args | {"executable_path": chromium_path(), "args": CHROMIUM_FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A Chinese browser with the smallest desktop screen we promise."""
    return browser_context_args | {
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 1366, "height": 768},
    }


@pytest.fixture
def context(context: BrowserContext) -> Iterator[BrowserContext]:
    """A browser without a network: a request that would leave this machine fails the test."""
    outside: list[str] = []

    def only_here(route: Route) -> None:
        if urlparse(route.request.url).hostname in ("127.0.0.1", "localhost", None):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    context.route("**/*", only_here)
    context.set_default_timeout(60_000)
    yield context
    assert not outside, f"requests that leave the machine: {outside}"


@pytest.fixture
def screenshot(page: Page) -> Callable[[str], Path]:
    """Keep a picture of the page as `ci-output/screenshots/<name>.png`; returns its path."""

    def take(name: str) -> Path:
        path = SCREENSHOTS / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path)
        return path

    return take


def _engine(url: str) -> Iterator[Engine]:
    from layers.core.database import connect_engine

    engine = connect_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()
