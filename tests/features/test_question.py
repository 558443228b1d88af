"""Spatial questions as a person asks them: draw, count, take out, share as one file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from playwright.sync_api import Browser, Locator, Page, expect

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


def test_along_a_road_by_name_with_counts_that_open_their_rows(
    desk: Desk, screenshot: Callable[[str], Path], tmp_path: Path
) -> None:
    page = desk.page
    page.set_viewport_size({"width": 1366, "height": 768})
    start(desk, "supervisor")
    road = longest_road(desk)
    ground = choose_road(page, road, screenshot)
    with page.expect_response("**/api/questions/answer") as asked:
        page.click("[data-action=ask]")
    assert asked.value.json()["outline"] == ground
    assert asked.value.request.post_data_json["question"]["metres"] == 120
    houses = total(page)
    assert houses > 0
    counts = page.locator("[data-counts]")
    residents = number(page.locator("[data-figure=residents]").inner_text())
    assert residents > 0
    for by, tab in (("register", "人口类型"), ("birth_date", "年龄"), ("kind", "居住方式")):
        counts.get_by_role("radio", name=tab).click()
        expect(page.locator(f"[data-counts={by}][aria-busy=false]")).to_be_visible()
        figures = [number(text) for text in counts.locator("[data-bar] button").all_inner_texts()]
        assert sum(figures) == number(counts.locator("[data-sum]").inner_text()) == residents
        screenshot(f"question-counts-{by}")
    row = counts.locator("[data-bar] button").first
    count = number(row.inner_text())
    row.click()
    expect(page.locator("[data-chip]")).to_contain_text(["现行有效", "居住方式"])
    expect(page.locator("[data-total]")).to_have_text(f"{count:,}")
    expect(listed(page)).to_have_count(count)
    screenshot("question-count-opened")
    assert taken_out(page, tmp_path) == count
    page.keyboard.press("Escape")
    page.click("[data-action=back]")
    expect(page.locator("[data-total]")).to_have_text(f"{houses:,}")
    for name, width_px, height_px in (("wall", 1920, 1080), ("phone", 390, 844)):
        page.set_viewport_size({"width": width_px, "height": height_px})
        expect(page.locator("[data-counts][aria-busy=false]")).to_be_visible()
        screenshot(f"question-counts-{name}")


def number(text: str) -> int:
    """A number as it is shown."""
    return int(text.replace(",", ""))


def longest_road(desk: Desk) -> str:
    """The name that most pieces of road near the fullest house bear."""
    house = desk.fullest_house()["building"]
    box = ",".join(str(house[axis] + by) for by in (-0.008, 0.008) for axis in ("lon", "lat"))
    roads = desk.get(f"/api/layers/roads/features?limit=1000&bbox={box}")["features"]
    names = Counter(road["properties"]["name"] for road in roads if road["properties"]["name"])
    return names.most_common(1)[0][0]


def choose_road(page: Page, road: str, screenshot: Callable[[str], Path]) -> Any:
    """Choose a road by name and 60 m to either side, after a width that is too much; its ground."""
    page.get_by_role("radio", name="沿线").click()
    page.locator("[data-field=road] input").fill(road)
    page.get_by_role("option", name=road, exact=True).click()
    expect(page.locator("[data-chosen]")).to_contain_text("道路")
    width = page.locator("[data-field=metres] input")
    width.fill("1001")
    width.press("Tab")
    expect(page.locator("[data-fault=metres]")).to_contain_text("1,000")
    expect(page.locator("[data-action=ask]")).to_be_disabled()
    screenshot("question-road-too-wide")
    with page.expect_response("**/api/questions/place") as shown:
        width.fill("60")
        width.press("Tab")
    assert shown.value.ok, "the ground is on the map before anything is asked"
    ground = shown.value.json()["outline"]
    screenshot("question-road-form")
    return ground


def listed(page: Page) -> Locator:
    """All rows of the answer."""
    rows = page.locator("[data-row]")
    while page.locator("[data-action=more]").count():
        before = rows.count()
        page.click("[data-action=more]")
        expect(rows.nth(before)).to_be_attached()
    return rows


def taken_out(page: Page, folder: Path) -> int:
    """How many rows the Excel file of the answer has."""
    page.click("[data-action=take-out]")
    page.fill("[name=take-out-reason]", "核对沿线租住情况")
    page.check("[data-format=xlsx]")
    with page.expect_download() as waiting:
        page.click("[data-action=send-take-out]")
    waiting.value.save_as(folder / "along.xlsx")
    return int(openpyxl.load_workbook(folder / "along.xlsx").active.max_row) - 1
