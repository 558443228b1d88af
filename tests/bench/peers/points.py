"""All points of a layer read by GDAL, page after page, as QGIS and `ogr2ogr` read them."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.peers.load import LoadError
from tests.bench.peers.server import Running

PAGE = 1000
PATIENCE = 300.0
# Root of the service and name of the collection.
SOURCES = {
    "Wangge": ("/ogc", "components"),
    "TiPg": ("", "public.component"),
    "pygeoapi": ("", "component"),
    "QGIS Server": ("/wfs3", "component"),
}


@dataclass(frozen=True)
class Read:
    """How many points in how many seconds."""

    points: int
    seconds: float

    @property
    def rate(self) -> float:
        """Points a second."""
        return self.points / self.seconds


def read_points(name: str, running: Running, folder: Path, wanted: int) -> Read:
    """Reads the first `wanted` points of the layer into a file of text and counts its lines.

    Raises: LoadError when GDAL fails or reads another number.
    """
    root, collection = SOURCES[name]
    file = folder / f"{collection}.csv"
    file.unlink(missing_ok=True)
    command = ["ogr2ogr", "-f", "CSV", str(file), "-limit", str(wanted)]
    command += ["-oo", f"PAGE_SIZE={PAGE}", "--config", "GDAL_HTTP_MAX_RETRY", "0"]
    header = running.address.headers.strip()
    if header:
        command += ["--config", "GDAL_HTTP_HEADERS", header]
    command += [f"OAPIF:http://127.0.0.1:{running.address.port}{root}", collection]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    seconds = time.perf_counter() - began
    with open(file, "rb") as lines:
        read = sum(1 for _ in lines) - 1
    if done.returncode or read != wanted:
        raise LoadError(f"{name}: GDAL read {read} of {wanted} points: {done.stderr[-500:]}")
    return Read(read, seconds)
