"""What the OpenAPI document says of styles."""

from __future__ import annotations

from collections.abc import Sequence

from gisserver.ogc.media_types import DOCUMENT_FORMS
from gisserver.ogc.openapi_words import Words, in_path, operation
from gisserver.ogc.style_documents import MAP_STYLE, PROJECT_FORMS, STYLE_FORMS
from layers.core.layer import Layer
from layers.core.styling.mapbox import is_styled

TAG = "styles"


def style_paths(layers: Sequence[Layer]) -> Words:
    """Paths by address for a reader who sees these layers."""
    styled = [layer.name for layer in layers if is_styled(layer)]
    paths: Words = {
        "/styles": {"get": operation("getStyles", TAG, "样式列表 Styles", [], DOCUMENT_FORMS)}
    }
    if styled:
        collection = in_path("collectionId", {"type": "string", "enum": styled})
        list_path = "/collections/{collectionId}/styles"
        paths[list_path] = {
            "get": operation(
                "collection.getStyles", TAG, "图层的样式 Its styles", [collection], DOCUMENT_FORMS
            )
        }
        project = operation("getQgisProject", TAG, "QGIS 工程 A QGIS project", [], PROJECT_FORMS)
        # It comes in one form.
        project["parameters"] = [each for each in project["parameters"] if each["name"] != "f"]
        paths["/qgis-project"] = {"get": project}
        paths |= _of_one("/styles", "", [], [MAP_STYLE, *styled])
        paths |= _of_one(list_path, "collection.", [collection], styled)
    return paths


def _of_one(address: str, prefix: str, parameters: list[Words], names: list[str]) -> Words:
    given = [*parameters, in_path("styleId", {"type": "string", "enum": names})]
    return {
        f"{address}/{{styleId}}": {
            "get": operation(f"{prefix}getStyle", TAG, "样式 One style", given, STYLE_FORMS)
        },
        f"{address}/{{styleId}}/metadata": {
            "get": operation(
                f"{prefix}getStyleMetadata", TAG, "样式说明 About it", given, DOCUMENT_FORMS
            )
        },
    }
