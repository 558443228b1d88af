"""The provider through which pygeoapi sees a layer: its fields, for schema and queryables.

Features never pass through it: `/items` asks the database itself, and logs looks at persons.
"""

from typing import Any

from pygeoapi.provider.base import BaseProvider, SchemaType

from layers.catalogue import layer_by_name
from layers.core.model import field_kind
from layers.core.schema import JSON_TYPES


class LayerProvider(BaseProvider):  # type: ignore[misc]
    """A layer of the catalogue."""

    def __init__(self, provider_def: dict[str, Any]) -> None:
        super().__init__(provider_def)
        self.layer = layer_by_name(provider_def["data"])
        self.geom_field = "geom" if self.layer.geometry_kind else None
        self._fields = self.get_fields()

    def get_fields(self) -> dict[str, dict[str, Any]]:
        """JSON Schema of each declared field by name."""
        return {
            name: {
                **JSON_TYPES[field_kind(self.layer.column(name))],
                "title": info.title[0],
                "x-title-en": info.title[1],
            }
            for name, info in self.layer.fields.items()
        }

    def get_schema(self, schema_type: SchemaType = SchemaType.item) -> tuple[str, dict[str, Any]]:
        """Media type and JSON Schema of a feature's properties."""
        return "application/schema+json", {"type": "object", "properties": self.get_fields()}
