"""Main-thread tasks of the viewer on the map of a city, with thousands of objects on the move.

    .venv/bin/python -m tests.bench.long_tasks --var DIR

Everything is real: the city of DIR, a server over it, the intake, the live line and Chromium. The
vehicles are made for the measurement and taken back.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, ViewportSize, sync_playwright
from sqlalchemy import Engine, text

from gisserver.bench.server import running_server, temporary_account
from gisserver.bench.vehicles import temporary_vehicles
from gisserver.postgis import database_in_use
from gisserver.settings import secret_key
from gisserver.viewer_build import build_viewer
from layers.core.database import connect_engine
from layers.core.rights import Role
from layers.core.scope import Grant
from layers.migrations import upgrade
from layers.patrol.fixes import SECOND, Fixes
from layers.patrol.intake import Intake
from tests.harness import CHROMIUM_FLAGS, chromium_path

SOURCE = "bench-map"
MOVERS = 3_680
STEP_DEGREES = 6e-5
"""About 6 metres a second."""
SCREEN: ViewportSize = {"width": 1366, "height": 768}
LIMIT_MS = 100
SETTLE_MS = 4_000
WATCH = """
window.longTasks = [];
new PerformanceObserver((list) => {
  for (const task of list.getEntries())
    window.longTasks.push([task.startTime, task.duration]);
}).observe({ type: 'longtask', buffered: true });
"""
Extent = tuple[float, float, float, float]


@dataclass(frozen=True)
class Scene:
    """What was done on the map, and the tasks over 50 ms meanwhile, in milliseconds."""

    name: str
    seconds: float
    tasks: Sequence[float]

    def row(self) -> str:
        """The scene as a row of a table."""
        over = sum(task > LIMIT_MS for task in self.tasks)
        longest = f"{max(self.tasks):.0f}" if self.tasks else "< 50"
        return f"| {self.name} | {self.seconds:.0f} | {len(self.tasks)} | {over} | {longest} |"


@contextmanager
def _driving(engine: Engine, ids: NDArray[np.int64], extent: Extent) -> Iterator[None]:
    """Every vehicle reports its place once a second, through the intake, as long as the block."""
    over = threading.Event()

    def drive() -> None:
        intake, random = Intake(engine), np.random.default_rng(20261127)
        west, south, east, north = extent
        longitude = random.uniform(west, east, len(ids))
        latitude = random.uniform(south, north, len(ids))
        heading = random.uniform(0, 360, len(ids))
        while not over.wait(1.0):
            heading = (heading + random.normal(0, 8, len(ids))) % 360
            longitude += STEP_DEGREES * np.sin(np.radians(heading))
            latitude += STEP_DEGREES * np.cos(np.radians(heading))
            intake.take(_fixes(ids, longitude, latitude, heading))

    with ThreadPoolExecutor(1) as driver:
        driven = driver.submit(drive)
        try:
            yield
        finally:
            over.set()
        driven.result()


def _fixes(ids: NDArray[np.int64], longitude: Any, latitude: Any, heading: Any) -> Fixes:
    count = len(ids)
    return Fixes(
        vehicle=np.ones(count, dtype=np.int64),
        object_id=ids,
        time=np.full(count, int(time.time()) * SECOND, dtype=np.int64),
        longitude=longitude.copy(),
        latitude=latitude.copy(),
        speed=np.full(count, 22.0),
        heading=heading.copy(),
        accuracy=np.full(count, 5.0),
        battery=np.full(count, np.nan),
        is_gcj02=np.zeros(count, dtype=bool),
    )


class Recorder:
    """Plays scenes on a page and keeps their long tasks."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.scenes: list[Scene] = []

    def play(self, name: str, action: Callable[[Page], None]) -> None:
        """Does something on the map and waits until the map has settled."""
        self.page.evaluate("() => { window.longTasks.length = 0 }")
        began = time.perf_counter()
        action(self.page)
        self.page.wait_for_timeout(SETTLE_MS)
        seconds = time.perf_counter() - began
        tasks = self.page.evaluate("() => window.longTasks.map(([, duration]) => duration)")
        self.scenes.append(Scene(name, seconds, tasks))
        click.echo(self.scenes[-1].row())


