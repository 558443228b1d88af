"""A supervisor redraws the grids of a community, somebody else approves, staff are assigned."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect
from shapely.geometry import LineString, shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Engine, text

from tests.features.conftest import Desk

Place = tuple[float, float]

PROJECT = """([lon, lat]) => {
  const point = window.wanggeMap.project([lon, lat])
  const box = window.wanggeMap.getCanvas().getBoundingClientRect()
  return [point.x + box.left, point.y + box.top]
}"""


def pixel(desk: Desk, place: Place) -> tuple[float, float]:
    """Where on the screen a place is."""
    x, y = desk.page.evaluate(PROJECT, list(place))
    return x, y


def open_plan_panel(desk: Desk) -> None:
    desk.page.get_by_role("button", name="网格调整").first.click()
    desk.panel("plan").wait_for()


def begin(desk: Desk) -> dict[str, Any]:
    """A new draft for the supervisor's community, on the screen and as the server tells it."""
    open_plan_panel(desk)
    desk.page.click("[data-action=new-plan]")
    expect(desk.page.locator("select[name=community]")).not_to_have_value("")
    desk.page.click("[data-action=begin-plan]")
    at_rest(desk, 0)
    return plan_of(desk)


def plan_of(desk: Desk) -> dict[str, Any]:
    number = desk.page.locator(".desk").get_attribute("data-plan")
    found: dict[str, Any] = desk.get(f"/api/plans/{number}")
    return found


def at_rest(desk: Desk, position: int) -> None:
    """The draft shows so many operations, and the map has come to rest over it."""
    here = desk.page.locator(f'.desk[data-position="{position}"][data-busy="false"]')
    expect(here).to_be_visible()
    desk.page.wait_for_function("!window.wanggeMap.isMoving() && window.wanggeMap.getZoom() > 14")


def largest(plan: dict[str, Any]) -> dict[str, Any]:
    """The piece where most people live."""
    found: dict[str, Any] = max(plan["pieces"], key=lambda p: p["figures"]["residents"])
    return found


def lines_across(piece: dict[str, Any]) -> list[tuple[Place, Place]]:
    """Level lines through a piece, from a little outside to a little outside."""
    west, south, east, north = shape(piece["geometry"]).bounds
    margin = (east - west) * 0.08
    heights = [south + (north - south) * share / 40 for share in range(10, 31)]
    return [((west - margin, y), (east + margin, y)) for y in heights]


def footprints(desk: Desk, piece: dict[str, Any]) -> list[BaseGeometry]:
    found = desk.get(f"/api/layers/buildings/features?limit=1000&area_code={piece['code']}")
    return [shape(each["geometry"]) for each in found["features"]]


def draw(desk: Desk, line: tuple[Place, Place]) -> None:
    """Draw a line from place to place with the split tool."""
    page = desk.page
    page.click("[data-tool=split]")
    expect(page.locator(".hint[role=status]")).to_be_visible()
    (x1, y1), (x2, y2) = (pixel(desk, place) for place in line)
    page.mouse.move(x1, y1)
    page.mouse.click(x1, y1)
    page.mouse.move((x1 + x2) / 2, (y1 + y2) / 2)
    page.mouse.move(x2, y2)


def drag(desk: Desk, start: Place, end: tuple[float, float]) -> None:
    """Take hold of a place on the map and let it go so many pixels further."""
    page = desk.page
    x, y = pixel(desk, start)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + end[0] / 2, y + end[1] / 2)
    page.mouse.move(x + end[0], y + end[1])
    page.mouse.up()


