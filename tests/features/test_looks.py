"""Every panel at the three sizes we promise, by day and by night, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

from playwright.sync_api import expect

from tests.features.conftest import Desk

SIZES = {"desk": (1366, 768), "wall": (1920, 1080), "phone": (390, 844)}

OVERFLOWING = """() => [...document.querySelectorAll('[data-panel] *')]
  .filter((element) => {
    const box = element.getBoundingClientRect()
    const scroller = element.closest('[role=grid], [role=tablist], .el-scrollbar')
    return box.width > 0 && !scroller && box.right > innerWidth + 1
  }).map((element) => element.outerHTML.slice(0, 120))"""


def test_panels_fit(desk: Desk, screenshot: Callable[[str], Path]) -> None:
    page = desk.page
    desk.enter("supervisor")
    house = desk.fullest_house()
    room = max(house["rooms"], key=lambda each: each["residents"])
    person = page.locator("article[data-person]").first
    for size, theme in product(SIZES, ("light", "dark")):
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        desk.open(f"?selected=buildings.{house['building']['id']}&dwelling={room['id']}")
        expect(person).to_be_visible()
        screenshot(f"looks-house-{size}-{theme}")
        assert page.evaluate(OVERFLOWING) == [], (size, theme)

        page.locator("[data-action=open-person]").first.click()
        expect(desk.panel("person").locator("[data-action=open-home]").first).to_be_visible()
        screenshot(f"looks-person-{size}-{theme}")
        assert page.evaluate(OVERFLOWING) == [], (size, theme)

        page.click("[data-tab=feature]")
        expect(desk.panel("feature").locator("[data-title]")).to_be_visible()
        screenshot(f"looks-feature-{size}-{theme}")
        assert page.evaluate(OVERFLOWING) == [], (size, theme)


def test_everything_is_also_said_in_english(desk: Desk, screenshot: Callable[[str], Path]) -> None:
    page = desk.page
    desk.enter("supervisor")
    house = desk.fullest_house()
    desk.open(f"?selected=buildings.{house['building']['id']}")
    page.click("[data-action=language]")
    expect(desk.panel("house")).to_contain_text("Residents")
    expect(desk.page.locator("[name=search]")).to_have_attribute(
        "placeholder", "Address, room, initials, coordinates"
    )
    screenshot("english")


def test_every_tool_is_reached_without_the_page_moving(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    desk.enter("admin")
    for name, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        desk.open()
        tools = page.locator(".tool-rail [data-tool]")
        for tool in (tools.last, tools.first):
            tool.focus()
            expect(tool).to_be_in_viewport(ratio=1)
            shift = page.evaluate("() => document.querySelector('.app-shell').scrollTop")
            assert shift == 0, name
        expect(page.get_by_role("banner")).to_be_in_viewport(ratio=1)
        screenshot(f"rail-{name}")
