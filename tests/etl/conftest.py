"""Tests of bulk work. Those on real input are collected only where the files are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from etl.load import LoadOptions, load_file
from etl.report import LoadReport
from layers.core.sealing import Sealer
from tests.harness import TEST_KEY, real_data

collect_ignore_glob = [] if real_data() is not None else ["test_real_*.py"]

Loading = Callable[..., LoadReport]


@pytest.fixture
def load(engine: Engine, tmp_path: Path) -> Loading:
    """Loads a file into the test's own database."""
    return loading(engine, tmp_path)


def loading(engine: Engine, folder: Path) -> Loading:
    """A function that loads a file with the given options and reports under a folder."""

    def load(path: Path, **options: object) -> LoadReport:
        given = {"reports": folder / "reports"} | options
        return load_file(engine, path, LoadOptions(**given), Sealer(TEST_KEY))  # type: ignore[arg-type]

    return load
