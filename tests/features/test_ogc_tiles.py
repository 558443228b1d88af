"""OGC tiles and styles as another program draws them, and their pages as people see them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route, expect

from gisserver.settings import ROOT
from tests.features.conftest import Desk

MAPLIBRE = ROOT / "viewer" / "node_modules" / "maplibre-gl" / "dist"
# A page of somebody else's, with nothing but MapLibre and the address of the style.
PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>MapLibre</title>
<link rel="stylesheet" href="/other/maplibre-gl.css">
<style>html,body,#map{margin:0;width:100%;height:100%}</style><div id="map"></div>
<script type="module">
import { Map } from '/other/maplibre-gl.mjs'
const map = new Map({ container: 'map', style: '/ogc/styles/STYLE?f=mapbox',
  fadeDuration: 0, attributionControl: false,
  canvasContextAttributes: { preserveDrawingBuffer: true } })
map.on('error', ({ error }) => console.error(`map: ${error.message}`))
map.on('idle', () => { document.body.dataset.drawn = 'true' })
window.map = map
</script></html>"""


def open_elsewhere(desk: Desk, style: str) -> list[str]:
    """Show a style in a page of its own; the addresses asked for from then on."""

    def answer(route: Route) -> None:
        name = urlsplit(route.request.url).path.rsplit("/", 1)[1]
        if name == "page":
            route.fulfill(content_type="text/html", body=PAGE.replace("STYLE", style))
        else:
            kind = "text/css" if name.endswith(".css") else "text/javascript"
            route.fulfill(content_type=kind, body=(MAPLIBRE / name).read_bytes())

    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    desk.page.route(f"{desk.address}/other/*", answer)
    desk.page.goto(f"{desk.address}/other/page")
    desk.page.wait_for_selector("[data-drawn=true]")
    return asked


def show(desk: Desk, center: list[float], zoom: float) -> None:
    """Move the map and return once all is drawn."""
    desk.page.evaluate(
        "([center, zoom]) => { document.body.dataset.drawn = ''; map.jumpTo({ center, zoom }) }",
        [center, zoom],
    )
    desk.page.wait_for_selector("[data-drawn=true]")


def on_screen(desk: Desk, layers: str) -> list[dict[str, Any]]:
    """What is drawn by the style layers whose ids begin so."""
    return list(
        desk.page.evaluate(
            """begin => map.queryRenderedFeatures({ layers: map.getStyle().layers.map(l => l.id)
              .filter(id => id.startsWith(begin)) })
              .map(f => ({ id: f.id, layer: f.layer.id, properties: f.properties,
                           at: map.project(middle(f.geometry)) }))
            function middle({ coordinates }) {
              const flat = coordinates.flat(8)
              const all = [0, 1].map(i => flat.filter((_, n) => n % 2 === i))
              return all.map(a => (Math.min(...a) + Math.max(...a)) / 2)
            }""",
            layers,
        )
    )


def colour_at(desk: Desk, x: float, y: float) -> str:
    """The colour of the map there, as a style writes it."""
    return str(
        desk.page.evaluate(
            """([x, y]) => {
              const gl = map.getCanvas().getContext('webgl2'), ratio = devicePixelRatio
              const rgba = new Uint8Array(4)
              gl.readPixels(x * ratio, gl.drawingBufferHeight - y * ratio, 1, 1,
                gl.RGBA, gl.UNSIGNED_BYTE, rgba)
              const written = [...rgba.slice(0, 3)].map(v => v.toString(16).padStart(2, '0'))
              return '#' + written.join('')
            }""",
            [x, y],
        )
    )


def is_near(colour: str, other: str) -> bool:
    """Whether two colours differ by no more than what grids add."""
    parts = [[int(each[i : i + 2], 16) for i in (1, 3, 5)] for each in (colour, other)]
    return max(abs(a - b) for a, b in zip(*parts, strict=True)) <= 8


