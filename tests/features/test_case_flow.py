"""A case worked on by buttons only, and the work lists beside the map."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from playwright.sync_api import expect
from shapely.geometry import shape

from tests.builders.pictures import phone_photo
from tests.features.conftest import Desk

PHONE = {"width": 390, "height": 844}
ASKING = ("register", "arrive", "feed_back", "close", "archive", "grant_extension")
"""Steps with a form in which nothing has to be given."""


def report(desk: Desk) -> int:
    """A report of the signed-in person in the grid of the demo worker; its id."""
    grid = desk.accounts["worker"]["area_code"]
    found = desk.get(f"/api/layers/grids/features?code={grid}")["features"][0]
    place = shape(found["geometry"]).representative_point()
    body = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [place.x, place.y]},
        "properties": {
            "category": "UM-0110",
            "report_source": "SRC06",
            "description": "暴露生活垃圾未及时清运",
            "place": "澄湖路1号附近",
        },
    }
    answer = desk.page.request.post(
        f"{desk.address}/api/layers/incidents/features",
        data=body,
        headers={"X-CSRF-Token": desk.get("/api/me")["csrf"]},
    )
    assert answer.status == 201, answer.text()
    return int(answer.json()["id"])


def work(desk: Desk, role: str, case_id: int) -> dict[str, Any]:
    """Another person sits down and opens the case; who that is."""
    desk.page.context.clear_cookies()
    desk.sign_in(role, f"?selected=incidents.{case_id}")
    expect(desk.panel("case").locator("[data-steps]")).to_be_visible()
    me: dict[str, Any] = desk.get("/api/me")
    return me


def take(desk: Desk, step: str, state: str, photos: Sequence[Path] = (), **given: str) -> None:
    """Press the button of a step, fill in its form if it has one, and see the state it leads to."""
    panel = desk.panel("case")
    panel.locator(f"[data-step={step}]").click()
    for need, value in given.items():
        field = panel.locator(f"[data-need={need}]").locator("select, textarea, input")
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    form = panel.locator(f"[data-step-form={step}]")
    if photos:
        panel.locator("[data-photos] input").set_input_files(photos)
        expect(panel.locator("[data-photos] img")).to_have_count(len(photos))
    if given or photos or step in ASKING:
        form.locator("[data-action=take-step]").click()
    expect(panel.locator(f"[data-taken={step}]").last).to_be_visible()
    expect(panel.locator("[data-case-state]")).to_have_attribute("data-state", state)


def test_a_case_goes_from_report_to_archive_by_buttons(
    desk: Desk, screenshot: Callable[[str], Path], tmp_path: Path
) -> None:
    unit = work_unit(desk)
    desk.sign_in("operator")
    case_id = report(desk)
    work(desk, "operator", case_id)
    take(desk, "register", "pending_dispatch")

    work(desk, "dispatcher", case_id)
    panel = desk.panel("case")
    panel.locator("[data-step=dispatch]").click()
    panel.locator("[data-action=take-step]").click()
    expect(panel.locator("[data-need=unit] .fault")).to_have_text("必填")
    screenshot("case-dispatch")
    panel.locator("[data-step-form=dispatch]").press("Escape")
    take(desk, "dispatch", "pending_handle", unit=str(unit), reason="请尽快清运")

    work(desk, "unit", case_id)
    take(desk, "receive", "handling")
    before, after = (phone_photo(tmp_path / f"{shade}.jpg", shade) for shade in (30, 120))
    take(desk, "arrive", "handling", photos=[before])
    panel.locator("[data-step=handle]").click()
    panel.locator("[data-photos] input").set_input_files(after)
    expect(panel.locator("[data-photos] img")).to_be_visible()
    screenshot("case-handle-photos")
    panel.locator("[data-step-form=handle]").press("Escape")
    take(desk, "handle", "handle_finish", photos=[after], reason="已清运完毕")
    handled = panel.locator("[data-taken=handle] [data-photo-strip]")
    handled.scroll_into_view_if_needed()
    expect(handled.locator("img")).to_have_js_property("complete", True)
    screenshot("case-handled-photos")
    take(desk, "feed_back", "pending_check")

    desk.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    work(desk, "worker", case_id)
    screenshot("case-worker-phone")
    take(desk, "check", "checked", verdict="passed")
    desk.page.set_viewport_size({"width": 1366, "height": 768})

    work(desk, "operator", case_id)
    take(desk, "close", "closed")
    screenshot("case-closed")
    take(desk, "archive", "archived", satisfaction="satisfied")
    taken = desk.panel("case").locator("[data-taken]")
    steps = [taken.nth(n).get_attribute("data-taken") for n in range(taken.count())]
    assert steps == [
        *("report", "register", "dispatch", "receive", "arrive", "handle", "feed_back"),
        *("check", "close", "archive"),
    ]
    expect(desk.panel("case").locator("[data-steps]")).to_contain_text("没有可办操作")


def work_unit(desk: Desk) -> int:
    """The unit for which the demo account of a department acts."""
    account = desk.accounts["unit"]
    answer = desk.page.request.post(
        f"{desk.address}/api/session",
        data={"login": account["login"], "password": account["password"]},
    )
    unit = int(answer.json()["staff"]["unit_id"])
    desk.page.context.clear_cookies()
    return unit


def test_lists_count_their_rows_and_are_handed_out(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    desk.sign_in("commander")
    page.click("[data-tool=worklist]")
    panel = desk.panel("worklist")
    panel.locator("[data-tab=open]").click()
    expect(panel.locator("[data-case]").first).to_be_visible()
    for list_ in desk.get("/api/incidents/lists")["items"]:
        shown = panel.locator(f"[data-tab={list_['name']}] [data-count]")
        assert shown.get_attribute("data-count") == str(list_["count"])
        rows = desk.get(f"/api/incidents/lists/{list_['name']}?limit=200")
        assert list_["count"] == len(rows["items"]) or rows["next"] is not None

    count = int(panel.locator("[data-tab=open] [data-count]").get_attribute("data-count") or 0)
    expect(panel.locator("[data-case]")).to_have_count(min(count, 50))
    screenshot("worklist")
    panel.locator("[data-case]").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(desk.panel("case")).to_be_visible()
    expect(desk.panel("case").locator("[data-timeline]")).to_contain_text("上报")
    screenshot("worklist-case")

    panel.locator("[name=case-text]").fill("路")
    expect(panel.locator("[data-tab=open] [data-count]")).to_be_visible()
    panel.locator("[name=case-light]").select_option("red")
    red = desk.get("/api/incidents/lists?text=路&light=red")["items"]
    wanted = next(each["count"] for each in red if each["name"] == "open")
    expect(panel.locator("[data-case]")).to_have_count(min(wanted, 50))
    panel.locator("[data-action=export]").click()
    panel.locator("[name=export-reason]").fill("超期案件通报")
    with page.expect_download() as downloading:
        panel.locator("[data-action=send-export]").click()
    content = Path(downloading.value.path()).read_bytes()
    sheet = load_workbook(io.BytesIO(content), read_only=True).active
    assert sheet is not None
    assert len(list(sheet.iter_rows())) == wanted + 1
