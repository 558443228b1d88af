"""Addresses checked by people: many pasted at once, the queue of the unsure ones, other names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.features.conftest import Desk

DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}


def tab(desk: Desk, name: str) -> None:
    """Turns to one of the panel's tabs."""
    desk.panel("address").get_by_role("radio", name=name).click()


def match(desk: Desk, *addresses: str) -> None:
    """Pastes addresses and has them matched."""
    desk.page.locator("[name=addresses]").fill("\n".join(addresses))
    desk.page.click("[data-action=match]")


def test_pasted_addresses_are_matched_and_the_unsure_ones_decided(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page, panel = desk.page, desk.panel("address")
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    desk.enter("supervisor")
    house = desk.fullest_house()
    room = house["rooms"][0]["id"]
    address = desk.get(f"/api/layers/dwellings/features/{room}")["properties"]["address"]
    unsure = address.rsplit("室", 1)[0] + "9室"
    desk.open()
    page.click("[data-tool=address]")
    expect(panel).to_contain_text("没有待核对的地址")
    screenshot("address-empty")

    tab(desk, "批量匹配")
    match(desk, address, unsure, "不知道在哪")
    for verdict in ("sure", "unsure", "none"):
        expect(panel.locator(f"[data-verdict={verdict}]")).to_have_attribute("data-count", "1")
    expect(panel.locator("[data-match=sure]")).to_contain_text("户室 100%")
    expect(panel.locator("[data-match=unsure]")).to_contain_text("楼栋")
    screenshot("address-batch")
    panel.locator("[data-match=sure]").click()
    desk.wait_for_selection("buildings", house["building"]["id"])
    panel.locator("[name=source]").fill("网格报表")
    panel.locator("[data-action=queue]").click()

    item = panel.locator("[data-address]", has_text=unsure)
    expect(item).to_contain_text("来自 网格报表")
    expect(panel.locator("[data-list=pending]")).to_contain_text("1")
    item.locator("[data-action=look]").first.click()
    desk.wait_for_selection("buildings", house["building"]["id"])
    screenshot("address-queue")
    item.locator("[data-action=accept]").first.click()
    expect(panel).to_contain_text("没有待核对的地址")
    panel.locator("[data-list=accepted]").click()
    expect(item).to_contain_text("supervisor 核对于")
    decided = desk.get("/api/addresses/queue?state=accepted")["items"]
    assert [each["building_id"] for each in decided] == [house["building"]["id"]]


def test_another_name_leads_to_the_place_until_it_is_removed(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page, panel = desk.page, desk.panel("address")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    desk.enter("supervisor")
    names = desk.get("/api/layers/compounds/features?limit=1")["features"][0]["properties"]
    desk.open()
    page.click("[data-tool=address]")
    tab(desk, "别名")
    expect(panel).to_contain_text("还没有登记别名")
    panel.locator("[name=alias]").fill("红星大队")
    panel.locator("[name=name]").fill(names["name"])
    panel.locator("[data-action=add-alias]").click()
    known = panel.locator("[data-alias]", has_text="红星大队")
    expect(known).to_contain_text(names["name"])
    screenshot("address-aliases")

    tab(desk, "批量匹配")
    match(desk, "红星大队1号")
    expect(panel.locator("[data-match]")).to_contain_text(names["name"])
    screenshot("address-batch-phone")
    tab(desk, "别名")
    known.locator("[data-action=remove-alias]").click()
    expect(panel).to_contain_text("还没有登记别名")


def test_who_may_not_write_houses_does_not_see_it(desk: Desk) -> None:
    desk.sign_in("analyst")
    expect(desk.page.locator("[data-tool=layers]")).to_be_visible()
    expect(desk.page.locator("[data-tool=address]")).to_have_count(0)
