"""Real trips of Shanghai vehicles, registered first, then loaded. Collected where the files are."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import Engine, text

from tests.etl.conftest import Loading

TRIPS = 40


@pytest.fixture
def trips(real_files: Path, tmp_path: Path) -> Path:
    """The points of some trips in one table, as they stand in their files."""
    frames = []
    archive = real_files / "trajectories" / "shanghai_vehicle_tracks_200.tar.gz"
    with tarfile.open(archive) as packed:
        for member in packed:
            if "/track/" in f"/{member.name}" and member.name.endswith(".csv"):
                file = packed.extractfile(member)
                assert file is not None
                frames.append(pd.read_csv(io.BytesIO(file.read())))
            if len(frames) == TRIPS:
                break
    path = tmp_path / "trips.csv"
    pd.concat(frames).to_csv(path, index=False)
    return path


def test_trips_of_registered_vehicles_are_taken_in_once(
    load: Loading, engine: Engine, trips: Path, tmp_path: Path
) -> None:
    points = pd.read_csv(trips)
    plates = sorted(points.order_no.unique())
    assert len(plates) == TRIPS
    strangers = load(trips, layer="positions").layers["positions"]
    assert (strangers.accepted, strangers.rejected) == (0, len(points))

    register = tmp_path / "vehicles.csv"
    pd.DataFrame({"plate": plates}).to_csv(register, index=False)
    assert load(register, layer="vehicles").layers["vehicles"].inserted == TRIPS
    taken = load(trips, layer="positions").layers["positions"]
    assert (taken.rejected, taken.inserted) == (0, len(points))
    again = load(trips, layer="positions").layers["positions"]
    assert (again.inserted, again.unchanged) == (0, len(points))
    with engine.connect() as connection:
        kept, first = connection.execute(
            text("SELECT count(*), min(device_time) FROM patrol.position")
        ).one()
    assert kept == len(points)
    assert int(first.timestamp() * 1000) == points.locatetime.min()
