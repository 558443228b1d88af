"""The feature panel: reading, editing, faults, conflicts, history, deleting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.features.conftest import Desk


def open_compound(desk: Desk) -> dict[str, Any]:
    """Open a compound of the community; the compound."""
    compound: dict[str, Any] = desk.get("/api/layers/compounds/features?limit=1")["features"][0]
    desk.open(f"?selected=compounds.{compound['id']}")
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


def test_an_edit_tells_faults_is_saved_conflicts_and_loses_nothing(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    desk.enter("supervisor")
    compound = open_compound(desk)
    page.click("[data-action=edit]")
    screenshot("edit")
    page.fill("[data-input=name] input", "")
    page.fill("[data-input=built_year] input", "1066")
    page.keyboard.press("Tab")
    page.click("[data-action=save]")
    expect(page.locator("[data-field=name] .fault")).to_have_text("必填")
    expect(page.locator("[data-field=built_year] .fault")).to_have_text("应在 1800 至 2100 之间")

    page.fill("[data-input=name] input", compound["properties"]["name"])
    page.fill("[data-input=built_year] input", "1999")
    page.fill("[data-input=management_company] input", "澄湖物业服务有限公司")
    page.click("[data-action=save]")
    expect(desk.panel("feature")).to_contain_text("澄湖物业服务有限公司")
    page.get_by_role("radio", name="历史").click()
    history = page.locator("[data-history]")
    expect(history).to_contain_text("supervisor")
    expect(history.locator("ins", has_text="澄湖物业服务有限公司")).to_be_visible()
    screenshot("history")

    page.get_by_role("radio", name="信息").click()
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


def test_deleting_asks_first_and_needs_the_right(desk: Desk) -> None:
    page = desk.page
    desk.enter("commander")
    site = desk.get("/api/layers/key_sites/features?limit=1")["features"][0]["id"]
    desk.open(f"?selected=key_sites.{site}")
    expect(desk.panel("feature").locator("[data-title]")).to_be_visible()
    for action in ("edit", "delete"):
        expect(page.locator(f"[data-action={action}]")).to_have_count(0)

    desk.enter("supervisor")
    site = desk.get("/api/layers/key_sites/features?limit=1")["features"][0]["id"]
    desk.open(f"?selected=key_sites.{site}")
    page.click("[data-action=delete]")
    page.click("[data-action=confirm-delete]")
    expect(desk.panel("feature")).to_have_count(0)
    answer = page.request.get(f"{desk.address}/api/layers/key_sites/features/{site}")
    assert answer.status == 404
