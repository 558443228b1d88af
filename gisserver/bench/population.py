"""Statistics of the district by community, register and age, beside the best bare SQL of it."""

from __future__ import annotations

from gisserver.bench.bare import Statements
from gisserver.bench.figures import Comparison, Goal
from layers.people.population import AGES

TITLE = "population by community, register and age"
ROUNDS = 15

_OLDER = ", ".join(
    f"sum(width_bucket(((SELECT core.today()) - interval '{age} years')::date, f.born))"
    for age in AGES[1:]
)
_PEOPLE = f"""
SELECT left(f.area_code, 12), f.register, sum(f.people), sum(cardinality(f.born)), {_OLDER}
FROM people.population_figure AS f WHERE f.area_code LIKE %(area)s GROUP BY 1, 2
"""
_HOUSEHOLDS = """
SELECT left(area_code, 12), sum(households) FROM people.resident_figure
WHERE area_code LIKE %(area)s GROUP BY 1
"""


def path(area: str) -> str:
    """The question as the viewer asks it."""
    return f"/api/statistics/population?area={area}&by=community,register,age"


def bare(area: str) -> Statements:
    """Sums over the figures kept by area, and over those kept by building."""
    values = {"area": f"{area}%"}
    return [(_PEOPLE, values), (_HOUSEHOLDS, values)]


def goals(found: Comparison) -> list[Goal]:
    """What is promised of it."""
    return [
        Goal(f"{TITLE}, against bare SQL, p50", found.ratio, 1.5, "×", is_ceiling=True),
        Goal(f"{TITLE}, p95", found.served.p95, 300.0, "ms", is_ceiling=True),
    ]
