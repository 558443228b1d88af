"""How long each process takes as a job, from its order to its results, over a database in use.

python -m tests.bench.processes --var DIR
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import requests
from sqlalchemy import Engine, text

from gisserver.bench.server import running_server, temporary_account
from gisserver.postgis import database_in_use
from gisserver.settings import secret_key
from layers.core.database import connect_engine
from layers.core.rights import Role
from layers.core.scope import Grant
from layers.migrations import upgrade
from tests.bench.peers.wangge import district_of

PATIENCE = 600.0
_NEWEST = text("SELECT max(reported_at) FROM incidents.incident")


def orders(engine: Engine, base: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Title, process and inputs of each question, about the district with the most buildings."""
    area = district_of(engine)
    with engine.connect() as connection:
        newest = connection.execute(_NEWEST).scalar_one()
    months = [(newest - timedelta(days=days)).isoformat() for days in (60, 30, 0)]
    before, month = (f"{months[each]}/{months[each + 1]}" for each in (0, 1))

    def features(layer: str, count: int) -> Mapping[str, str]:
        return {"href": f"{base}/collections/{layer}/items?limit={count}"}

    grids, few = features("grids", 5000), features("facilities", 20)
    yield "buildings in 5,000 grids", "count_in_polygons", {"layer": "buildings", "polygons": grids}
    yield "residents in 5,000 grids", "count_in_polygons", {"layer": "persons", "polygons": grids}
    yield "two months by grid", "compare_periods", {"area": area, "first": before, "second": month}
    zones = {"reach": 200, "least": 10, "area": area, "datetime": month}
    yield "hot zones of a month", "hot_zones", zones
    heat = {"area": area, "layer": "incidents", "radius": 300, "datetime": month}
    yield "heat of a month, 300 m", "heat_surface", heat
    yield "20,000 cameras, by grid", "camera_coverage", {"area": area}
    for mode in ("walk", "car"):
        asked = {"facilities": few, "limits": [5, 10, 15], "mode": mode}
        yield f"20 facilities, 5/10/15 min, {mode}", "service_area", asked
    asked = {"origins": features("buildings", 1000), "facilities": features("facilities", 100)}
    yield "1,000 buildings, 100 facilities, on foot", "nearest_facility", asked


def seconds(session: requests.Session, base: str, process: str, inputs: Mapping[str, Any]) -> float:
    """From the order until the job is done.

    Raises: RuntimeError when it is refused or fails.
    """
    began = time.perf_counter()
    ordered = session.post(
        f"{base}/processes/{process}/execution",
        json={"inputs": inputs},
        headers={"Prefer": "respond-async"},
    )
    if ordered.status_code != 201:
        raise RuntimeError(f"{process}: {ordered.status_code} {ordered.text[:500]}")
    while time.perf_counter() < began + PATIENCE:
        job = session.get(ordered.headers["Location"]).json()
        if job["status"] == "successful":
            return time.perf_counter() - began
        if job["status"] not in ("accepted", "running"):
            raise RuntimeError(f"{process}: {json.dumps(job, ensure_ascii=False)}")
        time.sleep(0.05)
    raise RuntimeError(f"{process}: not done in {PATIENCE:.0f} s")


@click.command()
@click.option("--var", type=click.Path(path_type=Path), required=True, help="city to measure")
def main(var: Path) -> None:
    """Print a table of the processes with their times."""
    with database_in_use(var) as url:
        upgrade(url)
        engine = connect_engine(url)
        grants = [Grant(Role.COMMANDER, district_of(engine))]
        with (
            temporary_account(engine, grants) as account,
            running_server(url, secret_key(var)) as (port, _),
            requests.Session() as session,
        ):
            session.auth = account
            base = f"http://127.0.0.1:{port}/ogc"
            for title, process, inputs in orders(engine, base):
                took = seconds(session, base, process, inputs)
                click.echo(f"| `{process}` | {title} | {took:.1f} s |")
        engine.dispose()


if __name__ == "__main__":
    main()
