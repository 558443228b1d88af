"""What the rows of an answer are counted by, and the condition that finds the rows of one count.

Coded and yes-no fields are counted by their values, a birth date by the age it gives today.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from layers.core.errors import Fault, Invalid
from layers.core.layer import Layer
from layers.core.model import field_kind
from layers.people.figures import AGE_BANDS

BIRTH_DATE = "birth_date"


def group_fields(layer: Layer) -> tuple[str, ...]:
    """The fields by which the rows of a layer can be counted."""
    return tuple(
        name
        for name, info in layer.fields.items()
        if info.codes or name == BIRTH_DATE or field_kind(layer.column(name)) == "boolean"
    )


def group_sql(layer: Layer, name: str) -> str:
    """SQL of the group of a row `t` as text; of a birth date the first year of its age band.

    Raises: Invalid for a field the rows are not counted by.
    """
    allowed = group_fields(layer)
    if name not in allowed:
        raise Invalid([Fault("group", f"one of {', '.join(allowed) or 'none'} expected")])
    if name != BIRTH_DATE:
        return f't."{name}"::text'
    # One look at the calendar for all rows.
    bands = " ".join(
        f"WHEN t.birth_date <= (SELECT core.today() - interval '{age} years') THEN '{age}'"
        for age in reversed(AGE_BANDS)
    )
    return f"CASE {bands} END"


def group_condition(layer: Layer, name: str, code: str | None, today: date) -> Mapping[str, Any]:
    """The condition, as JSON of a question, that the rows of a group and no others fulfil."""
    if code is None:
        return {"field": name, "empty": True}
    if name == BIRTH_DATE:
        return {"field": name, **_born(int(code), today)}
    if layer.fields[name].codes:
        return {"field": name, "in": [code]}
    return {"field": name, "is": code == "true"}


def _born(age: int, today: date) -> Mapping[str, str]:
    """First and last birth date of an age band."""
    told = {"maximum": years_before(today, age).isoformat()}
    older = next((each for each in AGE_BANDS if each > age), None)
    if older is None:
        return told
    first = date.fromordinal(years_before(today, older).toordinal() + 1)
    return {"minimum": first.isoformat(), **told}


def years_before(day: date, years: int) -> date:
    """As PostgreSQL subtracts years: the 29th of February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
