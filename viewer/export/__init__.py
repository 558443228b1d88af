"""An answer as one file that opens without a network: a 2D map by folium, a 3D one by pydeck."""

from viewer.export.picture import Picture
from viewer.export.sharing import SharedMap, TooLarge, folium_map, pydeck_map

__all__ = ["Picture", "SharedMap", "TooLarge", "folium_map", "pydeck_map"]
