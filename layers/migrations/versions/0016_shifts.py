"""Create shifts: when staff are on duty."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_geospatial_table(
        "shift",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("planned_start", sa.DateTime(timezone=True), nullable=True),
        sa.Column("planned_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_kind", sa.Text(), nullable=True),
        sa.Column(
            "start_place",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column(
            "end_place",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column(
            "area_code", sa.Text(collation="C"), server_default=sa.text("''"), nullable=False
        ),
        sa.Column("row_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("source_key", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(planned_start IS NULL) = (planned_end IS NULL) AND planned_end > planned_start",
            name=op.f("shift_planned_end_order_check"),
        ),
        sa.CheckConstraint(
            "ended_at IS NULL OR ended_at >= started_at", name=op.f("shift_ended_at_order_check")
        ),
        sa.CheckConstraint(
            "started_at IS NOT NULL OR planned_start IS NOT NULL", name=op.f("shift_begins_check")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["organisation.staff.id"],
            name=op.f("shift_staff_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("shift_pkey")),
        schema="patrol",
    )
    op.create_index("shift_area_code_index", "shift", ["area_code"], unique=False, schema="patrol")
    op.create_index(
        "shift_code_key",
        "shift",
        ["code"],
        unique=True,
        schema="patrol",
        postgresql_where=sa.text("code IS NOT NULL"),
    )
    op.create_index(
        "shift_one_open_key",
        "shift",
        ["staff_id"],
        unique=True,
        schema="patrol",
        postgresql_where=sa.text("started_at IS NOT NULL AND ended_at IS NULL"),
    )
    op.create_index(
        "shift_source_source_key_key",
        "shift",
        ["source", "source_key"],
        unique=True,
        schema="patrol",
        postgresql_where=sa.text("source_key IS NOT NULL"),
    )
    op.create_index(
        op.f("shift_staff_id_index"), "shift", ["staff_id"], unique=False, schema="patrol"
    )
    op.create_index(
        "shift_staff_started_at_index",
        "shift",
        ["staff_id", "started_at"],
        unique=False,
        schema="patrol",
    )
    op.create_index(
        "shift_started_at_index", "shift", ["started_at"], unique=False, schema="patrol"
    )


def downgrade() -> None:
    op.drop_index("shift_started_at_index", table_name="shift", schema="patrol")
    op.drop_index("shift_staff_started_at_index", table_name="shift", schema="patrol")
    op.drop_index(op.f("shift_staff_id_index"), table_name="shift", schema="patrol")
    op.drop_index(
        "shift_source_source_key_key",
        table_name="shift",
        schema="patrol",
        postgresql_where=sa.text("source_key IS NOT NULL"),
    )
    op.drop_index(
        "shift_one_open_key",
        table_name="shift",
        schema="patrol",
        postgresql_where=sa.text("started_at IS NOT NULL AND ended_at IS NULL"),
    )
    op.drop_index(
        "shift_code_key",
        table_name="shift",
        schema="patrol",
        postgresql_where=sa.text("code IS NOT NULL"),
    )
    op.drop_index("shift_area_code_index", table_name="shift", schema="patrol")
    op.drop_geospatial_table("shift", schema="patrol")
