"""Grids without somebody in charge are found on the map, and staff are assigned to them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.features.conftest import Desk


def open_plan_panel(desk: Desk) -> None:
    desk.page.get_by_role("button", name="网格调整").first.click()
    desk.panel("plan").wait_for()


def begin(desk: Desk) -> dict[str, Any]:
    """A new draft for the supervisor's community, on the screen and as the server tells it."""
    open_plan_panel(desk)
    desk.page.click("[data-action=new-plan]")
    expect(desk.page.locator("select[name=community]")).not_to_have_value("")
    desk.page.click("[data-action=begin-plan]")
    at_rest(desk, 0)
    return plan_of(desk)


def plan_of(desk: Desk) -> dict[str, Any]:
    number = desk.page.locator(".desk").get_attribute("data-plan")
    found: dict[str, Any] = desk.get(f"/api/plans/{number}")
    return found


def at_rest(desk: Desk, position: int) -> None:
    """The draft shows so many operations, and the map has come to rest over it."""
    here = desk.page.locator(f'.desk[data-position="{position}"][data-busy="false"]')
    expect(here).to_be_visible()
    desk.page.wait_for_function("!window.wanggeMap.isMoving() && window.wanggeMap.getZoom() > 14")


def approve(desk: Desk, plan: dict[str, Any], screenshot: Callable[[str], Path]) -> None:
    """Somebody else compares before and after and puts the plan in force."""
    page = desk.page
    page.context.clear_cookies()
    desk.sign_in("commander", f"?plan={plan['id']}")
    expect(page.locator("[data-step=approve]")).to_be_enabled()
    at_rest(desk, 2)
    page.get_by_role("radio", name="调整前").click()
    expect(page.locator("tr[data-piece]")).to_have_count(len(plan["base"]))
    screenshot("plan-before")
    page.get_by_role("radio", name="调整后").click()
    page.click("[data-step=approve]")
    expect(page.locator("[data-state=in_force]")).to_be_visible()


def test_a_vacancy_is_found_on_the_map_and_filled(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    desk.sign_in("admin")
    vacancies = desk.get("/api/assignments/vacancies")["items"]
    assert vacancies, "the demo city has vacancies"
    page.get_by_role("button", name="网格空岗").first.click()
    rows = page.locator("[data-vacancy]")
    expect(rows).to_have_count(len(vacancies))
    vacancy = next(each for each in vacancies if "worker" in each["roles"])
    page.click(f'[data-vacancy="{vacancy["code"]}"]')
    desk.wait_for_selection("grids", vacancy["grid_id"])
    page.click("[data-tab=charge]")
    panel = desk.panel("charge")
    expect(panel.locator("[data-action=assign]")).to_be_disabled()
    screenshot("vacancy")
    someone = next(
        each
        for each in desk.get("/api/layers/staff/features?post=worker&limit=50")["features"]
        if each["properties"]["area_code"][:12] == vacancy["code"][:12]
    )
    name = someone["properties"]["name"]
    panel.locator(".el-select").click()
    page.keyboard.type(name)
    page.locator(".el-select-dropdown__item", has_text=name).first.click()
    panel.locator("[data-action=assign]").click()
    expect(panel.locator("[data-role=worker]")).to_contain_text(name)
    expect(rows).to_have_count(len(vacancies) - 1)
    screenshot("vacancy-filled")
    page.set_viewport_size({"width": 390, "height": 844})
    open_plan_panel(desk)
    screenshot("plan-phone")
