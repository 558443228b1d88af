"""Killed in the middle: what was acknowledged is there, nothing is half done."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from gisserver.auth.accounts import create_account
from gisserver.settings import ROOT
from layers.core.database import reader_transaction
from layers.core.rights import Role
from layers.core.scope import Grant
from layers.territory.drafting import begin_plan, operate, read_row
from layers.territory.plan_steps import take_step
from tests.builders.community import COMMUNITY, at, build_community, supervisor
from tests.harness import TEST_KEY_BASE64, free_port, serving, wait_until_answering

PASSWORD = "correct horse battery"
WRITERS = 4
ENOUGH = 60
POINTS = 30_000


@contextmanager
def command(url: str, var: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command of the product in a process group of its own, killed whole in the end."""
    environment = os.environ | {
        "DATABASE_URL": url,
        "WANGGE_KEY": TEST_KEY_BASE64,
        "PYTHONPATH": str(ROOT),
    }
    with open(var / "command.log", "ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "gisserver.cli", *words, "--var", str(var)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of the process and its workers."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def token(engine: Engine) -> str:
    """HTTP Basic credentials of somebody who may report anywhere."""
    create_account(engine, "hotline", "Hotline", PASSWORD, [Grant(Role.OPERATOR, "")])
    return "Basic " + b64encode(f"hotline:{PASSWORD}".encode()).decode()


def report_until_refused(address: str, token: str, name: str, acknowledged: list[int]) -> None:
    """Registers incident after incident until the server is gone; keeps the ids it answered."""
    for number in range(10_000):
        body = {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [117.0, 33.0]},
            "properties": {
                "category": "UM-0101",
                "report_source": "SRC01",
                "description": f"{name}-{number}",
            },
        }
        request = urllib.request.Request(
            f"{address}/api/layers/incidents/features",
            json.dumps(body).encode(),
            {"Authorization": token, "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                acknowledged.append(json.load(answer)["id"])
        except (OSError, HTTPException):
            return


def test_every_acknowledged_edit_survives_a_killed_server(
    engine: Engine, database_url: str, token: str, tmp_path: Path
) -> None:
    acknowledged: list[int] = []
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with command(database_url, tmp_path, "serve", "--port", str(port)) as process:
        wait_until_answering(f"{address}/healthz", process, tmp_path / "command.log", 60)
        writers = [
            threading.Thread(
                target=report_until_refused, args=(address, token, f"writer{i}", acknowledged)
            )
            for i in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        deadline = time.monotonic() + 60
        while len(acknowledged) < ENOUGH and time.monotonic() < deadline:
            time.sleep(0.01)
        kill(process)
        for writer in writers:
            writer.join()
    assert len(acknowledged) >= ENOUGH
    with serving(database_url, tmp_path) as again:
        request = urllib.request.Request(
            f"{again}/ogc/collections/incidents/items?limit=10000", headers={"Authorization": token}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            found = {feature["id"] for feature in json.load(answer)["features"]}
    assert set(acknowledged) <= found
    assert len(found - set(acknowledged)) <= WRITERS
    with engine.connect() as connection:
        histories = connection.execute(
            text("SELECT feature_id FROM core.history WHERE layer = 'incidents'")
        ).scalars()
        assert sorted(histories) == sorted(found)


def accept_until_refused(
    address: str, token: str, cases: list[int], acknowledged: list[int]
) -> None:
    """Takes a step of case after case until the server is gone; keeps what it answered."""
    for case_id in cases:
        request = urllib.request.Request(
            f"{address}/api/incidents/{case_id}/steps",
            json.dumps({"step": "accept", "row_version": 1, "inputs": {}}).encode(),
            {"Authorization": token, "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20):
                acknowledged.append(case_id)
        except (OSError, HTTPException):
            return


def test_every_acknowledged_step_is_there_once(
    engine: Engine, database_url: str, token: str, tmp_path: Path
) -> None:
    with engine.begin() as connection:
        made = connection.execute(
            text(
                "INSERT INTO incidents.incident (category, report_source, description, geom) "
                "SELECT 'UM-0101', 'SRC01', 'x', ST_SetSRID(ST_MakePoint(117, 33), 4326) "
                "FROM generate_series(1, 2000) RETURNING id"
            )
        )
        cases = list(made.scalars())
    acknowledged: list[int] = []
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with command(database_url, tmp_path, "serve", "--port", str(port)) as process:
        wait_until_answering(f"{address}/healthz", process, tmp_path / "command.log", 60)
        writers = [
            threading.Thread(
                target=accept_until_refused, args=(address, token, cases[n::WRITERS], acknowledged)
            )
            for n in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        deadline = time.monotonic() + 60
        while len(acknowledged) < ENOUGH and time.monotonic() < deadline:
            time.sleep(0.01)
        kill(process)
        for writer in writers:
            writer.join()
    assert ENOUGH <= len(acknowledged) < len(cases)
    with engine.connect() as connection:
        taken = list(
            connection.execute(
                text("SELECT incident_id FROM incidents.step WHERE step = 'accept'")
            ).scalars()
        )
        moved = connection.execute(
            text("SELECT id FROM incidents.incident WHERE state = 'pending_register'")
        ).scalars()
        assert sorted(taken) == sorted(moved), "step and incident, or neither"
    assert len(taken) == len(set(taken))
    assert set(acknowledged) <= set(taken)
    assert len(set(taken) - set(acknowledged)) <= WRITERS


def points(path: Path) -> Path:
    """A file of key sites, large enough to be met in the middle."""
    features = [
        {
            "type": "Feature",
            "id": i,
            "geometry": {
                "type": "Point",
                "coordinates": [117.2 + i % 300 / 1e4, 33.2 + i // 300 / 1e4],
            },
            "properties": {"name": f"场所{i}"},
        }
        for i in range(POINTS)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def is_writing(engine: Engine) -> bool:
    """Whether a load has begun to write: it holds the lock of bulk work."""
    with engine.connect() as connection:
        return bool(
            connection.execute(
                text("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory')")
            ).scalar_one()
        )


def count_sites(engine: Engine) -> tuple[int, int]:
    """Key sites, and history rows of them."""
    with engine.connect() as connection:
        row = connection.execute(
            text(
                "SELECT (SELECT count(*) FROM places.key_site), "
                "(SELECT count(*) FROM core.history WHERE layer = 'key_sites')"
            )
        ).one()
    return row[0], row[1]


def test_a_killed_load_leaves_nothing_and_can_be_repeated(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    file = points(tmp_path / "sites.geojson")
    with command(database_url, tmp_path, "load", str(file), "--layer", "key_sites") as process:
        deadline = time.monotonic() + 60
        while not is_writing(engine) and time.monotonic() < deadline:
            assert process.poll() is None, (tmp_path / "command.log").read_text()
        kill(process)
    while is_writing(engine):
        time.sleep(0.05)
    assert count_sites(engine) == (0, 0)
    with command(database_url, tmp_path, "load", str(file), "--layer", "key_sites") as process:
        assert process.wait(timeout=120) == 0, (tmp_path / "command.log").read_text()
    assert count_sites(engine) == (POINTS, 1)


LINGER = """
CREATE FUNCTION territory.linger() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
CREATE TRIGGER linger AFTER UPDATE OF outcome ON territory.plan
  EXECUTE FUNCTION territory.linger();
"""
STATE = text(
    "SELECT (SELECT state FROM territory.plan), "
    "(SELECT string_agg(code, ',' ORDER BY code) FROM territory.grid WHERE valid_to IS NULL), "
    "(SELECT count(*) FROM territory.rehomed), (SELECT count(*) FROM territory.grid_lineage), "
    "(SELECT count(DISTINCT area_code) FROM people.person), (SELECT max(id) FROM core.history)"
)


def decided(address: str, token: str, plan: int, row_version: int) -> None:
    """Approves over HTTP; the connection may be cut before the answer."""
    request = urllib.request.Request(
        f"{address}/api/plans/{plan}/steps",
        json.dumps({"step": "approve", "row_version": row_version}).encode(),
        {"Authorization": token, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=90) as answer:
        assert json.load(answer)["state"] == "in_force"


def test_a_plan_killed_on_its_way_into_force_leaves_the_old_grids_whole(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    build_community(engine)
    plan, row_version = submitted_plan(engine)
    create_account(engine, "chief", "Chief", PASSWORD, [Grant(Role.COMMANDER, "")])
    token = "Basic " + b64encode(f"chief:{PASSWORD}".encode()).decode()
    with engine.begin() as connection:
        connection.exec_driver_sql(LINGER)
        before = tuple(connection.execute(STATE).one())
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with command(database_url, tmp_path, "serve", "--port", str(port)) as process:
        wait_until_answering(f"{address}/healthz", process, tmp_path / "command.log", 60)
        cut: list[BaseException] = []

        def approve() -> None:
            try:
                decided(address, token, plan, row_version)
            except (OSError, HTTPException) as error:
                cut.append(error)

        approving = threading.Thread(target=approve)
        approving.start()
        wait_for_sleep(engine)  # everything is written, nothing is committed
        kill(process)
        approving.join()
    assert cut
    end_sleepers(engine)
    with engine.begin() as connection:
        assert tuple(connection.execute(STATE).one()) == before
        connection.exec_driver_sql("DROP TRIGGER linger ON territory.plan")
    with serving(database_url, tmp_path) as again:
        decided(again, token, plan, row_version)
    with engine.begin() as connection:
        state, grids, rehomed, *_ = connection.execute(STATE).one()
    assert (state, grids.count(","), rehomed > 100) == ("in_force", 4, True)


def submitted_plan(engine: Engine) -> tuple[int, int]:
    """A plan that splits a grid, handed in; its id and version."""
    author = supervisor()
    across = {"kind": "split", "grid": 1, "line": [at(-0.02, 1 / 3), at(0.52, 1 / 3)]}
    with reader_transaction(engine, author) as connection:
        plan = begin_plan(connection, author, COMMUNITY, "网格调整")
        operate(connection, author, plan, across, 1)
        drawn = read_row(connection, plan).row_version
        take_step(connection, author, plan, "submit", drawn, "户数过多")
        return plan, read_row(connection, plan).row_version


def wait_for_sleep(engine: Engine) -> None:
    """Return once a transaction sleeps in the trigger."""
    deadline = time.monotonic() + 60
    asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            if connection.execute(text(asleep)).scalar_one():
                return
        time.sleep(0.05)
    raise AssertionError("nobody came to the last statement")


def end_sleepers(engine: Engine) -> None:
    """PostgreSQL notices that its client is gone at the next word; a test does not wait for it."""
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE wait_event = 'PgSleep' AND datname = current_database()"
            )
        )
    deadline = time.monotonic() + 20
    left = "SELECT count(*) FROM pg_locks WHERE relation = 'territory.grid'::regclass"
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            if not connection.execute(text(left)).scalar_one():
                return
        time.sleep(0.05)
