"""The auditor's story: a look made just before is seen, a warning explained, the chain checked."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.features.conftest import Desk
from tests.features.test_looks import OVERFLOWING

SIZES = {"desk": (1366, 768), "wall": (1920, 1080), "phone": (390, 844)}
QUOTA_WARNING = 32
REASON = "上门走访独居老人"


def reveal(desk: Desk, times: int) -> int:
    """As the supervisor, reveal a person's phone so many times; the person."""
    desk.enter("supervisor")
    headers = {"X-CSRF-Token": desk.get("/api/me")["csrf"]}
    people = desk.get("/api/layers/persons/features?limit=20")["features"]
    person = next(each["id"] for each in people if each["properties"]["phone"])
    body: dict[str, Any] = {"layer": "persons", "id": person, "field": "phone", "reason": REASON}
    for _ in range(times):
        answer = desk.page.request.post(f"{desk.address}/api/reveal", data=body, headers=headers)
        assert answer.ok, answer.text()
    return int(person)


def warned(desk: Desk) -> int:
    """As `reveal`, until four fifths of an hour's quota are spent; then be the auditor."""
    login = desk.accounts["supervisor"]["login"]
    desk.enter("auditor")
    spent = desk.get(f"/api/privacy/looks/figures?login={login}&kind=reveal")["total"]["reveal"]
    person = reveal(desk, max(1, QUOTA_WARNING - spent))
    desk.enter("auditor")
    return person


def test_an_auditor_follows_a_look(desk: Desk, screenshot: Callable[[str], Path]) -> None:
    page, panel = desk.page, desk.panel("audit")
    person = warned(desk)
    seen = desk.get(f"/api/privacy/looks/figures?subject={person}")["total"]
    page.set_viewport_size({"width": 1366, "height": 768})
    desk.sign_in("auditor")
    page.click("[data-tool=audit]")
    login = desk.accounts["supervisor"]["login"]
    first = panel.locator("[data-look][data-kind=reveal]").first
    expect(first).to_contain_text(login)
    expect(first).to_contain_text(f"人员 {person}")
    expect(first).to_contain_text(REASON)
    expect(first).to_contain_text("联系电话")
    expect(first).to_contain_text("网格长")
    screenshot("audit-looks-desk")

    first.locator("[data-action=open-subject]").click()
    expect(panel.locator("[data-total]")).to_contain_text(f"共 {seen['all']} 条")
    expect(panel.locator("[data-kind=reveal][data-count]")).to_have_attribute(
        "data-count", str(seen["reveal"])
    )
    panel.locator("[data-action=clear-looks]").click()
    panel.locator("[data-action=filter-looks]").click()
    panel.locator("[name=look-login]").fill("nobody")
    panel.locator("[name=look-login]").press("Tab")
    expect(panel).to_contain_text("没有查阅记录")
    screenshot("audit-none-desk")
    panel.locator("[data-action=clear-looks]").click()
    panel.locator("[name=look-kind]").select_option("warning")
    expect(panel.locator("[data-look]")).to_have_count(1)
    expect(panel.locator("[data-look]")).to_contain_text("配额将满")


def test_an_auditor_explains_a_warning(desk: Desk, screenshot: Callable[[str], Path]) -> None:
    page, panel = desk.page, desk.panel("audit")
    warned(desk)
    page.set_viewport_size({"width": 1366, "height": 768})
    desk.sign_in("auditor")
    page.click("[data-tool=audit]")
    login = desk.accounts["supervisor"]["login"]
    panel.get_by_role("radio", name="预警").click()
    warning = panel.locator("[data-warning][data-pattern=quota_warning]")
    expect(warning).to_contain_text("每小时配额 40 次")
    screenshot("audit-warning-desk")
    warning.locator("[data-mark=explained]").click()
    expect(warning.locator("[data-action=save-mark]")).to_be_disabled()
    warning.locator("[name=warning-remark]").fill("节前集中走访，已核对走访记录")
    screenshot("audit-mark-desk")
    warning.locator("[data-action=save-mark]").click()
    expect(panel.locator("[data-warning][data-pattern=quota_warning]")).to_have_count(0)
    panel.get_by_role("radio", name=re.compile("已说明 1")).click()
    expect(warning.locator("[data-remark]")).to_contain_text("节前集中走访")
    page.set_viewport_size({"width": 1920, "height": 1080})
    screenshot("audit-explained-wall")
    warning.locator("[data-action=show-looks]").click()
    panel.locator("[data-action=filter-looks]").click()
    expect(panel.locator("[name=look-login]")).to_have_value(login)