def shared_corner(plan: dict[str, Any]) -> Place:
    """A corner of a border that exactly two pieces share, in the middle of it."""
    rings = [set(map(tuple, shape(p["geometry"]).exterior.coords)) for p in plan["pieces"]]
    owners: dict[Place, int] = {}
    for ring in rings:
        for place in ring:
            owners[place] = owners.get(place, 0) + 1
    border = shape(plan["community"]["border"]).boundary
    inner = [p for p, n in owners.items() if n == 2 and border.distance(LineString([p, p])) > 1e-4]
    return sorted(inner)[len(inner) // 2]


def code_of(engine: Engine, person: int) -> str:
    with engine.begin() as connection:
        statement = text("SELECT area_code FROM people.person WHERE id = :id")
        return str(connection.execute(statement, {"id": person}).scalar_one())


def split_largest(desk: Desk, plan: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Cut the fullest grid between the houses; the grid before, and the plan after."""
    page, piece = desk.page, largest(plan)
    houses = footprints(desk, piece)
    clear = [
        line
        for line in lines_across(piece)
        if not any(LineString(line).distance(house) < 2e-5 for house in houses)
    ]
    line = clear[len(clear) // 2]
    draw(desk, line)
    expect(page.locator("table.pieces")).to_have_attribute("data-preview", "true")
    expect(page.locator("tr[data-status=new]")).to_have_count(2)
    page.mouse.dblclick(*pixel(desk, line[1]))
    at_rest(desk, 1)
    return piece, plan_of(desk)


def drag_border(desk: Desk, plan: dict[str, Any]) -> dict[str, Any]:
    """Move a corner of a border a little; the plan after."""
    desk.page.click("[data-tool=move]")
    desk.page.wait_for_function("window.wanggeMap.getLayer('drawing-handles-grip')")
    drag(desk, shared_corner(plan), (9, 0))
    at_rest(desk, 2)
    desk.page.click("[data-tool=move]")
    return plan_of(desk)


def merge_smallest(desk: Desk, plan: dict[str, Any]) -> None:
    """Make one of two neighbours in which hardly anybody lives."""
    shapes = {piece["key"]: shape(piece["geometry"]) for piece in plan["pieces"]}
    first = min(plan["pieces"], key=lambda p: p["figures"]["residents"])["key"]
    second = next(
        key
        for key, each in shapes.items()
        if key != first and each.intersection(shapes[first]).length > 0
    )
    for key in (first, second):
        desk.page.locator(f'tr[data-piece="{key}"]').click()
    desk.page.click("[data-tool=merge]")
    at_rest(desk, 3)


def approve(desk: Desk, plan: dict[str, Any], screenshot: Callable[[str], Path]) -> None:
    """Somebody else compares before and after and puts the plan in force."""
    page = desk.page
    page.context.clear_cookies()
    desk.sign_in("commander", f"?plan={plan['id']}")
    expect(page.locator("[data-step=approve]")).to_be_enabled()
    at_rest(desk, 2)
    page.get_by_role("radio", name="调整前").click()
    expect(page.locator("tr[data-piece]")).to_have_count(len(plan["base"]))
    screenshot("plan-before")
    page.get_by_role("radio", name="调整后").click()
    page.click("[data-step=approve]")
    expect(page.locator("[data-state=in_force]")).to_be_visible()


def test_grids_are_redrawn_by_one_account_and_approved_by_another(
    desk: Desk, city_engine: Engine, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    desk.sign_in("supervisor")
    piece, plan = split_largest(desk, begin(desk))
    fresh = [each for each in plan["pieces"] if each["status"] == "new"]
    assert sum(p["figures"]["residents"] for p in fresh) == piece["figures"]["residents"]
    for each in fresh:
        shown = page.locator(f'tr[data-code="{each["code"]}"] [data-figure=residents]')
        expect(shown).to_have_text(f"{each['figures']['residents']:,}")
    screenshot("plan-split")

    moved = drag_border(desk, plan)
    pairs = zip(moved["pieces"], plan["pieces"], strict=True)
    assert sum(now["geometry"] != before["geometry"] for now, before in pairs) == 2
    assert moved["faults"] == []
    merge_smallest(desk, moved)
    screenshot("plan-merged")
    for key, position in (("z", 2), ("z", 1), ("y", 2)):
        page.keyboard.press(f"Control+{key}")
        at_rest(desk, position)
    page.reload()
    at_rest(desk, 2)
    assert plan_of(desk)["pieces"] == moved["pieces"]

    expect(page.locator("[data-step=submit]")).to_be_disabled()
    page.fill("[name=reason]", "第一网格户数过多")
    page.click("[data-step=submit]")
    expect(page.locator("[data-state=submitted]")).to_be_visible()
    with city_engine.begin() as connection:
        person = connection.execute(
            text("SELECT id FROM people.person WHERE area_code = :code ORDER BY id LIMIT 1"),
            {"code": piece["code"]},
        ).scalar_one()

    approve(desk, plan, screenshot)
    expect(page.locator("[data-rehomed=persons]")).to_be_visible()
    screenshot("plan-in-force")
    assert code_of(city_engine, person) in {each["code"] for each in fresh}
    page.click("[data-panel=plan] [aria-label=关闭]")
    page.wait_for_function(
        "names => { const drawn = window.wanggeMap.queryRenderedFeatures().filter(f => "
        "f.sourceLayer === 'grids').map(f => f.properties.name); "
        "return names.every(name => drawn.includes(name)) }",
        arg=[each["name"] for each in fresh],
    )


def test_a_line_that_cuts_a_building_is_shown_and_not_handed_in(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    desk.sign_in("supervisor")
    plan = begin(desk)
    piece = largest(plan)
    houses = footprints(desk, piece)
    cutting = max(
        lines_across(piece),
        key=lambda line: sum(LineString(line).intersects(house.buffer(-2e-5)) for house in houses),
    )
    page.uncheck("[name=snap]")
    draw(desk, cutting)
    expect(page.locator("[data-fault=cut_building]").first).to_be_visible()
    page.mouse.dblclick(*pixel(desk, cutting[1]))
    at_rest(desk, 1)
    faults = plan_of(desk)["faults"]
    expect(page.locator("[data-fault]")).to_have_count(len(faults))
    page.locator("[data-fault]").first.click()
    page.wait_for_function("!window.wanggeMap.isMoving() && window.wanggeMap.getZoom() > 17")
    page.wait_for_function(
        "window.wanggeMap.queryRenderedFeatures().some(f => f.source === 'shapes/plan-faults')"
    )
    screenshot("plan-cut-building")
    page.fill("[name=reason]", "试试看")
    expect(page.locator("[data-blocked]")).to_be_visible()
    expect(page.locator("[data-step=submit]")).to_be_disabled()
    page.click("[data-step=discard]")
    expect(page.locator("[data-state=discarded]")).to_be_visible()


def test_a_vacancy_is_found_on_the_map_and_filled(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    desk.sign_in("admin")
    vacancies = desk.get("/api/assignments/vacancies")["items"]
    assert vacancies, "the demo city has vacancies"
    page.get_by_role("button", name="网格空岗").first.click()
    rows = page.locator("[data-vacancy]")
    expect(rows).to_have_count(len(vacancies))
    vacancy = next(each for each in vacancies if "worker" in each["roles"])
    page.click(f'[data-vacancy="{vacancy["code"]}"]')
    desk.wait_for_selection("grids", vacancy["grid_id"])
    page.click("[data-tab=charge]")
    panel = desk.panel("charge")
    expect(panel.locator("[data-action=assign]")).to_be_disabled()
    screenshot("vacancy")
    someone = next(
        each
        for each in desk.get("/api/layers/staff/features?post=worker&limit=50")["features"]
        if each["properties"]["area_code"][:12] == vacancy["code"][:12]
    )
    name = someone["properties"]["name"]
    panel.locator(".el-select").click()
    page.keyboard.type(name)
    page.locator(".el-select-dropdown__item", has_text=name).first.click()
    panel.locator("[data-action=assign]").click()
    expect(panel.locator("[data-role=worker]")).to_contain_text(name)
    expect(rows).to_have_count(len(vacancies) - 1)
    screenshot("vacancy-filled")
    page.set_viewport_size({"width": 390, "height": 844})
    open_plan_panel(desk)
    screenshot("plan-phone")
