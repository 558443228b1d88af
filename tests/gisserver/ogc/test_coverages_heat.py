"""Heat as a coverage: the numbers of `/api/heat`, under the rules of an export."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import numpy as np
import pyproj
import pytest
import rasterio
from flask import Flask
from flask.testing import FlaskClient
from rasterio.io import DatasetReader
from sqlalchemy import Engine, text

from gisserver.auth.accounts import create_account
from layers.core.rights import Role
from layers.core.scope import Grant
from tests.builders.heat_town import MONTH, SINCE, WASTE, build_heat_town
from tests.builders.two_sides import COUNTY, EAST, WEST
from tests.gisserver.conftest import signed_in
from tests.gisserver.town import PASSWORD, add_account


@pytest.fixture(scope="module")
def clients(app: Flask, module_engine: Engine) -> dict[str, FlaskClient]:
    build_heat_town(module_engine)
    accounts = {
        "commander": (Role.COMMANDER, COUNTY),
        "west": (Role.SUPERVISOR, WEST),
        "analyst": (Role.ANALYST, COUNTY),
        "worker": (Role.WORKER, WEST),
        "auditor": (Role.AUDITOR, COUNTY),
    }
    return {
        name: signed_in(app, add_account(module_engine, role, area), PASSWORD)
        for name, (role, area) in accounts.items()
    }


def coverage(client: FlaskClient, layer: str = "incidents", status: int = 200, **query: Any) -> Any:
    asked = {name.replace("_", "-"): value for name, value in query.items()}
    answer = client.get(f"/ogc/collections/heat-{layer}/coverage", query_string=asked)
    assert answer.status_code == status, answer.text
    return answer


def opened(answer: Any) -> DatasetReader:
    return rasterio.open(io.BytesIO(answer.data))


def exported(client: FlaskClient, **query: Any) -> DatasetReader:
    asked = {"radius": 300, "crs": "EPSG:3857", **query}
    answer = client.get("/api/heat.tif", query_string=asked)
    assert answer.status_code == 200, answer.text
    return opened(answer)


def over(raster: DatasetReader, other: DatasetReader) -> Any:
    """The pixels of one where the other's lie; both on the cells of one grid."""
    window = raster.window(*other.bounds)
    assert window.col_off == pytest.approx(round(window.col_off), abs=1e-6)
    return raster.read(window=window.round_offsets().round_lengths())


@pytest.mark.parametrize(
    "query", [{}, {"datetime": MONTH}, {"datetime": MONTH, "step": "week"}, {"category": WASTE}]
)
def test_a_coverage_holds_what_the_export_does(
    clients: dict[str, FlaskClient], query: dict[str, str]
) -> None:
    with (
        opened(coverage(clients["commander"], radius="300", **query)) as found,
        exported(clients["commander"], **query) as expected,
    ):
        assert found.crs.to_epsg() == 3857
        np.testing.assert_array_equal(over(found, expected), expected.read())
        assert found.read().sum() == pytest.approx(expected.read().sum(), rel=1e-6)
        assert found.tags() == expected.tags()
        assert found.units == expected.units
        # What lies beyond the export's cells, yet within the ground, is nothing and no void.
        assert found.read().min() == 0
        assert found.count == expected.count == (6 if "step" in query else 1)


def test_a_part_holds_the_numbers_of_the_whole(clients: dict[str, FlaskClient]) -> None:
    query = {"radius": "300", "datetime": MONTH}
    with (
        opened(coverage(clients["commander"], **query)) as whole,
        opened(
            coverage(clients["commander"], **query, bbox="120.002,30.003,120.004,30.006")
        ) as part,
    ):
        assert part.width < whole.width
        np.testing.assert_array_equal(over(whole, part), part.read())
        west, south, east, north = pyproj.Transformer.from_crs(
            3857, 4326, always_xy=True
        ).transform_bounds(*part.bounds)
    assert west <= 120.002
    assert east >= 120.004
    assert south <= 30.003
    assert north >= 30.006


