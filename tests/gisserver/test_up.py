"""What `up` refuses and says; the whole of it runs in the server fixture of other tests."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gisserver.settings import (
    ROOT,
    DatabaseSettings,
    PathSettings,
    SecretSettings,
    ServerSettings,
    Settings,
)
from gisserver.up import UpError, holds_no_city, refuse_taken_port, welcome
from tests.harness import TEST_KEY, free_port

PARENT_AND_CHILD = """
import os, time
from gisserver.process import die_with_parent
child = os.fork()
if child == 0:
    die_with_parent(os.getppid())
    print("ready", flush=True)
    time.sleep(600)
os.waitpid(child, 0)
"""


def settings(var: Path) -> Settings:
    return Settings(
        database=DatabaseSettings("postgresql+psycopg2://a/b"),
        secrets=SecretSettings(TEST_KEY),
        paths=PathSettings(var=var),
        server=ServerSettings(port=8123),
    )


def test_a_taken_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UpError, match=rf"127\.0\.0\.1:{port}.*--port"):
            refuse_taken_port(ServerSettings(port=port))


def test_a_free_port_is_accepted() -> None:
    refuse_taken_port(ServerSettings(port=free_port()))


def test_the_welcome_tells_where_and_who(tmp_path: Path) -> None:
    accounts = [{"login": "admin", "password": "p-1", "role": "admin", "area": "全区"}]
    (tmp_path / "demo-accounts.json").write_text(json.dumps(accounts))
    said = welcome(settings(tmp_path))
    assert "http://127.0.0.1:8123" in said
    assert all(word in said for word in ("admin", "p-1", "全区"))


def test_without_demo_accounts_the_way_to_the_first_one_is_told(tmp_path: Path) -> None:
    said = welcome(settings(tmp_path))
    assert "http://127.0.0.1:8123" in said
    assert "demo" not in said
    assert "./wangge user add" in said


def test_a_migrated_database_holds_no_city_yet(database_url: str) -> None:
    assert holds_no_city(database_url)


def test_a_worker_ends_with_its_killed_parent() -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT_AND_CHILD], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert parent.stdout is not None
    with parent.stdout as output:
        assert output.readline() == "ready\n"
        parent.kill()
        parent.wait()
        # The pipe reaches its end only when the child, too, has let go of it.
        assert output.read() == ""
