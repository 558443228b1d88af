"""The feature panel: reading, editing, faults, conflicts, history, deleting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.features.conftest import Desk


def open_compound(desk: Desk) -> dict[str, Any]:
    """Sign in as the supervisor with a compound of the community opened; the compound."""
    desk.sign_in("supervisor")
    compound: dict[str, Any] = desk.get("/api/layers/compounds/features?limit=1")["features"][0]
    desk.page.goto(f"{desk.address}/?selected=compounds.{compound['id']}")
    expect(desk.panel("feature").locator("[data-title]")).to_have_text(
        compound["properties"]["name"]
    )
    return compound


def change_behind_the_back(desk: Desk, compound: dict[str, Any], name: str) -> None:
    """Save another name for the compound as somebody else would."""
    now = desk.get(f"/api/layers/compounds/features/{compound['id']}")["properties"]
    answer = desk.page.request.patch(
        f"{desk.address}/api/layers/compounds/features/{compound['id']}",
        headers={"X-CSRF-Token": desk.get("/api/me")["csrf"]},
        data={"properties": {"name": name}, "row_version": now["row_version"]},
    )
    assert answer.ok, answer.text()


def test_an_edit_is_saved_and_told_in_the_history(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    open_compound(desk)
    page.click("[data-action=edit]")
    screenshot("edit")
    page.fill("[data-input=management_company] input", "澄湖物业服务有限公司")
    page.click("[data-action=save]")
    expect(desk.panel("feature")).to_contain_text("澄湖物业服务有限公司")
    page.get_by_role("radio", name="历史").click()
    history = page.locator("[data-history]")
    expect(history).to_contain_text("supervisor")
    expect(history.locator("ins").first).to_have_text("澄湖物业服务有限公司")
    screenshot("history")


def test_all_faults_are_shown_at_once(desk: Desk) -> None:
    page = desk.page
    open_compound(desk)
    page.click("[data-action=edit]")
    page.fill("[data-input=name] input", "")
    page.fill("[data-input=built_year] input", "1066")
    page.keyboard.press("Tab")
    page.click("[data-action=save]")
    expect(page.locator("[data-field=name] .fault")).to_have_text("必填")
    expect(page.locator("[data-field=built_year] .fault")).to_have_text("应在 1800 至 2100 之间")


def test_a_conflict_shows_both_and_loses_nothing(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    compound = open_compound(desk)
    page.click("[data-action=edit]")
    page.fill("[data-input=name] input", "我改的名字")
    change_behind_the_back(desk, compound, "别人改的名字")
    page.click("[data-action=save]")
    conflict = page.locator("[data-conflict]")
    expect(conflict).to_contain_text("我改的名字")
    expect(conflict).to_contain_text("别人改的名字")
    screenshot("conflict")
    page.click("[data-action=keep-mine]")
    expect(desk.panel("feature").locator("[data-title]")).to_have_text("我改的名字")


def test_who_may_not_write_has_no_edit_button(desk: Desk) -> None:
    desk.sign_in("commander")
    compound = desk.get("/api/layers/compounds/features?limit=1")["features"][0]["id"]
    desk.page.goto(f"{desk.address}/?selected=compounds.{compound}")
    expect(desk.panel("feature").locator("[data-title]")).to_be_visible()
    expect(desk.page.locator("[data-action=edit]")).to_have_count(0)


def test_deleting_asks_first(desk: Desk) -> None:
    page = desk.page
    desk.sign_in("supervisor")
    site = desk.get("/api/layers/key_sites/features?limit=1")["features"][0]["id"]
    page.goto(f"{desk.address}/?selected=key_sites.{site}")
    page.click("[data-action=delete]")
    page.click("[data-action=confirm-delete]")
    expect(desk.panel("feature")).to_have_count(0)
    answer = page.request.get(f"{desk.address}/api/layers/key_sites/features/{site}")
    assert answer.status == 404
