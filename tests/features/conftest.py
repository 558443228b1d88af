"""The viewer as people use it: the real server over the demo city, in Chromium."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from gisserver.viewer_build import build_viewer

# Software WebGL on two shared cores needs its time.
PATIENCE_MS = 90_000

# An answer the viewer shows to its user is no fault of the page.
EXPECTED_NOISE = ("Failed to load resource", "GPU stall", "GL Driver Message")


@dataclass(frozen=True)
class Desk:
    """One person at the viewer."""

    page: Page
    address: str
    accounts: dict[str, dict[str, Any]]

    def sign_in_by_form(self, role: str) -> None:
        """Open the viewer, sign in with the demo account of the role and wait for the map."""
        account = self.accounts[role]
        self.page.goto(self.address)
        self.page.fill("[name=login]", account["login"])
        self.page.fill("[name=password]", account["password"])
        self.page.click("[data-page=sign-in] [type=submit]")
        self.page.wait_for_selector('[data-ready="true"]')

    def enter(self, role: str) -> None:
        """Be signed in as the role, with nothing open yet: the form takes a map more to load."""
        account = self.accounts[role]
        answer = self.page.request.post(
            f"{self.address}/api/session",
            data={"login": account["login"], "password": account["password"]},
        )
        assert answer.ok, answer.text()

    def open(self, query: str = "") -> None:
        """Open the viewer at what the query says and wait for the map."""
        self.page.goto(f"{self.address}/{query}")
        self.page.wait_for_selector('[data-ready="true"]')

    def sign_in(self, role: str, query: str = "") -> None:
        """Be signed in as the role with the viewer open."""
        self.enter(role)
        self.open(query)

    def get(self, path: str) -> Any:
        """What the server answers this person."""
        answer = self.page.request.get(self.address + path)
        assert answer.ok, f"{path}: {answer.status} {answer.text()}"
        return answer.json()

    def panel(self, name: str) -> Locator:
        """A panel by its id."""
        return self.page.locator(f"[data-panel={name}]")

    def search(self, text: str) -> Locator:
        """Type into the search box; the results."""
        self.page.fill("[name=search]", text)
        return self.page.locator("#search-results [role=option]")

    def wait_for_selection(self, layer: str, feature_id: int) -> None:
        """Return once the address bar keeps the feature as selected."""
        self.page.wait_for_url(re.compile(rf"[?&]selected={layer}\.{feature_id}(&|$)"))

    def fullest_house(self) -> dict[str, Any]:
        """The house with most rooms among the dwellings the person may see first."""
        dwellings = self.get("/api/layers/dwellings/features?limit=1000")["features"]
        rooms: dict[int, int] = {}
        for dwelling in dwellings:
            building = dwelling["properties"]["building_id"]
            rooms[building] = rooms.get(building, 0) + 1
        largest = max(rooms, key=lambda building: (rooms[building], -building))
        return cast(dict[str, Any], self.get(f"/api/buildings/{largest}/house"))


@pytest.fixture(scope="session")
def built_viewer() -> None:
    """The bundle that the server hands out is made from the sources as they are."""
    build_viewer(lambda _: None)


@pytest.fixture
def desk(built_viewer: None, page: Page, city_server: str, city_accounts: Path) -> Iterator[Desk]:
    """A person at the viewer; an error on the page's console fails the test."""
    faults: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(word in message.text for word in EXPECTED_NOISE):
            faults.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    accounts = {account["role"]: account for account in json.loads(city_accounts.read_text())}
    yield Desk(page, city_server, accounts)
    assert faults == []
