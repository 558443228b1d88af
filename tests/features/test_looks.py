"""Every panel at the three sizes we promise, by day and by night, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.features.conftest import Desk

SIZES = {"desk": (1366, 768), "wall": (1920, 1080), "phone": (390, 844)}

OVERFLOWING = """() => [...document.querySelectorAll('[data-panel] *')]
  .filter((element) => {
    const box = element.getBoundingClientRect()
    const scroller = element.closest('[role=grid], [role=tablist], .el-scrollbar')
    return box.width > 0 && !scroller && box.right > innerWidth + 1
  }).map((element) => element.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_panels_fit(desk: Desk, screenshot: Callable[[str], Path], size: str, theme: str) -> None:
    page = desk.page
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    desk.sign_in("supervisor")
    house = desk.fullest_house()
    room = max(house["rooms"], key=lambda each: each["residents"])
    page.goto(f"{desk.address}/?selected=buildings.{house['building']['id']}&dwelling={room['id']}")
    page.wait_for_selector('[data-ready="true"]')
    expect(page.locator("article[data-person]").first).to_be_visible()
    screenshot(f"looks-house-{size}-{theme}")
    assert page.evaluate(OVERFLOWING) == []

    page.locator("[data-action=open-person]").first.click()
    expect(desk.panel("person").locator("[data-action=open-home]").first).to_be_visible()
    screenshot(f"looks-person-{size}-{theme}")
    assert page.evaluate(OVERFLOWING) == []

    page.click("[data-tab=feature]")
    expect(desk.panel("feature").locator("[data-title]")).to_be_visible()
    screenshot(f"looks-feature-{size}-{theme}")
    assert page.evaluate(OVERFLOWING) == []


def test_everything_is_also_said_in_english(desk: Desk, screenshot: Callable[[str], Path]) -> None:
    page = desk.page
    desk.sign_in("supervisor")
    house = desk.fullest_house()
    page.goto(f"{desk.address}/?selected=buildings.{house['building']['id']}")
    page.click("[data-action=language]")
    expect(desk.panel("house")).to_contain_text("Residents")
    expect(desk.page.locator("[name=search]")).to_have_attribute(
        "placeholder", "Address, building, site, road"
    )
    screenshot("english")
