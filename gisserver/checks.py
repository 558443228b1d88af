"""All checks a change has to pass, in order; pytest comes last. Run by `./wangge test`."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gisserver.settings import ROOT
from gisserver.terminal import say
from gisserver.viewer_build import ViewerBuildError, build_viewer, install_packages, run_npm

PACKAGES = ("layers", "etl", "gisserver", "viewer.export")
HOUSE_RULES = "tests/checks"


@dataclass(frozen=True)
class Check:
    """One check: its name on screen and what runs it; it returns whether it passed."""

    name: str
    run: Callable[[], bool]


def python(*arguments: str) -> Callable[[], bool]:
    """A check that is a Python module run in this environment."""
    command = [sys.executable, "-P", "-m", *arguments]
    return lambda: subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def program(name: str) -> Callable[[], bool]:
    """A check that is a program of this environment."""
    command = [str(Path(sys.executable).parent / name)]
    return lambda: subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def viewer(action: Callable[[], object]) -> Callable[[], bool]:
    """A check that needs Node and the viewer's packages."""

    def run() -> bool:
        try:
            install_packages(say)
            action()
        except ViewerBuildError as error:
            say(str(error))
            return False
        return True

    return run


CHECKS = (
    Check("ruff check", python("ruff", "check", ".")),
    Check("ruff format", python("ruff", "format", "--check", ".")),
    Check("mypy --strict", python("mypy", "--strict", *(f"-p{package}" for package in PACKAGES))),
    Check("import-linter", program("lint-imports")),
    Check("house rules", python("pytest", "-q", HOUSE_RULES)),
    Check("contract", python("gisserver.cli", "contract", "--check")),
    Check("vue-tsc", viewer(lambda: run_npm("typecheck"))),
    Check("vitest", viewer(lambda: run_npm("test"))),
    Check("viewer build", viewer(lambda: build_viewer(say))),
)

# A page is drawn by all processors already, so only what needs none is run side by side. A file
# stays in one process: its tests share a database.
TESTS = (
    Check(
        "pytest without a browser",
        python(
            "pytest", "-m", "not browser and not clients", f"--ignore={HOUSE_RULES}",
            "-n", "2", "--dist", "loadfile", "--durations=10",
        ),
    ),
    Check("pytest in a browser", python("pytest", "-m", "browser", "--durations=10")),
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Run all checks, or with arguments only pytest with those; returns the exit code.

    `--clients` tries the clients that the launcher has installed for it, such as QGIS.
    """
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    if arguments == ["--clients"]:
        return 0 if python("pytest", "-m", "clients", "tests/clients")() else 1
    if arguments:
        return 0 if viewer(lambda: build_viewer(say))() and python("pytest", *arguments)() else 1
    failed = [check.name for check in CHECKS if not passes(check)]
    if failed:
        say("FAILED: " + ", ".join(failed))
    tests = [passes(check) for check in TESTS]
    return 0 if all(tests) and not failed else 1


def passes(check: Check) -> bool:
    """Run one check, say how it went and how long it took."""
    say(check.name)
    began = time.monotonic()
    passed = check.run()
    print(f"  {'✓' if passed else '✗'} {check.name} {time.monotonic() - began:.1f} s")
    return passed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
