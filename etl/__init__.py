"""Bulk in and out: files are read, checked row by row, mapped to layers and loaded."""
