"""Statistics of the population."""

from __future__ import annotations

from gisserver.api.document.operation import (
    AREA,
    DAY,
    GEOJSON,
    LIMIT,
    ONE,
    READ,
    Operation,
    Parameter,
)
from gisserver.api.document.shapes import (
    FLAG,
    TEXT,
    WHOLE,
    Schema,
    many,
    or_null,
    record,
    ref,
    thing,
)
from layers.evaluation.totals import Place
from layers.people.category_table import CATEGORIES
from layers.people.moves import Month
from layers.people.statistics import LEVELS

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        "/api/statistics/population",
        "population",
        "evaluation",
        "People, households and homes of an area and of those below; small numbers hidden as null",
        parameters=(
            AREA,
            Parameter(
                "by",
                description=f"One of {', '.join(LEVELS)}, and any of {', '.join(CATEGORIES)}",
                example="community,register,age",
            ),
            DAY,
            Parameter("months", "integer", "Months of moves to tell", minimum=0, maximum=60),
        ),
        answer="Population",
        problems=ONE,
    ),
    Operation(
        "get",
        "/api/statistics/population/persons",
        "populationPersons",
        "evaluation",
        "The persons a number counts, masked; written to the audit log",
        parameters=(
            AREA,
            Parameter("register", description="Code of the register"),
            Parameter("sex", description="1, 2, or none where it is not known"),
            Parameter("age", description="Least age in years, or none where it is not known"),
            Parameter("below", "integer", "The first age that is too old", minimum=0, maximum=200),
            LIMIT,
            Parameter("after", "integer", "Only persons after this id", minimum=0),
        ),
        answer="FeatureCollection",
        media_type=GEOJSON,
        problems=READ,
    ),
)

SCHEMAS: dict[str, Schema] = {
    "PopulationColumn": thing(
        {
            "register": or_null(TEXT),
            "sex": or_null(TEXT),
            "age": or_null(WHOLE),
            "age_group": or_null(WHOLE),
        }
    ),
    "PopulationRow": record(
        Place,
        people=or_null(WHOLE),
        households=or_null(WHOLE),
        dwellings=or_null(WHOLE),
        rentals=or_null(WHOLE),
        cells=many(or_null(WHOLE)),
    ),
    "PopulationMonth": record(Month),
    "Population": thing(
        is_exact=FLAG,
        above=many(ref("Place")),
        columns=many(ref("PopulationColumn")),
        total=ref("PopulationRow"),
        rows=many(ref("PopulationRow")),
        months=many(ref("PopulationMonth")),
    ),
}
