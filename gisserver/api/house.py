"""Find by house: a building's matrix, and who lives in a dwelling."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from gisserver.context import current_reader, one_trip, reader_connection
from gisserver.errors import BadRequest
from gisserver.parameters import day, take_parameters
from layers.people.by_house import House, Member, find_house, find_lineage, find_residents

blueprint = Blueprint("house", __name__, url_prefix="/api")


@blueprint.get("/buildings/<int:building_id>/house")
def house(building_id: int) -> Response:
    """A building with its units, floors and rooms, and the residents in each, on a day or now."""
    on = day(take_parameters(request, ("on",)))
    return jsonify(_house(find_house(one_trip(), current_reader(), building_id, on)))


@blueprint.get("/dwellings/<int:dwelling_id>/residents")
def residents(dwelling_id: int) -> Response:
    """A dwelling with its households, masked; `former=true` adds those who moved out."""
    values = take_parameters(request, ("on", "former"))
    on, former = day(values), values.get("former", "false")
    if former not in ("true", "false"):
        raise BadRequest("former: true or false expected")
    with reader_connection() as connection:
        lineage = find_lineage(connection, dwelling_id)
        dwelling, households = find_residents(
            connection, current_reader(), dwelling_id, on, former=former == "true"
        )
    return jsonify(
        {
            "dwelling": dwelling._asdict(),
            "lineage": [line | {"on_day": line["on_day"].isoformat()} for line in lineage],
            "households": [
                {"household": household, "members": [member_json(member) for member in members]}
                for household, members in households
            ],
        }
    )


def member_json(member: Member) -> dict[str, Any]:
    """One resident as answered: `from` and `to` are the days of moving in and out."""
    found = member._asdict()
    found["from"], found["to"] = found.pop("start"), found.pop("end")
    return found


def _house(house: House) -> dict[str, Any]:
    columns, spans = house.matrix.columns, house.matrix.spans
    building = house.building._asdict()
    del building["area_code"]
    return {
        "building": building,
        "units": house.matrix.units,
        "floors": house.matrix.floors,
        "rooms": [
            room._asdict()
            | {"column": columns[room.id], "columns_wide": spans[room.id][0]}
            | {"floors_high": spans[room.id][1]}
            for room in house.rooms
        ],
        "counts": {
            "rooms": len(house.rooms),
            "households": sum(room.households for room in house.rooms),
            "residents": sum(room.residents for room in house.rooms),
        },
        "people_visible": house.people_visible,
    }