def test_an_auditor_checks_the_chain_and_sees_what_is_due(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page, panel = desk.page, desk.panel("audit")
    page.set_viewport_size({"width": 1920, "height": 1080})
    person = reveal(desk, 1)
    desk.sign_in("auditor")
    page.click("[data-tool=audit]")
    panel.get_by_role("radio", name="校验").click()
    panel.locator("[data-action=check-chain]").click()
    expect(panel.locator("[data-chain=whole]")).to_contain_text("完整")
    screenshot("audit-chain-wall")
    panel.get_by_role("radio", name="到期").click()
    expect(panel.locator("[data-rule=persons_gone]")).to_contain_text("36 个月去标识")
    screenshot("audit-retention-wall")

    # Looks, no data: neither by address nor by the search box, nor is there a panel of persons.
    assert page.request.get(f"{desk.address}/api/persons/{person}/houses").status == 403
    desk.open(f"?person={person}")
    expect(page.locator("[data-tool=audit]")).to_be_visible()
    expect(desk.panel("person")).to_have_count(0)


@pytest.mark.parametrize("size", SIZES)
def test_the_audit_panel_fits(desk: Desk, screenshot: Callable[[str], Path], size: str) -> None:
    page, panel = desk.page, desk.panel("audit")
    reveal(desk, 1)
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    desk.sign_in("auditor")
    page.click("[data-tool=audit]")
    expect(panel.locator("[data-look]").first).to_be_visible()
    assert page.evaluate(OVERFLOWING) == []
    screenshot(f"audit-looks-{size}")
    for tab in ("预警", "到期", "校验"):
        panel.get_by_role("radio", name=tab).click()
        expect(panel.locator(".loading, [role=progressbar]")).to_have_count(0)
        assert page.evaluate(OVERFLOWING) == [], tab
        screenshot(f"audit-{tab}-{size}")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_looks_are_saved_as_a_file(desk: Desk) -> None:
    page, panel = desk.page, desk.panel("audit")
    person = reveal(desk, 1)
    desk.sign_in("auditor")
    page.click("[data-tool=audit]")
    panel.locator("[data-action=take-out-looks]").click()
    panel.locator("[name=look-export-reason]").fill("季度审计归档")
    with page.expect_download() as download:
        panel.locator("[data-action=send-reason-form]").click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    head, *rows = book.active.iter_rows(values_only=True)
    assert person in [row[head.index("人员编号")] for row in rows]
    expect(panel.locator("[data-done]")).to_be_visible()


def test_a_copy_is_made_for_a_person(desk: Desk, screenshot: Callable[[str], Path]) -> None:
    page, panel = desk.page, desk.panel("person")
    page.set_viewport_size({"width": 1366, "height": 768})
    person = reveal(desk, 1)
    desk.open(f"?person={person}")
    panel.locator("[data-action=copy]").click()
    form = panel.locator("[data-reason-form=copy]")
    expect(form.locator("[data-action=send-reason-form]")).to_be_disabled()
    form.locator("[name=copy-reason]").fill("本人到场申请查阅")
    screenshot("person-copy")
    with page.expect_download() as download:
        form.locator("[data-action=send-reason-form]").click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    assert book.sheetnames[0] == "基本信息"
    expect(form.locator("[data-done]")).to_be_visible()
