"""Spatial questions as a person asks them: draw, count, take out, share as one file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from playwright.sync_api import Browser, Page, expect

from tests.features.conftest import Desk

# Terra Draw takes quicker clicks for double clicks.
BETWEEN_CLICKS_MS = 400


def start(desk: Desk, role: str) -> dict[str, Any]:
    """Sign in close to the house with most rooms, the panel open; the house."""
    desk.sign_in(role)
    house = desk.fullest_house()
    lon, lat = house["building"]["lon"], house["building"]["lat"]
    desk.page.goto(f"{desk.address}/?view={lon},{lat},16")
    desk.page.wait_for_selector('[data-ready="true"]')
    desk.page.click("[data-tool=question]")
    return house


def click_through(page: Page, *places: tuple[int, int]) -> None:
    """Click the corners of a drawing, then end it."""
    for x, y in places:
        page.mouse.move(x, y)
        page.wait_for_timeout(BETWEEN_CLICKS_MS)
        page.mouse.click(x, y)
    page.wait_for_timeout(BETWEEN_CLICKS_MS)
    page.keyboard.press("Enter")


def total(page: Page) -> int:
    """How many the panel says were found."""
    shown = page.locator("[data-total]")
    expect(shown).to_be_visible()
    return int(shown.inner_text().replace(",", ""))


def test_a_drawn_polygon_counts_lists_and_exports_the_same(
    desk: Desk, screenshot: Callable[[str], Path], tmp_path: Path
) -> None:
    page = desk.page
    start(desk, "supervisor")
    screenshot("question-form")
    page.click("[data-draw=polygon]")
    click_through(page, (560, 220), (1150, 220), (1150, 640), (560, 640))
    expect(page.locator("[data-chosen]")).to_be_visible()
    page.click("[data-action=ask]")
    count = total(page)
    assert count > 0
    rows = page.locator("[data-row]")
    while page.locator("[data-action=more]").count():
        before = rows.count()
        page.click("[data-action=more]")
        expect(rows.nth(before)).to_be_attached()
    expect(rows).to_have_count(count)
    expect(page.locator("[data-people]")).to_be_visible()
    page.select_option("[name=group]", "usage")
    expect(page.locator("[data-chart] canvas")).to_be_visible()
    assert "question=" in page.url
    rows.first.click()
    expect(rows.first).to_have_attribute("aria-selected", "true")
    screenshot("question-answer")

    page.click("[data-action=take-out]")
    send = page.locator("[data-action=send-take-out]")
    expect(send).to_be_disabled()
    page.fill("[name=take-out-reason]", "编制应急预案")
    page.check("[data-format=xlsx]")
    with page.expect_download() as waiting:
        send.click()
    file = tmp_path / "answer.xlsx"
    waiting.value.save_as(file)
    assert openpyxl.load_workbook(file).active.max_row - 1 == count
    expect(page.locator("[data-taken]")).to_contain_text(str(count))
    screenshot("question-take-out")

    page.reload()
    page.wait_for_selector('[data-ready="true"]')
    assert total(page) == count, "the address bar keeps the question"


def test_along_a_drawn_line_and_a_map_that_opens_without_a_network(
    desk: Desk, screenshot: Callable[[str], Path], tmp_path: Path, browser: Browser
) -> None:
    page = desk.page
    start(desk, "supervisor")
    page.get_by_role("radio", name="沿线").click()
    page.click("[data-draw=line]")
    click_through(page, (560, 300), (860, 420), (1150, 560))
    expect(page.locator("[data-chosen]")).to_be_visible()
    page.click("[data-action=ask]")
    count = total(page)
    assert count > 0
    screenshot("question-along")
    page.click("[data-action=take-out]")
    page.fill("[name=take-out-reason]", "会议汇报材料")
    page.check("[data-format='2d']")
    with page.expect_download() as waiting:
        page.click("[data-action=send-take-out]")
    file = tmp_path / "map.html"
    waiting.value.save_as(file)

    alone = browser.new_context(offline=True, viewport={"width": 1366, "height": 768})
    shared = alone.new_page()
    faults: list[str] = []
    asked: list[str] = []
    shared.on("pageerror", lambda error: faults.append(str(error)))
    shared.on("request", lambda request: asked.append(request.url))
    shared.goto(file.as_uri())
    expect(shared.locator(".share-head")).to_contain_text(f"{count} 个要素")
    expect(shared.locator(".leaflet-container canvas").first).to_be_visible()
    assert "supervisor" in str(shared.locator(".share-watermark").get_attribute("data-watermark"))
    assert faults == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    picture = Path("ci-output/screenshots/shared-map.png")
    picture.parent.mkdir(parents=True, exist_ok=True)
    shared.screenshot(path=picture)
    alone.close()