def test_maplibre_draws_the_style_with_our_tiles(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    desk.enter("commander")
    desk.page.set_viewport_size({"width": 1366, "height": 768})
    asked = open_elsewhere(desk, "wangge")
    screenshot("ogc-style-map-whole")
    box = desk.get("/ogc/collections/buildings/tiles/WebMercatorQuad")["boundingBox"]
    middle = [sum(pair) / 2 for pair in zip(box["lowerLeft"], box["upperRight"], strict=True)]
    show(desk, middle, 16.2)
    buildings = on_screen(desk, "buildings:0")
    assert len({each["id"] for each in buildings}) > 20
    assert on_screen(desk, "roads:")
    # Names are drawn, Chinese ones too, although no font was fetched.
    assert any(
        re.search("[一-鿿]", str(each["properties"].get("name")))
        for each in on_screen(desk, "roads:6")
    )
    screenshot("ogc-style-map")
    # Without points and names, whose places are those of the houses.
    desk.page.evaluate(
        """() => map.getStyle().layers.filter(l => l.type === 'circle' || l.type === 'symbol')
          .forEach(l => map.setLayoutProperty(l.id, 'visibility', 'none'))"""
    )
    show(desk, middle, 16.2)
    style = desk.get("/ogc/styles/wangge?f=mapbox")
    declared = next(each for each in style["layers"] if each["id"] == "buildings:0")
    pairs = declared["paint"]["fill-color"][2:-1]
    colours = dict(zip(pairs[::2], pairs[1::2], strict=True))
    seen = {
        usage: {
            colour_at(desk, each["at"]["x"], each["at"]["y"])
            for each in buildings
            if each["properties"].get("usage") == usage
            and 0 < each["at"]["x"] < 1366
            and 0 < each["at"]["y"] < 768
        }
        for usage in colours
    }
    shown = {usage: found for usage, found in seen.items() if found}
    assert shown
    for usage, found in shown.items():
        # Grids lie over the houses as a breath of colour.
        assert any(is_near(each, colours[usage]) for each in found), (usage, found)
    elsewhere = [url for url in asked if not url.startswith((desk.address, "blob:", "data:"))]
    assert elsewhere == []
    tiles = [url for url in asked if "/tiles/WebMercatorQuad/" in url]
    assert tiles
    assert all(url.startswith(f"{desk.address}/ogc/") for url in tiles)


def test_a_style_of_one_layer_is_drawn_alone(desk: Desk, screenshot: Callable[[str], Path]) -> None:
    desk.enter("commander")
    desk.page.set_viewport_size({"width": 1366, "height": 768})
    open_elsewhere(desk, "key_sites")
    assert on_screen(desk, "key_sites:0")
    screenshot("ogc-style-key-sites")


@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768), (390, 844)])
def test_pages_of_tiles_and_styles(
    desk: Desk, screenshot: Callable[[str], Path], size: tuple[int, int]
) -> None:
    """Each can be reached by links from the first page, and none is wider than the screen."""
    page = desk.page
    desk.enter("commander")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{desk.address}/ogc?f=html")
    _check(desk, screenshot, "landing", size)
    for link, name in (("样式 Styles", "styles"), ("wangge", "style")):
        page.get_by_role("link", name=link, exact=True).click()
        _check(desk, screenshot, name, size)
    page.goto(f"{desk.address}/ogc?f=html")
    for link, name in (
        ("瓦片矩阵集 Tile matrix sets", "tile-matrix-sets"),
        ("CGCS2000Quad", "tile-matrix-set"),
    ):
        page.get_by_role("link", name=link, exact=True).click()
        _check(desk, screenshot, name, size)
    page.goto(f"{desk.address}/ogc?f=html")
    page.get_by_role("link", name="矢量瓦片 Vector tiles", exact=True).click()
    _check(desk, screenshot, "dataset-tilesets", size)
    page.goto(f"{desk.address}/ogc/collections/buildings?f=html")
    _check(desk, screenshot, "collection", size)
    for link, name in (("矢量瓦片 Vector tiles", "tilesets"), ("CGCS2000Quad", "tileset")):
        page.get_by_role("link", name=link, exact=True).first.click()
        _check(desk, screenshot, name, size)


def _check(desk: Desk, screenshot: Callable[[str], Path], name: str, size: tuple[int, int]) -> None:
    expect(desk.page.locator("h1")).to_be_visible()
    width = desk.page.evaluate("() => document.documentElement.scrollWidth")
    assert width <= size[0]
    screenshot(f"ogc-{name}-{size[0]}")
