"""Add the flow of a case: what its steps set on the incident, and the record of the steps."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

OPEN = "closed_at IS NULL"
TIMES = ("accepted_at", "dispatched_at", "received_at", "arrived_at", "handled_at", "checked_at")
TEXTS = ("registered_by", "closing", "closing_condition", "satisfaction", "supervision")
COUNTS = ("extended_days", "extension_count", "rework_count", "return_count")
SEARCHED = "coalesce(place, '') || ' ' || coalesce(description, '')"


def upgrade() -> None:
    login = sa.text("nullif(current_setting('wangge.login', true), '')")
    zero = sa.text("0")
    _add(
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("handler_id", sa.BigInteger(), nullable=True),
        sa.Column("reported_by", sa.Text(), nullable=True),
        sa.Column("check_passed", sa.Boolean(), nullable=True),
        sa.Column("extension_days", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in TIMES),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=True) for name in TEXTS),
        *(sa.Column(name, sa.Integer(), server_default=zero, nullable=False) for name in COUNTS),
        sa.Column(
            "search_text",
            sa.Text(),
            sa.Computed(f"core.fold({SEARCHED})", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "search_bigrams",
            postgresql.ARRAY(sa.Text()),
            sa.Computed(f"core.bigrams({SEARCHED})", persisted=True),
            nullable=True,
        ),
    )
    # Set apart, so that what is there already is not said to be reported by the migration.
    op.alter_column("incident", "reported_by", server_default=login, schema="incidents")
    for name, target in (("unit_id", "unit"), ("handler_id", "staff")):
        op.create_foreign_key(
            f"incident_{name}_fkey",
            "incident",
            target,
            [name],
            ["id"],
            source_schema="incidents",
            referent_schema="organisation",
            ondelete="RESTRICT",
        )
    op.create_index(
        "incident_search_bigrams_index",
        "incident",
        ["search_bigrams"],
        schema="incidents",
        postgresql_using="gin",
    )
    _create_steps()


def _add(*columns: sa.Column) -> None:  # type: ignore[type-arg]
    for column in columns:
        op.add_column("incident", column, schema="incidents")


def _create_steps() -> None:
    def key(name: str, target: str, on_delete: str) -> sa.ForeignKeyConstraint:
        return sa.ForeignKeyConstraint(
            [name], [f"{target}.id"], name=op.f(f"step_{name}_fkey"), ondelete=on_delete
        )

    op.create_table(
        "step",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("inputs", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("step_pkey")),
        key("incident_id", "incidents.incident", "CASCADE"),
        key("staff_id", "organisation.staff", "SET NULL"),
        key("unit_id", "organisation.unit", "SET NULL"),
        schema="incidents",
    )
    op.create_index("step_incident_id_index", "step", ["incident_id", "id"], schema="incidents")


def downgrade() -> None:
    op.drop_table("step", schema="incidents")
    names = ("unit_id", "handler_id", "reported_by", "check_passed", "extension_days")
    for name in (*names, *TIMES, "archived_at", *TEXTS, *COUNTS, "search_text", "search_bigrams"):
        op.drop_column("incident", name, schema="incidents")
