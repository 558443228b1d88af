"""The building matrix edited: drag, merge, split, renumber, save; two editors; a phone."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect

from tests.features.conftest import Desk

SCREEN = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}


def neighbours(house: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Two rooms side by side on the highest floor that has them."""
    rooms = sorted(house["rooms"], key=lambda room: (-room["floor"], room["unit"], room["column"]))
    for left, right in itertools.pairwise(rooms):
        is_row = (left["unit"], left["floor"]) == (right["unit"], right["floor"])
        if is_row and left["column"] + 1 == right["column"]:
            return left, right
    return None


def rooms_of_floor(house: dict[str, Any], room: dict[str, Any]) -> list[dict[str, Any]]:
    """The rooms on a room's floor from the left."""
    here = [each for each in house["rooms"] if each["floor"] == room["floor"]]
    return sorted(here, key=lambda each: (each["unit"], each["column"]))


def house_with_neighbours(
    desk: Desk,
) -> tuple[dict[str, Any], tuple[dict[str, Any], dict[str, Any]]]:
    """The first house of several floors with two rooms side by side."""
    dwellings = desk.get("/api/layers/dwellings/features?limit=1000")["features"]
    for building in dict.fromkeys(each["properties"]["building_id"] for each in dwellings):
        house = desk.get(f"/api/buildings/{building}/house")
        found = neighbours(house)
        if found and len(house["floors"]) > 2:
            return house, found
    raise AssertionError("no house with two rooms side by side")


def cell(panel: Locator, room: int) -> Locator:
    """A room of the matrix."""
    return panel.locator(f"[data-room='{room}']")


def drag(desk: Desk, start: Locator, end: Locator) -> None:
    """Press on one cell, move to the other, let go."""
    begin_drag(desk, start, end)
    desk.page.mouse.up()


def save_beside(desk: Desk, building: int, *steps: dict[str, Any]) -> None:
    """What somebody else does meanwhile: the steps, or a state of the first room."""
    house = desk.get(f"/api/buildings/{building}/house")
    state = {"do": "set", "rooms": [house["rooms"][0]["id"]], "values": {"state": "collected"}}
    answer = desk.page.request.post(
        f"{desk.address}/api/buildings/{building}/matrix",
        headers={"X-CSRF-Token": desk.get("/api/me")["csrf"]},
        data={
            "row_version": house["building"]["row_version"],
            "steps": steps or [state],
        },
    )
    assert answer.ok, answer.text()


