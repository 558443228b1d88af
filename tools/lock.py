"""Write requirements.lock and requirements-dev.lock from what this environment has installed.

Run it in a fresh virtual environment after changing a dependency in pyproject.toml:
`pip install . --group dev && python tools/lock.py && pip uninstall wangge`.
"""

import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent


def closure(wanted: Iterable[str]) -> dict[str, str]:
    """Name and installed version of the wanted packages and of all that they need."""
    found: dict[str, str] = {}
    waiting = [Requirement(text) for text in wanted]
    seen: set[str] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        key = f"{name}[{','.join(sorted(requirement.extras))}]"
        if key in seen:
            continue
        seen.add(key)
        package = metadata.distribution(name)
        if not requirement.specifier.contains(package.version, prereleases=True):
            raise SystemExit(f"{requirement} wanted, {package.version} installed")
        found[name] = package.version
        for text in package.requires or ():
            child = Requirement(text)
            marker = child.marker
            extras = requirement.extras or {""}
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(child)
    return found


def main() -> None:
    """Write both files, sorted by name, the second one with only what it adds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = closure(project["project"]["dependencies"])
    added = closure(project["dependency-groups"]["dev"])
    write("requirements.lock", "What the platform runs with.", needed)
    write(
        "requirements-dev.lock",
        "What the checks need on top of requirements.lock.",
        {name: version for name, version in added.items() if name not in needed},
    )


def write(name: str, title: str, packages: dict[str, str]) -> None:
    """Write one lock file."""
    lines = [f"# {title} Written by tools/lock.py; do not edit."]
    lines += [f"{package}=={packages[package]}" for package in sorted(packages)]
    (ROOT / name).write_text("\n".join(lines) + "\n")
    print(f"{name}: {len(packages)} packages")


if __name__ == "__main__":
    main()
