"""How a table is declared: `Base`, `Feature`, `field()` and `geometry()`.

A declaration speaks people's words (title, unit, range, code table, sensitivity). A sensitive
field becomes up to three columns: the masked text under its own name, which is all that ordinary
readers, tiles, OGC and exports can select; `<name>_cipher`, sealed; and, when it is searched,
`<name>_index`, the keyed blind index for exact search.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Literal

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, declared_attr, mapped_column

Sensitivity = Literal["identity", "contact", "care"]
FieldKind = Literal["text", "integer", "number", "boolean", "date", "datetime"]

INFO = "field"

NAMING = {
    "ix": "%(table_name)s_%(column_0_N_name)s_index",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


@dataclass(frozen=True)
class FieldInfo:
    """What people call a field and what it may hold; carried in `Column.info`.

    `search` makes it part of what the search box finds, `initials` also by those of its pinyin.
    `when` names another field and the values of it with which forms ask for this one.
    """

    title: tuple[str, str]
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    codes: str | None = None
    search: bool = False
    initials: bool = False
    sensitivity: Sensitivity | None = None
    mask: str | None = None
    check: str | None = None
    required: bool = False
    read_only: bool = False
    reference: str | None = None
    help: tuple[str, str] | None = None
    when: tuple[str, tuple[str, ...]] | None = None


class Base(DeclarativeBase):
    """Root of every table; schemas carry the room's name."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        int: Integer(),
        datetime: DateTime(timezone=True),
        list[str]: ARRAY(Text()),
    }


def field(
    zh: str, en: str, *, index: bool = False, default: str | None = None, **words: Any
) -> Any:
    """A declared column; type and nullability come from the `Mapped[...]` annotation.

    `words` are the members of `FieldInfo`; `default` is a server-side SQL default.
    """
    info = FieldInfo(title=(zh, en), **words)
    server_default = text(default) if default is not None else None
    return mapped_column(info={INFO: info}, index=index, server_default=server_default)


def reference(
    zh: str,
    en: str,
    target: str,
    layer: str,
    *,
    on_delete: str = "RESTRICT",
    index: bool = True,
    read_only: bool = False,
) -> Any:
    """A foreign key to another layer's `id`; `target` is `schema.table`."""
    info = FieldInfo(title=(zh, en), reference=layer, read_only=read_only)
    key = ForeignKey(f"{target}.id", ondelete=on_delete)
    return mapped_column(BigInteger, key, index=index, info={INFO: info})


def geometry(kind: str) -> Any:
    """The column `geom`: EPSG:4326, stored longitude first, with a GiST index."""
    return mapped_column(Geometry(kind, srid=4326, spatial_index=True))


