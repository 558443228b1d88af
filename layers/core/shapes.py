"""What makes GeoJSON no shape."""

from shapely.errors import ShapelyError

NO_SHAPE = (ShapelyError, ArithmeticError, ValueError, TypeError, AttributeError, LookupError)
"""What shapely raises at a GeoJSON geometry that is none, whatever stands in it."""
