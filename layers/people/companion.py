"""Edits that are written together with a proposed one, kept as JSON beside it.

They are of residences, which hold nothing sensitive: moving in goes with the person who is new,
leaving the old home with moving into another.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from layers.core.change import Edit
from layers.people.residence import RESIDENCES


def as_kept(edit: Edit) -> dict[str, Any]:
    """The edit as JSON.

    Raises: ValueError for another layer, whose sensitive values would be kept open.
    """
    if edit.layer is not RESIDENCES:
        raise ValueError(f"{edit.layer.name} go with no other proposal")
    values = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in edit.values.items()
    }
    return {
        "layer": edit.layer.name,
        "operation": edit.action,
        "feature_id": edit.id,
        "values": values,
        "row_version": edit.row_version,
        "refers": dict(edit.refers),
    }


def as_edit(kept: Mapping[str, Any]) -> Edit:
    """The edit of what `as_kept` made."""
    return Edit(
        RESIDENCES,
        kept["operation"],
        kept["feature_id"],
        kept["values"],
        row_version=kept["row_version"],
        refers=kept["refers"],
    )
