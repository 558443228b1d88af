"""Registering: a worker on a phone, the supervisor who decides, moving, leaving and merging."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect

from layers.core.identifiers import id_check_digit
from tests.features.conftest import Desk

PHONE = {"width": 390, "height": 844}
SCREEN = {"width": 1366, "height": 768}
WIDE = {"width": 1920, "height": 1080}


def number(serial: int) -> str:
    """An ID number that is right: born on 3 February 1990."""
    body = f"99010119900203{serial:03d}"
    return body + id_check_digit(body)


def vacant_rooms(desk: Desk, count: int) -> list[dict[str, Any]]:
    """Rooms in which nobody lives, with their building."""
    found = desk.get("/api/layers/dwellings/features?state=vacant&limit=50")["features"]
    rooms = [
        {"id": each["id"], "building": each["properties"]["building_id"]}
        for each in found
        if not desk.get(f"/api/dwellings/{each['id']}/residents")["households"]
    ]
    assert len(rooms) >= count
    return rooms[:count]


def choose(desk: Desk, field: str, option: str) -> None:
    """Choose an option of a field of codes."""
    desk.page.locator(f"[data-input={field}] .el-select__wrapper").click()
    options = desk.page.locator(".el-popper:visible")
    options.get_by_text(option, exact=True).first.click()


def open_room(desk: Desk, room: dict[str, Any]) -> None:
    """Show who lives in a room."""
    desk.open(f"?selected=buildings.{room['building']}&tab=house")
    desk.page.click(f'[data-room="{room["id"]}"]')


def open_form(desk: Desk, room: dict[str, Any]) -> Locator:
    """The form of registering in a room."""
    open_room(desk, room)
    desk.page.click("[data-action=open-registration]")
    form = desk.page.locator("[data-registration]")
    expect(form).to_be_visible()
    return form


def members(desk: Desk, room: dict[str, Any]) -> Locator:
    return desk.page.locator(f'section[data-dwelling="{room["id"]}"] article[data-person]')


def test_a_worker_registers_on_a_phone_and_the_supervisor_checks_the_number_and_accepts(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    desk.enter("worker")
    (room,) = vacant_rooms(desk, 1)
    form = open_form(desk, room)
    form.locator("[data-action=register]").click()
    expect(form.locator("[data-field=name] .fault")).to_be_visible()
    expect(form.locator("[data-field=register] .fault")).to_be_visible()
    page.fill("[data-input=name] input", "测试新来")
    right = number(101)
    page.fill("[data-input=id_number] input", right[:17] + ("0" if right[17] != "0" else "1"))
    page.fill("[data-input=phone] input", "12")
    expect(form.locator("[data-input=nationality]")).to_have_count(0)
    choose(desk, "register", "流动人口")
    expect(form.locator("[data-input=inflow_reason]")).to_be_visible()
    form.locator("[data-action=register]").click()
    expect(form.locator("[data-field=id_number] .fault")).to_contain_text("校验码不正确")
    expect(form.locator("[data-field=phone] .fault")).to_be_visible()
    screenshot("registration-phone-faults")
    page.fill("[data-input=id_number] input", right)
    expect(page.locator("[data-input=birth_date] input")).to_have_value("1990-02-03")
    page.fill("[data-input=phone] input", "13911112222")
    page.fill("[name=why]", "新租户，上门登记")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    form.locator("[data-action=register]").scroll_into_view_if_needed()
    screenshot("registration-phone")
    expect(form.locator("[data-action=register]")).to_have_text("提交审核")
    form.locator("[data-action=register]").click()
    note = page.locator("[data-handed-in]")
    expect(note).to_be_visible()
    screenshot("registration-phone-handed-in")

    page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    desk.sign_in("supervisor")
    page.click("[data-tool=review]")
    panel = desk.panel("review")
    panel.locator("[data-proposal] button").first.click()
    expect(panel.locator("[data-also=create]")).to_contain_text("同时登记居住")
    sealed = panel.locator("[data-sealed=id_number]")
    expect(sealed).to_contain_text(right[:6] + "*" * 8 + right[-4:])
    sealed.locator("[data-action=reveal]").click()
    page.click("[data-reason=check]")
    page.click("[data-action=send-reason]")
    expect(sealed.locator("[data-revealed]")).to_have_text(right)
    screenshot("registration-review")
    panel.locator("[data-action=accept]").click()
    expect(panel.locator("[data-proposal-open]")).to_have_attribute("data-state", "accepted")
    open_room(desk, room)
    expect(members(desk, room)).to_have_count(1)
    expect(members(desk, room)).to_contain_text("流动人口")


def register_anew(desk: Desk, room: dict[str, Any], name: str, id_number: str | None) -> None:
    """Register somebody by the form in a room."""
    form = open_form(desk, room)
    page = desk.page
    page.fill("[data-input=name] input", name)
    if id_number is not None:
        page.fill("[data-input=id_number] input", id_number)
    else:
        page.fill("[data-input=phone] input", "13900003333")
    choose(desk, "register", "户籍人口")
    form.locator("[data-action=register]").click()


def test_somebody_known_moves_leaves_and_a_double_entry_is_merged(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    desk.enter("supervisor")
    first, second, third = vacant_rooms(desk, 3)
    register_anew(desk, first, "测试迁居", number(202))
    expect(members(desk, first)).to_have_count(1)
    person = int(members(desk, first).get_attribute("data-person") or 0)

    form = open_form(desk, second)
    page.fill("[data-input=id_number] input", number(202))
    alike = form.locator("[data-duplicates]")
    expect(alike.locator(f'[data-alike="{person}"]')).to_contain_text("证件号码相同")
    expect(form.locator("[data-action=register]")).to_be_disabled()
    screenshot("registration-alike")
    alike.locator("[data-action=choose-alike]").click()
    expect(form.locator(f'[data-chosen="{person}"]')).to_be_visible()
    screenshot("registration-move")
    form.locator("[data-action=register]").click()
    expect(members(desk, second)).to_have_count(1)

    register_anew(desk, third, "测试迁居", None)
    expect(members(desk, third)).to_have_count(1)
    twice = int(members(desk, third).get_attribute("data-person") or 0)
    assert twice != person

    open_room(desk, second)
    members(desk, second).locator("[data-action=open-person]").click()
    panel = desk.panel("person")
    panel.locator("[data-action=merge]").click()
    panel.locator("[name=merge-search]").fill("测试迁居")
    panel.locator("[data-merge] form [type=submit]").click()
    panel.locator(f'[data-alike="{twice}"] [data-action=choose-alike]').click()
    screenshot("merge-confirm")
    expect(panel.locator("[data-action=confirm-merge]")).to_be_disabled()
    panel.locator("[name=merge-reason]").fill("同一人，重复登记")
    panel.locator("[data-action=confirm-merge]").click()
    merged = panel.locator(f'[data-merged-person="{twice}"]')
    expect(merged).to_be_visible()
    merged.locator("[data-action=merged-history]").click()
    expect(merged).to_contain_text("同一人，重复登记")
    screenshot("merge-done")
    homes = desk.get(f"/api/persons/{person}/houses")["homes"]
    assert {home["dwelling_id"] for home in homes} == {first["id"], second["id"], third["id"]}

    open_room(desk, second)
    members(desk, second).locator("[data-action=leave]").click()
    leave = page.locator("[data-leave]")
    leave.locator("[name=leaving-reason]").select_option("moved_away")
    screenshot("registration-leave")
    leave.locator("[data-action=confirm-leave]").click()
    expect(members(desk, second)).to_have_count(0)
    expect(page.locator(f'section[data-dwelling="{second["id"]}"]')).to_contain_text(
        re.compile("没有登记的住户")
    )
