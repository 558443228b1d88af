"""Care: what is due on list and map, a visit, a review, a service, and who sees nothing of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect

from layers.core.calendar import CHINA
from tests.features.conftest import Desk

PHONE = {"width": 390, "height": 844}
SCREEN = {"width": 1366, "height": 768}
WIDE = {"width": 1920, "height": 1080}
TODAY = datetime.now(CHINA).date()


def choose(desk: Desk, form: Locator, field: str, option: str) -> None:
    """Choose an option of a field of codes, a tree or a list."""
    form.locator(f"[data-input={field}] .el-select__wrapper").click()
    desk.page.locator(".el-popper:visible").get_by_text(option, exact=True).first.click()


def fill_day(form: Locator, field: str, days: int) -> None:
    """Type a day so many days from today into a field."""
    box = form.locator(f"[data-input={field}] input")
    box.fill((TODAY + timedelta(days=days)).isoformat())
    box.press("Enter")


def wait_for_marks(desk: Desk) -> None:
    """Return once homes of the list are drawn on the map."""
    desk.page.wait_for_function(
        "() => wanggeMap.getLayer('buildings:due-points') && wanggeMap.queryRenderedFeatures("
        "{ layers: ['buildings:due-points', 'buildings:due-cells'] }).length > 0"
    )


def with_home(desk: Desk, name: str, area: str = "") -> dict[str, Any]:
    """The first row of a list whose person has a home, in the area if one is given."""
    within = f"&area={area}" if area else ""
    rows = desk.get(f"/api/care/due/{name}?limit=200{within}")["items"]
    return next(row for row in rows if row["building_id"] is not None)


def test_lists_agree_with_figures_and_a_visit_takes_the_row_off(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page, panel = desk.page, desk.panel("care")
    page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    desk.sign_in("supervisor")
    page.click("[data-tool=care]")
    figures = desk.get("/api/care/due")
    total = figures["total"]
    assert total["visit_overdue"] > 0
    expect(panel.locator("[data-care-row]").first).to_contain_text("超期")
    shown = panel.locator("[data-shown]")
    expect(shown).to_contain_text(f"/ {total['visit_overdue']}")
    wait_for_marks(desk)
    screenshot("care-visits")
    group = next(each for each in figures["groups"] if each["visit_overdue"] > 0)
    panel.locator(f"[data-part={group['key']}]").click()
    expect(shown).to_contain_text(f"/ {group['visit_overdue']}")
    panel.locator('[data-part=""]').click()

    due = with_home(desk, "visit_overdue")
    row = panel.locator(f'[data-care-row="{due["id"]}"]')
    row.click()
    record = desk.panel("person").locator(f'[data-care-record="{due["id"]}"]')
    expect(record.locator("[data-action=visit]")).to_be_visible()
    desk.wait_for_selection("buildings", due["building_id"])
    screenshot("care-record")
    record.locator("[data-action=visit]").click()
    form = record.locator("[data-entry-form=visits]")
    fill_day(form, "visited_on", 1)
    form.locator("[data-action=save-entry]").click()
    expect(form.locator("[data-field=visited_on] .fault")).to_have_text("走访日期在将来")
    screenshot("care-visit-refused")
    fill_day(form, "visited_on", 0)
    choose(desk, form, "kind", "健康照护")
    form.locator("[data-input=found] textarea").fill("血压正常，陪同聊天")
    form.locator("[data-input=next_step] :is(input, textarea)").fill("下周送药")
    form.locator("[data-action=save-entry]").click()
    expect(record.locator("[data-saved]")).to_have_text("走访已登记")
    first = record.locator("[data-care-visit]").first
    expect(first).to_contain_text("健康照护")
    expect(first).not_to_contain_text("血压")
    expect(row).to_have_count(0)
    expect(shown).to_contain_text(f"/ {total['visit_overdue'] - 1}")
    screenshot("care-visit-recorded")


def test_a_review_is_renewed_and_a_record_made_and_ended(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page, panel = desk.page, desk.panel("care")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    desk.sign_in("supervisor")
    page.click("[data-tool=care]")
    panel.get_by_role("radio", name="复核").click()
    due = with_home(desk, "review_overdue")
    row = panel.locator(f'[data-care-row="{due["id"]}"]')
    expect(row).to_contain_text("超期")
    wait_for_marks(desk)
    screenshot("care-reviews")
    row.click()
    person = desk.panel("person")
    record = person.locator(f'[data-care-record="{due["id"]}"]')
    record.locator("[data-action=review]").click()
    form = record.locator("[data-entry-form=review]")
    fill_day(form, "review_date", 0)
    form.locator("[data-action=save-entry]").click()
    expect(form.locator("[data-field=reason] .fault")).to_be_visible()
    form.locator("[data-input=reason] :is(input, textarea)").fill("仍需定期走访")
    form.locator("[data-action=save-entry]").click()
    expect(form.locator("[data-field=review_date] .fault")).to_have_text("须晚于今天")
    fill_day(form, "review_date", 180)
    form.locator("[data-action=save-entry]").click()
    expect(record.locator("[data-saved]")).to_have_text("复核已续期")
    expect(row).to_have_count(0)

    before = person.locator("[data-care-record]").count()
    person.locator("[data-action=add-record]").click()
    form = person.locator("[data-entry-form=record]")
    form.locator("[data-action=save-entry]").click()
    for field in ("care_group", "lawful_basis", "purpose", "responsible", "review_date"):
        expect(form.locator(f"[data-field={field}] .fault")).to_be_visible()
    screenshot("care-enrol-faults")
    choose(desk, form, "care_group", "残疾人员")
    for field, words in (
        ("lawful_basis", "残疾人保障法"),
        ("purpose", "助残走访"),
        ("responsible", "社区助残员"),
    ):
        form.locator(f"[data-input={field}] :is(input, textarea)").fill(words)
    fill_day(form, "review_date", 90)
    form.locator("[data-action=save-entry]").click()
    expect(person.locator("[data-care-record]")).to_have_count(before + 1)
    made = person.locator("[data-care-record]", has_text="助残走访")
    made.locator("[data-action=end]").click()
    made.locator("[data-input=reason] :is(input, textarea)").fill("登记有误")
    made.locator("[data-action=save-entry]").click()
    expect(made).to_contain_text("已结束")
    expect(made.locator("[data-action=visit]")).to_have_count(0)
    made.scroll_into_view_if_needed()
    screenshot("care-ended")


def test_what_another_changed_meanwhile_is_not_overwritten(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page, person = desk.page, desk.panel("person")
    page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    desk.enter("supervisor")
    due = with_home(desk, "visit_overdue")
    desk.open(f"?person={due['person_id']}")
    record = person.locator(f'[data-care-record="{due["id"]}"]')
    record.locator("[data-action=review]").click()
    form = record.locator("[data-entry-form=review]")
    fill_day(form, "review_date", 120)
    form.locator("[data-input=reason] :is(input, textarea)").fill("到期复核")

    path = f"{desk.address}/api/layers/care_records/features/{due['id']}"
    read = page.request.get(path).json()["properties"]
    changed = page.request.patch(
        path,
        data={
            "type": "Feature",
            "properties": {"purpose": "他人改过的目的", "row_version": read["row_version"]},
        },
        headers={"X-CSRF-Token": desk.get("/api/me")["csrf"]},
    )
    assert changed.ok, changed.text()
    # The card shows the other's change, the form still rests on what was read before it.
    expect(record).to_contain_text("他人改过的目的")
    form.locator("[data-action=save-entry]").click()
    expect(form.locator("[role=alert]")).to_contain_text("已被他人修改")
    screenshot("care-stale")
    assert page.request.get(path).json()["properties"]["review_date"] == read["review_date"]
    form.get_by_role("button", name="取消").click()
    record.locator("[data-action=review]").click()
    fill_day(form, "review_date", 120)
    form.locator("[data-input=reason] :is(input, textarea)").fill("到期复核")
    form.locator("[data-action=save-entry]").click()
    expect(record.locator("[data-saved]")).to_have_text("复核已续期")

    person.locator("[data-action=on-day]").click()
    day = person.locator("input[type=date]")
    day.fill((TODAY - timedelta(days=30)).isoformat())
    day.press("Enter")
    expect(person).to_contain_text("当日")
    expect(person.locator("[data-person-care]")).to_have_count(0)


def test_a_service_is_registered_assigned_done_and_followed_up_on_a_phone(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page, panel = desk.page, desk.panel("care")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    desk.enter("supervisor")
    services = desk.get("/api/care/due/service_open?limit=200")["items"]
    due = next(row for row in services if row["building_id"] is not None)
    desk.open()
    page.click("[data-tool=care]")
    panel.get_by_role("radio", name="为老服务").click()
    row = panel.locator(f'[data-care-row="{due["id"]}"]')
    expect(row).to_contain_text("已等")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    wait_for_marks(desk)
    screenshot("care-phone-services")
    row.click()
    person = desk.panel("person")
    known = person.locator("[data-service]").count()
    expect(person.locator(f'[data-service="{due["id"]}"]')).to_be_visible()
    known = person.locator("[data-service]").count()
    person.locator("[data-action=add-service]").click()
    form = person.locator("[data-entry-form=service]")
    choose(desk, form, "kind", "物业维修")
    form.locator("[data-input=wish] :is(input, textarea)").fill("卫生间漏水")
    screenshot("care-phone-new-service")
    form.locator("[data-action=save-entry]").click()
    expect(person.locator("[data-service]")).to_have_count(known + 1)
    service = person.locator("[data-service]", has_text="卫生间漏水")
    service.locator("[data-action=assign]").click()
    expect(service.locator("[data-provider]").first).to_contain_text("维修")
    service.locator("[data-provider] input").first.check()
    screenshot("care-phone-assign")
    service.locator("[data-action=save-entry]").click()
    expect(service).to_have_attribute("data-state", "assigned")
    service.locator("[data-action=finish]").click()
    fill_day(service.locator("[data-entry-form=finish]"), "done_on", -1)
    service.locator("[data-action=save-entry]").click()
    expect(service.locator("[data-field=done_on] .fault")).to_have_text("早于申请日期")
    fill_day(service.locator("[data-entry-form=finish]"), "done_on", 0)
    service.locator("[data-action=save-entry]").click()
    expect(service).to_have_attribute("data-state", "done")
    service.locator("[data-action=follow]").click()
    choose(desk, service, "satisfaction", "基本满意")
    service.locator("[data-input=remark] :is(input, textarea)").fill("来得快")
    service.locator("[data-action=save-entry]").click()
    expect(service).to_contain_text("基本满意")
    expect(service.locator(".bar")).to_have_count(0)
    service.scroll_into_view_if_needed()
    screenshot("care-phone-followed")


def test_rooms_in_care_are_coloured_for_holders_of_the_right_only(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    desk.enter("worker")
    beat = desk.get("/api/me")["areas"][0]["code"]
    desk.enter("supervisor")
    due = with_home(desk, "visit_overdue", beat)
    building = due["building_id"]
    rooms = desk.get(f"/api/buildings/{building}/care")["rooms"]
    desk.open(f"?selected=buildings.{building}")
    house = desk.panel("house")
    house.locator("select[name=look]").select_option("care")
    overdue = house.locator("[data-class=overdue]")
    expect(overdue).to_contain_text(str(sum(room["overdue"] for room in rooms)))
    cell = house.locator(f'[data-room="{due["dwelling_id"]}"]')
    expect(cell).to_have_attribute("aria-label", re.compile("走访或复核超期"))
    screenshot("care-matrix")

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    desk.enter("worker")
    desk.open(f"?selected=buildings.{building}")
    expect(page.locator("[data-tool=inspection]")).to_be_visible()
    expect(page.locator("[data-tool=care]")).to_have_count(0)
    look = house.locator("select[name=look]")
    expect(look).to_be_visible()
    assert "care" not in look.locator("option").evaluate_all("all => all.map(o => o.value)")
    answer = page.request.get(f"{desk.address}/api/persons/{due['person_id']}/care")
    assert answer.status == 403
    inhabited = desk.fullest_house()
    desk.open(f"?selected=buildings.{inhabited['building']['id']}")
    lived_in = max(inhabited["rooms"], key=lambda room: room["residents"])
    page.click(f'[data-room="{lived_in["id"]}"]')
    page.locator("article[data-person] [data-action=open-person]").first.click()
    expect(desk.panel("person").locator("[data-action=open-home]").first).to_be_visible()
    expect(page.locator("[data-person-care]")).to_have_count(0)
    assert not [url for url in asked if re.search(r"/api/.*care", url)]
    screenshot("care-unseen")
