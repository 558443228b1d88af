"""Alembic's environment: one online connection, all schemas, spatial types rendered."""

from typing import Any

from alembic import context
from geoalchemy2 import alembic_helpers

from layers.analysis.saved import SavedQuestion
from layers.catalogue import ACCOUNT_TABLES, LAYERS
from layers.core import records
from layers.core.database import connect_engine
from layers.core.job import JobRow
from layers.core.model import Base
from layers.core.receipt import ReceiptRow
from layers.housing.address_store import AddressAlias, AddressReview
from layers.housing.inspection_photo import InspectionPhotoRow
from layers.housing.lineage import LineageRow
from layers.incidents.photo import PhotoRow
from layers.incidents.serial import CaseSerial
from layers.incidents.step import StepRow
from layers.patrol.day_track import DayTrack
from layers.patrol.device import Device
from layers.patrol.position import Position
from layers.people.figures import ResidentFigure
from layers.people.population import PopulationFigure
from layers.people.proposal import ProposalRow
from layers.territory.terrain import TerrainRow, TerrainTileRow

DECLARED = (
    *LAYERS,
    *ACCOUNT_TABLES,
    records.History,
    Position,
    Device,
    DayTrack,
    ResidentFigure,
    PopulationFigure,
    ProposalRow,
    SavedQuestion,
    StepRow,
    PhotoRow,
    InspectionPhotoRow,
    ReceiptRow,
    JobRow,
    CaseSerial,
    AddressAlias,
    AddressReview,
    LineageRow,
    TerrainRow,
    TerrainTileRow,
)
SCHEMAS = {table.schema for table in Base.metadata.tables.values()}


def include_name(name: str | None, kind: str, parents: Any) -> bool:
    """Only the rooms' schemas are ours."""
    return name in SCHEMAS if kind == "schema" else True


def include_object(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    """Spatial indexes and the daily partitions of positions are made elsewhere."""
    if kind == "table" and reflected and str(name).startswith("position_"):
        return False
    only = context.config.attributes.get("only")
    schema = getattr(thing, "schema", None) or getattr(
        getattr(thing, "table", None), "schema", None
    )
    if only and schema and schema != only:
        return False
    keep = alembic_helpers.include_object(thing, name, kind, reflected, other)  # type: ignore[no-untyped-call]
    return bool(keep)


engine = connect_engine(context.config.attributes["url"], pool_size=1)
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_schemas=True,
        include_name=include_name,
        include_object=include_object,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        version_table_schema="core",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
