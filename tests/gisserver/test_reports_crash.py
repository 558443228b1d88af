"""Reports sent while the server is killed: acknowledged ones are there, none is there twice."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from base64 import b64encode
from http.client import HTTPException
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from gisserver.auth.accounts import create_account
from layers.core.rights import Role
from layers.core.scope import Grant
from tests.builders.pictures import flat_photo
from tests.gisserver.test_crash import command, kill
from tests.harness import free_port, serving, wait_until_answering

PASSWORD = "correct horse battery"
WRITERS = 4
ENOUGH = 12
BOUNDARY = "boundary-of-a-report"


def body_of(key: str, place: int, picture: bytes) -> bytes:
    """A form with the report and a photo."""
    report = {
        "lon": 117.0 + place * 0.01,
        "lat": 33.0,
        "category": "UM-0110",
        "report_source": "SRC01",
        "description": key,
        "reporters": [{"name": "王秀兰", "phone": "13800001234"}],
    }
    return (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="report"\r\n\r\n'
        f"{json.dumps(report)}\r\n"
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="photo"; filename="1.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    ).encode() + (picture + f"\r\n--{BOUNDARY}--\r\n".encode())


def send(address: str, token: str, key: str, place: int, picture: bytes) -> int:
    """The case that the report of this key is part of."""
    request = urllib.request.Request(
        f"{address}/api/incidents",
        body_of(key, place, picture),
        {
            "Authorization": token,
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Idempotency-Key": key,
        },
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return int(json.load(answer)["id"])


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_every_report_is_there_once_with_reporter_and_photo(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    create_account(engine, "hotline", "Hotline", PASSWORD, [Grant(Role.OPERATOR, "")])
    token = "Basic " + b64encode(f"hotline:{PASSWORD}".encode()).decode()
    acknowledged: dict[str, int] = {}
    tried: list[tuple[str, int]] = []
    refusals: list[str] = []
    picture = flat_photo(90)
    port = free_port()
    address = f"http://127.0.0.1:{port}"

    def report_until_refused(writer: int) -> None:
        for number in range(1000):
            place = writer * 1000 + number
            key = f"report-key-{place:06d}"
            tried.append((key, place))
            try:
                acknowledged[key] = send(address, token, key, place, picture)
            except urllib.error.HTTPError as error:
                refusals.append(error.read().decode())
                return
            except (OSError, HTTPException):
                return

    with command(database_url, tmp_path, "serve", "--port", str(port)) as process:
        wait_until_answering(f"{address}/healthz", process, tmp_path / "command.log", 60)
        writers = [threading.Thread(target=report_until_refused, args=(n,)) for n in range(WRITERS)]
        for writer in writers:
            writer.start()
        deadline = time.monotonic() + 60
        while len(acknowledged) < ENOUGH and not refusals and time.monotonic() < deadline:
            time.sleep(0.005)
        kill(process)
        for writer in writers:
            writer.join()
    assert refusals == []
    assert len(acknowledged) >= ENOUGH
    with serving(database_url, tmp_path) as again:
        # Whoever got no answer sends the same again, and whoever got one may too.
        cases = {key: send(again, token, key, place, picture) for key, place in tried}
    assert acknowledged.items() <= cases.items()
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT i.id, i.description, "
                "(SELECT count(*) FROM incidents.reporter AS r WHERE r.incident_id = i.id), "
                "(SELECT count(*) FROM incidents.photo AS p WHERE p.incident_id = i.id) "
                "FROM incidents.incident AS i"
            )
        ).all()
    assert {row[1]: row[0] for row in rows} == cases
    assert len(rows) == len(tried)
    assert {(row[2], row[3]) for row in rows} == {(1, 1)}
