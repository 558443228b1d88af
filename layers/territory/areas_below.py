"""The areas just below one, by which figures are told and gone down into."""

from collections.abc import Sequence
from os.path import commonprefix

# Digits of a county, a street, a community; a grid has the rest.
_LEVELS = (6, 9, 12)
_GRID = 15


def digits_below(area: str, held: Sequence[str]) -> int:
    """How many digits tell apart the areas just below `area`, a prefix of area codes.

    Without one, those below what all areas of a reader (`held`) share.
    """
    above = area or commonprefix(held)  # noqa: RUF071 (codes, not paths)
    return next((digits for digits in _LEVELS if digits > len(above)), _GRID)


def area_name_sql(code: str) -> str:
    """SQL of the name of the area or grid in force that has a code (SQL), or NULL."""
    return (
        f"coalesce((SELECT a.name FROM territory.area AS a WHERE a.area_code = {code} "
        f"AND a.valid_to IS NULL LIMIT 1), (SELECT g.name FROM territory.grid AS g "
        f"WHERE g.code = {code} AND g.valid_to IS NULL LIMIT 1))"
    )
