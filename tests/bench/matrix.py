"""The building matrix of a tower: how long the server and the screen take.

    .venv/bin/python -m tests.bench.matrix --var DIR

Everything is real: the city of DIR, a server over it with sign-in, scope and masking, and Chromium
with the map. The tower is made for the measurement and taken back.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from playwright.sync_api import Page, ViewportSize, sync_playwright
from sqlalchemy import Engine, text

from gisserver.bench.server import Client, running_server, temporary_account
from gisserver.postgis import database_in_use
from gisserver.settings import secret_key
from gisserver.viewer_build import build_viewer
from layers.core.database import connect_engine
from layers.core.rights import Role
from layers.core.scope import Grant
from layers.migrations import upgrade
from tests.harness import CHROMIUM_FLAGS, chromium_path

NAME = "测速塔楼三十三层"
SOURCE = "bench-matrix"
FLOORS, UNITS, PEOPLE = 33, 4, 2
SCREEN: ViewportSize = {"width": 1366, "height": 768}
ASKED, OPENED = 200, 10
SETTLE_MS = 3_000
SERVER_LIMIT_MS, SCREEN_LIMIT_MS = 100, 300

_BUILDING = text(
    "INSERT INTO housing.building (name, levels, usage, geom, source) SELECT :name, :floors, 'B1', "
    "geom, :source FROM housing.building AS b WHERE source IS DISTINCT FROM :source "
    "AND EXISTS (SELECT FROM housing.dwelling AS d WHERE d.building_id = b.id) "
    "ORDER BY ST_Area(geom) DESC, id LIMIT 1 RETURNING id"
)
_OTHER = text(
    "SELECT b.id, ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) "
    "FROM housing.building AS b WHERE source IS DISTINCT FROM :source "
    "AND EXISTS (SELECT FROM housing.dwelling AS d WHERE d.building_id = b.id) "
    "ORDER BY ST_Area(geom) DESC, id LIMIT 1"
)
_ROOMS = text(
    "INSERT INTO housing.dwelling (building_id, unit, floor, room_number, tenure, usage, state, "
    "source) SELECT :building, unit::text, floor, floor || lpad(number::text, 2, '0'), "
    "(ARRAY['T2', 'T3', 'T5'])[1 + (floor + number) % 3], 'U1', 'collected', :source "
    "FROM generate_series(1, :units) AS unit, generate_series(1, :floors) AS floor, "
    "generate_series(1, :rooms) AS number"
)
_PEOPLE = text(
    "INSERT INTO people.residence (person_id, dwelling_id, kind, is_home, household, valid_from, "
    "source) SELECT p.id, d.id, 'L02', false, 'H', DATE '2024-05-01', :source "
    "FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM housing.dwelling "
    "WHERE source = :source) AS d JOIN (SELECT id, row_number() OVER (ORDER BY id) AS number "
    "FROM people.person ORDER BY id LIMIT :most) AS p "
    "ON d.number = 1 + (p.number - 1) / :people"
)
_WATCH = """
(rooms) => {
  window.shownAfter = null
  let began = null
  const press = ({ key }) => { if (key === 'Enter') began ??= performance.now() }
  addEventListener('keydown', press, true)
  const panel = () => document.querySelectorAll('[data-panel=house] [data-room]').length
  const look = () => {
    if (began === null || panel() !== rooms) return requestAnimationFrame(look)
    const made = performance.now() - began
    // The next frame begins when this one was painted.
    requestAnimationFrame(() => { window.shownAfter = [made, performance.now() - began] })
  }
  look()
}
"""


@contextmanager
def temporary_tower(engine: Engine, rooms: int) -> Iterator[int]:
    """Id of a building of 33 floors and 4 units, `rooms` to a landing, two people in each."""
    _take_back(engine)
    with engine.begin() as connection:
        values = {"name": NAME, "source": SOURCE, "floors": FLOORS, "units": UNITS, "rooms": rooms}
        building = int(connection.execute(_BUILDING, values).scalar_one())
        connection.execute(_ROOMS, values | {"building": building})
        most = FLOORS * UNITS * rooms * PEOPLE
        connection.execute(_PEOPLE, {"source": SOURCE, "most": most, "people": PEOPLE})
    try:
        yield building
    finally:
        _take_back(engine)


def _take_back(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in ("people.residence", "housing.dwelling", "housing.building"):
            connection.execute(text(f"DELETE FROM {table} WHERE source = :s"), {"s": SOURCE})


def _server_times(port: int, login: str, password: str, building: int) -> tuple[list[float], int]:
    client = Client(port, login, password)
    path = f"/api/buildings/{building}/house"
    rooms = len(client.told(path)["rooms"])
    times = [client.get(path)[0] * 1000 for _ in range(ASKED)]
    client.close()
    return times, rooms


def _screen_times(
    port: int, login: str, password: str, building: int, rooms: int, query: str
) -> list[tuple[float, float]]:
    """From Enter in the search box, the page being at a query, to every room made and painted."""
    address = f"http://127.0.0.1:{port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport=SCREEN, locale="zh-CN")
        page.set_default_timeout(120_000)
        page.request.post(f"{address}/api/session", data={"login": login, "password": password})
        found = [_opened(page, f"{address}/{query}", building, rooms) for _ in range(OPENED)]
        browser.close()
    return found


def _opened(page: Page, address: str, building: int, rooms: int) -> tuple[float, float]:
    page.goto(address)
    page.wait_for_selector('[data-ready="true"]')
    if "selected" in address:
        page.locator("[data-panel=house] [data-room]").first.wait_for()
        page.wait_for_timeout(SETTLE_MS)
    page.fill("[name=search]", NAME)
    page.locator("#search-results [role=option]", has_text=NAME).first.wait_for()
    page.evaluate(_WATCH, rooms)
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.shownAfter !== null")
    page.wait_for_url(f"**selected=buildings.{building}**")
    made, painted = page.evaluate("() => window.shownAfter")
    return float(made), float(painted)


def _beside(engine: Engine) -> str:
    """The query that shows the house in whose place the tower stands, open."""
    with engine.begin() as connection:
        other, lon, lat = connection.execute(_OTHER, {"source": SOURCE}).one()
    return f"?view={lon:.6f},{lat:.6f},17.5&selected=buildings.{other}"


def _row(name: str, taken: Sequence[float], limit: int) -> str:
    times = sorted(taken)
    worst = times[min(len(times) - 1, int(len(times) * 0.99))]
    return f"| {name} | {statistics.median(times):.0f} | {worst:.0f} | {limit} |"


@click.command()
@click.option("--var", type=click.Path(path_type=Path), required=True)
@click.option("--rooms", type=int, default=2, help="Rooms on a floor of a unit.")
def main(var: Path, rooms: int) -> None:
    """Measure the matrix of a tower in the server and on screen."""
    build_viewer(lambda _: None)
    with database_in_use(var) as url:
        upgrade(url)
        engine = connect_engine(url)
        with (
            temporary_tower(engine, rooms) as building,
            temporary_account(engine, [Grant(Role.SUPERVISOR, "")]) as (login, password),
            running_server(url, secret_key(var)) as (port, _),
        ):
            times, count = _server_times(port, login, password, building)
            click.echo(f"{count} rooms, {count * PEOPLE} people")
            click.echo("| ms | median | 99 % | goal |\n|---|---|---|---|")
            click.echo(_row("server, over HTTP", times, SERVER_LIMIT_MS))
            for name, query in (
                ("another house open before", _beside(engine)),
                ("nothing of the panel loaded yet", ""),
            ):
                shown = _screen_times(port, login, password, building, count, query)
                made, painted = zip(*shown, strict=True)
                click.echo(_row(f"every room in the page, {name}", made, SCREEN_LIMIT_MS))
                click.echo(_row(f"every room painted, {name}", painted, SCREEN_LIMIT_MS))
        engine.dispose()


if __name__ == "__main__":
    main()
