"""pygeoapi's configuration, generated from the catalogue for one set of visible layers."""

from collections.abc import Mapping, Sequence
from typing import Any

from gisserver.ogc.relations import schema_links
from layers.core.features import BoundingBox
from layers.core.layer import Layer
from layers.core.output_system import CRS84, systems_within

WHOLE_EARTH: BoundingBox = (-180.0, -90.0, 180.0, 90.0)
DEFAULT_LIMIT = 10
MAX_LIMIT = 10_000

_TITLE = {"zh": "网格 Wangge 空间数据服务", "en": "Wangge spatial data services"}
_ABOUT = {
    "zh": "城市网格化管理的空间数据：区划、网格、楼栋、场所、部件、事件。",
    "en": "Spatial data of city grid management: areas, grids, buildings, sites, incidents.",
}


def ogc_configuration(
    layers: Sequence[Layer], extents: Mapping[str, BoundingBox | None], url: str
) -> dict[str, Any]:
    """A configuration that pygeoapi's `API` accepts, with one collection a layer."""
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": 8080},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["zh-CN", "en-US"],
            "pretty_print": False,
            "gzip": False,
            "limits": {"default_items": DEFAULT_LIMIT, "max_items": MAX_LIMIT},
            "map": {"url": f"{url}/none", "attribution": ""},
        },
        "logging": {"level": "ERROR"},
        "metadata": _metadata(url),
        "resources": {
            layer.name: _collection(layer, extents.get(layer.name), url) for layer in layers
        },
    }


def _metadata(url: str) -> dict[str, Any]:
    nobody = dict.fromkeys(
        ("position", "address", "city", "stateorprovince", "postalcode", "country", "phone"), ""
    )
    return {
        "identification": {
            "title": _TITLE,
            "description": _ABOUT,
            "keywords": {"zh": ["网格", "城市管理"], "en": ["grid", "city management"]},
            "keywords_type": "theme",
            "terms_of_service": url,
            "url": url,
        },
        "license": {"name": "internal", "url": url},
        "provider": {"name": "Wangge", "url": url},
        "contact": {"name": "Wangge", "url": url, "email": "", "role": "pointOfContact", **nobody},
    }


def _collection(layer: Layer, extent: BoundingBox | None, url: str) -> dict[str, Any]:
    zh, en = layer.title
    about = (layer.model.__doc__ or en).splitlines()[0]
    return {
        "type": "collection",
        "title": {"zh": zh, "en": en},
        "description": {"zh": zh, "en": about},
        "keywords": {"zh": [zh], "en": [en]},
        "links": schema_links(layer.name, url),
        "extents": {"spatial": {"bbox": list(extent or WHOLE_EARTH), "crs": CRS84.uri}},
        "providers": [
            {
                "type": "feature",
                "name": "gisserver.ogc.provider.LayerProvider",
                "data": layer.name,
                "id_field": "id",
                "title_field": layer.title_field,
                "time_field": layer.time_field,
                "crs": [system.uri for system in systems_within(layer, extent)],
                "storage_crs": CRS84.uri,
                "geom_field": "geom",
            }
        ],
    }
