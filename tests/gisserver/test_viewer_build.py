"""When the viewer is built again, and by which Node."""

from __future__ import annotations

from pathlib import Path

import pytest

from gisserver.viewer_build import (
    ViewerBuildError,
    build_viewer,
    node_is_new_enough,
    sources_digest,
)

# A viewer whose build needs no packages: it counts how often it was run.
PACKAGE = '{"name": "tiny", "version": "1.0.0", "scripts": {"build": "BUILD"}}'
LOCK = '{"name": "tiny", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {}}}'


def tiny_viewer(folder: Path, build: str) -> Path:
    (folder / "src").mkdir()
    (folder / "src" / "main.ts").write_text("export {}\n")
    (folder / "package.json").write_text(PACKAGE.replace("BUILD", build))
    (folder / "package-lock.json").write_text(LOCK)
    return folder


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("v18.19.0", False),  # Debian 12
        ("v20.18.3", False),
        ("v20.19.0", True),
        ("v21.7.0", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.19.0", True),
        ("", False),
    ],
)
def test_the_node_that_vite_needs(version: str, enough: bool) -> None:
    assert node_is_new_enough(version) is enough


def test_it_is_built_once_for_the_same_sources(tmp_path: Path) -> None:
    folder = tiny_viewer(tmp_path, "mkdir -p dist && echo x >> dist/runs")
    said: list[str] = []
    assert build_viewer(said.append, folder)
    assert said
    said.clear()
    assert not build_viewer(said.append, folder)
    assert said == []
    (folder / "src" / "main.ts").write_text("export const changed = true\n")
    assert build_viewer(said.append, folder)
    assert (folder / "dist" / "runs").read_text() == "x\nx\n"


def test_a_failed_build_is_told_and_tried_again(tmp_path: Path) -> None:
    folder = tiny_viewer(tmp_path, "echo cannot build this; exit 3")
    for _ in range(2):
        with pytest.raises(ViewerBuildError, match="cannot build this"):
            build_viewer(lambda _text: None, folder)


def test_tests_and_outputs_are_no_sources(tmp_path: Path) -> None:
    folder = tiny_viewer(tmp_path, "true")
    before = sources_digest(folder)
    (folder / "dist").mkdir()
    (folder / "dist" / "index.html").write_text("built")
    (folder / "src" / "main.test.ts").write_text("test")
    assert sources_digest(folder) == before
    (folder / "src" / "main.ts").rename(folder / "src" / "other.ts")
    assert sources_digest(folder) != before


def test_missing_sources_are_told(tmp_path: Path) -> None:
    with pytest.raises(ViewerBuildError, match="no viewer sources"):
        build_viewer(lambda _text: None, tmp_path)
