"""Numbers of heat that leave the platform: where that is allowed, and a line that they did."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from layers.core.layer import Layer
from layers.core.looks import record_in_each_area
from layers.core.rights import Right
from layers.core.scope import Reader


def exporting(reader: Reader) -> Reader:
    """The same account in those areas only from which it may take data out."""
    return reader.only_where(Right.DATA_EXPORT)


def record_export(
    connection: Connection, reader: Reader, layer: Layer, asked: Mapping[str, str]
) -> None:
    """A line in the audit log of each area from which the reader may take data out."""
    detail = {"heat": dict(asked)}
    record_in_each_area(connection, reader, layer, "export", Right.DATA_EXPORT, detail)
