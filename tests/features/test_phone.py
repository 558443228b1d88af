"""A grid worker's day on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.features.conftest import Desk

PHONE = {"width": 390, "height": 844}


def test_a_worker_clocks_in_sees_the_own_grid_and_cases_and_clocks_out(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    desk.enter("worker")
    west, south, east, north = desk.get("/api/summary")["extent"]
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": (west + east) / 2, "latitude": (south + north) / 2})
    desk.open()
    # What a worker needs first is seen without a swipe.
    for tool in ("shift", "worklist", "incident", "layers"):
        box = page.locator(f"[data-tool={tool}]").bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= PHONE["width"]
        assert box["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]

    page.click("[data-tool=shift]")
    panel = desk.panel("shift")
    expect(panel).to_contain_text("未上岗")
    screenshot("phone-off-duty")
    panel.locator("[data-action=clock-in]").click()
    expect(panel.locator("[data-shift]")).to_have_attribute("data-on-duty", "true")
    expect(panel).to_contain_text("不到1分钟")
    screenshot("phone-on-duty")
    on_duty = desk.get("/api/duty/me")
    assert on_duty["shift"]["ended_at"] is None

    grid = on_duty["staff"]["area_code"]
    counts = desk.get(f"/api/totals?area={grid}")["area"]["counts"]
    shown = panel.locator("[data-own-grid] [data-total=buildings]")
    expect(shown.locator(".count")).to_have_text(f"{counts['buildings']:,}")
    shown.scroll_into_view_if_needed()
    screenshot("phone-own-grid")
    shown.click()
    rows = panel.locator("[data-panel=rows]")
    expect(rows.locator("[data-matched]")).to_have_attribute("data-value", str(counts["buildings"]))
    expect(rows.locator("[data-row]")).to_have_count(min(counts["buildings"], 100))
    screenshot("phone-own-grid-rows")
    rows.locator("header button").click()

    panel.locator("[data-action=my-grid]").click()
    page.wait_for_url("**view=**")
    panel.locator("[data-action=my-cases]").click()
    expect(desk.panel("worklist")).to_be_visible()
    screenshot("phone-cases")
    # One sheet at a time: the shift is not left open below the cases.
    expect(panel).to_have_count(0)
    page.click("[data-tool=shift]")
    panel.locator("[data-action=clock-out]").click()
    expect(panel).to_contain_text("未上岗")
    assert desk.get("/api/duty/me")["shift"] is None


def test_without_a_position_it_is_said_why_and_nothing_is_clocked(desk: Desk) -> None:
    page = desk.page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    desk.sign_in("worker")
    page.click("[data-tool=shift]")
    panel = desk.panel("shift")
    panel.locator("[data-action=clock-in]").click()
    expect(panel).to_contain_text("打卡需要位置")
    expect(panel.locator("[data-shift]")).to_have_attribute("data-on-duty", "false")
    assert desk.get("/api/duty/me")["shift"] is None
