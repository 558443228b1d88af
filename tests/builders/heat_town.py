"""Two communities with a month of incidents and some who live there: what heat is made of."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine

from layers.core.calendar import CHINA
from layers.core.database import owner_transaction
from tests.builders.two_sides import EAST, WEST, build_two_sides, insert, point

SINCE = datetime(2026, 3, 1, tzinfo=CHINA)
MONTH = "2026-03-01T00:00:00+08:00/2026-03-31T00:00:00+08:00"
WASTE, NOISE = "UM-0110", "UM-0128"


def build_heat_town(engine: Engine) -> None:
    """30 incidents in the west, one a day, and 8 in the east; 24 live in the west."""
    town = build_two_sides(engine)
    with owner_transaction(engine) as connection:
        for number in range(38):
            side, day = (WEST, number) if number < 30 else (EAST, 9)
            report = {
                "category": WASTE if number % 2 else NOISE,
                "report_source": "SRC01",
                "description": f"n{number}",
                "reported_at": SINCE + timedelta(days=day, hours=12),
            }
            insert(connection, "incidents", report, point(side, 3 + 0.05 * (number % 7)))
        for _ in range(23):
            who = insert(
                connection, "persons", {"name": "甲", "register": "POP-01", "area_code": WEST}
            )
            stay = {"person_id": who, "dwelling_id": town.west("dwellings"), "kind": "L01"}
            insert(connection, "residences", stay)