class Feature(Base):
    """A row people can see: identity, business code, area and version."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    code: Mapped[str | None] = field("编码", "Code", max_length=64)
    area_code: Mapped[str] = mapped_column(
        Text(collation="C"),
        server_default=text("''"),
        info={INFO: FieldInfo(title=("所属区域", "Area"), read_only=True)},
    )
    row_version: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(),
        info={INFO: FieldInfo(title=("更新时间", "Updated"), read_only=True)},
    )
    updated_by: Mapped[str | None] = mapped_column(
        info={INFO: FieldInfo(title=("更新人", "Updated by"), read_only=True)}
    )
    source: Mapped[str | None] = mapped_column(
        info={INFO: FieldInfo(title=("数据来源", "Source"), read_only=True)}
    )
    source_key: Mapped[str | None] = mapped_column()

    def __init_subclass__(cls, **keywords: Any) -> None:
        if not cls.__dict__.get("__abstract__"):
            for name, column in list(_added_columns(cls)):
                setattr(cls, name, column)
        super().__init_subclass__(**keywords)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:  # noqa: N805
        return (*_constraints(cls), *getattr(cls, "extra_table_args", ()), {"schema": cls.room})

    room: ClassVar[str]
    # Whether a closed row keeps its code, which its successor may have as well.
    has_versions: ClassVar[bool] = False
    extra_table_args: ClassVar[tuple[Any, ...]] = ()


class Counted:
    """For places that are counted by area of ground: `cell` is kept by the database from `geom`.

    The tile of the centroid at zoom 21 as one number (`core.cell`), null without a geometry.
    """

    cell: Mapped[int | None] = mapped_column(
        BigInteger, Computed("core.cell(geom)", persisted=True)
    )


class Dated:
    """For rows whose history matters: half-open validity [valid_from, valid_to)."""

    valid_from: Mapped[date | None] = field("生效日期", "Valid from")
    valid_to: Mapped[date | None] = field("失效日期", "Valid to")


def _declared(cls: type) -> Iterator[tuple[str, FieldInfo]]:
    seen: set[str] = set()
    for owner in cls.__mro__:
        for name, value in owner.__dict__.items():
            if isinstance(value, MappedColumn) and INFO in value.column.info and name not in seen:
                seen.add(name)
                yield name, value.column.info[INFO]


def _added_columns(cls: type) -> Iterator[tuple[str, Any]]:
    for name, info in _declared(cls):
        if info.sensitivity:
            yield f"{name}_cipher", mapped_column(LargeBinary, nullable=True)
        if info.sensitivity and info.search:
            yield f"{name}_index", mapped_column(LargeBinary, nullable=True)
    searched = [name for name, info in _declared(cls) if info.search and not info.sensitivity]
    if searched:
        joined = _joined(searched)
        spelt = [name for name, info in _declared(cls) if info.initials]
        if spelt:
            joined += f" || ' ' || core.initials({_joined(spelt)})"
        yield (
            "search_text",
            mapped_column(Text(), Computed(f"core.fold({joined})", persisted=True), nullable=True),
        )
        yield (
            "search_bigrams",
            mapped_column(
                ARRAY(Text()), Computed(f"core.bigrams({joined})", persisted=True), nullable=True
            ),
        )


def _joined(names: list[str]) -> str:
    return " || ' ' || ".join(f"coalesce({name}, '')" for name in names)


def _constraints(cls: Any) -> Iterator[Any]:
    table = str(cls.__dict__["__tablename__"])
    # Partial: most rows of the big tables have neither, and a null would be indexed all the same.
    for columns in (("code",), ("source", "source_key")):
        name = f"{table}_{'_'.join(columns)}_key"
        present = f"{columns[-1]} IS NOT NULL"
        if cls.has_versions and columns == ("code",):
            present += " AND valid_to IS NULL"
        yield Index(name, *columns, unique=True, postgresql_where=text(present))
    yield Index(f"{table}_area_code_index", "area_code")
    for name, info in _declared(cls):
        if info.sensitivity and info.search:
            yield Index(f"{table}_{name}_blind_index", f"{name}_index")
        bounds = []
        if info.minimum is not None:
            bounds.append(f"{name} >= {info.minimum:g}")
        if info.maximum is not None:
            bounds.append(f"{name} <= {info.maximum:g}")
        if bounds:
            yield CheckConstraint(" AND ".join(bounds), name=f"{name}_range")
    if "search_bigrams" in cls.__dict__:
        yield Index(f"{table}_search_bigrams_index", "search_bigrams", postgresql_using="gin")


def table_of(model: type[Feature]) -> Table:
    """The Core table of a model."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def field_infos(model: type[Feature]) -> Mapping[str, FieldInfo]:
    """Declared fields by column name, in declaration order (own fields first, then common)."""
    declared = {
        column.name: column.info[INFO] for column in table_of(model).columns if INFO in column.info
    }
    common = {name for name in declared if name in Feature.__dict__}
    own = {name: info for name, info in declared.items() if name not in common}
    return own | {name: declared[name] for name in declared if name in common}


def field_kind(column: Column[Any]) -> FieldKind:
    """The kind of value a column holds, in the words of forms and schemas."""
    python_type = column.type.python_type
    kinds: dict[type, FieldKind] = {
        bool: "boolean",
        int: "integer",
        float: "number",
        date: "date",
        datetime: "datetime",
    }
    return kinds.get(python_type, "text")


__all__ = [
    "Base",
    "Counted",
    "Dated",
    "Feature",
    "FieldInfo",
    "WKBElement",
    "field",
    "field_infos",
    "field_kind",
    "geometry",
    "reference",
    "table_of",
]
