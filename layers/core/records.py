"""Tables the core keeps for every room: history, audit, code tables."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.model import Base

SCHEMA = "core"


class History(Base):
    """One change of one row (or one bulk load of a layer), in commit order of `id`."""

    __tablename__ = "history"
    __table_args__ = (
        Index("history_feature_index", "layer", "feature_id", "id"),
        {"schema": SCHEMA},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    layer: Mapped[str]
    feature_id: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str]
    area_code: Mapped[str] = mapped_column(Text(collation="C"))
    area_code_before: Mapped[str | None] = mapped_column(Text(collation="C"))
    read_right: Mapped[str]
    is_public: Mapped[bool]
    actor: Mapped[str | None]
    reason: Mapped[str | None]
    row_version: Mapped[int | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    sealed: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class Audit(Base):
    """Who looked at or did what; each row's hash covers the row before."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("audit_at_index", "at"),
        Index("audit_login_index", "login", "action", "at"),
        Index("audit_feature_index", "layer", "feature_id", "id"),
        Index("audit_action_index", "action", "id"),
        Index(
            "audit_person_index",
            text("(detail -> 'person')"),
            postgresql_where=text("detail ? 'person'"),
        ),
        {"schema": SCHEMA},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    login: Mapped[str | None]
    action: Mapped[str]
    layer: Mapped[str | None]
    feature_id: Mapped[int | None] = mapped_column(BigInteger)
    area_code: Mapped[str] = mapped_column(Text(collation="C"), server_default=text("''"))
    reason: Mapped[str | None]
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class NoticeChannel(Base):
    """The one row whose `suffix` ends the names of notification channels.

    PostgreSQL lets whoever is connected listen to and speak on any channel whose name is known.
    """

    __tablename__ = "notice_channel"
    __table_args__ = ({"schema": SCHEMA},)

    suffix: Mapped[str] = mapped_column(primary_key=True)


class CodeTable(Base):
    """A code table with its edition; classes are data, never code."""

    __tablename__ = "code_table"
    __table_args__ = ({"schema": SCHEMA},)

    name: Mapped[str] = mapped_column(primary_key=True)
    title_zh: Mapped[str]
    title_en: Mapped[str]
    version: Mapped[str]
    source: Mapped[str | None]


class Code(Base):
    """One value of a code table, valid in [valid_from, valid_to)."""

    __tablename__ = "code"
    __table_args__ = ({"schema": SCHEMA},)

    table_name: Mapped[str] = mapped_column(
        ForeignKey(f"{SCHEMA}.code_table.name", ondelete="CASCADE"), primary_key=True
    )
    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str | None]
    parent: Mapped[str | None]
    position: Mapped[int]
    edition: Mapped[str | None]
    extra: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


class WorkingCalendarRow(Base):
    """The one working calendar in force; `weekend` holds 0 for Monday to 6 for Sunday."""

    __tablename__ = "working_calendar"
    __table_args__ = (CheckConstraint("id = 1", name="single"), {"schema": SCHEMA})

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    zone: Mapped[str]
    hours: Mapped[list[str]] = mapped_column(ARRAY(Text(), dimensions=2))
    weekend: Mapped[list[int]] = mapped_column(ARRAY(Integer()))
    holidays_from: Mapped[date]
    holidays_to: Mapped[date]
    is_local: Mapped[bool] = mapped_column(server_default=text("false"))


class CalendarDay(Base):
    """A holiday or make-up working day; `is_local` says it was set by hand and is kept."""

    __tablename__ = "calendar_day"
    __table_args__ = (
        CheckConstraint("kind IN ('holiday', 'workday')", name="kind"),
        {"schema": SCHEMA},
    )

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    source: Mapped[str]
    is_local: Mapped[bool] = mapped_column(server_default=text("false"))


class WorkingTime(Base):
    """One working span [starts_at, ends_at) with the working seconds before it."""

    __tablename__ = "working_time"
    __table_args__ = ({"schema": SCHEMA},)

    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime]
    seconds_before: Mapped[int] = mapped_column(BigInteger)
