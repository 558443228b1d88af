"""From the house to its people, and from a person back to the house."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.features.conftest import Desk


def room_with_people(house: dict[str, Any]) -> dict[str, Any]:
    """The room with most residents."""
    found: dict[str, Any] = max(house["rooms"], key=lambda room: room["residents"])
    return found


def reveal(desk: Desk, field: str) -> str:
    """Show the first masked value of a field in full, giving a reason; the value."""
    first = desk.page.locator(f"[data-sealed={field}]").first
    first.locator("[data-action=reveal]").click()
    send = desk.page.locator("[data-action=send-reason]")
    expect(send).to_be_disabled()
    desk.page.fill("[name=reason]", "核实")
    expect(send).to_be_disabled()
    desk.page.click("[data-reason=check]")
    send.click()
    shown = first.locator("[data-revealed]")
    expect(shown).to_be_visible()
    return shown.inner_text()


def test_a_house_leads_to_its_people_and_a_person_back_to_the_house(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    desk.sign_in_by_form("supervisor")
    house = desk.fullest_house()
    building, room = house["building"], room_with_people(house)

    options = desk.search(building["address"])
    page.locator(f'[role=option][data-layer=buildings][data-id="{building["id"]}"]').wait_for()
    screenshot("search")
    expect(options.first).to_contain_text(re.compile(re.escape(building["name"])))
    page.locator(f'[role=option][data-layer=buildings][data-id="{building["id"]}"]').click()

    matrix = desk.panel("house").get_by_role("grid")
    expect(matrix.get_by_role("gridcell")).to_have_count(len(house["rooms"]))
    desk.wait_for_selection("buildings", building["id"])
    screenshot("house")

    page.click(f'[data-room="{room["id"]}"]')
    members = page.locator(f'[data-dwelling="{room["id"]}"] article[data-person]')
    expect(members).to_have_count(room["residents"])
    expect(members.first).to_contain_text(re.compile(r"99\d{4}\*{8}\w{4}"))
    assert not re.search(r"99\d{15}[\dX]", desk.panel("house").inner_text())

    number = reveal(desk, "id_number")
    assert re.fullmatch(r"99\d{15}[\dX]", number)
    screenshot("revealed")

    page.click("[data-tab=feature]")
    page.click("[data-tab=house]")
    expect(members).to_have_count(room["residents"])
    assert number not in desk.panel("house").inner_text(), "masked again once the panel was left"

    desk.search(number)
    page.keyboard.press("Enter")
    found = page.locator("#search-results [data-person]")
    expect(found).to_have_count(1)
    screenshot("person-found")
    page.keyboard.press("Enter")
    expect(desk.panel("person")).to_contain_text(number[:6] + "*" * 8 + number[-4:])
    expect(page.locator("[name=search]")).to_have_value("")
    screenshot("person")

    panel = desk.panel("person")
    panel.locator("[data-action=on-day]").click()
    panel.locator("[name=on]").fill("1900-01-01")
    expect(panel).to_contain_text("当日在您的辖区内没有住址")
    screenshot("person-on-a-day")
    panel.get_by_role("button", name="回到今天").click()
    desk.panel("person").locator(f'[data-action=open-home][data-dwelling="{room["id"]}"]').click()
    lit = page.locator(f'[data-room="{room["id"]}"]')
    expect(lit).to_have_attribute("aria-selected", "true")
    expect(lit).to_be_in_viewport()
    desk.wait_for_selection("buildings", building["id"])
    screenshot("home-of-the-person")
    page.reload()
    expect(lit).to_be_visible()
    expect(page.locator("[data-tab=house]")).to_have_attribute("aria-selected", "true")


def test_the_matrix_is_walked_with_the_keyboard_and_through_time(desk: Desk) -> None:
    page = desk.page
    desk.enter("commander")
    house = desk.fullest_house()
    desk.open(f"?selected=buildings.{house['building']['id']}")
    cells = desk.panel("house").get_by_role("gridcell")
    expect(cells).to_have_count(len(house["rooms"]))
    top = max(room["floor"] for room in house["rooms"])

    cells.first.focus()
    page.keyboard.press("ArrowDown")
    focused = page.locator("[data-room]:focus")
    below = next(
        room for room in house["rooms"] if str(room["id"]) == focused.get_attribute("data-room")
    )
    assert below["floor"] < top
    page.keyboard.press("Enter")
    expect(page.locator(f'section[data-dwelling="{below["id"]}"]')).to_be_visible()

    then = desk.get(f"/api/buildings/{house['building']['id']}/house?on=2012-03-01")
    assert then["counts"]["residents"] < house["counts"]["residents"]
    residents = desk.panel("house").locator("[data-figure=residents] dd")
    expect(residents).to_have_text(f"{house['counts']['residents']:,}")
    page.click("[data-action=on-day]")
    page.fill("[name=on]", "2012-03-01")
    expect(residents).to_have_text(f"{then['counts']['residents']:,}")


def test_who_may_not_see_people_sees_rooms_and_who_may_not_see_rooms_sees_none(
    desk: Desk,
) -> None:
    page = desk.page
    desk.enter("analyst")
    house = desk.fullest_house()
    assert house["people_visible"] is False
    desk.open(f"?selected=buildings.{house['building']['id']}")
    cells = desk.panel("house").get_by_role("gridcell")
    expect(cells).to_have_count(len(house["rooms"]))
    cells.first.click()
    expect(page.locator("section[data-dwelling]")).to_contain_text("不能查看住户")
    expect(page.locator("article[data-person]")).to_have_count(0)

    desk.enter("operator")
    desk.open(f"?selected=buildings.{house['building']['id']}")
    expect(desk.panel("feature")).to_be_visible()
    expect(page.locator("[data-tab=house]")).to_have_count(0)


def test_the_matrix_is_coloured_by_what_is_asked_and_printed(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    desk.enter("commander")
    house = desk.fullest_house()
    desk.open(f"?selected=buildings.{house['building']['id']}")
    panel = desk.panel("house")
    cells = panel.get_by_role("gridcell")
    expect(cells).to_have_count(len(house["rooms"]))
    for look, member in (("state", "state"), ("usage", "usage"), ("inspection", "next_inspection")):
        panel.locator("[name=look]").select_option(look)
        unknown = sum(room[member] is None for room in house["rooms"])
        counts = panel.locator("[data-class] .count").all_inner_texts()
        assert sum(int(count) for count in counts) == len(house["rooms"])
        none = panel.locator("[data-class=none] .count")
        expect(none).to_have_text(str(unknown)) if unknown else expect(none).to_have_count(0)
        screenshot(f"house-by-{look}")
    unit = house["units"][0]
    rooms = [room for room in house["rooms"] if room["unit"] == unit]
    people = sum(room["residents"] for room in rooms)
    expect(panel.get_by_role("columnheader").nth(1)).to_contain_text(f"{len(rooms)}室 {people}人")

    page.evaluate("() => { window.print = () => { window.asked = true } }")
    panel.locator("[data-action=print]").click()
    page.wait_for_function("() => window.asked === true")
    page.emulate_media(media="print")
    sheet = page.locator(".printed-house")
    expect(sheet.get_by_role("gridcell")).to_have_count(len(house["rooms"]))
    expect(sheet).to_contain_text("打印人")
    expect(page.locator("#app")).to_be_hidden()
    page.set_viewport_size({"width": 1122, "height": 793})  # A4 on its side
    assert page.evaluate("() => document.documentElement.scrollWidth <= 1122")
    screenshot("house-printed")
    page.emulate_media(media="screen")
    page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    expect(sheet).to_have_count(0)


def test_the_life_of_a_room_is_a_line_of_stays(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    desk.enter("supervisor")
    # Who has moved out is written after the 25,000 who live in the city.
    later = desk.get("/api/layers/residences/features?limit=50&after=25000")["features"]
    for each in later:
        room = each["properties"]["dwelling_id"]
        answer = desk.get(f"/api/dwellings/{room}/residents?former=true")
        stays = [member for home in answer["households"] for member in home["members"]]
        if {stay["to"] is None for stay in stays} == {True, False}:
            break
    assert {stay["to"] is None for stay in stays} == {True, False}
    building = desk.get(f"/api/layers/dwellings/features/{room}")["properties"]["building_id"]
    desk.open(f"?selected=buildings.{building}&dwelling={room}")
    panel = desk.panel("house")
    panel.locator("[data-action=former]").click()
    bars = panel.locator("[data-figure=room-life] .stay")
    expect(bars).to_have_count(len(stays))
    expect(panel.locator("[data-figure=room-life] .stay.former")).to_have_count(
        sum(stay["to"] is not None for stay in stays)
    )
    panel.locator("[data-figure=room-life] .axis").scroll_into_view_if_needed()
    screenshot("room-life")
    known = panel.locator("[data-figure=room-life] .stay:enabled").first
    person = known.get_attribute("data-person")
    known.click()
    page.wait_for_url(re.compile(rf"person={person}(&|$)"))
