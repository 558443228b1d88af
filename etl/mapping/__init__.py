"""Kinds of source that are understood without being told, in the order they are tried."""

from __future__ import annotations

from etl.mapping.boundaries import BOUNDARIES
from etl.mapping.osm import OSM
from etl.mapping.poi import POI
from etl.mapping.region_codes import REGION_CODES
from etl.mapping.row import MappedRow, SourceMapping
from etl.mapping.service_requests import BALTIMORE_311, BOSTON_311
from etl.mapping.tilezen import TILEZEN
from etl.raw import Dataset

MAPPINGS = (OSM, TILEZEN, REGION_CODES, BALTIMORE_311, BOSTON_311, POI, BOUNDARIES)


def known_mapping(dataset: Dataset) -> SourceMapping | None:
    """The mapping that recognises the dataset, None when a layer must be named."""
    return next((mapping for mapping in MAPPINGS if mapping.recognises(dataset)), None)


__all__ = ["MAPPINGS", "MappedRow", "SourceMapping", "known_mapping"]
