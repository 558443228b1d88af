"""The command centre: a map wall and an information wall, on two machines, follow each other."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.features.conftest import Desk

WALL = {"width": 1920, "height": 1080}
CENTRE = "() => { const c = window.wanggeMap.getCenter(); return [c.lng, c.lat] }"


@pytest.fixture
def other_machine(browser: Browser, desk: Desk) -> Iterator[Page]:
    """A browser of its own, signed in with the same post."""
    context = browser.new_context(
        viewport=WALL,  # type: ignore[arg-type]
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        color_scheme="dark",
    )
    page = context.new_page()
    page.goto(f"{desk.address}/?screen=info")
    account = desk.accounts["commander"]
    page.fill("[name=login]", account["login"])
    page.fill("[name=password]", account["password"])
    page.click("[data-page=sign-in] [type=submit]")
    page.wait_for_selector("[data-page=information] [data-place]")
    yield page
    context.close()


def milliseconds_until(condition: Callable[[], bool]) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < 20
        time.sleep(0.02)
    return (time.monotonic() - began) * 1000


def test_two_walls_follow_each_other(
    desk: Desk, other_machine: Page, screenshot: Callable[[str], Path]
) -> None:
    page, information = desk.page, other_machine
    desk.sign_in("commander")
    page.click("[data-tool=wall]")
    page.click("[data-action=create-wall]")
    code = page.locator("[data-wall-code]").inner_text()
    page.wait_for_url(re.compile(rf"[?&]wall={code.replace('-', '')}"))

    information.goto(f"{desk.address}/?screen=info&wall={code}")
    information.wait_for_selector("[data-page=information][data-link=open] [data-place]")

    # What is drilled into there is shown here.
    place = information.locator("[data-place]").first
    area = place.get_attribute("data-place")
    before = page.evaluate(CENTRE)
    place.locator("button").first.click()
    milliseconds_until(lambda: page.evaluate(CENTRE) != before)
    assert desk.get(f"/api/walls/{code}")["state"]["area"] == area

    # What is selected here is named there, within a second.
    house = desk.fullest_house()["building"]
    results = desk.search(house["name"] or house["address"])
    results.first.click()
    page.wait_for_url(re.compile(r"[?&]selected=\w+\.\d+"))
    selected = re.findall(r"selected=(\w+\.\d+)", page.url)[0]
    waited = milliseconds_until(
        lambda: information.locator(f"[data-selected='{selected}']").count() == 1
    )
    assert waited < 1000
    screenshot("wall-map")
    information.screenshot(path=screenshot("wall-information"))


COUNTED = """() => {
  const cases = window.wanggeMap.querySourceFeatures('case-list', { sourceLayer: 'cases' })
  const told = ({ geometry, properties }) => JSON.stringify(
    [geometry.coordinates.map(degrees => degrees.toFixed(5)), properties.count ?? 1, properties.id])
  return [...new Set(cases.map(told))].reduce((sum, text) => sum + JSON.parse(text)[1], 0)
}"""


def test_the_map_shows_the_cases_the_other_wall_is_filtered_to(
    desk: Desk, other_machine: Page, screenshot: Callable[[str], Path]
) -> None:
    page, information = desk.page, other_machine
    desk.sign_in("commander")
    page.click("[data-tool=wall]")
    page.click("[data-action=create-wall]")
    code = page.locator("[data-wall-code]").inner_text()
    information.goto(f"{desk.address}/?screen=info&wall={code}")
    information.wait_for_selector("[data-page=information][data-link=open] [data-place]")
    card = page.locator("[data-card=wall-filter]")
    expect(card).to_have_count(0)

    information.click("[data-filter-light=red]")
    expect(card).to_contain_text("超期")
    category = information.locator("[name=wall-category] option").nth(2)
    name = category.inner_text()
    information.select_option("[name=wall-category]", label=name)
    expect(card).to_contain_text(name)
    wanted = f"light=red&category={category.get_attribute('value')}"
    lists = desk.get(f"/api/incidents/lists?{wanted}")["items"]
    count = next(each["count"] for each in lists if each["name"] == "open")
    page.wait_for_function(f"count => ({COUNTED})() === count", arg=count)
    screenshot("wall-filter-map")
    information.screenshot(path=screenshot("wall-filter-information"))

    card.get_by_role("button").click()
    expect(information.locator("[data-filter-light=red]")).to_have_attribute(
        "aria-pressed", "false"
    )
    page.wait_for_function("() => !window.wanggeMap.getSource('case-list')")


def test_every_number_opens_its_rows(desk: Desk, other_machine: Page) -> None:
    information = other_machine
    totals = json.loads(information.request.get(f"{desk.address}/api/totals").text())
    persons = totals["area"]["counts"]["persons"]
    information.locator("[data-total=persons]").click()
    expect(information.locator("[data-matched]")).to_have_attribute("data-value", str(persons))
    expect(information.locator("[data-panel=rows] [data-row]")).to_have_count(min(persons, 100))
    information.click("[data-panel=rows] [aria-label=关闭]")
    rate = information.locator("[data-rate=close_rate] [data-measure=closed]")
    closed = rate.inner_text().strip().replace(",", "")
    rate.click()
    expect(information.locator("[data-matched]")).to_have_attribute("data-value", closed)
    expect(information.locator("[data-panel=rows] [data-row]")).to_have_count(min(int(closed), 100))


def test_a_code_nobody_made(desk: Desk) -> None:
    desk.sign_in("commander")
    desk.page.click("[data-tool=wall]")
    desk.page.fill("[name=wall-code]", "ABCD-EFG")
    expect(desk.panel("wall")).to_contain_text("配对码为 8 位")
    desk.page.fill("[name=wall-code]", "ABCD-EFGH")
    desk.page.click("[data-panel=wall] [type=submit]")
    expect(desk.panel("wall").locator("[role=alert]")).to_be_visible()
