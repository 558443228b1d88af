"""Installs the peers: system packages by apt, Python packages in environments of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.peers.process import PeerError

HOME = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wangge-peers"
SYSTEM = {
    "qgis-server": ("/usr/lib/cgi-bin/qgis_mapserv.fcgi",),
    "cgi-mapserver": ("/usr/lib/cgi-bin/mapserv",),
    "lighttpd": ("/usr/sbin/lighttpd",),
    "gdal-bin": ("/usr/bin/ogr2ogr",),
}
# What is measured is this version, so that two measurements can be compared.
PYTHON = {
    "tipg": ("tipg==1.6.1", "uvicorn==0.54.0", "uvloop", "httptools"),
    "pygeoapi": (
        "pygeoapi==0.21.0",
        "psycopg2-binary==2.9.13",
        "SQLAlchemy==2.1.9",
        "GeoAlchemy2==0.20.0",
        "pygeofilter==0.4.0",
        "granian==2.8.7",
    ),
}

Say = Callable[[str], None]


def install(home: Path, say: Say) -> None:
    """Installs what is missing and leaves alone what is there; a broken-off run is taken up.

    Raises: PeerError when a package cannot be had, naming it.
    """
    home.mkdir(parents=True, exist_ok=True)
    missing = [name for name, files in SYSTEM.items() if not all(map(_exists, files))]
    if missing:
        say(f"apt: {' '.join(missing)}")
        _install_system(missing)
    for name, packages in PYTHON.items():
        if not is_installed(home, name):
            say(f"pip: {' '.join(packages)}")
            _install_python(home / name, packages)


def missing_parts(home: Path) -> list[str]:
    """Names of what is not installed yet."""
    system = [name for name, files in SYSTEM.items() if not all(map(_exists, files))]
    return [*system, *(name for name in PYTHON if not is_installed(home, name))]


def is_installed(home: Path, name: str) -> bool:
    """Whether an environment holds just the packages wanted."""
    stamp = home / name / "installed"
    return stamp.exists() and stamp.read_text() == " ".join(PYTHON[name])


def versions(home: Path) -> dict[str, str]:
    """What is installed, by the name of its package."""
    found = {}
    for name in SYSTEM:
        said = _said(["dpkg-query", "--show", "--showformat=${Version}", name])
        found[name] = said.split("+")[0].split("-")[0]
    for packages in PYTHON.values():
        name, _, version = packages[0].partition("==")
        found[name] = version
    return found


def _exists(path: str) -> bool:
    return Path(path).exists()


def _install_system(packages: Sequence[str]) -> None:
    become: list[str] = []
    if os.geteuid():
        if shutil.which("sudo") is None:
            raise PeerError(f"ask an administrator to run: apt-get install {' '.join(packages)}")
        become = ["sudo", "-n"]
    # RUNLEVEL=1 keeps lighttpd's own service from being started.
    environment = ["env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"]
    apt = [*become, *environment, "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    _run([*apt, "update"])
    _run([*apt, "install", "--yes", "--no-install-recommends", *packages])


def _install_python(folder: Path, packages: Sequence[str]) -> None:
    venv.create(folder, clear=True, with_pip=True)
    _run([str(folder / "bin/python"), "-m", "pip", "install", "--quiet", *packages])
    (folder / "installed").write_text(" ".join(packages))


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise PeerError(f"{' '.join(command)}:\n{(done.stdout + done.stderr)[-3000:]}")


def _said(command: Sequence[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
