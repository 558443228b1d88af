"""Buildings in three dimensions: coloured by what is counted, opened floor by floor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import shapely
from playwright.sync_api import Page, expect

from tests.features.conftest import Desk

# The blue of what is selected by day (viewer/src/map/house/roomColours.ts).
SELECTED = (11, 98, 230)

STANDING = "deck-maplibre-layer-group-before:below-names"

PIXEL = """([lon, lat]) => {
  const map = window.wanggeMap
  const { x, y } = map.project([lon, lat])
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 1
  const context = canvas.getContext('2d')
  const ratio = map.getCanvas().width / map.getCanvas().clientWidth
  context.drawImage(map.getCanvas(), x * ratio, y * ratio, 1, 1, 0, 0, 1, 1)
  return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)]
}"""


def look(building: dict[str, Any], **parameters: object) -> str:
    """The query that shows a building close up, selected."""
    view = f"{building['lon']:.6f},{building['lat']:.6f},18.3"
    pitched = f"{view},-24,52" if parameters.get("mode") == "3d" else view
    more = "".join(f"&{name}={value}" for name, value in parameters.items())
    return f"?view={pitched}&selected=buildings.{building['id']}{more}"


def open_at(desk: Desk, query: str, building: int) -> None:
    """Go there and wait until the building stands open."""
    desk.page.goto(f"{desk.address}/{query}")
    desk.page.wait_for_selector(f'[data-ready="true"][data-opened="{building}"]')


def wait_until_drawn(page: Page) -> None:
    page.wait_for_function(
        f"() => window.wanggeMap.getLayer('{STANDING}') && window.wanggeMap.areTilesLoaded()"
    )


def wait_for_colour(page: Page, place: tuple[float, float], colour: tuple[int, int, int]) -> None:
    """Return once the map shows about that colour at a place."""
    page.wait_for_function(
        f"""([place, colour]) => ({PIXEL})(place)
          .every((value, index) => Math.abs(value - colour[index]) < 30)""",
        arg=[list(place), list(colour)],
    )


def settle(page: Page) -> None:
    """Return once the map has drawn what it was told, for a picture of it."""
    page.evaluate(
        """() => new Promise((done) => {
          window.wanggeMap.once('idle', done)
          window.wanggeMap.triggerRepaint()
        })"""
    )


def places_in(boxes: dict[str, Any]) -> dict[int, tuple[float, float]]:
    """Longitude and latitude inside each room, off its middle, where the building's name may be."""
    found = {}
    for box in boxes["boxes"]:
        room = shapely.Polygon(*boxes["shapes"][box["shape"]][0][:1])
        middle, corner = room.representative_point(), room.exterior.coords[0]
        found[box["id"]] = ((middle.x + corner[0]) / 2, (middle.y + corner[1]) / 2)
    return found


