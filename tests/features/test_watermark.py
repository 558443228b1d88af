"""Wherever personal data shows, account and time lie over it; for every role that sees any."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.features.conftest import Desk
from tests.features.test_people_by_house import room_with_people
from tests.features.test_question import click_through
from tests.features.test_review import hand_in

# Masked values wherever they are written, and what of them no watermark covers.
MARKS = r"""() => {
  const marks = [...document.querySelectorAll('.watermark')]
    .map((element) => ({ box: element.getBoundingClientRect(), style: getComputedStyle(element) }))
    .filter(({ box, style }) => box.width > 0 && Number(style.opacity) > 0)
  const isMasked = (text) => /[\u4e00-\u9fa5]\*|\d\*{2}/.test(text)
  const told = [...document.querySelectorAll('body *')]
    .filter((element) => [...element.childNodes]
      .some((node) => node.nodeType === 3 && isMasked(node.data))
      || (element instanceof HTMLInputElement && isMasked(element.value)))
    .map((element) => ({ element, box: element.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0)
  const covers = (over, box) => over.left <= box.left + 1 && over.right >= box.right - 1
    && over.top <= box.top + 1 && over.bottom >= box.bottom - 1
  return {
    told: told.length,
    bare: told.filter(({ box }) => !marks.some((mark) => covers(mark.box, box)))
      .map(({ element }) => element.outerHTML.slice(0, 160)),
    texts: marks.map(({ style }) => decodeURIComponent(style.maskImage)),
    printed: marks.map(({ style }) => style.printColorAdjust),
  }
}"""


def assert_marked(desk: Desk, role: str, where: str) -> None:
    """Masked values show, and each lies under a watermark with account, name and time."""
    account = desk.accounts[role]
    desk.page.wait_for_timeout(300)
    found = desk.page.evaluate(MARKS)
    assert found["told"] > 0, where
    assert found["bare"] == [], where
    for text in found["texts"]:
        assert account["login"] in text, where
        assert re.search(r"20\d\d.\d\d.\d\d", text), where


@pytest.mark.parametrize("role", ["supervisor", "worker"])
def test_house_person_and_their_forms(
    desk: Desk, screenshot: Callable[[str], Path], role: str
) -> None:
    page = desk.page
    page.set_viewport_size({"width": 1366, "height": 768})
    desk.enter(role)
    house = desk.fullest_house()
    room = room_with_people(house)
    desk.open(f"?selected=buildings.{house['building']['id']}&dwelling={room['id']}")
    expect(page.locator("article[data-person]").first).to_be_visible()
    assert_marked(desk, role, "house")
    page.locator("[data-action=open-registration]").first.click()
    expect(page.locator("[data-registration]")).to_be_visible()
    assert_marked(desk, role, "registration")
    screenshot(f"watermark-registration-{role}")
    page.locator("[data-action=open-person]").first.click()
    expect(desk.panel("person").locator("[data-action=open-home]").first).to_be_visible()
    assert_marked(desk, role, "person")
    desk.panel("person").locator("[data-action=copy]").click()
    assert_marked(desk, role, "copy")
    page.keyboard.press("Escape")
    desk.panel("person").locator("[data-sealed=phone] [data-action=reveal]").first.click()
    expect(page.locator("[data-action=send-reason]")).to_be_visible()
    assert_marked(desk, role, "reveal")
    screenshot(f"watermark-reveal-{role}")


@pytest.mark.parametrize("role", ["supervisor", "worker"])
def test_the_row_its_history_and_its_form(desk: Desk, role: str) -> None:
    page = desk.page
    page.set_viewport_size({"width": 1366, "height": 768})
    desk.enter(role)
    person = desk.get("/api/layers/persons/features?limit=1")["features"][0]
    desk.open(f"?selected=persons.{person['id']}&tab=feature")
    expect(desk.panel("feature").locator("[data-sealed]").first).to_be_visible()
    assert_marked(desk, role, "information")
    page.click("[data-action=edit]")
    expect(page.locator("[data-input=phone]")).to_be_visible()
    page.wait_for_timeout(200)
    assert len(page.evaluate(MARKS)["texts"]) > 0, "form"
    assert page.evaluate(MARKS)["bare"] == [], "form"


def test_history_and_review(desk: Desk) -> None:
    page = desk.page
    page.set_viewport_size({"width": 1366, "height": 768})
    desk.enter("worker")
    person = desk.get("/api/layers/persons/features?limit=1")["features"][0]
    proposal = hand_in(desk, person, {"phone": "13911112222"})
    for role in ("worker", "supervisor"):
        desk.enter(role)
        desk.open()
        page.click("[data-tool=review]")
        item = page.locator(f'[data-proposal="{proposal}"] .row-button')
        expect(item).to_be_visible()
        assert_marked(desk, role, "review list")
        item.click()
        expect(page.locator("[data-proposal-open]")).to_contain_text("139****2222")
        assert_marked(desk, role, "proposal")
    headers = {"X-CSRF-Token": desk.get("/api/me")["csrf"]}
    answer = page.request.post(
        f"{desk.address}/api/proposals/{proposal}/accept", data={}, headers=headers
    )
    assert answer.ok, answer.text()
    desk.open(f"?selected=persons.{person['id']}&tab=feature")
    desk.panel("feature").get_by_role("radio", name="历史").click()
    expect(desk.panel("feature").locator("[data-history]")).to_contain_text("139****2222")
    assert_marked(desk, "supervisor", "history")


def test_lists_and_answers(desk: Desk, screenshot: Callable[[str], Path]) -> None:
    page = desk.page
    page.set_viewport_size({"width": 1366, "height": 768})
    desk.sign_in("supervisor")
    page.click("[data-tool=inspection]")
    desk.panel("inspection").get_by_role("radio", name="全部").click()
    expect(desk.panel("inspection").locator("[data-due-rental]").first).to_be_visible()
    assert_marked(desk, "supervisor", "inspection")
    page.click("[data-tool=statistics]")
    desk.panel("statistics").locator("[data-bar=POP-02] button").click()
    expect(page.locator("[data-panel=rows] [data-row]").first).to_be_visible()
    assert_marked(desk, "supervisor", "rows")
    screenshot("watermark-rows")


def test_an_answer_about_persons(desk: Desk) -> None:
    page = desk.page
    desk.enter("supervisor")
    house = desk.fullest_house()
    lon, lat = house["building"]["lon"], house["building"]["lat"]
    desk.open(f"?view={lon},{lat},16")
    page.click("[data-tool=question]")
    page.locator("[data-field=layer] .el-select__wrapper").click()
    page.locator(".el-select-dropdown__item:visible").get_by_text("人口", exact=True).click()
    page.click("[data-draw=polygon]")
    click_through(page, (560, 220), (1150, 220), (1150, 640), (560, 640))
    page.click("[data-action=ask]")
    expect(desk.panel("question").locator("[data-row]").first).to_be_visible()
    assert_marked(desk, "supervisor", "answer")


def test_who_told_of_a_case(desk: Desk) -> None:
    desk.enter("supervisor")
    case = desk.get("/api/layers/incidents/features?limit=1")["features"][0]["id"]
    values = {
        "incident_id": case,
        "name": "王大明",
        "phone": "13800001234",
        "report_source": "SRC01",
    }
    answer = desk.page.request.post(
        f"{desk.address}/api/layers/reporters/features",
        headers={"X-CSRF-Token": desk.get("/api/me")["csrf"]},
        data={"type": "Feature", "properties": values},
    )
    assert answer.status == 201, answer.text()
    desk.open(f"?selected=incidents.{case}&tab=case")
    expect(desk.panel("case").locator("[data-reporter]").first).to_contain_text("138****1234")
    assert_marked(desk, "supervisor", "case")


def test_what_is_printed(desk: Desk) -> None:
    page = desk.page
    desk.enter("supervisor")
    house = desk.fullest_house()
    page.add_init_script("window.print = () => undefined")
    desk.open(f"?selected=buildings.{house['building']['id']}")
    page.locator("[data-action=print]").click()
    page.locator(".printed-house").wait_for(state="attached")
    page.emulate_media(media="print")
    expect(page.locator(".printed-house .watermark")).to_be_visible()
    found = page.evaluate(MARKS)
    assert desk.accounts["supervisor"]["login"] in found["texts"][-1]
    assert found["printed"][-1] == "exact"
