"""Who is on duty, on the map and in the list, as it happens."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import APIRequestContext, Playwright, expect

from tests.features.conftest import Desk

OFFICE = {"width": 1366, "height": 768}


class Caller:
    """Somebody who talks to the server without a page."""

    def __init__(self, playwright: Playwright, desk: Desk, role: str) -> None:
        self.request: APIRequestContext = playwright.request.new_context(base_url=desk.address)
        account = desk.accounts[role]
        told = self.request.post(
            "/api/session", data={"login": account["login"], "password": account["password"]}
        )
        self.headers = {"X-CSRF-Token": told.json()["csrf"]}

    def post(self, path: str, body: object) -> Any:
        answer = self.request.post(path, data=body, headers=self.headers)
        assert answer.ok, answer.text()
        return answer.json()

    def get(self, path: str) -> Any:
        answer = self.request.get(path)
        assert answer.ok, answer.text()
        return answer.json()


def test_who_clocks_in_and_who_moves_is_seen_at_once(
    desk: Desk, playwright: Playwright, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    page.set_viewport_size(OFFICE)  # type: ignore[arg-type]
    desk.sign_in("commander")
    page.click("[data-tool=duty]")
    panel = desk.panel("duty")
    expect(panel.locator("[data-on-duty]")).to_have_text("0")
    expect(panel).to_contain_text("当前无人在岗")
    # The panel turns the layer on; the vehicles of the synthetic day are there, long not heard of.
    page.wait_for_function(
        "() => Number(document.querySelector('[data-movers]')?.dataset.movers) > 0"
    )

    west, south, east, north = desk.get("/api/summary")["extent"]
    lon, lat = (west + east) / 2, (south + north) / 2
    worker = Caller(playwright, desk, "worker")
    worker.post("/api/duty/clock-in", {"lon": lon, "lat": lat})
    name = worker.get("/api/duty/me")["staff"]["name"]
    staff_id = worker.get("/api/duty/me")["staff"]["id"]
    expect(panel.locator("[data-on-duty]")).to_have_text("1", timeout=5000)
    row = panel.locator(f"[data-staff='{staff_id}']")
    expect(row).to_contain_text(name)
    screenshot("duty-list")

    row.click()
    card = page.locator("[data-card=mover]")
    expect(card).to_contain_text(name)
    card.locator("[data-action=follow-mover]").click()
    page.wait_for_timeout(2500)
    admin = Caller(playwright, desk, "admin")
    token = admin.post("/api/devices", {"name": "手机", "staff_id": staff_id})["token"]
    middle = float(page.url.split("view=")[1].split(",")[0])
    sent = time.monotonic()
    answer = playwright.request.new_context().get(
        f"{desk.address}/api/positions?id={token}&lon={lon + 0.0004}&lat={lat}"
        f"&timestamp={int(time.time())}&speed=2&bearing=60"
    )
    assert answer.json()["taken"] == 1
    # Followed, the camera goes along as soon as the place is told.
    page.wait_for_function(
        "([before, by]) => Math.abs(Number(new URL(location.href).searchParams.get('view')"
        ".split(',')[0]) - before - by) < 0.00005",
        arg=[middle, 0.0004],
        timeout=10_000,
    )
    assert time.monotonic() - sent < 4
    expect(card).to_contain_text("3.7 km/h")
    screenshot("mover-followed")

    panel.get_by_role("radio", name="网格").click()
    expect(panel.locator("[data-grid]").first).to_contain_text("0 人在内")
    worker.post("/api/duty/clock-out", {"lon": lon, "lat": lat})
    expect(panel.locator("[data-on-duty]")).to_have_text("0", timeout=5000)
    expect(card).to_have_count(0)


def test_the_layer_is_not_for_everybody(desk: Desk) -> None:
    desk.sign_in("auditor")
    expect(desk.page.locator("[data-tool=duty]")).to_have_count(0)