def _drag(page: Page, times: int, button: Any = "left") -> None:
    middle = (SCREEN["width"] / 2, SCREEN["height"] / 2)
    for number in range(times):
        way = 1 if number % 2 == 0 else -1
        page.mouse.move(*middle)
        page.mouse.down(button=button)
        page.mouse.move(middle[0] + 400 * way, middle[1] + 200 * way, steps=8)
        page.mouse.up(button=button)


def _wheel(page: Page, delta: int, times: int) -> None:
    page.mouse.move(SCREEN["width"] / 2, SCREEN["height"] / 2)
    for _ in range(times):
        page.mouse.wheel(0, delta)
        page.wait_for_timeout(300)


def _hover(page: Page) -> None:
    for number in range(20):
        page.mouse.move(450 + number * 40, 200 + (number * 37) % 400)
        page.wait_for_timeout(50)


def _play(recorder: Recorder, open_map: Callable[[str], None], centre: tuple[float, float]) -> None:
    lon, lat = centre
    open_map("?layers=areas,grids,buildings,positions")
    recorder.page.wait_for_function(
        f"() => Number(document.querySelector('[data-movers]')?.dataset.movers) >= {MOVERS}"
    )
    recorder.play("whole district, everybody moving", lambda page: page.wait_for_timeout(6_000))
    recorder.play("whole district, dragged", lambda page: _drag(page, 3))
    recorder.play("pointer over the whole district", _hover)
    recorder.play("zoomed in to streets by the wheel", lambda page: _wheel(page, -600, 5))
    recorder.play("streets, dragged", lambda page: _drag(page, 3))
    recorder.play("pointer over streets", _hover)
    open_map(
        f"?view={lon:.5f},{lat:.5f},16.2,-20,50&mode=3d&layers=areas,grids,buildings,positions"
    )
    recorder.play("3D, standing", lambda page: page.wait_for_timeout(4_000))
    recorder.play("3D, dragged", lambda page: _drag(page, 3))
    recorder.play("3D, turned", lambda page: _drag(page, 3, "right"))


def measure(var: Path) -> tuple[list[Scene], int]:
    """The scenes over the city in `var`, and how many buildings it has."""
    build_viewer(lambda _: None)
    with database_in_use(var) as url:
        upgrade(url)
        engine = connect_engine(url)
        with engine.begin() as connection:
            count = connection.execute(text("SELECT count(*) FROM housing.building")).scalar_one()
            extent: Extent = tuple(
                connection.execute(
                    text(
                        "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) "
                        "FROM (SELECT ST_Extent(geom) AS e FROM territory.grid) AS g"
                    )
                ).one()
            )
        with (
            temporary_account(engine, [Grant(Role.COMMANDER, "")]) as (login, password),
            temporary_vehicles(engine, SOURCE, MOVERS) as ids,
            running_server(url, secret_key(var)) as (port, _),
            _driving(engine, np.array(ids), extent),
        ):
            scenes = _in_browser(port, login, password, extent)
        engine.dispose()
    return scenes, int(count)


def _in_browser(port: int, login: str, password: str, extent: Extent) -> list[Scene]:
    address = f"http://127.0.0.1:{port}"
    west, south, east, north = extent
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport=SCREEN, locale="zh-CN")
        page.set_default_timeout(120_000)
        page.add_init_script(WATCH)
        page.request.post(f"{address}/api/session", data={"login": login, "password": password})
        recorder = Recorder(page)

        def open_map(query: str) -> None:
            page.goto(f"{address}/{query}")
            page.wait_for_selector('[data-ready="true"]')
            page.wait_for_timeout(SETTLE_MS)

        _play(recorder, open_map, ((west + east) / 2, (south + north) / 2))
        browser.close()
    return recorder.scenes


@click.command()
@click.option("--var", type=click.Path(path_type=Path), required=True)
@click.option("--json", "json_file", type=click.Path(path_type=Path))
def main(var: Path, json_file: Path | None) -> None:
    """Measure the main-thread tasks of the viewer over a city."""
    click.echo("| scene | seconds | tasks over 50 ms | over 100 ms | longest ms |")
    click.echo("|---|---|---|---|---|")
    scenes, buildings = measure(var)
    click.echo(f"{buildings:,} buildings, {MOVERS:,} objects moving every second")
    if json_file:
        json_file.write_text(json.dumps([vars(scene) for scene in scenes], indent=2))


if __name__ == "__main__":
    main()
