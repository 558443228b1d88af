"""Rows of the code lists as areas without polygons."""

from __future__ import annotations

from etl.mapping.row import MappedRow, SourceMapping
from etl.raw import Dataset, RawFeature


def rows(raw: RawFeature) -> tuple[MappedRow, ...]:
    """One area; level and parent follow from the code when it is checked."""
    code = raw.properties["code"]
    values = {
        "code": code,
        "name": raw.properties.get("name"),
        "urban_rural": raw.properties.get("urban_rural_class"),
    }
    return (MappedRow("areas", values, None, raw.row, code, raw.notes),)


def _recognises(dataset: Dataset) -> bool:
    return dataset.format == "region_codes"


REGION_CODES = SourceMapping("region_codes", _recognises, rows)
