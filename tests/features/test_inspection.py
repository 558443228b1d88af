"""Inspecting rentals: what is due on list and map, a visit recorded on a phone, the list after."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.builders.pictures import phone_photo
from tests.features.conftest import Desk

PHONE = {"width": 390, "height": 844}
SCREEN = {"width": 1366, "height": 768}
WIDE = {"width": 1920, "height": 1080}


def choose(desk: Desk, field: str, option: str) -> None:
    """Choose an option of a field of codes."""
    desk.page.locator(f"[data-input={field}] .el-select__wrapper").click()
    desk.page.locator(".el-popper:visible").get_by_text(option, exact=True).first.click()


def test_the_lists_agree_with_their_figures_and_the_map_leads_to_the_house(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page, panel = desk.page, desk.panel("inspection")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    desk.sign_in("supervisor")
    page.click("[data-tool=inspection]")
    figures = desk.get("/api/rentals/due")
    assert figures["total"]["overdue"] > 0
    expect(panel.locator("[data-due-rental]").first).to_contain_text("超期")
    shown = panel.locator("[data-shown]")
    expect(shown).to_contain_text(f"/ {figures['total']['overdue']}")
    page.wait_for_function(
        "() => wanggeMap.getLayer('buildings:due-points') && wanggeMap.areTilesLoaded()"
    )
    screenshot("inspection-overdue")
    while panel.locator("[data-action=more]").is_visible():
        before = panel.locator("[data-due-rental]").count()
        panel.locator("[data-action=more]").click()
        expect(panel.locator("[data-due-rental]").nth(before)).to_be_visible()
    expect(panel.locator("[data-due-rental]")).to_have_count(figures["total"]["overdue"])

    strict = next(each for each in figures["classes"] if each["key"] == "LG2")
    panel.locator("[data-part=LG2]").click()
    expect(shown).to_contain_text(f"/ {strict['overdue']}")
    panel.locator('[data-part=""]').click()
    area = next(each for each in figures["areas"] if each["overdue"] > 0)
    if area["key"] and len(figures["areas"]) > 1:
        panel.locator(f'[data-area="{area["key"]}"]').click()
        expect(shown).to_contain_text(f"/ {area['overdue']}")
    panel.get_by_role("radio", name=re.compile("待整改")).click()
    expect(panel.locator("[data-due-rental]").first).to_contain_text(re.compile("隐患|其他"))
    first = panel.locator("[data-due-rental]").first
    first.click()
    expect(desk.panel("house").locator("[data-rental]")).to_be_visible()
    desk.panel("house").locator("[data-rental]").scroll_into_view_if_needed()
    screenshot("inspection-house")
    page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    screenshot("inspection-to-rectify")


def test_a_worker_records_a_visit_on_a_phone_and_the_rental_leaves_the_list(
    desk: Desk, screenshot: Callable[[str], Path], tmp_path: Path
) -> None:
    page, panel = desk.page, desk.panel("inspection")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    desk.enter("worker")
    overdue = desk.get("/api/rentals/due/overdue")["items"][0]
    count = desk.get("/api/rentals/due")["total"]["overdue"]
    desk.open()
    page.click("[data-tool=inspection]")
    row = panel.locator(f'[data-due-rental="{overdue["id"]}"]')
    expect(row).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    screenshot("inspection-phone-list")
    row.click()
    rental = desk.panel("house").locator(f'[data-rental="{overdue["id"]}"]')
    rental.locator("[data-action=record]").click()
    form = rental.locator("[data-entry-form=inspection]")
    form.locator("[data-action=save-entry]").click()
    expect(form.locator("[data-field=result] .fault")).to_be_visible()
    choose(desk, "result", "发现隐患")
    form.locator("[data-action=save-entry]").click()
    expect(form.locator("[data-field=hazard] .fault")).to_be_visible()
    screenshot("inspection-phone-faults")
    choose(desk, "hazard", "消防隐患")
    form.locator("[data-input=findings] textarea").fill("楼道堆放电动车，当场要求清理")
    form.locator("[data-photos]").scroll_into_view_if_needed()
    form.locator("[data-photos] input[type=file]").set_input_files(
        [phone_photo(tmp_path / f"{shade}.jpg", shade) for shade in (30, 90)]
    )
    expect(form.locator("[data-photos] img")).to_have_count(2)
    form.locator("[data-photos] img").first.scroll_into_view_if_needed()
    screenshot("inspection-phone-photos")
    form.locator("[data-action=save-entry]").click()
    expect(rental.locator("[data-saved]")).to_contain_text("天后到期")
    visit = rental.locator("[data-visit]").first
    expect(visit).to_contain_text("消防隐患")
    shown = visit.locator("[data-photo-strip] img")
    expect(shown).to_have_count(2)
    shown.first.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => [...document.querySelectorAll('[data-photo-strip] img')]"
        ".every((image) => image.naturalWidth > 0)"
    )
    screenshot("inspection-phone-recorded")
    desk.open()
    page.click("[data-tool=inspection]")
    expect(panel.get_by_role("radio", name=f"超期 {count - 1}")).to_be_visible()
    expect(panel.locator(f'[data-due-rental="{overdue["id"]}"]')).to_have_count(0)
