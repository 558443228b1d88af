"""The pages of collections and their features, as somebody looks at them before using QGIS."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.features.conftest import Desk

COLLECTION = "/ogc/collections/buildings"


@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768), (390, 844)])
def test_features_are_looked_through(
    desk: Desk, screenshot: Callable[[str], Path], size: tuple[int, int]
) -> None:
    """From a collection to its features, on to the next page, to one of them; none is too wide."""
    page = desk.page
    desk.enter("commander")
    page.set_viewport_size({"width": size[0], "height": size[1]})

    def look(name: str) -> None:
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("() => document.documentElement.scrollWidth") <= size[0]
        screenshot(f"ogc-{name}-{size[0]}")

    page.goto(f"{desk.address}/ogc/collections?f=html")
    look("collections")
    page.get_by_role("link", name="楼栋", exact=True).click()
    expect(page.get_by_role("link", name="EPSG:4490", exact=True)).to_be_visible()
    look("collection-page")
    page.get_by_role("link", name="浏览要素 Items", exact=True).click()
    look("items")
    first = page.locator("table a").first.inner_text()
    page.get_by_role("link", name="下一页").click()
    expect(page.locator("table a").first).not_to_have_text(first)
    page.locator("table a").first.click()
    look("item")
    page.goto(f"{desk.address}{COLLECTION}/items?f=html&filter=levels%3E150")
    expect(page.get_by_text("没有符合条件的要素")).to_be_visible()
    look("no-items")
    page.goto(f"{desk.address}{COLLECTION}/queryables?f=html")
    look("queryables")


@pytest.mark.parametrize("size", [(1920, 1080), (1366, 768), (390, 844)])
def test_analyses_and_jobs_are_looked_through(
    desk: Desk, screenshot: Callable[[str], Path], size: tuple[int, int]
) -> None:
    """From the list of processes to one of them; a job is watched until done; the list of jobs."""
    page = desk.page
    desk.enter("commander")
    page.set_viewport_size({"width": size[0], "height": size[1]})

    def look(name: str) -> None:
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("() => document.documentElement.scrollWidth") <= size[0]
        screenshot(f"ogc-{name}-{size[0]}")

    page.goto(f"{desk.address}/ogc?f=html")
    page.get_by_role("link", name="分析 Processes", exact=True).click()
    look("processes")
    page.get_by_role("link", name="摄像机覆盖", exact=True).click()
    expect(page.get_by_text("respond-async")).to_be_visible()
    look("process")
    sent = page.request.post(
        f"{desk.address}/ogc/processes/camera_coverage/execution",
        data={"inputs": {}},
        headers={"X-CSRF-Token": desk.get("/api/me")["csrf"], "Prefer": "respond-async"},
    )
    assert sent.status == 201
    page.goto(f"{sent.headers['location']}?f=html")
    # The page looks again by itself until the job is over.
    expect(page.get_by_role("heading", name="完成")).to_be_visible(timeout=60_000)
    look("job")
    page.goto(f"{desk.address}/ogc/jobs?f=html")
    expect(page.get_by_role("link", name="结果 Results").first).to_be_visible()
    look("jobs")


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)])
@pytest.mark.parametrize(
    ("language", "title", "tag"),
    [("zh", "如何连接 QGIS、GDAL、Python 和 curl", "zh-CN"), ("en", "How to connect", "en-US")],
)
def test_how_to_connect_is_shown(
    desk: Desk,
    screenshot: Callable[[str], Path],
    size: tuple[int, int],
    language: str,
    title: str,
    tag: str,
) -> None:
    """From the first page to the help: its pictures load, lines hold this server's address."""
    page = desk.page
    desk.enter("commander")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{desk.address}/ogc?f=html")
    page.get_by_role("link", name="如何连接：QGIS").click()
    page.get_by_role("link", name="中文" if language == "zh" else "English", exact=True).click()
    expect(page.locator("h1")).to_contain_text(title)
    assert page.locator("html").get_attribute("lang") == tag
    pictures = page.locator("figure img")
    assert pictures.count() >= 3
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        size_of = "image => image.complete && [image.naturalWidth, image.naturalHeight]"
        told = [int(picture.get_attribute(name) or 0) for name in ("width", "height")]
        assert picture.evaluate(size_of) == told
        assert picture.get_attribute("alt")
    assert f"OAPIF:{desk.address}/ogc" in page.locator("#gdal pre").inner_text()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= size[0]
    targets = page.locator(".contents a").evaluate_all("links => links.map(link => link.hash)")
    assert all(page.locator(f"section{each}").count() == 1 for each in targets)
    screenshot(f"ogc-help-{language}-{size[0]}")


@pytest.mark.parametrize("name", ["elevation", "heat-buildings"])
def test_a_coverage_shows_its_map_and_axes(
    desk: Desk, screenshot: Callable[[str], Path], name: str
) -> None:
    page = desk.page
    desk.enter("commander")
    page.goto(f"{desk.address}/ogc/collections/{name}?f=html")
    picture = page.locator("img.map")
    expect(picture).to_be_visible()
    page.wait_for_function("() => document.querySelector('img.map').naturalWidth > 100")
    rows = page.locator("table tr")
    grid = desk.get(f"/ogc/collections/{name}?f=json")["extent"]["spatial"]["grid"]
    expect(rows).to_have_count(1 + len(grid))
    for row, axis in enumerate(grid):
        expect(rows.nth(row + 1)).to_contain_text(str(axis["cellsCount"]))
    expect(page.get_by_role("link", name="GeoTIFF")).to_be_visible()
    screenshot(f"ogc-coverage-{name}")
