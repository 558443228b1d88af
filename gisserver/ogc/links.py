"""Links that pygeoapi's documents lack: to what is served beside features."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gisserver.ogc.process_documents import JOBS, PROCESSES
from gisserver.ogc.shell import base_address
from gisserver.ogc.style_documents import STYLES
from gisserver.ogc.tilesets import TILESETS, TILING_SCHEMES
from layers.catalogue import layer_by_name
from layers.core.styling.mapbox import is_styled


def with_links(page: str, text: str) -> str:
    """The landing page or a document of collections with them; any other text as it is."""
    if page not in ("landing", "collections", "collection"):
        return text
    document = json.loads(text)
    if page == "landing":
        # pygeoapi tells of tile matrix sets by an address of its own.
        kept = [each for each in document["links"] if each["rel"] != TILING_SCHEMES]
        document["links"] = [*kept, *_landing_links(base_address())]
    for collection in document.get("collections", [document] if page == "collection" else []):
        collection["links"] += _collection_links(base_address(), collection["id"])
    return json.dumps(document, ensure_ascii=False)


def _landing_links(base: str) -> Iterator[dict[str, Any]]:
    yield _link(TILESETS, f"{base}/tiles", "矢量瓦片 Vector tiles")
    yield _link(STYLES, f"{base}/styles", "样式 Styles")
    yield _link(TILING_SCHEMES, f"{base}/tileMatrixSets", "瓦片矩阵集 Tile matrix sets")
    yield _link(PROCESSES, f"{base}/processes", "分析 Processes")
    yield _link(JOBS, f"{base}/jobs", "任务 Jobs")


def _collection_links(base: str, name: str) -> Iterator[dict[str, Any]]:
    layer = layer_by_name(name)
    if is_styled(layer):
        yield _link(STYLES, f"{base}/collections/{name}/styles", "样式 Styles")
    if layer.geometry_kind is not None:
        yield _link(TILESETS, f"{base}/collections/{name}/tiles", "矢量瓦片 Vector tiles")


def _link(rel: str, href: str, title: str) -> dict[str, Any]:
    return {"rel": rel, "type": "application/json", "title": title, "href": href}
