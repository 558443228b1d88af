"""The notebooks for analysts: run as they stand, against the real server, without a network."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import geopandas
import pytest
import requests
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from gisserver.auth.sql_access import give_sql_access, revoke_sql_access
from gisserver.settings import ROOT
from gisserver.viewer_build import build_viewer

NOTEBOOKS = ROOT / "docs" / "notebooks"
OUTSIDE = re.compile(r"<(?:script|link|img)[^>]+(?:src|href)=.?https?:", re.IGNORECASE)


def run(notebook: str, folder: Path, **environment: str) -> str:
    """What the cells print; fails with what they raise."""
    build_viewer(lambda _: None)
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "run_notebook.py"), "--offline", notebook],
        cwd=NOTEBOOKS,
        env=os.environ | environment | {"WANGGE_OUT": str(folder), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.name)
def test_a_notebook_is_kept_without_what_it_showed(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
    assert "wgt_" not in path.read_text(encoding="utf-8").replace("wgt_…", "")


def test_the_notebook_of_the_ogc_api_runs(
    city_server: str, city_accounts: Path, tmp_path: Path
) -> None:
    passwords = {each["login"]: each["password"] for each in json.loads(city_accounts.read_text())}
    made = requests.post(
        f"{city_server}/api/tokens",
        json={"name": "notebook", "is_read_only": True},
        auth=("analyst", passwords["analyst"]),
        timeout=30,
    )
    told = run("ogc-api.ipynb", tmp_path, WANGGE_URL=city_server, WANGGE_TOKEN=made.json()["token"])
    grids, incidents = map(
        int, re.findall(r"网格 grids (\d+)，近 90 天事件 incidents (\d+)", told)[0]
    )
    assert grids > 10
    assert incidents > 50
    here, there = map(int, re.findall(r"共 (\d+) 与 (\d+)", told)[0])
    assert 0 < here <= incidents
    assert abs(here - there) <= 0.02 * here, "the platform counts what the notebook counts"
    for name in ("incident-density.html", "buildings-3d.html"):
        page = (tmp_path / name).read_text(encoding="utf-8")
        assert not OUTSIDE.search(page)
        assert "share-legend" in page
    kept = geopandas.read_file(tmp_path / "incident-density.gpkg", layer="grids")
    assert len(kept) == grids
    assert kept["事件"].sum() == here


def test_the_notebook_of_sql_runs(
    city_url: str, city_engine: Engine, city_accounts: Path, tmp_path: Path
) -> None:
    role, password, _ = give_sql_access(city_engine, "analyst", 1)
    try:
        address = make_url(city_url).set(username=role, password=password)
        told = run("sql.ipynb", tmp_path, WANGGE_SQL=address.render_as_string(hide_password=False))
    finally:
        revoke_sql_access(city_engine, "analyst")
    assert "楼栋" in told
    assert told.count("permission denied") == 3
    page = (tmp_path / "incident-density-sql.html").read_text(encoding="utf-8")
    assert not OUTSIDE.search(page)


def test_a_fault_in_a_cell_is_told_with_its_number(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["# 标题"]},
        {"cell_type": "code", "source": ["import socket\n", "1 + 1"]},
        {"cell_type": "code", "source": ["socket.create_connection(('192.0.2.1', 80), 2)"]},
    ]
    path = tmp_path / "faulty.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    with pytest.raises(AssertionError, match=r"offline: (.|\n)*cell 3"):
        run(str(path), tmp_path)
