"""What the viewer knows of the layers, written as TypeScript from the catalogue.

`viewer/src/generated/types.ts` holds the types, `layers.ts` the declarations themselves,
`mapboxStyle.json` the style that other clients get, for its test. All are committed;
`wangge contract --check` fails when they are not what the catalogue says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gisserver.settings import ROOT
from layers.analysis.heat.places import countable, weights
from layers.catalogue import LAYERS
from layers.core.layer import Layer, Title
from layers.core.model import FieldInfo, FieldKind, field_kind
from layers.core.paint import night_colours
from layers.core.rights import RIGHT_TITLES, ROLE_TITLES, ROLES, Right, Role
from layers.core.styling.mapbox import StyleInput, map_style

GENERATED = ROOT / "viewer" / "src" / "generated"
HEAD = "/* Written by `./wangge contract` from layers/catalogue.py; changes here are lost. */\n"
WIDTH = 100

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TYPESCRIPT: dict[FieldKind, str] = {
    "text": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "date": "string",
    "datetime": "string",
}

_DECLARATION_TYPES = """
export interface Title {
  readonly zh: string
  readonly en: string
}

export type GeometryKind = 'Point' | 'LineString' | 'MultiLineString' | 'Polygon' | 'MultiPolygon'

/** One property of a layer; a sensitive one arrives masked. */
export interface FieldDeclaration {
  readonly name: string
  readonly title: Title
  readonly type: 'text' | 'integer' | 'number' | 'boolean' | 'date' | 'datetime'
  readonly unit?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly max_length?: number
  /** Name of the code table its values come from. */
  readonly codes?: string
  /** Name of the layer whose feature id it holds. */
  readonly reference?: string
  readonly sensitivity?: 'identity' | 'contact' | 'care'
  readonly required?: boolean
  readonly read_only?: boolean
  readonly search?: boolean
  readonly help?: Title
  /** Asked for only while another field has one of these values. */
  readonly when?: { readonly field: string; readonly is: readonly string[] }
}

/** A MapLibre style layer without id and source; `theme` adds the colours of day and night. */
export interface PaintFragment {
  readonly type: 'fill' | 'line' | 'circle' | 'symbol' | 'fill-extrusion'
  readonly paint: Readonly<Record<string, unknown>>
  readonly layout?: Readonly<Record<string, unknown>>
  readonly filter?: readonly unknown[]
  readonly minzoom?: number
  readonly maxzoom?: number
  readonly mode?: '2d' | '3d'
  readonly theme?: {
    readonly light?: Readonly<Record<string, unknown>>
    readonly dark?: Readonly<Record<string, unknown>>
  }
}

export interface LegendEntry {
  readonly label: Title
  readonly color: string
  readonly dark: string
  readonly shape: 'fill' | 'line' | 'circle'
}

export interface FormGroup {
  readonly title: Title
  readonly fields: readonly string[]
}

