"""What tests stand on: a real PostGIS with cheap fresh databases, and the real server."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from sqlalchemy.engine import URL, make_url

from gisserver.postgis import Cluster
from gisserver.settings import ROOT, psycopg2_url

TEST_KEY = bytes(range(32))
TEST_KEY_BASE64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-dev-shm-usage",
]


def chromium_path() -> str | None:
    """The browser named by CHROMIUM, else the distribution's; None for playwright's own."""
    return os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )


class Databases:
    """Makes and drops databases on one PostGIS server; names never collide."""

    def __init__(self, admin: URL) -> None:
        """Databases beside `admin`, whose user may create databases."""
        self.admin = admin

    def create(self, template: str | None = None) -> str:
        """Make a database, a copy of the template if one is given; returns its address."""
        name = f"test_{os.getpid()}_{secrets.token_hex(4)}"
        # Copying files is four times quicker than writing the copy to the log.
        source = f' TEMPLATE "{make_url(template).database}" STRATEGY file_copy' if template else ""
        self._execute(f'CREATE DATABASE "{name}"{source}')
        return self.admin.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drop a database made here, ending the sessions that are still in it."""
        self._execute(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    @contextmanager
    def fresh(self, template: str | None = None) -> Iterator[str]:
        """Address of a database that lives as long as the block."""
        url = self.create(template)
        try:
            yield url
        finally:
            self.drop(url)

    def _execute(self, statement: str) -> None:
        plain = self.admin.set(drivername="postgresql")
        connection = psycopg2.connect(plain.render_as_string(hide_password=False))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()


@contextmanager
def postgis() -> Iterator[Databases]:
    """DATABASE_URL_TEST if set, else a private throwaway cluster in a temporary folder."""
    if given := os.environ.get("DATABASE_URL_TEST"):
        yield Databases(make_url(psycopg2_url(given)))
        return
    with tempfile.TemporaryDirectory(prefix="wangge-test-") as folder:
        os.chmod(folder, 0o755)  # the unprivileged user of the cluster has to pass
        cluster = Cluster(Path(folder), throwaway=True)
        try:
            cluster.start()
            yield Databases(make_url(cluster.url()))
        finally:
            cluster.destroy()


@contextmanager
def serving(
    database_url: str,
    var: Path,
    *,
    seconds: float = 60,
    port: int | None = None,
    **settings: str,
) -> Iterator[str]:
    """The real server over a database, on a port of loopback; gives its address.

    `settings` are further variables of its environment.
    """
    port = port or free_port()
    environment = os.environ | {
        "DATABASE_URL": database_url,
        "WANGGE_KEY": TEST_KEY_BASE64,
        "PYTHONPATH": str(ROOT),
        **settings,
    }
    command = [sys.executable, "-P", "-m", "gisserver.cli"]
    log = var / "server.log"
    with open(log, "ab") as output:
        process = subprocess.Popen(
            [*command, "serve", "--port", str(port), "--var", str(var)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_answering(address + "/healthz", process, log, seconds)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_until_answering(
    url: str, process: subprocess.Popen[bytes], log: Path, seconds: float
) -> None:
    """Return once the address answers 200; raises with the log when the process ends before."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as response:
                if response.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"{url} does not answer:\n{log.read_text(errors='replace')[-4000:]}")


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def real_data() -> Path | None:
    """Folder of real input files: WANGGE_REAL_DATA, else `shared/data` beside the checkout."""
    if given := os.environ.get("WANGGE_REAL_DATA"):
        return Path(given)
    beside = ROOT.parent / "shared" / "data"
    return beside if beside.is_dir() else None
