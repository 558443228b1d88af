"""Statistics of the population: drilled from the district down to a house, numbers open rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.features.conftest import Desk

POPULATION = "/api/statistics/population"
DRAWN = """() => ['step1', 'step2', 'step3', 'step4', 'step5', 'hidden'].flatMap(look =>
  window.wanggeMap.getSource(`shapes/population-${look}`)
    ? window.wanggeMap.querySourceFeatures(`shapes/population-${look}`).map(f => f.properties.code)
    : [])"""
CHARTS = "() => document.querySelectorAll('[data-statistics] canvas').length === 2"


def sizes(page: Page, screenshot: Callable[[str], Path], name: str) -> None:
    for width, height in ((1920, 1080), (1366, 768), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(CHARTS)
        page.wait_for_timeout(400)
        screenshot(f"{name}-{width}")


def test_from_the_district_down_to_a_house(desk: Desk, screenshot: Callable[[str], Path]) -> None:
    page = desk.page
    desk.sign_in("commander")
    page.click("[data-tool=statistics]")
    panel = desk.panel("statistics")
    area = panel.locator("[data-statistics]").get_attribute("data-area") or ""
    total = desk.get(f"{POPULATION}?area={area}")["total"]
    for name in ("people", "households", "dwellings", "rentals"):
        expect(panel.locator(f"[data-sum={name}]")).to_have_attribute(
            "data-value", str(total[name])
        )
    expect(panel.locator("[data-guarded]")).to_have_count(0)
    page.wait_for_function(f"() => new Set(({DRAWN})()).size > 0")
    sizes(page, screenshot, "statistics")
    page.set_viewport_size({"width": 1366, "height": 768})

    panel.locator("table").scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    screenshot("statistics-table")

    # A number opens its rows, and there are as many.
    register = panel.locator("[data-bar=POP-02] button")
    told = register.inner_text().split(" ")[0].replace(",", "")
    register.click()
    expect(page.locator("[data-matched]")).to_have_attribute("data-value", told)
    expect(page.locator("[data-panel=rows] [data-row]").first).to_be_visible()
    page.click("[data-panel=rows] [aria-label=关闭]")

    old = panel.locator("[data-ages=old] button")
    told = old.inner_text().replace(",", "")
    old.click()
    expect(page.locator("[data-matched]")).to_have_attribute("data-value", told)
    page.click("[data-panel=rows] [aria-label=关闭]")

    # Street, community, grid, building.
    while len(area) < 14:
        row = panel.locator("tbody [data-place]").first
        code = row.get_attribute("data-place") or ""
        people = row.locator("[data-figure=people]").inner_text().replace(",", "")
        row.locator("button").first.click()
        expect(panel.locator("[data-statistics]")).to_have_attribute("data-area", code)
        expect(panel.locator("[data-sum=people]")).to_have_attribute("data-value", people)
        area = code
    expect(panel.locator("h3").last).to_have_text("楼栋")
    screenshot("statistics-grid")
    house = panel.locator("tbody [data-place]").first
    building = house.get_attribute("data-place") or ""
    house.locator("button").first.click()
    desk.wait_for_selection("buildings", int(building))

    # And back up.
    panel.locator("[data-drill]").nth(1).click()
    expect(panel.locator("[data-statistics]")).not_to_have_attribute("data-area", area)


@pytest.mark.parametrize("role", ["analyst"])
def test_small_numbers_are_hidden_without_the_right(
    desk: Desk, screenshot: Callable[[str], Path], role: str
) -> None:
    page = desk.page
    desk.sign_in(role)
    page.click("[data-tool=statistics]")
    panel = desk.panel("statistics")
    expect(panel.locator("[data-guarded]")).to_be_visible()
    expect(panel.locator("[data-bar] button")).to_have_count(0)
    while panel.locator("tbody [data-place]").count() and "—" not in panel.inner_text().replace(
        "“—”", ""
    ):
        row = panel.locator("tbody [data-place]").first
        code = row.get_attribute("data-place") or ""
        row.locator("button").first.click()
        expect(panel.locator("[data-statistics]")).to_have_attribute("data-area", code)
        expect(panel.locator("[data-sum=people]")).to_be_visible()
    expect(panel.locator("[data-bar]").filter(has_text="—").first).to_be_visible()
    # Men and women of an age would be two kinds of category at once.
    expect(panel.locator("h3").first).to_have_text("年龄分布")
    page.locator("[data-statistics] canvas").first.wait_for()
    screenshot("statistics-guarded")
