"""A server killed while fixes pour in: every fix acknowledged is there, none twice."""

from __future__ import annotations

import threading
import time
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import Engine, text

from gisserver.auth.secrets import hash_secret
from tests.gisserver.test_crash import command, kill
from tests.harness import free_port, wait_until_answering

SENDERS = 6
ENOUGH = 300


def send_until_refused(address: str, token: str, sender: int, acknowledged: list[int]) -> None:
    """Sends one fix after another, each of its own second, until the server is gone."""
    for number in range(100_000):
        second = 1_000_000_000 + number * SENDERS + sender
        values = {"id": token, "lat": 30.005, "lon": 120.005, "timestamp": second}
        url = f"{address}/api/positions?{urlencode(values)}"
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                if b'"taken":1' in answer.read():
                    acknowledged.append(second)
        except (OSError, HTTPException):
            return


def test_every_acknowledged_fix_survives_a_killed_server(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    token = "wgd_test"
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO patrol.vehicle (plate) VALUES ('虚A00001')"))
        connection.execute(
            text(
                "INSERT INTO patrol.device (vehicle_id, name, token_hash, expires_at) "
                "SELECT id, 'x', :hash, now() + interval '1 day' FROM patrol.vehicle"
            ),
            {"hash": hash_secret(token)},
        )
    acknowledged: list[int] = []
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with command(database_url, tmp_path, "serve", "--port", str(port)) as process:
        wait_until_answering(f"{address}/healthz", process, tmp_path / "command.log", 60)
        senders = [
            threading.Thread(target=send_until_refused, args=(address, token, i, acknowledged))
            for i in range(SENDERS)
        ]
        for sender in senders:
            sender.start()
        deadline = time.monotonic() + 60
        while len(acknowledged) < ENOUGH and time.monotonic() < deadline:
            time.sleep(0.01)
        kill(process)
        for sender in senders:
            sender.join()
    assert len(acknowledged) >= ENOUGH
    with engine.connect() as connection:
        stored = (
            connection.execute(
                text("SELECT extract(epoch FROM device_time)::integer FROM patrol.position")
            )
            .scalars()
            .all()
        )
        visits = connection.execute(text("SELECT sum(fixes) FROM patrol.grid_visit")).scalar_one()
        last = connection.execute(
            text("SELECT extract(epoch FROM device_time)::integer FROM patrol.last_position")
        ).scalar_one()
    assert set(acknowledged) <= set(stored)
    assert len(stored) - len(acknowledged) <= SENDERS, "one each may have been on its way"
    assert (visits, last) == (len(stored), max(stored)), "what follows from a fix comes with it"
