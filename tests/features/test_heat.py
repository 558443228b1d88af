"""Heat of a month with its legend and animation; hot zones that are kept and opened as rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import Locator, expect

from layers.core.calendar import CHINA
from tests.features.conftest import Desk

MAP = ".maplibregl-map"


def last_month() -> str:
    """The month before this one, as the address keeps it."""
    day = datetime.now(CHINA).replace(day=1) - timedelta(days=1)
    return f"m{day:%Y-%m}"


def number(place: Locator) -> int:
    """The whole number in a place of the page."""
    return int(re.sub(r"\D", "", place.inner_text()))


def drawn(desk: Desk, what: str) -> None:
    """Return once the map says that it draws this."""
    desk.page.wait_for_selector(f'[data-heat="{what}"]')


def test_a_month_has_a_legend_with_values_and_moves(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    desk.sign_in("commander")
    page.click("[data-tool=heat]")
    panel, card = desk.panel("heat"), page.locator("[data-card=heat]")
    # The first question is asked by itself; its answer must not be taken for that of the month.
    drawn(desk, "surface 0")
    with page.expect_response(lambda answer: "/api/heat?" in answer.url):
        panel.locator("[data-heat=period] button", has_text="上月").click()
    page.wait_for_url(re.compile(rf"heat=period.*{last_month()}"))
    drawn(desk, "surface 0")
    asked = desk.get(f"/api/heat?{query_of(desk)}")
    expect(card.locator("[data-heat=count] b")).to_have_text(f"{asked['frames'][0]['count']:,}")
    breaks = card.locator("[data-break]").evaluate_all("all => all.map(e => +e.dataset.break)")
    assert breaks == asked["breaks"][::-1]
    expect(card).to_contain_text("每平方千米 · 30 天")
    screenshot("heat-month")

    panel.locator("[data-heat=step] button", has_text="逐周").click()
    player = card.locator(".heat-player")
    expect(player).to_have_attribute("data-frames", re.compile(r"[456]"))
    counts = [frame["count"] for frame in desk.get(f"/api/heat?{query_of(desk)}")["frames"]]
    assert sum(counts) == asked["frames"][0]["count"]
    card.locator("[data-heat=slider]").fill("2")
    drawn(desk, "surface 2")
    assert number(card.locator("[data-heat=count] b")) == counts[2]
    card.locator("[data-action=heat-speed]").click()
    card.locator("[data-action=heat-play]").click()
    drawn(desk, "surface 4")
    card.locator("[data-action=heat-play]").click()
    panel.get_by_text("立体柱").click()
    page.wait_for_selector('[data-heat^="columns "]')
    page.wait_for_url(re.compile("look"))
    screenshot("heat-columns")


def query_of(desk: Desk) -> str:
    """The parameters with which the page asked the server last."""
    asked = desk.page.evaluate(
        "performance.getEntriesByType('resource').map(e => e.name)"
        ".filter(name => name.includes('/api/heat?')).at(-1)"
    )
    return str(asked).split("?", 1)[1]


def test_hot_zones_are_kept_and_open_as_rows(desk: Desk, screenshot: Callable[[str], Path]) -> None:
    page = desk.page
    desk.sign_in("commander", f"?heat=period:{last_month()}~radius:200")
    panel = desk.panel("heat")
    drawn(desk, "surface 0")
    panel.locator("[data-action=find-zones]").click()
    panel.locator("[data-heat=least]").fill("5")
    first = panel.locator("[data-zone='1']")
    expect(first).to_be_visible()
    zones = panel.locator("[data-zone]").count()
    incidents = number(first.locator("[data-zone-rows=now]"))
    first.locator(".number").click()
    screenshot("heat-zones")

    first.locator("[data-zone-rows=now]").click()
    rows = page.locator("[data-list=heat-rows]")
    expect(rows).to_have_attribute("data-matched", str(incidents))
    expect(rows.locator("[data-row]")).to_have_count(incidents)
    screenshot("heat-rows")
    rows.locator("[data-action=heat-back]").click()

    panel.locator("[data-action=keep-zones]").click()
    expect(panel.locator("[data-heat=zones-kept]")).to_contain_text(f"已保存 {zones} 个")
    features = desk.get("/api/layers/hot_zones/features?limit=1000")["features"]
    assert len(features) == zones
    kept = next(each for each in features if each["properties"]["number"] == 1)
    assert kept["properties"]["incidents"] == incidents
    page.goto(f"{desk.address}/?selected=hot_zones.{kept['id']}&layers=areas,hot_zones")
    page.get_by_role("tab", name="热点事件").click()
    opened = desk.panel("hot-zone").locator("[data-list=heat-rows]")
    expect(opened).to_have_attribute("data-matched", str(incidents))
    screenshot("heat-kept-zone")