def test_a_room_of_an_opened_building_leads_to_its_people_and_back(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    desk.sign_in("supervisor")
    house = desk.fullest_house()
    building = house["building"]
    boxes = desk.get(f"/api/buildings/{building['id']}/boxes")
    places = places_in(boxes)
    lived_in = [room for room in house["rooms"] if room["residents"]]
    ground = min(room["floor"] for room in lived_in)
    room = next(room for room in lived_in if room["floor"] == ground)

    open_at(desk, look(building, mode="3d"), building["id"])
    wait_until_drawn(page)
    expect(page.locator("[data-card=floors] [data-floor]")).to_have_count(len(house["floors"]) + 1)
    settle(page)
    screenshot("open-building")
    page.click("[data-action=spread]")
    page.wait_for_url("**spread=1**")
    settle(page)
    screenshot("open-building-spread")
    page.click("[data-action=spread]")

    page.click(f"[data-floor='{ground}']")
    page.wait_for_url(f"**floor={ground}**")
    x, y = page.evaluate(
        """(place) => {
          const { x, y } = window.wanggeMap.project(place)
          const box = window.wanggeMap.getCanvas().getBoundingClientRect()
          return [box.x + x, box.y + y]
        }""",
        list(places[room["id"]]),
    )
    page.mouse.move(x, y, steps=4)
    expect(page.locator("[role=tooltip]")).to_contain_text(room["room"])
    page.mouse.click(x, y)
    page.wait_for_url(f"**dwelling={room['id']}**")
    detail = desk.panel("house").locator(f"[data-dwelling='{room['id']}']")
    expect(detail.locator("article[data-person]")).to_have_count(room["residents"])
    settle(page)
    screenshot("open-building-room")

    # The same selection on the flat map: the plan of the floor, the room lit.
    page.click("[data-action=mode]")
    wait_for_colour(page, places[room["id"]], SELECTED)
    screenshot("open-building-plan")

    # And the other way round: from a person to the room.
    detail.locator("[data-action=open-person]").first.click()
    person = page.locator("[data-panel=person]")
    expect(person.locator("[data-action=open-home]").first).to_be_visible()
    other = next(each for each in lived_in if each["floor"] != ground)
    query = look(building, dwelling=other["id"])
    open_at(desk, query, building["id"])
    wait_for_colour(page, places[other["id"]], SELECTED)
    page.wait_for_url(f"**floor={other['floor']}**")


# Colours of classes by day (viewer/src/map/house/roomColours.ts).
TONES = {
    "self": (121, 178, 137),
    "rented": (240, 172, 72),
    "vacant": (196, 204, 215),
    "other": (139, 161, 226),
    "none": (229, 232, 237),
    "alert": (222, 96, 84),
}
USAGES = {"U1": "self", "U2": "rented", "U3": "rented", "U4": "other", "U5": "other", "U7": "other"}


def test_rooms_are_coloured_as_in_the_matrix_flat_and_standing(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page, panel = desk.page, desk.panel("house")
    page.set_viewport_size({"width": 1366, "height": 768})
    desk.sign_in("supervisor")
    house = desk.fullest_house()
    building = house["building"]
    places = places_in(desk.get(f"/api/buildings/{building['id']}/boxes"))
    room = next(room for room in house["rooms"] if room["tenure"] == "T3" and room["usage"])
    open_at(desk, look(building, floor=room["floor"]), building["id"])
    wait_for_colour(page, places[room["id"]], TONES["rented"])
    legend = page.locator("[data-card=room-legend]")
    shown = panel.locator("select[name=look]")

    def labels() -> list[str]:
        """What both legends say, which must be the same."""
        of_map = legend.locator("[data-class]").evaluate_all("all => all.map(e => e.dataset.class)")
        of_matrix = panel.locator(".legend [data-class]").evaluate_all(
            "all => all.map(e => e.dataset.class)"
        )
        assert of_map == of_matrix != []
        return list(of_map)

    assert "rented" in labels()
    shown.select_option("usage")
    tone = USAGES.get(room["usage"], "vacant")
    wait_for_colour(page, places[room["id"]], TONES[tone])
    screenshot("rooms-by-usage-plan")
    page.click("[data-action=mode]")
    wait_until_drawn(page)
    expect(legend).to_have_attribute("data-look", "usage")
    expect(shown).to_have_value("usage")
    by_usage = labels()
    settle(page)
    screenshot("rooms-by-usage-3d")
    shown.select_option("inspection")
    expect(legend).to_have_attribute("data-look", "inspection")
    assert labels() != by_usage
    legend.locator("[data-class]").first.click()
    expect(panel.locator(".legend [aria-pressed=true]")).to_have_count(1)
    settle(page)
    screenshot("rooms-by-inspection-3d")
    page.click("[data-action=mode]")
    expect(legend).to_have_attribute("data-look", "inspection")
    expect(shown).to_have_value("inspection")


def test_buildings_are_coloured_by_what_is_counted_in_them(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    desk.sign_in("supervisor")
    building = desk.fullest_house()["building"]
    view = f"?view={building['lon']:.6f},{building['lat']:.6f},16.6,-20,50&mode=3d"
    page.goto(f"{desk.address}/{view}")
    page.wait_for_selector('[data-ready="true"]')
    page.click("[data-action=colours]")
    card = page.locator("[data-card=colours]")
    buildings = desk.get("/api/summary")["counts"]["buildings"]
    for by in ("age", "incidents", "rentals"):
        card.locator(f"[data-colour={by}]").click()
        expect(card.locator(f"[data-colours={by}]")).to_be_visible()
        told = desk.get(f"/api/buildings/colours/{by}")
        shown = card.locator("[data-class] .count, [data-class=none]").all_inner_texts()
        counts = [int(text.replace(",", "")) for text in shown]
        assert counts == [*(each["count"] for each in told["classes"]), told["without"]]
        assert sum(counts) == buildings
        settle(page)
        screenshot(f"colours-{by}")
    page.wait_for_url("**colour=rentals**")
    page.wait_for_function(
        """(id) => {
          const map = window.wanggeMap
          const drawn = map.getStyle().layers.find((it) => it['source-layer'] === 'buildings')
          const state = map.getFeatureState({ source: drawn.source, sourceLayer: 'buildings', id })
          return state.value !== undefined
        }""",
        arg=building["id"],
    )
    card.locator("[data-class='4']").click()
    expect(card.locator("[data-class='4']")).to_have_attribute("aria-pressed", "true")
    settle(page)
    screenshot("colours-emphasis")
