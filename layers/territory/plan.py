"""Plans to change the grids of a community: drafts, their pieces and operations, what came of them.

A plan is a layer like others, so that its history, live changes and scope are kept. Its pieces
carry the operation that made them and the one that ended them, so that undo and redo are a step
of `position` back and forth.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.layer import Layer
from layers.core.model import Base, Feature, WKBElement, field, geometry
from layers.core.rights import Right

DRAFT, SUBMITTED, APPROVED = "draft", "submitted", "approved"
REJECTED, IN_FORCE, DISCARDED = "rejected", "in_force", "discarded"
OPEN_STATES = (DRAFT, SUBMITTED, APPROVED)
GRID = "territory.grid.id"
_OPEN = "state IN ('draft', 'submitted', 'approved')"


class Plan(Feature):
    """One plan for one community; `area_code` is the community's 12 digits.

    `position` is the number of the last operation that counts; those above it were undone.
    `base_version` is the version of the community the plan was drawn over.
    """

    __tablename__ = "plan"
    room = "territory"

    title: Mapped[str] = field("方案名称", "Title", required=True, read_only=True, max_length=100)
    state: Mapped[str] = field(
        "状态", "State", codes="plan_state", default="'draft'", read_only=True
    )
    author: Mapped[str] = field("编制人", "Author", required=True, read_only=True)
    reason: Mapped[str | None] = field("调整理由", "Reason", read_only=True, max_length=500)
    effective_on: Mapped[date | None] = field("生效日期", "Effective on", read_only=True)
    submitted_by: Mapped[str | None] = field("提交人", "Submitted by", read_only=True)
    submitted_at: Mapped[datetime | None] = field("提交时间", "Submitted", read_only=True)
    decided_by: Mapped[str | None] = field("审批人", "Decided by", read_only=True)
    decided_at: Mapped[datetime | None] = field("审批时间", "Decided", read_only=True)
    decision: Mapped[str | None] = field("审批意见", "Decision", read_only=True, max_length=500)
    created_at: Mapped[datetime] = field("创建时间", "Created", default="now()", read_only=True)
    position: Mapped[int] = field("步骤", "Step", default="0", read_only=True)
    base_version: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB)

    extra_table_args = (
        CheckConstraint(r"area_code ~ '^\d{12}$'", name="community"),
        Index("plan_open_key", "area_code", unique=True, postgresql_where=text(_OPEN)),
    )


def _of_plan() -> Any:
    return mapped_column(BigInteger, ForeignKey("territory.plan.id", ondelete="CASCADE"))


class PlanOperation(Base):
    """One thing done to a draft; what is above the plan's position can be done again."""

    __tablename__ = "plan_operation"
    __table_args__ = (PrimaryKeyConstraint("plan_id", "number"), {"schema": "territory"})

    plan_id: Mapped[int] = _of_plan()
    number: Mapped[int]
    kind: Mapped[str]
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB)
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class PlanGrid(Base):
    """A piece of a draft from operation `born` on, until operation `died`.

    `key` names the piece through its changes of border. Pieces of `born` 0 are the grids in force
    when the plan was begun: `base_id`, at `base_version`. `parents` are the grids in force that
    the piece is made of.
    """

    __tablename__ = "plan_grid"
    __table_args__ = (PrimaryKeyConstraint("plan_id", "key", "born"), {"schema": "territory"})

    plan_id: Mapped[int] = _of_plan()
    key: Mapped[int]
    born: Mapped[int]
    died: Mapped[int | None]
    base_id: Mapped[int | None] = mapped_column(BigInteger)
    base_version: Mapped[int | None]
    parents: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    code: Mapped[str] = mapped_column(Text(collation="C"))
    name: Mapped[str]
    geom: Mapped[WKBElement] = geometry("MULTIPOLYGON")


class GridLineage(Base):
    """What part of an old grid went into which new one, when a plan came into force.

    `area` in square metres; people and dwellings as they were registered on that day.
    """

    __tablename__ = "grid_lineage"
    __table_args__ = (
        PrimaryKeyConstraint("old_id", "new_id"),
        Index("grid_lineage_new_index", "new_id"),
        {"schema": "territory"},
    )

    plan_id: Mapped[int] = _of_plan()
    old_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(GRID, ondelete="CASCADE"))
    new_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(GRID, ondelete="CASCADE"))
    area: Mapped[float]
    area_share: Mapped[float]
    buildings: Mapped[int]
    dwellings: Mapped[int]
    residents: Mapped[int]


class Rehomed(Base):
    """A row that went from one grid to another with a plan, so that old counts can be had again."""

    __tablename__ = "rehomed"
    __table_args__ = (
        PrimaryKeyConstraint("plan_id", "layer", "feature_id"),
        Index("rehomed_from_index", "from_code", "layer"),
        Index("rehomed_feature_index", "layer", "feature_id"),
        {"schema": "territory"},
    )

    plan_id: Mapped[int] = _of_plan()
    layer: Mapped[str]
    feature_id: Mapped[int] = mapped_column(BigInteger)
    from_code: Mapped[str] = mapped_column(Text(collation="C"))
    to_code: Mapped[str] = mapped_column(Text(collation="C"))
    read_right: Mapped[str]
    on_day: Mapped[date]


PLANS = Layer(
    name="grid_plans",
    title=("网格调整方案", "Grid plans"),
    model=Plan,
    read=Right.BASE_READ,
    write=Right.TERRITORY_WRITE,
    group="territory",
    area_from="given",
    title_field="title",
    subtitle_field="state",
    time_field="created_at",
)
