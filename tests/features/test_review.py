"""Enter, review, update: a worker on a phone, the supervisor at a desk, and the worker again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect

from tests.features.conftest import Desk

PHONE = {"width": 390, "height": 844}
SCREEN = {"width": 1366, "height": 768}
HAND_IN = 6


def first_persons(desk: Desk, count: int) -> list[dict[str, Any]]:
    """Persons the worker may propose changes of."""
    found = desk.get(f"/api/layers/persons/features?limit={count}")["features"]
    assert len(found) == count
    return list(found)


def hand_in(desk: Desk, person: dict[str, Any], values: dict[str, Any]) -> int:
    """Propose a change of a person as the form does; the id of the proposal."""
    answer = desk.page.request.post(
        f"{desk.address}/api/proposals",
        headers={"X-CSRF-Token": desk.get("/api/me")["csrf"]},
        data={
            "layer": "persons",
            "operation": "update",
            "feature_id": person["id"],
            "row_version": person["properties"]["row_version"],
            "values": values,
        },
    )
    assert answer.status == 201, answer.text()
    return int(answer.json()["id"])


def propose_on_a_phone(
    desk: Desk, screenshot: Callable[[str], Path]
) -> tuple[dict[str, Any], int, list[int]]:
    """What a worker does: the person changed by the form, its proposal, and some more."""
    page = desk.page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    desk.enter("worker")
    person, *others = first_persons(desk, HAND_IN)
    desk.open(f"?selected=persons.{person['id']}&tab=feature")
    page.click("[data-action=edit]")
    page.fill("[data-input=phone] input", "12")
    page.fill("[data-input=registered_area] input", "310112")
    submit = page.locator("[data-action=save]")
    expect(submit).to_have_text("提交审核")
    submit.click()
    expect(page.locator("[data-field=phone] .fault")).to_be_visible()
    page.fill("[data-input=phone] input", "13911112222")
    page.fill("[name=why]", "上门核实，换了号码")
    screenshot("review-phone-form")
    submit.click()
    note = desk.panel("feature").locator("[data-pending]")
    expect(note).to_contain_text("1 件变更待审核")
    expect(note).to_be_in_viewport()
    screenshot("review-phone-submitted")
    note.locator("[data-action=open-proposal]").click()
    opened = page.locator("[data-proposal-open]")
    expect(opened).to_contain_text("139****2222")
    proposal = int(opened.get_attribute("data-proposal-open") or 0)
    screenshot("review-phone-own")
    waiting = [hand_in(desk, each, {"nationality": "中国"}) for each in others]
    page.locator("[data-panel=review] [data-action=back]").click()
    expect(page.locator("[data-proposal]")).to_have_count(HAND_IN)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    screenshot("review-phone-mine")
    return person, proposal, waiting


def correct(panel: Locator, proposal: int, screenshot: Callable[[str], Path]) -> None:
    """Accept a proposal with another registered area than was proposed."""
    panel.locator(f"[data-proposal='{proposal}'] button").click()
    expect(panel.locator("[data-difference=phone]")).to_contain_text("139****2222")
    expect(panel.locator("[data-difference=registered_area]")).to_contain_text("310112")
    screenshot("review-difference")
    panel.locator("[data-action=correct]").click()
    panel.locator("[data-input=registered_area] input").fill("310113")
    screenshot("review-correct")
    panel.locator("[data-action=submit-correction]").click()
    expect(panel.locator("[data-proposal-open]")).to_have_attribute("data-state", "accepted")
    expect(panel.locator("[data-difference=registered_area]")).to_contain_text("更正为 310113")
    panel.locator("[data-action=back]").click()


def give_back(panel: Locator, proposal: int) -> None:
    """Return a proposal, which needs a reason."""
    panel.locator(f"[data-proposal='{proposal}'] button").click()
    expect(panel.locator("[data-action=return]")).to_be_disabled()
    panel.locator("[name=opinion]").fill("国籍无需登记")
    panel.locator("[data-action=return]").click()
    expect(panel.locator("[data-proposal-open]")).to_have_attribute("data-state", "returned")
    panel.locator("[data-action=back]").click()


def accept_the_rest(panel: Locator, count: int, screenshot: Callable[[str], Path]) -> None:
    """Accept all that is left in the list at once."""
    expect(panel.locator("[data-proposal]")).to_have_count(count)
    panel.locator("[name=choose-all]").check()
    screenshot("review-bulk")
    panel.locator("[data-action=accept-all]").click()
    expect(panel.locator("[data-became]")).to_contain_text(f"已办结 {count} 件")
    expect(panel.locator("[data-proposal]")).to_have_count(0)


def test_a_worker_proposes_a_supervisor_decides_and_the_worker_sees_it(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page, panel = desk.page, desk.panel("review")
    person, proposal, waiting = propose_on_a_phone(desk, screenshot)

    page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    desk.sign_in("supervisor")
    page.click("[data-tool=review]")
    expect(panel.locator("[data-proposal]")).to_have_count(HAND_IN)
    correct(panel, proposal, screenshot)
    give_back(panel, waiting[0])
    accept_the_rest(panel, HAND_IN - 2, screenshot)
    expect(panel.locator("[data-figures]")).to_contain_text(f"审核 {HAND_IN} 件")
    panel.get_by_role("radio", name="已通过").click()
    expect(panel.locator("[data-proposal]")).to_have_count(HAND_IN - 1)
    screenshot("review-accepted")
    stored = desk.get(f"/api/layers/persons/features/{person['id']}")["properties"]
    assert (stored["phone"], stored["registered_area"]) == ("139****2222", "310113")

    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    desk.sign_in("worker")
    page.click("[data-tool=review]")
    expect(panel.locator(f"[data-proposal='{proposal}']")).to_contain_text("有更正")
    returned = panel.locator(f"[data-proposal='{waiting[0]}']")
    expect(returned).to_contain_text("国籍无需登记")
    returned.scroll_into_view_if_needed()
    screenshot("review-phone-decided")
    returned.locator("button").click()
    panel.locator("[data-action=again]").click()
    panel.locator("[data-input=nationality] input").fill("")
    panel.locator("[data-input=registered_area] input").fill("310112")
    panel.locator("[data-action=submit-correction]").click()
    expect(panel.locator("[data-proposal-open]")).to_have_attribute("data-state", "pending")


def test_a_list_that_is_open_follows_what_others_hand_in(desk: Desk) -> None:
    page = desk.page
    desk.enter("worker")
    person = first_persons(desk, HAND_IN + 1)[-1]
    kept = page.context.cookies()
    desk.sign_in("supervisor")
    page.click("[data-tool=review]")
    panel = desk.panel("review")
    before = desk.get("/api/proposals/figures")["states"]["pending"]
    expect(panel.locator("[data-proposal]")).to_have_count(before)
    worker = page.context.browser.new_context(viewport=PHONE)  # type: ignore[union-attr, arg-type]
    worker.add_cookies(kept)  # type: ignore[arg-type]
    theirs = Desk(worker.new_page(), desk.address, desk.accounts)
    hand_in(theirs, person, {"nationality": "中国"})
    expect(panel.locator("[data-proposal]")).to_have_count(before + 1)
    worker.close()
