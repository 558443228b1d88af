"""A supervisor redraws the grids of a community, somebody else approves, staff are assigned."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect
from shapely.affinity import rotate, scale, translate
from shapely.geometry import LineString, Point, shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union
from sqlalchemy import Engine, text

from tests.features.conftest import Desk

Place = tuple[float, float]

PROJECT = """([lon, lat]) => {
  const point = window.wanggeMap.project([lon, lat])
  const box = window.wanggeMap.getCanvas().getBoundingClientRect()
  return [point.x + box.left, point.y + box.top]
}"""

GRIPPED = """place => {
  const layers = ['drawing-handles-grip'], map = window.wanggeMap
  return map.getLayer(layers[0]) && map.queryRenderedFeatures(map.project(place), { layers }).length
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
    desk.page.wait_for_function(
        "() => !window.wanggeMap.isMoving() && window.wanggeMap.getZoom() > 14"
    )


def lines_across(piece: dict[str, Any]) -> list[LineString]:
    """Straight lines through a piece in many directions, their ends a little outside."""
    ground = shape(piece["geometry"])
    west, south, east, north = ground.bounds
    reach = math.hypot(east - west, north - south)
    level = LineString([(-reach, 0), (reach, 0)])
    found = []
    for angle, step in itertools.product(range(0, 180, 10), range(-12, 13)):
        aside = step / 30 * reach
        turned = translate(
            rotate(translate(level, 0, aside), angle, origin=(0, 0)),
            ground.centroid.x,
            ground.centroid.y,
        )
        inside = turned.intersection(ground)
        if isinstance(inside, LineString) and not inside.is_empty:
            found.append(LineString(scale(inside, 1.1, 1.1)))
    return found


def clear_line(houses: list[BaseGeometry], piece: dict[str, Any]) -> LineString | None:
    """The line across that parts the houses most evenly and comes near none; None when all do."""

    def smaller_side(line: LineString) -> int:
        (x1, y1), (x2, y2) = line.coords
        left = [(x2 - x1) * (h.centroid.y - y1) > (y2 - y1) * (h.centroid.x - x1) for h in houses]
        return min(sum(left), len(left) - sum(left))

    clear = [line for line in lines_across(piece) if all(line.distance(h) > 1e-5 for h in houses)]
    best = max(clear, key=smaller_side, default=None)
    return best if best is not None and smaller_side(best) > 0 else None


def footprints(desk: Desk, piece: dict[str, Any]) -> list[BaseGeometry]:
    found = desk.get(f"/api/layers/buildings/features?limit=1000&area_code={piece['code']}")
    return [shape(each["geometry"]) for each in found["features"]]


def draw(desk: Desk, line: LineString) -> None:
    """Draw a straight line with the split tool, the last click still to come."""
    page = desk.page
    page.click("[data-tool=split]")
    expect(page.locator(".hint[role=status]")).to_be_visible()
    # The tool is fetched when it is first needed.
    page.wait_for_function("() => !!window.wanggeMap.getSource('drawing-linestring')")
    (x1, y1), (x2, y2) = (pixel(desk, (x, y)) for x, y in line.coords)
    page.mouse.move(x1, y1)
    page.mouse.click(x1, y1)
    page.mouse.move((x1 + x2) / 2, (y1 + y2) / 2)
    page.mouse.move(x2, y2)


def end(desk: Desk, line: LineString) -> None:
    """Finish the line that is being drawn, at its last place."""
    x, y = line.coords[-1]
    desk.page.mouse.dblclick(*pixel(desk, (x, y)))


def drag(desk: Desk, start: Place, end: tuple[float, float]) -> None:
    """Take hold of a place on the map and let it go so many pixels further."""
    page = desk.page
    x, y = pixel(desk, start)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + end[0] / 2, y + end[1] / 2)
    page.mouse.move(x + end[0], y + end[1])
    page.mouse.up()


def shared_corner(desk: Desk, plan: dict[str, Any]) -> Place:
    """The corner of exactly two pieces from which the border runs furthest from any house."""
    rings = [
        [tuple(place) for place in piece["geometry"]["coordinates"][0][:-1]]
        for piece in plan["pieces"]
    ]
    owners = Counter(place for ring in rings for place in ring)
    houses = unary_union([h for piece in plan["base"] for h in footprints(desk, piece)])
    outside = shape(plan["community"]["border"]).boundary
    freedom: dict[Place, float] = {}
    for ring in rings:
        for before, place, after in zip(ring, ring[1:], ring[2:], strict=False):
            if owners[place] == 2 and outside.distance(Point(place)) > 1e-4:
                freedom[place] = houses.distance(LineString([before, place, after]))
    return max(freedom, key=lambda place: freedom[place])


def code_of(engine: Engine, person: int) -> str:
    with engine.begin() as connection:
        statement = text("SELECT area_code FROM people.person WHERE id = :id")
        return str(connection.execute(statement, {"id": person}).scalar_one())


def split_between_houses(desk: Desk, plan: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Cut a grid between its houses; the grid before, and the plan after."""
    page = desk.page
    cuts = [(piece, clear_line(footprints(desk, piece), piece)) for piece in plan["pieces"]]
    piece, line = next((piece, line) for piece, line in cuts if line is not None)
    page.uncheck("[name=snap]")  # The lanes of a village are narrower than its reach.
    draw(desk, line)
    expect(page.locator("table.pieces")).to_have_attribute("data-preview", "true")
    expect(page.locator("tr[data-status=new]")).to_have_count(2)
    end(desk, line)
    at_rest(desk, 1)
    return piece, plan_of(desk)


def drag_border(desk: Desk, plan: dict[str, Any]) -> dict[str, Any]:
    """Move a corner of a border a little; the plan after."""
    desk.page.click("[data-tool=move]")
    corner = shared_corner(desk, plan)
    desk.page.wait_for_function(GRIPPED, arg=list(corner))
    drag(desk, corner, (6, 0))
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
    piece, plan = split_between_houses(desk, begin(desk))
    assert plan["faults"] == []
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
    piece = max(plan["pieces"], key=lambda each: each["figures"]["buildings"])
    houses = footprints(desk, piece)
    cutting = max(
        lines_across(piece),
        key=lambda line: sum(line.intersects(house.buffer(-2e-5)) for house in houses),
    )
    page.uncheck("[name=snap]")
    draw(desk, cutting)
    expect(page.locator("[data-fault=cut_building]").first).to_be_visible()
    end(desk, cutting)
    at_rest(desk, 1)
    faults = plan_of(desk)["faults"]
    expect(page.locator("[data-fault]")).to_have_count(len(faults))
    page.locator("[data-fault]").first.click()
    page.wait_for_function("() => !window.wanggeMap.isMoving() && window.wanggeMap.getZoom() > 17")
    page.wait_for_function(
        "() => window.wanggeMap.queryRenderedFeatures()"
        ".some(f => f.source === 'shapes/plan-faults')"
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
