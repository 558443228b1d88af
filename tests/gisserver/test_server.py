"""`up` as a whole: it starts, survives being killed, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gisserver.postgis import Cluster
from gisserver.settings import ROOT
from tests.harness import free_port, wait_until_answering

STOP_SECONDS = 20


@pytest.fixture
def var() -> Iterator[Path]:
    """Folder of an instance of its own, which the cluster's user may pass."""
    with tempfile.TemporaryDirectory(prefix="wangge-test-") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)
        Cluster(Path(folder)).destroy()


@contextmanager
def up(var: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`./wangge up` without the demo, answering; what is left of it is killed in the end."""
    environment = {name: os.environ[name] for name in os.environ if name != "DATABASE_URL"}
    command = [sys.executable, "-P", "-m", "gisserver.cli", "up", "--no-demo"]
    log = var / "up.log"
    with open(log, "ab") as output:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--var", str(var)],
            env=environment | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until_answering(f"http://127.0.0.1:{port}/healthz", process, log, 60)
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stops_cleanly(var: Path, number: signal.Signals) -> None:
    with up(var, free_port()) as process:
        assert Cluster(var).running()
        process.send_signal(number)
        assert process.wait(timeout=STOP_SECONDS) == 0
    assert not Cluster(var).running()


def test_a_killed_server_gives_its_port_back_and_starts_again(var: Path) -> None:
    port = free_port()
    with up(var, port) as process:
        process.kill()
        process.wait()
        with pytest.raises((urllib.error.URLError, ConnectionError)):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)
        assert Cluster(var).running()
    with up(var, port) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=STOP_SECONDS) == 0
    assert not Cluster(var).running()
