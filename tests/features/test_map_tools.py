"""Drawing on the map, shapes over it, and both when the look of the map changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.features.conftest import Desk
from tests.features.test_report_incident import centre_query

# Two clicks sooner than this are a double click.
APART_MS = 450

CORNERS = ((520, 260), (820, 260), (820, 520), (520, 520))


def ask(page: Page, order: str) -> None:
    """Give the map an order; what comes of it is kept on the page."""
    page.evaluate(
        f"() => {{ window.outcome = undefined; {order}.then((it) => {{ window.outcome = it }}) }}"
    )


def outcome(page: Page) -> Any:
    """What came of the order, once something has."""
    page.wait_for_function("() => window.outcome !== undefined")
    return page.evaluate("() => window.outcome")


def click(page: Page, x: int, y: int) -> None:
    page.mouse.move(x, y, steps=3)
    page.wait_for_timeout(APART_MS)
    page.mouse.click(x, y)


def switch_theme(page: Page, ground: str) -> None:
    """Turn day into night or back, and wait until the map has followed and is drawn anew."""
    page.click("[data-action=theme]")
    page.wait_for_function(
        """(ground) => window.wanggeMap.getPaintProperty('ground', 'background-color') === ground
          && window.wanggeMap.areTilesLoaded()""",
        arg=ground,
    )
    page.evaluate(
        "() => new Promise((done) => window.wanggeMap.once('render', done).triggerRepaint())"
    )


def wait_until_drawn(page: Page, source: str) -> None:
    page.wait_for_function(
        """(source) => window.wanggeMap.queryRenderedFeatures()
          .some((feature) => feature.source === source)""",
        arg=source,
    )


def test_drawing_and_shapes_survive_a_change_of_look(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    page.set_viewport_size({"width": 1366, "height": 768})
    desk.sign_in("supervisor")
    page.goto(f"{desk.address}/{centre_query(desk)}")
    page.wait_for_selector('[data-ready="true"]')
    hint = page.locator(".map-canvas [role=status]")

    ask(page, "window.wanggePort.draw('polygon', { snapTo: () => ['buildings'] })")
    expect(hint).to_contain_text("双击或按回车完成")
    for corner in CORNERS[:3]:
        click(page, *corner)
    wait_until_drawn(page, "drawing-polygon")
    switch_theme(page, ground="#131a24")
    click(page, *CORNERS[3])
    wait_until_drawn(page, "drawing-polygon")
    screenshot("drawing-night")
    page.keyboard.press("Enter")
    drawn = outcome(page)
    assert drawn["circle"] is None
    ring = drawn["geometry"]["coordinates"][0]
    assert len(ring) == 5
    assert ring[0] == ring[-1]
    expect(hint).to_have_count(0)
    assert "selected=" not in page.url

    page.evaluate(
        """(geometry) => {
          window.clicked = null
          const properties = { label: '三里片区', strong: true }
          const features = [{ type: 'Feature', geometry, properties }]
          const keep = (shape) => { window.clicked = shape }
          window.wanggePort.shapes('trial', { features }, 'draft', keep)
        }""",
        drawn["geometry"],
    )
    wait_until_drawn(page, "shapes/trial")
    screenshot("shapes-night")
    switch_theme(page, ground="#f3f2ee")
    wait_until_drawn(page, "shapes/trial")
    page.wait_for_timeout(APART_MS)
    page.mouse.click(670, 400)
    page.wait_for_function("() => window.clicked !== null")
    assert page.evaluate("() => window.clicked.properties.label") == "三里片区"
    assert "selected=" not in page.url
    screenshot("shapes-day")

    ask(page, "window.wanggePort.draw('circle')")
    click(page, 600, 400)
    click(page, 700, 400)
    circle = outcome(page)["circle"]
    metres_per_pixel = 156543.034 / 2 / 2**16 * 0.86
    assert 60 * metres_per_pixel < circle["radius"] < 140 * metres_per_pixel

    page.evaluate("() => window.wanggePort.shapes('trial', null)")
    page.wait_for_function("() => !window.wanggeMap.getSource('shapes/trial')")
    ask(page, "window.wanggePort.draw('line')")
    click(page, 600, 300)
    page.keyboard.press("Escape")
    assert outcome(page) is None
    page.wait_for_function("() => !window.wanggeMap.getSource('drawing-linestring')")
