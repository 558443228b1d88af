"""Analyses of the server in the viewer: asked by a form, done as a job, seen on the map."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.features.conftest import Desk

DRAWN = """() => ['result', 'step1', 'step2', 'step3', 'step4', 'step5', 'hidden'].flatMap(look =>
  window.wanggeMap.getSource(`shapes/analysis-${look}`)
    ? window.wanggeMap.querySourceFeatures(`shapes/analysis-${look}`).map(f => f.properties.index)
    : [])"""


def analysis(desk: Desk, name: str) -> Locator:
    """The panel with the form of an analysis."""
    desk.page.click("[data-tool=analysis]")
    panel = desk.panel("analysis")
    panel.locator(f"[data-process={name}]").click()
    expect(panel.locator("[data-action=run-analysis]")).to_be_visible()
    return panel


def run(panel: Locator) -> Locator:
    """The result of what the form asks."""
    panel.locator("[data-action=run-analysis]").click()
    result = panel.locator("[data-result]")
    expect(result).to_be_visible()
    return result


def sizes(page: Page, screenshot: Callable[[str], Path], name: str) -> None:
    for width, height in ((1920, 1080), (1366, 768), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(700)
        screenshot(f"{name}-{width}")
    page.set_viewport_size({"width": 1366, "height": 768})


def test_what_cameras_see_is_on_the_map_and_in_a_table(
    desk: Desk, screenshot: Callable[[str], Path], tmp_path: Path
) -> None:
    page = desk.page
    desk.sign_in("commander")
    page.click("[data-tool=analysis]")
    expect(desk.panel("analysis").locator("[data-process]")).to_have_count(
        len(desk.get("/ogc/processes")["processes"])
    )
    sizes(page, screenshot, "analyses")
    desk.panel("analysis").locator("[data-process=camera_coverage]").click()
    panel = desk.panel("analysis")

    # What does not fit is told where it was entered, in the reader's language.
    reach = panel.locator("[data-input=usual_range]")
    reach.locator("input").fill("0")
    panel.locator("[data-action=run-analysis]").click()
    expect(reach.locator("[role=alert]")).to_have_text("不能小于 1")
    expect(reach.locator("input")).to_be_focused()
    sizes(page, screenshot, "analyses-form")

    reach.locator("input").fill("60")
    panel.locator("[data-action=take-view]").click()
    expect(panel.locator("[data-input=bbox]")).to_contain_text("西 1")
    result = run(panel)
    sizes(page, screenshot, "analyses-result")

    with page.expect_download() as download:
        panel.locator("[data-action=download-result]").click()
    file = tmp_path / "result.geojson"
    download.value.save_as(file)
    assert download.value.suggested_filename.startswith("camera_coverage-")
    features = json.loads(file.read_text())["features"]
    expect(result).to_have_attribute("data-features", str(len(features)))
    page.wait_for_function(f"n => new Set(({DRAWN})()).size === n", arg=len(features))
    assert result.locator("[data-legend] li").count() >= 2
    expect(result.locator("[data-result-row]")).to_have_count(len(features))
    shares = [each["properties"].get("share", -1) for each in features]
    first = result.locator("[data-result-row]").first
    best = features[int(first.get_attribute("data-result-row") or 0)]["properties"]
    assert best["share"] == max(shares)

    before = page.evaluate("window.wanggeMap.getZoom()")
    first.click()
    page.wait_for_function("before => window.wanggeMap.getZoom() > before + 0.3", arg=before)
    page.wait_for_function("() => !!window.wanggeMap.getSource('shapes/analysis-chosen')")
    screenshot("analyses-chosen")

    page.click("[data-tool=analysis]")
    page.wait_for_function(f"() => ({DRAWN})().length === 0")