def test_rooms_are_merged_split_and_renumbered_and_saved_together(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page, panel = desk.page, desk.panel("house")
    page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    desk.enter("supervisor")
    house, (left, right) = house_with_neighbours(desk)
    building = house["building"]["id"]
    desk.open(f"?selected=buildings.{building}")
    panel.locator("[data-action=edit-matrix]").click()
    cell(panel, left["id"]).click()
    cell(panel, right["id"]).click(modifiers=["Shift"])
    expect(panel.locator("[data-chosen]")).to_have_text("已选 2 室")
    screenshot("matrix-chosen")
    panel.locator("[data-action=merge]").click()
    expect(cell(panel, right["id"])).to_have_count(0)
    panel.locator("[data-action=undo]").click()
    expect(cell(panel, right["id"])).to_have_count(1)
    drag(desk, cell(panel, left["id"]), cell(panel, right["id"]))
    expect(cell(panel, right["id"])).to_have_count(0)
    cell(panel, left["id"]).click()
    panel.locator("input[name=pattern]").fill("复式甲")
    panel.locator("[data-action=renumber]").click()
    expect(cell(panel, left["id"])).to_contain_text("复式甲")
    other = next(r for r in house["rooms"] if r["id"] not in (left["id"], right["id"]))
    cell(panel, other["id"]).click()
    panel.locator("[data-action=split]").click()
    expect(panel.locator("[data-room='-1']")).to_contain_text(f"{other['room']}乙")
    screenshot("matrix-edited")

    save_beside(desk, building)
    panel.locator("[data-action=save-matrix]").click()
    expect(panel.locator("[data-problem]")).to_contain_text("别人刚改过这栋楼")
    screenshot("matrix-conflict")
    now = {room["id"] for room in desk.get(f"/api/buildings/{building}/house")["rooms"]}
    assert right["id"] in now, "nothing is written over what somebody else saved"

    panel.locator("[data-action=cancel-edit]").click()
    panel.locator("[data-action=edit-matrix]").click()
    drag(desk, cell(panel, left["id"]), cell(panel, right["id"]))
    cell(panel, other["id"]).click()
    panel.locator("[data-action=split]").click()
    panel.locator("[data-action=save-matrix]").click()
    expect(panel.locator("[data-matrix-bar]")).to_have_count(0)
    rooms = {room["id"]: room for room in desk.get(f"/api/buildings/{building}/house")["rooms"]}
    assert right["id"] not in rooms
    assert rooms[left["id"]]["columns_wide"] == 2
    assert rooms[left["id"]]["residents"] == left["residents"] + right["residents"]
    assert rooms[other["id"]]["room"] == f"{other['room']}甲"
    expect(cell(panel, left["id"])).to_be_visible()
    screenshot("matrix-saved")


def test_a_room_dropped_on_its_neighbour_becomes_one_with_it(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page, panel = desk.page, desk.panel("house")
    page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    desk.enter("supervisor")
    house, (left, right) = house_with_neighbours(desk)
    building = house["building"]["id"]
    desk.open(f"?selected=buildings.{building}")
    panel.locator("[data-action=edit-matrix]").click()
    bar = panel.locator("[data-matrix-bar]")
    first, second = cell(panel, left["id"]), cell(panel, right["id"])
    both = first.or_(second)

    # By the pointer a neighbour merges and undo parts them; who is no neighbour is refused.
    begin_drag(desk, first, second)
    expect(second).to_have_attribute("data-drop", "fits")
    screenshot("matrix-dragged")
    page.mouse.up()
    expect(both).to_have_count(1)
    panel.locator("[data-action=undo]").click()
    expect(both).to_have_count(2)
    row = [room["id"] for room in rooms_of_floor(house, left)]
    has_two_on = row.index(left["id"]) + 2 < len(row)
    cell(panel, (left if has_two_on else right)["id"]).focus()
    for key in ("m", *["ArrowRight" if has_two_on else "ArrowLeft"] * 2):
        page.keyboard.press(key)
    expect(panel.locator("[data-drop=refused]")).to_be_visible()
    page.keyboard.press("m")
    expect(panel.locator("[data-problem]")).to_contain_text("不相邻")
    screenshot("matrix-drop-refused")
    expect(bar.locator("[data-action=save-matrix]")).to_be_disabled()

    # By the keyboard.
    first.focus()
    page.keyboard.press("m")
    expect(first).to_have_attribute("data-drop", "carried")
    page.keyboard.press("ArrowRight")
    expect(second).to_have_attribute("data-drop", "fits")
    page.keyboard.press("m")
    expect(both).to_have_count(1)
    panel.locator("[data-action=undo]").click()
    expect(both).to_have_count(2)


def test_many_rooms_are_set_at_once_and_one_is_added_outside_the_rule(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    panel = desk.panel("house")
    desk.page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    desk.enter("supervisor")
    house, (left, right) = house_with_neighbours(desk)
    building = house["building"]["id"]
    desk.open(f"?selected=buildings.{building}")
    panel.locator("[data-action=edit-matrix]").click()
    first, second = cell(panel, left["id"]), cell(panel, right["id"])
    first.click()
    second.click()
    panel.locator("select[name=state]").select_option("vacant")
    first.click()
    second.click()
    panel.locator("input[name=beds]").fill("4")
    panel.locator("[data-action=set-beds]").click()
    expect(first).to_contain_text("/4")
    panel.locator("[data-action=undo]").click()
    expect(first).not_to_contain_text("/4")
    first.click()
    second.click()
    panel.locator("input[name=beds]").fill("6")
    panel.locator("[data-action=set-beds]").click()
    expect(second).to_contain_text("/6")

    panel.locator("[data-action=add-room]").click()
    adder = panel.locator("[data-room-adder]")
    adder.locator("[name=unit]").fill(left["unit"])
    adder.locator("[name=number]").fill(left["room"])
    expect(adder.get_by_role("alert")).to_contain_text("重复")
    expect(adder.locator("[data-action=take-room]")).to_be_disabled()
    adder.locator("[name=number]").fill("夹01")
    adder.locator("[name=mezzanine]").check()
    adder.locator("[name=new-usage]").select_option("U4")
    adder.locator("[data-action=take-room]").click()
    expect(panel.locator("[data-room='-1']")).to_be_attached()
    screenshot("matrix-room-added")
    panel.locator("[data-action=undo]").click()
    expect(panel.locator("[data-room='-1']")).to_have_count(0)
    adder.locator("[name=number]").fill("夹01")
    adder.locator("[data-action=take-room]").click()
    expect(panel.locator("[data-room-number='夹01']")).to_be_attached()
    panel.locator("[data-action=save-matrix]").click()
    expect(panel.locator("[data-matrix-bar]")).to_have_count(0)
    rooms = {room["room"]: room for room in desk.get(f"/api/buildings/{building}/house")["rooms"]}
    assert (rooms["夹01"]["floor"], rooms["夹01"]["usage"]) == (1.5, "U4")
    for room in (left, right):
        assert (rooms[room["room"]]["state"], rooms[room["room"]]["beds"]) == ("vacant", 6)


def test_a_refusal_of_the_server_is_told_in_chinese(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    panel = desk.panel("house")
    desk.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    desk.enter("supervisor")
    house = desk.fullest_house()
    lived_in = next(room for room in house["rooms"] if room["residents"])
    desk.open(f"?selected=buildings.{house['building']['id']}")
    panel.locator("[data-action=edit-matrix]").click()
    cell(panel, lived_in["id"]).click()
    panel.locator("[data-action=retire]").click()
    panel.locator("[data-action=save-matrix]").click()
    expect(panel.locator("[data-problem]")).to_contain_text(f"还住着 {lived_in['residents']} 人")
    screenshot("matrix-refused-phone")


def begin_drag(desk: Desk, start: Locator, end: Locator) -> None:
    """Press on one cell and move to the other, without letting go."""
    start.scroll_into_view_if_needed()
    mouse = desk.page.mouse
    boxes = [found for found in (start.bounding_box(), end.bounding_box()) if found]
    places = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]
    mouse.move(*places[0])
    mouse.down()
    mouse.move(*places[1], steps=4)


def test_a_room_tells_where_it_came_from_and_opens_the_other_as_it_was(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page, panel = desk.page, desk.panel("house")
    page.set_viewport_size(SCREEN)  # type: ignore[arg-type]
    desk.enter("supervisor")
    house, (left, right) = house_with_neighbours(desk)
    building, one, other = house["building"]["id"], left["id"], right["id"]
    merge = {"do": "merge", "rooms": [one, other], "into": one, "number": left["room"]}
    pieces = [{"id": -1, "number": f"{left['room']}乙"}]
    split = {"do": "split", "room": one, "number": f"{left['room']}甲", "pieces": pieces}
    save_beside(desk, building, merge)
    save_beside(desk, building, split)
    desk.open(f"?selected=buildings.{building}&dwelling={one}")
    detail = panel.locator(f"[data-dwelling='{one}']")
    expect(detail.locator("[data-lineage=splitInto]")).to_contain_text(f"{left['room']}乙")
    merged = detail.locator("[data-lineage=mergedFrom]")
    expect(merged).to_contain_text(right["room"])
    merged.scroll_into_view_if_needed()
    screenshot("matrix-lineage")
    merged.locator("[data-other]").click()
    gone = panel.locator(f"[data-dwelling='{other}']")
    expect(gone).to_be_visible()
    expect(gone.locator("[data-lineage=mergedInto]")).to_contain_text(left["room"])
    expect(gone.locator("article[data-person]")).to_have_count(right["residents"])
    screenshot("matrix-lineage-before")
    gone.locator("[data-lineage=mergedInto] [data-other]").click()
    expect(panel.locator(f"[data-dwelling='{one}']")).to_be_visible()
    for name, size in (("phone", PHONE), ("wall", {"width": 1920, "height": 1080})):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        desk.open(f"?selected=buildings.{building}&dwelling={one}")
        merged.scroll_into_view_if_needed()
        screenshot(f"matrix-lineage-{name}")


def test_a_house_is_built_by_rule_on_a_phone_and_faults_are_told_at_the_field(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page, panel = desk.page, desk.panel("house")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    desk.enter("supervisor")
    house = desk.fullest_house()
    building, there = house["building"]["id"], len(house["rooms"])
    desk.open(f"?selected=buildings.{building}")
    panel.locator("[data-action=edit-matrix]").click()
    panel.locator("[data-action=build]").click()
    builder = panel.locator("[data-matrix-builder]")
    builder.locator("[name=highest]").fill("190")
    expect(builder.locator("label.faulty")).to_contain_text("本楼楼层为")
    builder.locator("[name=highest]").fill("1")
    builder.locator("[name=lowest]").fill("1")
    builder.locator("[name=units]").fill("新9")
    builder.locator("[name=rooms]").fill("3")
    expect(builder.locator("[data-preview]")).to_contain_text("新增 3 室")
    screenshot("matrix-phone-builder")
    builder.locator("[data-action=take-rule]").click()
    expect(panel.locator("[data-room='-3']")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    screenshot("matrix-phone-built")
    panel.locator("[data-action=save-matrix]").click()
    expect(panel.locator("[data-matrix-bar]")).to_have_count(0)
    assert len(desk.get(f"/api/buildings/{building}/house")["rooms"]) == there + 3


def test_who_may_not_edit_sees_no_editing(desk: Desk) -> None:
    desk.enter("worker")
    building = desk.fullest_house()["building"]["id"]
    desk.open(f"?selected=buildings.{building}")
    expect(desk.panel("house").locator("[data-room]").first).to_be_visible()
    expect(desk.panel("house").locator("[data-action=edit-matrix]")).to_have_count(0)
