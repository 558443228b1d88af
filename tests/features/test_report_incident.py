"""Registering an incident by clicking the map."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

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


def test_without_the_right_there_is_no_button(desk: Desk) -> None:
    desk.sign_in("auditor")
    expect(desk.page.locator("[data-tool=incident]")).to_have_count(0)