def test_another_system_makes_no_numbers_up(clients: dict[str, FlaskClient]) -> None:
    """Every value told in degrees is one of the cells', that in which the place lies."""
    query = {"radius": "300", "datetime": MONTH}
    with (
        opened(coverage(clients["commander"], **query)) as whole,
        opened(coverage(clients["commander"], **query, crs="[EPSG:4490]")) as turned,
    ):
        assert turned.crs.to_epsg() == 4490
        values = turned.read(1)
        rows, columns = np.mgrid[0 : turned.height, 0 : turned.width]
        x, y = turned.xy(rows.ravel(), columns.ravel())
        places = pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform(x, y)
        expected = np.array([each[0] for each in whole.sample(zip(*places, strict=True))])
        same = values.ravel() == expected
        void = values.ravel() == turned.nodata
        assert (same | void).all()
        assert void.mean() < 0.05


def test_time_may_be_a_day_a_month_or_a_subset(clients: dict[str, FlaskClient]) -> None:
    client = clients["commander"]

    def total(**query: str) -> float:
        with opened(coverage(client, radius="300", **query)) as raster:
            return float(raster.read(1).sum())

    month = total(datetime=MONTH)
    begin, end = MONTH.split("/")
    assert total(subset=f'time("{begin}":"{end}")') == month
    assert total(datetime="2026-03") == pytest.approx(month * 30 / 31, rel=0.05)
    days = total(datetime="2026-03-05/2026-03-06")
    assert total(subset='time("2026-03-05":"2026-03-06")') == days
    # Two incidents in two days are as thirty in thirty.
    assert days == pytest.approx(total(datetime="2026-03-05"), rel=0.01)
    assert total(datetime="2026-03-10T00:00:00Z/..") < total()
    coverage(client, status=204, datetime="2030")
    coverage(client, status=204, datetime="../2019-12-31")
    told = coverage(client, radius="300", datetime="2026-03").headers["Content-Datetime"]
    assert told == "2026-03-01T00:00:00Z/2026-04-01T00:00:00Z"
    begin, end = coverage(client, radius="300").headers["Content-Datetime"].split("/")
    assert begin == "2026-01-01T00:00:00Z" or begin < end


def test_frames_have_an_axis_of_time(clients: dict[str, FlaskClient]) -> None:
    query = {"radius": "300", "datetime": MONTH, "step": "week"}
    told = coverage(clients["commander"], f="covjson", **query).json
    found = told["ranges"]["heat"]
    assert found["axisNames"] == ["t", "y", "x"]
    assert len(told["domain"]["axes"]["t"]["values"]) == found["shape"][0] == 6
    with opened(coverage(clients["commander"], **query)) as raster:
        numbers = np.array(found["values"]).reshape(found["shape"])
        np.testing.assert_allclose(numbers, raster.read(), rtol=1e-5)
    unit = told["parameters"]["heat"]["unit"]
    assert unit["label"]["en"] == "incidents per km² and 30 days"
    problem = coverage(clients["commander"], status=400, f="png", **query).json
    assert "one time" in problem["detail"]


def lines(engine: Engine) -> list[Any]:
    statement = text(
        "SELECT area_code, layer, detail FROM core.audit WHERE action = 'export' ORDER BY id"
    )
    with engine.connect() as connection:
        return list(connection.execute(statement))


@pytest.mark.parametrize("form", ["geotiff", "covjson", "png"])
def test_numbers_that_leave_need_the_right_and_leave_a_line(
    clients: dict[str, FlaskClient], module_engine: Engine, form: str
) -> None:
    before = len(lines(module_engine))
    coverage(clients["worker"], status=403, radius="300", f=form)
    assert len(lines(module_engine)) == before
    coverage(clients["west"], radius="321", f=form)
    area, layer, detail = lines(module_engine)[-1]
    assert (area, layer) == (WEST, "incidents")
    assert detail["heat"]["radius"] == "321"
    assert len(lines(module_engine)) == before + 1


