"""Reads a Mapbox vector tile (version 2.1), as far as the tests look into it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Part = tuple[int, Any]
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


@dataclass
class TileLayer:
    """One layer of a tile: properties by feature id; features without one count from -1 down."""

    name: str = ""
    extent: int = 0
    features: dict[int, dict[str, Any]] = field(default_factory=dict)
    geometries: dict[int, list[int]] = field(default_factory=dict)


def decode(tile: bytes) -> dict[str, TileLayer]:
    """Layers of a tile by name."""
    layers = [_layer(value) for number, value in _parts(tile) if number == 3]
    return {layer.name: layer for layer in layers}


def _layer(message: bytes) -> TileLayer:
    layer, keys, values, features = TileLayer(), [], [], []
    for number, value in _parts(message):
        match number:
            case 1:
                layer.name = value.decode()
            case 2:
                features.append(dict(_parts(value)))
            case 3:
                keys.append(value.decode())
            case 4:
                values.append(_value(value))
            case 5:
                layer.extent = value
    for place, feature in enumerate(features):
        number = feature.get(1, -1 - place)
        tags = list(_varints(feature.get(2, b"")))
        pairs = zip(tags[::2], tags[1::2], strict=True)
        layer.features[number] = {keys[key]: values[value] for key, value in pairs}
        layer.geometries[number] = list(_varints(feature[4]))
    return layer


def _value(message: bytes) -> Any:
    ((number, value),) = _parts(message)
    match number:
        case 1:
            return value.decode()
        case 2:
            return struct.unpack("<f", value)[0]
        case 3:
            return struct.unpack("<d", value)[0]
        case 6:
            return (value >> 1) ^ -(value & 1)
        case 7:
            return bool(value)
        case _:
            return value


def _parts(message: bytes) -> Iterator[Part]:
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        match key & 7:
            case 0:
                value, position = _varint(message, position)
                yield key >> 3, value
                continue
            case 2:
                length, position = _varint(message, position)
            case kind:
                length = {FIXED64: 8, FIXED32: 4}[kind]
        yield key >> 3, message[position : position + length]
        position += length


def _varints(message: bytes) -> Iterator[int]:
    position = 0
    while position < len(message):
        value, position = _varint(message, position)
        yield value


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if not byte & 0x80:
            return value, position
