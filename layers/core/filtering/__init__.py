"""Filters in CQL2, text and JSON, as conditions over the declared fields of a layer."""
