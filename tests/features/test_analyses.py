"""Analyses of the server in the viewer: asked by a form, done as a job, seen on the map."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, Route, expect

from tests.features.conftest import Desk

# Terra Draw takes quicker clicks for double clicks.
BETWEEN_CLICKS_MS = 400
DRAWN = """() => ['result', 'step1', 'step2', 'step3', 'step4', 'step5', 'hidden', 'beside',
  'fall2', 'fall1', 'same', 'rise1', 'rise2']
  .flatMap(look =>
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


def result_size(result: Locator) -> int:
    """How many features a result has."""
    return int(result.get_attribute("data-features") or 0)


def click_through(page: Page, *places: tuple[int, int]) -> None:
    """Click the corners of a drawing, then end it."""
    for x, y in places:
        page.mouse.move(x, y)
        page.wait_for_timeout(BETWEEN_CLICKS_MS)
        page.mouse.click(x, y)
    page.wait_for_timeout(BETWEEN_CLICKS_MS)
    page.keyboard.press("Enter")


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
    first.locator("button").click()
    page.wait_for_function("before => window.wanggeMap.getZoom() > before + 0.3", arg=before)
    page.wait_for_function("() => !!window.wanggeMap.getSource('shapes/analysis-chosen')")
    screenshot("analyses-chosen")

    page.click("[data-tool=analysis]")
    page.wait_for_function(f"() => ({DRAWN})().length === 0")


def test_places_are_counted_in_grids_and_in_what_was_drawn(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    desk.sign_in("commander")
    panel = analysis(desk, "count_in_polygons")

    # Nothing chosen: told at the field.
    panel.locator("[data-action=run-analysis]").click()
    layer = panel.locator("[data-input=layer]")
    expect(layer.locator("[role=alert]")).to_have_text("必填")
    layer.locator("select").select_option("components")
    screenshot("analyses-count-form")
    result = run(panel)
    expect(result).to_have_attribute("data-figure", "count")
    code = result.locator("[data-column=code]")
    expect(code).to_be_visible()
    name = result.locator("[data-result-row] th").first.inner_text()
    count = result.locator("[data-result-row] td").first.inner_text()
    grids = desk.get("/api/layers/grids/features?kind=governance&limit=1000")["features"]
    place = next(each["properties"] for each in grids if each["properties"]["name"] == name)
    lying = desk.get(f"/ogc/collections/components/items?area_code={place['code']}&limit=1")
    assert count == str(lying["numberMatched"])
    expect(result).to_have_attribute("data-features", str(len(grids)))
    screenshot("analyses-count")

    # Another figure colours anew; English at once.
    result.locator("select[name=analysis-paint]").select_option("per_km2")
    expect(result.locator("[aria-sort]")).to_have_text("每平方公里")
    page.click("[data-action=language]")
    expect(result.locator("[aria-sort]")).to_have_text("Per km²")
    expect(panel.locator("h3").first).to_have_text("Count in polygons")
    screenshot("analyses-count-english")
    page.click("[data-action=language]")

    # The form is as it was left; drawn polygons in place of the grids.
    panel.locator("[data-action=analysis-again]").click()
    expect(layer.locator("select")).to_have_value("components")
    panel.locator("[data-input=polygons] select").select_option("")
    panel.locator("[data-action=run-analysis]").click()
    expect(panel.locator("[data-input=polygons] [role=alert]")).to_have_text("必填")
    page.click("[data-draw=polygon]")
    click_through(page, (560, 220), (1150, 220), (1150, 640), (560, 640))
    expect(panel.locator("[data-drawn]")).to_contain_text("1")
    result = run(panel)
    expect(result).to_have_attribute("data-features", "1")
    expect(result.locator("[data-result-row] th")).to_have_text("1")
    assert int(result.locator("[data-result-row] td").first.inner_text().replace(",", "")) > 0
    screenshot("analyses-count-drawn")


def test_jobs_are_listed_stopped_and_rasters_downloaded_on_a_phone(
    desk: Desk, screenshot: Callable[[str], Path], tmp_path: Path
) -> None:
    page = desk.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    desk.sign_in("commander")
    panel = analysis(desk, "heat_surface")
    panel.locator("[data-input=layer] select").select_option("incidents")
    panel.locator("[data-input=radius] input").fill("200")
    screenshot("analyses-raster-form-390")
    panel.locator("[data-action=run-analysis]").click()
    with page.expect_download() as download:
        panel.locator("[data-action=download-result]").click()
    file = tmp_path / "result.tif"
    download.value.save_as(file)
    assert file.read_bytes()[:4] in (b"II*\x00", b"MM\x00*")
    assert download.value.suggested_filename.endswith(".tif")
    expect(panel.locator("[data-result]")).to_have_count(0)
    screenshot("analyses-raster-390")

    panel.locator("[data-action=analysis-back]").click()
    jobs = panel.locator("[data-job]")
    expect(jobs.first).to_have_attribute("data-status", "successful")
    before = jobs.count()
    jobs.first.scroll_into_view_if_needed()
    screenshot("analyses-jobs-390")
    jobs.first.locator("[data-action=dismiss-job]").click()
    expect(jobs).to_have_count(before - 1)
    assert page.evaluate("document.documentElement.scrollWidth") == 390

    # Nothing there is said so.
    panel.locator("[data-process=hot_zones]").click()
    panel.locator("[data-input=reach] input").fill("50")
    panel.locator("[data-input=least] input").fill("1000")
    panel.locator("[data-action=run-analysis]").click()
    expect(panel.locator(".empty-state")).to_contain_text("没有结果")
    panel.locator("[data-action=analysis-back]").click()
    panel.locator("[data-process=camera_coverage]").click()
    run(panel)
    page.wait_for_function(f"() => ({DRAWN})().length > 0")
    page.wait_for_timeout(2_500)
    screenshot("analyses-dark-390")


def test_a_panel_that_is_closed_asks_for_no_jobs(desk: Desk) -> None:
    page = desk.page
    desk.sign_in("commander")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    panel = analysis(desk, "camera_coverage")
    # Until the server takes it, the job waits; the list is asked for again only while it does.
    page.route("**/ogc/jobs?*", hold_open)
    panel.locator("[data-action=run-analysis]").click()
    expect(panel.locator("[data-status=running]")).to_be_visible()
    with page.expect_request("**/ogc/jobs?*"):
        pass
    page.click("[data-tool=analysis]")
    expect(panel).to_have_count(0)
    seen = len([url for url in asked if "/ogc/jobs?" in url])
    page.wait_for_timeout(4_000)
    assert len([url for url in asked if "/ogc/jobs?" in url]) == seen


def hold_open(route: Route) -> None:
    """The real list, with its newest job still on its way."""
    answer = route.fetch()
    listed = answer.json()
    listed["jobs"][0] |= {"status": "running", "progress": 40}
    route.fulfill(response=answer, json=listed)


def test_zones_periods_and_selections_too(desk: Desk, screenshot: Callable[[str], Path]) -> None:
    page = desk.page
    desk.sign_in("commander")
    panel = analysis(desk, "hot_zones")
    panel.locator("[data-input=reach] input").fill("200")
    panel.locator("[data-input=least] input").fill("3")
    screenshot("analyses-zones-form")
    result = run(panel)
    expect(result).to_have_attribute("data-figure", "incidents")
    screenshot("analyses-zones")

    panel.locator("[data-action=analysis-back]").click()
    panel.locator("[data-process=compare_periods]").click()
    panel.locator("[data-input=level] select").select_option("grid")
    screenshot("analyses-periods-form")
    result = run(panel)
    expect(result).to_have_attribute("data-figure", "change")
    page.wait_for_function(f"n => new Set(({DRAWN})()).size === n", arg=result_size(result))
    screenshot("analyses-periods")

    panel.locator("[data-action=analysis-back]").click()
    panel.locator("[data-process=select_features]").click()
    panel.locator("[data-input=layer] select").select_option("buildings")
    panel.locator("[data-input=relation] select").select_option("within")
    panel.locator("[data-draw=polygon]").click()
    click_through(page, (560, 220), (1150, 220), (1150, 640), (560, 640))
    expect(panel.locator("[data-drawn]")).to_be_visible()
    panel.locator("[data-input=limit] input").fill("300")
    panel.locator("[data-input=conditions] [data-action=add-rule]").click()
    rule = panel.locator("[data-input=conditions] [data-condition]")
    rule.locator(".el-select").first.click()
    page.locator(".el-select-dropdown__item:visible", has_text="地上层数").click()
    rule.locator("[name=minimum]").fill("4")
    rule.locator("[name=minimum]").press("Tab")
    screenshot("analyses-select-form")
    result = run(panel)
    expect(result).to_have_attribute("data-features", "300")
    expect(result.locator("[data-capped]")).to_be_visible()
    expect(result.locator("[data-result-row]")).to_have_count(200)
    result.locator("[data-column=levels]").click()
    result.locator("[data-column=levels]").click()
    expect(result.locator("[aria-sort=ascending]")).to_have_text("地上层数")
    levels = [int(text) for text in result.locator("tbody td:nth-child(2)").all_inner_texts()]
    assert levels == sorted(levels)
    assert levels[0] >= 4
    screenshot("analyses-select")


def test_what_schools_serve_and_the_way_to_the_nearest(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    desk.sign_in("commander")
    panel = analysis(desk, "service_area")
    panel.locator("[data-action=run-analysis]").click()
    places = panel.locator("[data-input=facilities]")
    expect(places.locator("[role=alert]")).to_have_text("必填")
    places.locator("select").first.select_option("key_sites")
    places.locator("[data-action=add-rule]").click()
    places.get_by_placeholder("包含文字").fill("小学")
    screenshot("analyses-service-form")
    limits = panel.locator("[data-input=limits] input")
    expect(limits).to_have_value("5,10,15")
    limits.fill("3、 6")
    result = run(panel)
    expect(result).to_have_attribute("data-figure", "limit")
    assert result_size(result) >= 2
    schools = desk.get("/ogc/collections/key_sites/items?filter=name%20LIKE%20%27%25小学%25%27")
    row = result.locator("[data-result-row]").first
    expect(row).to_contain_text("分钟")
    assert schools["numberMatched"] > 0
    assert str(schools["numberMatched"]) in row.locator("td").all_inner_texts()
    sizes(page, screenshot, "analyses-service")

    panel.locator("[data-action=analysis-back]").click()
    panel.locator("[data-process=nearest_facility]").click()
    panel.locator("[data-input=origins] select").first.select_option("buildings")
    panel.locator("[data-input=facilities] select").first.select_option("facilities")
    panel.locator("[data-input=with_routes] [role=switch]").click()
    result = run(panel)
    buildings = desk.get("/ogc/collections/buildings/items?limit=1")["numberMatched"]
    assert result_size(result) == buildings
    expect(result.locator("[data-column=facility_name]")).to_be_visible()
    screenshot("analyses-nearest")
