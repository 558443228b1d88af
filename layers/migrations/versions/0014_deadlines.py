"""Keep a working calendar, and of each incident its condition, deadline and suspensions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENTS = ("registered_at", "warn_at", "due_at", "paused_at")


def upgrade() -> None:
    op.create_table(
        "working_calendar",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("hours", postgresql.ARRAY(sa.Text(), dimensions=2), nullable=False),
        sa.Column("weekend", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("holidays_from", sa.Date(), nullable=False),
        sa.Column("holidays_to", sa.Date(), nullable=False),
        sa.Column("is_local", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("working_calendar_single_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("working_calendar_pkey")),
        schema="core",
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("is_local", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("kind IN ('holiday', 'workday')", name=op.f("calendar_day_kind_check")),
        sa.PrimaryKeyConstraint("day", name=op.f("calendar_day_pkey")),
        schema="core",
    )
    op.create_table(
        "working_time",
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds_before", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("starts_at", name=op.f("working_time_pkey")),
        schema="core",
    )
    op.add_column("incident", sa.Column("condition", sa.Text()), schema="incidents")
    for moment in MOMENTS:
        column = sa.Column(moment, sa.DateTime(timezone=True))
        op.add_column("incident", column, schema="incidents")
    pauses = sa.Column(
        "pauses", postgresql.TSTZMULTIRANGE(), server_default=sa.text("'{}'"), nullable=False
    )
    op.add_column("incident", pauses, schema="incidents")
    op.create_index(
        "incident_due_at_index",
        "incident",
        ["due_at"],
        schema="incidents",
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def downgrade() -> None:
    op.execute("DROP VIEW IF EXISTS incidents.condition")
    op.drop_index("incident_due_at_index", table_name="incident", schema="incidents")
    for column in ("pauses", *MOMENTS, "condition"):
        op.drop_column("incident", column, schema="incidents")
    for table in ("working_time", "calendar_day", "working_calendar"):
        op.drop_table(table, schema="core")
