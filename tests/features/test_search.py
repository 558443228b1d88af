"""The search box."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.features.conftest import Desk

FULL = "０１２３４５６７８９"


def test_the_box_is_worked_with_the_keyboard(desk: Desk) -> None:
    page = desk.page
    desk.sign_in("commander")
    options = desk.search("澄湖")
    expect(options.first).to_be_visible()
    page.keyboard.press("Escape")
    expect(options.first).to_be_hidden()
    expect(page.locator("[name=search]")).to_have_value("澄湖")
    page.keyboard.press("Escape")
    expect(page.locator("[name=search]")).to_have_value("")

    name = desk.get("/api/layers/compounds/features?limit=1")["features"][0]["properties"]["name"]
    options = desk.search(name)
    expect(options.first).to_contain_text(name)
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    layer, feature_id = (options.first.get_attribute(f"data-{name}") for name in ("layer", "id"))
    page.keyboard.press("Enter")
    expect(desk.panel("feature")).to_be_visible()
    desk.wait_for_selection(str(layer), int(feature_id or 0))


def test_what_is_not_found_and_what_fails_is_said(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    desk.sign_in("commander")
    desk.search("鞅鞳魉")
    expect(page.locator("#search-results")).to_contain_text("没有找到“鞅鞳魉”")
    screenshot("search-nothing")

    page.route("**/api/search**", lambda route: route.abort())
    desk.search("澄湖")
    alert = page.locator("#search-results [role=alert]")
    expect(alert).to_contain_text("无法连接服务器")
    screenshot("search-failing")
    page.unroute("**/api/search**")
    alert.get_by_role("button").click()
    expect(page.locator("#search-results [role=option]").first).to_be_visible()


def test_persons_are_asked_for_only_on_enter_and_only_with_the_right(desk: Desk) -> None:
    page = desk.page
    desk.sign_in("commander")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.click("[name=search]")
    page.get_by_role("radio", name="按人查").click()
    page.fill("[name=search]", "没有这个人")
    expect(page.locator("[data-action=search-persons]")).to_be_visible()
    expect(page.locator("[data-panel=search]")).to_contain_text("记入审计日志")
    assert not any("/api/persons/search" in url for url in asked)
    page.keyboard.press("Enter")
    expect(page.locator("#search-results")).to_contain_text("没有找到")
    assert any("/api/persons/search" in url for url in asked)

    desk.sign_in("operator")
    page.click("[name=search]")
    desk.search("990101199001010011")
    expect(page.locator("#search-results")).to_contain_text("没有找到")
    expect(page.get_by_role("radio", name="按人查")).to_have_count(0)


def test_coordinates_initials_and_rooms_lead_to_their_places(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    desk.sign_in("commander")
    house = desk.fullest_house()
    place = house["building"]
    options = desk.search(f"{place['lat']:.6f}，{place['lon']:.6f}")
    expect(options).to_have_count(3)
    expect(options.nth(2)).to_contain_text("百度")
    screenshot("search-coordinates")
    page.keyboard.press("Enter")
    expect(page.locator(".maplibregl-marker")).to_be_in_viewport()

    room = house["rooms"][0]
    unit = f"{room['unit']}单元" if room["unit"] else ""
    typed = f"{place['address']}{unit}{room['room']}".translate(str.maketrans("0123456789", FULL))
    options = desk.search(typed)
    expect(options.first).to_have_attribute("data-id", str(room["id"]))
    expect(options.first).to_contain_text(room["room"])
    screenshot("search-room")
    page.keyboard.press("Enter")
    desk.wait_for_selection("buildings", place["id"])
    page.wait_for_url(re.compile(rf"dwelling={room['id']}(&|$)"))
    expect(page.locator(".maplibregl-marker")).to_have_count(0)

    options = desk.search("chjd")
    expect(options.first).to_contain_text("澄湖街道")
    screenshot("search-initials")
