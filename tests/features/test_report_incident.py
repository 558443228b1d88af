"""Registering an incident by clicking the map."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.builders.pictures import phone_photo
from tests.features.conftest import Desk

DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}


def centre_query(desk: Desk) -> str:
    """The query of the address bar that shows a building of the reader's area close up."""
    west, south, east, north = desk.get("/api/summary")["extent"]
    return f"?view={(west + east) / 2:.6f},{(south + north) / 2:.6f},16"


def begin_report(desk: Desk) -> None:
    """Press the button; the map then waits for a click."""
    desk.page.click("[data-tool=incident]")
    expect(desk.panel("incident")).to_contain_text("请在地图上点选事发地点")


@pytest.mark.parametrize(
    ("name", "size", "click"), [("desk", DESK, (760, 380)), ("phone", PHONE, (150, 230))]
)
def test_four_actions_register_an_incident(
    desk: Desk,
    screenshot: Callable[[str], Path],
    name: str,
    size: dict[str, int],
    click: tuple[int, int],
) -> None:
    page = desk.page
    page.set_viewport_size(size)  # type: ignore[arg-type]
    desk.enter("supervisor")
    desk.open(centre_query(desk))
    begin_report(desk)
    page.keyboard.press("Escape")
    panel = desk.panel("incident")
    expect(panel).to_have_count(0)

    begin_report(desk)
    page.mouse.click(*click)
    expect(panel.locator("[data-location=grid]")).to_contain_text("网格")
    expect(panel.locator("[data-location=area]")).to_contain_text("社区")
    expect(panel.locator("[data-input=place] input")).not_to_have_value("")
    page.click("[data-action=send-report]")
    expect(page.locator("[data-field=category] .fault")).to_have_text("必填")
    panel.locator("[data-input=category]").click()
    panel.locator("[data-input=category] input").fill("暴露生活垃圾")
    page.locator(".el-tree-node__content", has_text="暴露生活垃圾").click()
    screenshot(f"report-{name}")
    page.click("[data-action=send-report]")

    expect(panel).to_have_count(0)
    expect(desk.panel("case")).to_contain_text("暴露生活垃圾")
    page.wait_for_url("**selected=incidents.**")
    screenshot(f"reported-{name}")


def choose_category(desk: Desk, name: str) -> None:
    """Pick a category of the tree by typing a part of its name."""
    box = desk.panel("incident").locator("[data-input=category]")
    box.click()
    box.locator("input").fill(name)
    desk.page.locator(".el-tree-node__content", has_text=name).first.click()


def test_a_report_with_condition_photo_and_reporter_and_another_that_joins_it(
    desk: Desk, screenshot: Callable[[str], Path], tmp_path: Path
) -> None:
    page = desk.page
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    desk.enter("supervisor")
    desk.open(centre_query(desk))
    panel = desk.panel("incident")

    begin_report(desk)
    page.mouse.click(700, 330)
    choose_category(desk, "私搭乱建")
    condition = panel.locator("[data-condition]").first
    condition.click()
    expect(condition).to_contain_text("前办结")
    panel.locator("[data-photos] input").set_input_files(phone_photo(tmp_path / "photo.jpg"))
    expect(panel.locator("[data-photos] img")).to_have_count(1)
    panel.locator("[data-reporter] [data-input=name] input").fill("王秀兰")
    panel.locator("[data-reporter] [data-input=phone] input").fill("123")
    screenshot("report-full")
    page.click("[data-action=send-report]")
    expect(panel.locator("[data-reporter] .fault")).to_be_visible()
    panel.locator("[data-reporter] [data-input=phone] input").fill("13800001234")
    page.click("[data-action=send-report]")
    expect(panel).to_have_count(0)
    reports = desk.panel("case").locator("[data-case-reports]")
    expect(reports).to_contain_text("王**")
    expect(reports).to_contain_text("138****1234")
    expect(reports.locator("img")).to_have_js_property("complete", True)
    assert reports.locator("img").evaluate("image => image.naturalWidth") > 0
    reports.scroll_into_view_if_needed()
    screenshot("case-reports")
    page.wait_for_url("**selected=incidents.**")
    first = int(page.url.split("selected=incidents.")[1].split("&")[0])

    begin_report(desk)
    page.mouse.click(704, 332)
    choose_category(desk, "私搭乱建")
    similar = panel.locator(f"[data-similar='{first}']")
    expect(similar).to_contain_text("1 人上报")
    panel.locator("[data-reporter] [data-input=name] input").fill("李建国")
    screenshot("report-similar")
    similar.locator("[data-action=join]").click()
    expect(panel).to_have_count(0)
    desk.wait_for_selection("incidents", first)
    expect(reports).to_contain_text("李**")
    told = desk.get(f"/api/incidents/{first}/reports")
    assert [each["name"] for each in told["reporters"]] == ["王**", "李**"]
    assert len(told["photos"]) == 1


def test_the_place_is_where_one_stands_or_it_is_said_why_not(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    desk.enter("supervisor")
    desk.open(centre_query(desk))
    west, south, east, north = desk.get("/api/summary")["extent"]
    panel = desk.panel("incident")

    begin_report(desk)
    panel.locator("[data-action=here]").click()
    expect(panel.locator("[data-position-failure]")).to_contain_text("位置信息")
    screenshot("report-no-position")
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": (west + east) / 2, "latitude": (south + north) / 2})
    panel.locator("[data-action=here]").click()
    expect(panel.locator("[data-location=area]")).to_contain_text("社区")
    screenshot("report-position")

    page.context.set_geolocation({"longitude": 10.0, "latitude": 50.0})
    page.reload()
    begin_report(desk)
    panel.locator("[data-action=here]").click()
    expect(panel.locator(".foot .failure")).to_contain_text("不在您的辖区内")
    expect(panel.locator("[data-action=send-report]")).to_be_disabled()


def test_without_the_right_there_is_no_button(desk: Desk) -> None:
    desk.sign_in("auditor")
    expect(desk.page.locator("[data-tool=incident]")).to_have_count(0)
