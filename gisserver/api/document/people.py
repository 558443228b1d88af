"""People by house and house by person."""

from __future__ import annotations

from gisserver.api.document.operation import (
    DAY,
    LIMIT,
    ONE,
    QUESTION,
    QUOTA,
    READ,
    Operation,
    Parameter,
)
from gisserver.api.document.shapes import (
    FLAG,
    NUMBER,
    TEXT,
    WHOLE,
    Schema,
    many,
    or_null,
    record,
    ref,
    thing,
)
from layers.people.by_house import Building, Dwelling, Member, Room
from layers.people.by_person import Home, Person
from layers.people.merging import MergedPerson

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        "/api/persons/search",
        "searchPersons",
        "people",
        "Find persons by name, ID number or phone; written to the audit log",
        parameters=(QUESTION, LIMIT),
        answer="FoundPersons",
        problems=(*READ, QUOTA),
    ),
    Operation(
        "get",
        "/api/buildings/{building_id}/house",
        "house",
        "people",
        "Units, floors and rooms of a building",
        parameters=(DAY,),
        answer="House",
        problems=ONE,
    ),
    Operation(
        "get",
        "/api/dwellings/{dwelling_id}/residents",
        "residents",
        "people",
        "Households of a room, masked",
        parameters=(DAY, Parameter("former", "boolean", "Also those who moved out")),
        answer="Residents",
        problems=ONE,
    ),
    Operation(
        "get",
        "/api/persons/{person_id}/houses",
        "houses",
        "people",
        "Homes and household of a person, masked",
        (DAY,),
        answer="Houses",
        problems=ONE,
    ),
    Operation(
        "post",
        "/api/reveal",
        "reveal",
        "people",
        "Show one masked field for a reason; written to the audit log first",
        body="RevealRequest",
        answer="Revealed",
        problems=(*ONE, QUOTA),
    ),
)

_HIDDEN_ON_SEARCH = (
    "former_name",
    "document_type",
    "left_behind",
    "registered_area",
    "registered_address",
    "nationality",
    "area_code",
    "row_version",
)

SCHEMAS: dict[str, Schema] = {
    "Home": record(Home),
    "Member": record(Member),
    "FoundPerson": record(Person, without=_HIDDEN_ON_SEARCH, homes=many(ref("Home"))),
    "FoundPersons": thing(items=many(ref("FoundPerson")), more=FLAG),
    "House": thing(
        building=record(Building, without=("area_code",)),
        units=many(TEXT),
        floors=many(NUMBER),
        rooms=many(record(Room, column=WHOLE)),
        counts=thing(rooms=WHOLE, households=WHOLE, residents=WHOLE),
        people_visible=FLAG,
    ),
    "Residents": thing(
        dwelling=record(Dwelling),
        lineage=many(
            thing(
                kind=TEXT | {"enum": ["merge", "split", "renumber"]},
                on_day=TEXT,
                dwelling_id=WHOLE,
                other_id=or_null(WHOLE),
                room=TEXT,
            )
        ),
        households=many(thing(household=or_null(TEXT), members=many(ref("Member")))),
    ),
    "Houses": thing(
        person=record(Person),
        homes=many(ref("Home")),
        household=many(ref("Member")),
        merged=many(record(MergedPerson)),
        editable=FLAG,
    ),
    "RevealRequest": thing(
        layer=TEXT, id=WHOLE, field=TEXT, reason=TEXT | {"minLength": 4, "maxLength": 500}
    ),
    "Revealed": thing(value=or_null(TEXT)),
}
