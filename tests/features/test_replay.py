"""A day on duty replayed on one true clock."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.features.conftest import Desk

OFFICE = {"width": 1366, "height": 768}
WALL = {"width": 1920, "height": 1080}


def walker_with_a_gap(desk: Desk) -> tuple[str, dict[str, Any]]:
    """The last day of the demo city and a track of it that has a gap and stops."""
    day = desk.get("/api/positions/replay/objects?day=2026-01-01")["last_day"]
    items = desk.get(f"/api/positions/replay/objects?day={day}")["items"]
    staff = [each["object_id"] for each in items if each["object_kind"] == "staff"][:40]
    query = ",".join(map(str, staff))
    tracks = desk.get(f"/api/positions/replay?day={day}&staff={query}")["tracks"]
    return day, next(track for track in tracks if track["gaps"] and track["stops"])


def seconds_shown(desk: Desk) -> int:
    hours, minutes, seconds = desk.page.locator("[data-replay-time]").inner_text().split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def next_second_shown(desk: Desk) -> tuple[int, float]:
    """The time as it changes, and when that was: frames are slow here, time is not."""
    shown = seconds_shown(desk)
    while (now := seconds_shown(desk)) == shown:
        time.sleep(0.01)
    return now, time.monotonic()


def head(desk: Desk, key: str) -> str:
    """What the map tells of where an object is drawn."""
    told = desk.page.locator("[data-replay]").get_attribute("data-replay") or ""
    return next(part for part in told.split("|") if part.startswith(f"{key} "))


def test_a_day_is_replayed_on_a_true_clock(desk: Desk, screenshot: Callable[[str], Path]) -> None:
    page = desk.page
    page.set_viewport_size(OFFICE)  # type: ignore[arg-type]
    desk.enter("commander")
    day, track = walker_with_a_gap(desk)
    key = f"staff:{track['object_id']}"
    desk.open()
    page.click("[data-tool=replay]")
    panel = desk.panel("replay")
    # Nobody has moved today, so the last day with tracks is open.
    expect(panel.locator("[data-replay-day]")).to_have_value(day)
    panel.locator("[data-replay-search]").fill(track["label"])
    panel.locator(f"[data-moved='{key}'] input").check()
    chosen = panel.locator(f"[data-track='{key}']")
    expect(chosen).to_contain_text(f"{len(track['gaps'])} 段失联")
    panel.locator("[data-replay-search]").fill("虚A")
    panel.locator("[data-moved^='vehicle:'] input").first.check()
    expect(panel.locator("[data-track]")).to_have_count(2)

    page.click("[data-speed='60']")
    page.click("[data-action=replay-play]")
    expect(page.locator("[data-replay-time]")).not_to_have_text("00:00:00")
    before, began = next_second_shown(desk)
    page.wait_for_timeout(6000)
    after, ended = next_second_shown(desk)
    assert abs((after - before) / (ended - began) - 60) < 6
    page.click("[data-action=replay-play]")
    screenshot("replay-office")

    gap = page.locator("[data-gap]").first.bounding_box()
    assert gap is not None
    page.mouse.click(gap["x"] + gap["width"] / 2, gap["y"] + gap["height"] / 2)
    begins = track["gaps"][0]["since"]
    shown = seconds_shown(desk)
    since = desk.get(f"/api/positions/replay?day={day}&staff={track['object_id']}")["since"]
    assert begins - since < shown < track["gaps"][0]["until"] - since
    page.wait_for_function(
        "key => document.querySelector('[data-replay]').dataset.replay"
        ".split('|').some(part => part.startsWith(key + ' ') && part.endsWith('lost'))",
        arg=key,
    )
    screenshot("replay-gap")

    page.wait_for_url(re.compile(rf"replay={day}_[^&]*_({shown}|{shown + 1})_60"))
    page.reload()
    expect(panel.locator("[data-track]")).to_have_count(2)
    assert abs(seconds_shown(desk) - shown) <= 1
    page.wait_for_function("() => document.querySelector('[data-replay]')?.dataset.replay")
    assert head(desk, key).endswith("lost")


def test_one_is_followed_and_jumps_lead_to_stops(
    desk: Desk, screenshot: Callable[[str], Path]
) -> None:
    page = desk.page
    page.set_viewport_size(WALL)  # type: ignore[arg-type]
    desk.enter("commander")
    day, track = walker_with_a_gap(desk)
    key = f"staff:{track['object_id']}"
    begins = (
        track["first_at"]
        - desk.get(f"/api/positions/replay?day={day}&staff={track['object_id']}")["since"]
    )
    desk.open(f"?replay={day}_s{track['object_id']}_{begins}_600")
    panel = desk.panel("replay")
    expect(panel.locator(f"[data-track='{key}']")).to_be_visible()
    page.get_by_label("下一个停留或事件").click()
    assert seconds_shown(desk) > begins
    panel.locator("[data-action=follow]").click()
    page.click("[data-action=replay-play]")
    page.wait_for_timeout(3000)
    page.click("[data-action=replay-play]")
    screenshot("replay-wall")
    _, lon, lat = head(desk, key).removesuffix(" lost").split(" ")
    page.wait_for_timeout(400)
    middle = page.url.split("view=")[1].split(",")
    # The camera stands over the one that is followed, aside from the panels.
    assert abs(float(middle[0]) - float(lon)) < 0.01
    assert abs(float(middle[1]) - float(lat)) < 0.01
    page.click("[data-action=replay-close]")
    expect(page.locator("[data-card=replay]")).to_have_count(0)


def test_who_may_not_replay_has_no_tool(desk: Desk) -> None:
    desk.sign_in("worker")
    expect(desk.page.locator("[data-tool=replay]")).to_have_count(0)