def test_numbers_leave_only_where_that_is_allowed(
    app: Flask, module_engine: Engine, clients: dict[str, FlaskClient]
) -> None:
    """Reads both sides, may export one: the other's surface stays here."""
    grants = [Grant(Role.SUPERVISOR, WEST), Grant(Role.WORKER, EAST)]
    create_account(module_engine, "both", "Both", PASSWORD, grants)
    client = signed_in(app, "both", PASSWORD)
    query = {"radius": "300", "datetime": MONTH}
    with (
        opened(coverage(client, **query)) as found,
        opened(coverage(clients["west"], **query)) as west,
    ):
        np.testing.assert_array_equal(found.read(), west.read())
        edge = pyproj.Transformer.from_crs(3857, 4326, always_xy=True).transform(
            found.bounds.right, 0
        )
        assert edge[0] < 120.011


def test_persons_come_in_fives(clients: dict[str, FlaskClient]) -> None:
    """As `/api/heat` tells them: 24 who live in one house are twenty."""
    with opened(coverage(clients["west"], "residences", radius="300", scale_factor="1")) as raster:
        values = raster.read(1)
        assert raster.tags()["LEAST_PERSONS"] == "5"
        cell = raster.res[0] * np.cos(np.radians(30.005))
        assert values.sum() * (cell / 1000) ** 2 == pytest.approx(20, rel=0.02)
    heat = json.loads(
        clients["west"].get("/api/heat", query_string={"layer": "residences", "radius": 300}).text
    )
    assert values.max() == pytest.approx(heat["maximum"])


def test_what_one_may_not_see_is_not_there(clients: dict[str, FlaskClient]) -> None:
    hidden = coverage(clients["analyst"], "persons", status=404, radius="300").json
    missing = coverage(clients["analyst"], "nothing", status=404, radius="300").json
    assert hidden["detail"].replace("heat-persons", "X") == missing["detail"].replace(
        "heat-nothing", "X"
    )
    for path in ("", "/schema", "/coverage", "/items", "/queryables"):
        answer = clients["analyst"].get(f"/ogc/collections/heat-residences{path}")
        assert answer.status_code == 404, path


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"radius": "10"}, "50"),
        ({"radius": "x"}, "number"),
        ({"weight": "speed"}, "weighed by"),
        ({"step": "decade"}, "step"),
        ({"step": "week"}, "start and an end"),
        ({"area": "xx"}, "area"),
        ({"datetime": "yesterday"}, "RFC 3339"),
        ({"datetime": ".."}, "instant"),
        ({"datetime": "2026-03-05/2026-03-01"}, "before"),
        ({"datetime": "2026-03", "subset": 'time("2026-03")'}, "one is enough"),
        ({"subset": "time(2026-03-01T00:00:00Z)"}, "double quotes"),
        ({"category": "no such code"}, "category"),
        ({"zoom": "3"}, "unknown query parameter"),
        ({"lang": "zh"}, "unknown query parameter"),
    ],
)
def test_what_cannot_be_answered_is_told(
    clients: dict[str, FlaskClient], query: dict[str, str], told: str
) -> None:
    problem = coverage(clients["commander"], status=400, **query).json
    assert told in json.dumps(problem, ensure_ascii=False)


def test_a_layer_without_time_has_none(clients: dict[str, FlaskClient]) -> None:
    problem = coverage(clients["commander"], "buildings", status=400, datetime="2026-03").json
    assert "unknown query parameter" in problem["detail"]
    problem = coverage(clients["commander"], "buildings", status=400, subset='time("2026")').json
    assert "no time" in problem["detail"]
    assert "Content-Datetime" not in coverage(clients["commander"], "buildings").headers


def test_time_ends_where_it_is_said_to(clients: dict[str, FlaskClient]) -> None:
    """The end of an interval with a time of day is not in it, as in `/api/heat`."""
    moment = (SINCE + timedelta(hours=12)).isoformat()
    client, start = clients["commander"], SINCE.isoformat()

    coverage(client, radius="300", datetime=f"{start}/{moment}", status=204)
    after = (SINCE + timedelta(hours=12, seconds=1)).isoformat()
    with opened(coverage(client, radius="300", datetime=f"{start}/{after}")) as raster:
        assert float(raster.read(1).sum()) > 0