/** A layer as the server declares it. */
export interface LayerDeclaration {
  readonly name: LayerName
  readonly title: Title
  readonly geometry: GeometryKind | null
  readonly fields: readonly FieldDeclaration[]
  readonly read: Right
  readonly write: Right
  readonly create: Right
  /** Who may not write hands changes in with this right; null where nobody does. */
  readonly propose: Right | null
  readonly scope: 'area' | 'public'
  readonly group: string
  readonly paint: readonly PaintFragment[]
  readonly legend: readonly LegendEntry[]
  readonly min_zoom: number
  readonly max_zoom: number
  readonly tile_fields: readonly string[]
  readonly title_field: string | null
  readonly subtitle_field: string | null
  readonly form_groups: readonly FormGroup[]
  readonly time_field: string | null
  /** What its places may be weighed by on a heat map; null: they are not counted. */
  readonly weights: readonly string[] | null
  readonly visible: boolean
  readonly live: boolean
}
"""


def generated_files(layers: Sequence[Layer] = LAYERS) -> dict[str, str]:
    """Text of each generated file by its name; the same catalogue gives the same text."""
    return {
        "layers.ts": layers_file(layers),
        "types.ts": types_file(layers),
        "mapboxStyle.json": style_file(layers),
    }


def write_contract(folder: Path = GENERATED) -> list[Path]:
    """Write the files that differ and return their paths."""
    changed = []
    for name, text in generated_files().items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def stale_files(folder: Path = GENERATED) -> list[str]:
    """Names of the files that are missing or not what the catalogue says."""
    return [
        name
        for name, text in generated_files().items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text
    ]


def style_file(layers: Sequence[Layer]) -> str:
    """The style handed to other clients, which a test of the viewer holds beside its own."""

    def template(group: Sequence[Layer]) -> str:
        return f"/tiles/{','.join(layer.name for layer in group)}/{{z}}/{{x}}/{{y}}"

    asked = StyleInput(tuple(layers), template, datetime.fromtimestamp(0, UTC))
    return json.dumps(map_style(asked, "wangge"), ensure_ascii=False, indent=1) + "\n"


def layers_file(layers: Sequence[Layer]) -> str:
    """`layers.ts`: the declarations, in drawing order from bottom to top."""
    roles = {role.value: _titled(ROLE_TITLES[role]) for role in Role}
    rights = {right.value: _titled(RIGHT_TITLES[right]) for right in Right}
    held = {role.value: sorted(right.value for right in ROLES[role]) for role in Role}
    return "\n".join(
        (
            HEAD,
            "import type { LayerDeclaration, Right, Role, Title } from './types'\n",
            "export type * from './types'\n",
            f"export const ROLE_TITLES: Readonly<Record<Role, Title>> = {literal(roles)}\n",
            f"export const RIGHT_TITLES: Readonly<Record<Right, Title>> = {literal(rights)}\n",
            "/** Rights that come with each role. */",
            "export const ROLE_RIGHTS: Readonly<Record<Role, readonly Right[]>> = "
            + literal(held)
            + "\n",
            "/** Every layer, drawn in this order from bottom to top. */",
            "export const LAYERS: readonly LayerDeclaration[] = "
            + literal([declaration(layer) for layer in layers]),
            "",
        )
    )


def types_file(layers: Sequence[Layer]) -> str:
    """`types.ts`: names of layers, rights and roles, and the properties of each layer."""
    names = "".join(f"  readonly {layer.name}: {layer.model.__name__}\n" for layer in layers)
    return "\n".join(
        (
            HEAD,
            _union("LayerName", (layer.name for layer in layers)),
            _union("Right", (right.value for right in Right)),
            _union("Role", (role.value for role in Role)),
            _DECLARATION_TYPES.lstrip(),
            *(_interface(layer) for layer in layers),
            "/** Properties of a feature by its layer. */",
            f"export interface LayerProperties {{\n{names}}}",
            "",
        )
    )


def declaration(layer: Layer) -> dict[str, Any]:
    """A layer as the viewer knows it, as plain values."""
    night = night_colours(layer.paint)
    return {
        "name": layer.name,
        "title": _titled(layer.title),
        "geometry": layer.geometry_kind,
        "group": layer.group,
        "read": layer.read.value,
        "write": layer.write.value,
        "create": layer.create_right.value,
        "propose": layer.propose.value if layer.propose else None,
        "scope": layer.scope,
        "min_zoom": layer.min_zoom,
        "max_zoom": layer.max_zoom,
        "tile_fields": list(layer.tile_fields),
        "title_field": layer.title_field,
        "subtitle_field": layer.subtitle_field,
        "time_field": layer.time_field,
        "weights": list(weights(layer)) if countable(layer) else None,
        "visible": layer.visible,
        "live": layer.live,
        "fields": [
            field_declaration(name, info, field_kind(layer.column(name)))
            for name, info in layer.fields.items()
        ],
        "form_groups": [
            {"title": _titled(title), "fields": list(fields)} for title, fields in layer.form_groups
        ],
        "legend": [
            {
                "label": _titled(entry.title),
                "color": entry.color,
                "dark": night.get(entry.color, entry.color),
                "shape": entry.shape,
            }
            for entry in layer.legend
        ],
        "paint": [dict(fragment) for fragment in layer.paint],
    }


def field_declaration(name: str, info: FieldInfo, kind: FieldKind) -> dict[str, Any]:
    """A field as the viewer knows it; what does not apply is left out."""
    words: dict[str, Any] = {
        "unit": info.unit,
        "minimum": info.minimum,
        "maximum": info.maximum,
        "max_length": info.max_length,
        "codes": info.codes,
        "reference": info.reference,
        "sensitivity": info.sensitivity,
        "required": info.required or None,
        "read_only": info.read_only or None,
        "search": info.search or None,
        "help": _titled(info.help) if info.help else None,
        "when": {"field": info.when[0], "is": list(info.when[1])} if info.when else None,
    }
    told = {word: value for word, value in words.items() if value is not None}
    return {"name": name, "title": _titled(info.title), "type": kind, **told}


def literal(value: Any, depth: int = 0, used: int = 0) -> str:
    """A plain value as a TypeScript literal, on one line where it fits."""
    if not isinstance(value, Mapping | list | tuple):
        return _scalar(value)
    one_line = _inline(value)
    if 2 * depth + used + len(one_line) <= WIDTH - len(","):
        return one_line
    inner = "  " * (depth + 1)
    if isinstance(value, Mapping):
        parts = [
            f"{inner}{_key(key)}: {literal(part, depth + 1, len(_key(key)) + 2)},"
            for key, part in value.items()
        ]
        return "\n".join(("{", *parts, "  " * depth + "}"))
    parts = [f"{inner}{literal(part, depth + 1)}," for part in value]
    return "\n".join(("[", *parts, "  " * depth + "]"))


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        parts = ", ".join(f"{_key(key)}: {_inline(part)}" for key, part in value.items())
        return f"{{ {parts} }}" if parts else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_inline(part) for part in value)}]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return (
            "'"
            + json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("'", "\\'")
            + "'"
        )
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)


def _key(key: str) -> str:
    return key if _IDENTIFIER.fullmatch(key) else _scalar(key)


def _titled(title: Title) -> dict[str, str]:
    return {"zh": title[0], "en": title[1]}


def _union(name: str, members: Iterable[str]) -> str:
    lines = "".join(f"\n  | {_scalar(member)}" for member in members)
    return f"export type {name} ={lines}\n"


def _interface(layer: Layer) -> str:
    """The TypeScript interface of a layer's properties."""
    lines = [f"/** {layer.title[0]} / {layer.title[1]}. */"]
    lines.append(f"export interface {layer.model.__name__} {{")
    for name, info in layer.fields.items():
        column = layer.column(name)
        kind = _TYPESCRIPT[field_kind(column)] + (" | null" if column.nullable else "")
        unit = f", {info.unit}" if info.unit else ""
        lines += [f"  /** {info.title[0]} / {info.title[1]}{unit} */", f"  readonly {name}: {kind}"]
    lines += ["  readonly row_version: number", "}", ""]
    return "\n".join(lines)
