"""The application on a phone starts without a network, with the reports that wait."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Response, expect
from sqlalchemy import Engine, text

from tests.features.conftest import Desk
from tests.features.test_report_incident import begin_report, centre_query, choose_category
from tests.harness import free_port, serving

PHONE = {"width": 390, "height": 844}
OFFICE = {"width": 1366, "height": 768}
CASES = text("SELECT count(*) FROM incidents.incident WHERE description LIKE :description")
CONTROLLED = "() => navigator.serviceWorker.controller !== null"
KEPT = """async () => {
  const paths = []
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys())
      paths.push(new URL(request.url).pathname)
  return paths
}"""


class Server:
    """The real server at one address, there or away."""

    def __init__(self, database_url: str, var: Path) -> None:
        self.database_url, self.var, self.port = database_url, var, free_port()
        self.running = ExitStack()
        self.come()

    def come(self) -> None:
        """Serve from now on."""
        place = serving(self.database_url, self.var, port=self.port)
        self.address = self.running.enter_context(place)

    def go(self) -> None:
        """Be away, as a server is without a network to it."""
        self.running.close()


@pytest.fixture
def server(city_url: str, city_accounts: Path, tmp_path: Path) -> Iterator[Server]:
    """A server of its own that the test may stop."""
    shutil.copy(city_accounts, tmp_path)
    server = Server(city_url, tmp_path)
    yield server
    server.go()


@pytest.fixture
def phone(desk: Desk, server: Server) -> Desk:
    """A person with a phone at that server."""
    desk.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    return replace(desk, address=server.address)


def keep_application(phone: Desk) -> None:
    """Open the viewer until the device holds it, and once more through what the device holds."""
    phone.open(centre_query(phone))
    phone.page.wait_for_function(CONTROLLED)
    phone.page.reload()
    phone.page.wait_for_selector('[data-ready="true"]')
    phone.page.wait_for_load_state("networkidle")


def test_a_phone_starts_without_a_network_and_keeps_what_it_reports(
    phone: Desk, server: Server, city_engine: Engine, screenshot: Callable[[str], Path]
) -> None:
    def count() -> int:
        with city_engine.begin() as connection:
            return int(connection.execute(CASES, {"description": "断网%"}).scalar_one())

    def report(category: str, description: str) -> None:
        begin_report(phone)
        page.mouse.click(150, 230)
        choose_category(phone, category)
        page.fill("[data-input=description] textarea", description)
        page.click("[data-action=send-report]")
        expect(phone.panel("incident")).to_have_count(0)

    sent: list[str] = []

    def is_second_report(response: Response) -> bool:
        if response.request.method == "POST" and response.url.endswith("/api/incidents"):
            sent.append(response.url)
        return len(sent) == 2

    page = phone.page
    phone.enter("supervisor")
    keep_application(phone)

    server.go()
    report("暴露生活垃圾", "断网时第一件")
    expect(page.locator("[data-outbox-count]")).to_have_text("1 件待发送")
    page.reload()
    page.wait_for_selector('[data-ready="true"]')
    expect(page.locator("[data-outbox-count]")).to_have_text("1 件待发送")
    screenshot("phone-offline-start")
    report("占道经营", "断网时第二件")
    expect(page.locator("[data-outbox-count]")).to_have_text("2 件待发送")
    screenshot("phone-offline-two")

    server.come()
    with page.expect_response(is_second_report):
        page.reload()
    expect(page.locator("[data-outbox-count]")).to_have_count(0)
    assert count() == 2


def test_what_is_kept_is_the_application_and_the_ground_and_goes_with_the_account(
    phone: Desk, server: Server
) -> None:
    page = phone.page
    phone.enter("supervisor")
    keep_application(phone)
    kept = set(page.evaluate(KEPT))
    assert {"/", "/api/me", "/api/codes", "/api/summary"} <= kept
    tiles = {path for path in kept if path.startswith("/tiles/")}
    assert tiles
    assert not any(name in path for path in tiles for name in ("incidents", "key_sites"))
    others = kept - tiles - {"/", "/api/me", "/api/codes", "/api/summary"}
    assert all(path.startswith("/assets/") or path.count("/") == 1 for path in others), others

    server.go()
    page.click("[data-action=account]")
    page.click("[data-action=sign-out]")
    expect(page.locator("[data-sign-out-failure]")).to_be_visible()
    server.come()
    page.click("[data-action=sign-out]")
    expect(page.locator("[data-page=sign-in]")).to_be_visible()
    left = set(page.evaluate(KEPT))
    assert not any(path.startswith(("/api/", "/tiles/")) for path in left)
    server.go()
    page.reload()
    expect(page.locator("body")).to_contain_text("无法连接服务器")


def test_a_desk_takes_the_page_from_the_server(desk: Desk) -> None:
    desk.page.set_viewport_size(OFFICE)  # type: ignore[arg-type]
    desk.sign_in("commander")
    registered = desk.page.evaluate(
        "async () => (await navigator.serviceWorker.getRegistrations()).length"
    )
    assert registered == 0
    assert urlparse(desk.page.url).path == "/"
