"""A layer's declaration beside its model. Everything else is derived from the two."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from geoalchemy2 import Geometry
from sqlalchemy import Column, Table

from layers.core.errors import Fault
from layers.core.model import Feature, FieldInfo, field_infos, table_of
from layers.core.rights import Right

Rule = Callable[[Mapping[str, Any]], Iterator[Fault]]
"""Finds faults between the values of one row; a value that is missing is not judged."""

Paint = tuple[Mapping[str, Any], ...]
Title = tuple[str, str]


@dataclass(frozen=True)
class Legend:
    """One line of a legend; `shape` is fill, line, circle or extrusion."""

    title: Title
    color: str
    shape: Literal["fill", "line", "circle"]


@dataclass(frozen=True, eq=False)
class Layer:
    """One kind of feature: its model, who may read and write it, how it is drawn.

    `scope` is "area" (rows within the reader's areas) or "public" (any reader with the right:
    basemap only). `area_from` says how the database finds `area_code`: "geom" (where the
    feature lies), "code" (its own region code), "given" (entered) or the column that refers to
    the row it belongs to. Rows for which the SQL condition `settled` holds stay in the area they
    were settled in when grids change; those for which `drawn_by_plan` holds get their outline from
    plans, never from an edit. `subject_sql` is the id of the person a row is about, as SQL over its
    columns (a scalar subselect names them with the table), None for a layer about nobody; looks at
    rows about persons are logged. `tile_fields` are the only attributes in a tile. Rows of a
    `moving` layer change all the time: they have no history, and are told on a line of their own.
    Whoever holds `propose` and may not write hands changes in, to be decided on by those who may.
    `rules` are told before a row is written, all at once; `refusals` say which field and reason
    stand for a constraint by which the database refuses one.
    """

    name: str
    title: Title
    model: type[Feature]
    read: Right
    write: Right
    group: str
    create: Right | None = None
    propose: Right | None = None
    scope: Literal["area", "public"] = "area"
    area_from: str = "geom"
    paint: Paint = ()
    legend: tuple[Legend, ...] = ()
    min_zoom: int = 0
    max_zoom: int = 16
    tile_fields: tuple[str, ...] = ()
    title_field: str | None = None
    subtitle_field: str | None = None
    time_field: str | None = None
    form_groups: tuple[tuple[Title, tuple[str, ...]], ...] = ()
    visible: bool = False
    live: bool = True
    moving: bool = False
    settled: str | None = None
    drawn_by_plan: str | None = None
    subject_sql: str | None = None
    rules: tuple[Rule, ...] = ()
    refusals: Mapping[str, Fault] = field(default_factory=dict)
    search_weight: int = field(default=0)

    @property
    def create_right(self) -> Right:
        """Who may add a feature; whoever may write unless `create` says otherwise."""
        return self.create or self.write

    @property
    def rights(self) -> frozenset[Right]:
        """Every right that its declaration names."""
        named = (self.read, self.write, self.create_right, self.propose)
        return frozenset(right for right in named if right is not None)

    @property
    def is_personal(self) -> bool:
        """Whether its rows are about persons, so that whoever looks at them is logged."""
        return self.subject_sql is not None

    @cached_property
    def table(self) -> Table:
        """The Core table behind the layer."""
        return table_of(self.model)

    @cached_property
    def fields(self) -> Mapping[str, FieldInfo]:
        """Declared fields that every reader of the layer may see, sensitive ones masked."""
        return field_infos(self.model)

    @cached_property
    def geometry_kind(self) -> str | None:
        """GeoJSON name of the geometry type, or None for a layer without geometry."""
        if "geom" not in self.table.columns:
            return None
        kind = self.table.columns["geom"].type
        assert isinstance(kind, Geometry)
        names = {
            "POINT": "Point",
            "LINESTRING": "LineString",
            "MULTILINESTRING": "MultiLineString",
            "POLYGON": "Polygon",
            "MULTIPOLYGON": "MultiPolygon",
        }
        return names[str(kind.geometry_type)]

    @property
    def in_force(self) -> str:
        """SQL condition of the rows that hold now, where past versions stand beside them."""
        return "valid_to IS NULL" if self.model.has_versions else "TRUE"

    @cached_property
    def qualified_table(self) -> str:
        """`schema.table`, safe to put into SQL: both names come from the declaration."""
        return f"{self.table.schema}.{self.table.name}"

    @cached_property
    def sensitive_fields(self) -> tuple[str, ...]:
        """Names of the fields stored sealed and shown masked."""
        return tuple(name for name, info in self.fields.items() if info.sensitivity)

    @cached_property
    def search_fields(self) -> tuple[str, ...]:
        """Names of the fields found by the search box."""
        return tuple(
            name for name, info in self.fields.items() if info.search and not info.sensitivity
        )

    def column(self, name: str) -> Column[Any]:
        """The column of a declared field.

        Raises: KeyError when the layer declares no such field.
        """
        if name not in self.fields:
            raise KeyError(name)
        return self.table.columns[name]
