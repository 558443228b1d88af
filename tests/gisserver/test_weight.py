"""What a server process carries from its start: every worker of every installation pays for it."""

from __future__ import annotations

import os
import subprocess
import sys

from gisserver.settings import ROOT

# Needed by few requests, which load them then: files of rows, drawings.
LARGE = ("rasterio", "pandas", "geopandas", "pyogrio", "openpyxl", "folium", "pydeck")


def test_a_server_starts_without_what_few_requests_need() -> None:
    program = (
        "import sys; import gisserver.app, gisserver.up; "
        f"print(*[name for name in {LARGE!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == []
