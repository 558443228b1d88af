"""Create patrol: vehicles, last positions, positions by day."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS patrol")
    op.create_table(
        "position",
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.BigInteger(), nullable=False),
        sa.Column("device_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "server_time",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "area_code", sa.Text(collation="C"), server_default=sa.text("''"), nullable=False
        ),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("speed", sa.Double(), nullable=True),
        sa.Column("heading", sa.Double(), nullable=True),
        sa.Column("accuracy", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint(
            "device_time", "object_kind", "object_id", name=op.f("position_pkey")
        ),
        schema="patrol",
        postgresql_partition_by="RANGE (device_time)",
    )
    op.create_index(
        "position_object_index",
        "position",
        ["object_kind", "object_id", "device_time"],
        unique=False,
        schema="patrol",
    )
    op.create_table(
        "vehicle",
        sa.Column("plate", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "search_bigrams",
            postgresql.ARRAY(sa.Text()),
            sa.Computed("core.bigrams(coalesce(plate, ''))", persisted=True),
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
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["organisation.unit.id"],
            name=op.f("vehicle_unit_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("vehicle_pkey")),
        sa.UniqueConstraint("code", name=op.f("vehicle_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("vehicle_source_source_key_key")),
        schema="patrol",
    )
    op.create_index(
        "vehicle_area_code_index", "vehicle", ["area_code"], unique=False, schema="patrol"
    )
    op.create_index(
        "vehicle_search_bigrams_index",
        "vehicle",
        ["search_bigrams"],
        unique=False,
        schema="patrol",
        postgresql_using="gin",
    )
    op.create_index(
        op.f("vehicle_unit_id_index"), "vehicle", ["unit_id"], unique=False, schema="patrol"
    )
    op.create_geospatial_table(
        "last_position",
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("vehicle_id", sa.BigInteger(), nullable=True),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("device_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "server_time",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("speed", sa.Double(), nullable=True),
        sa.Column("heading", sa.Double(), nullable=True),
        sa.Column("accuracy", sa.Double(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
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
            "(staff_id IS NULL) <> (vehicle_id IS NULL)",
            name=op.f("last_position_one_object_check"),
        ),
        sa.CheckConstraint("accuracy >= 0", name=op.f("last_position_accuracy_range_check")),
        sa.CheckConstraint(
            "heading >= 0 AND heading <= 360", name=op.f("last_position_heading_range_check")
        ),
        sa.CheckConstraint(
            "speed >= 0 AND speed <= 400", name=op.f("last_position_speed_range_check")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["organisation.staff.id"],
            name=op.f("last_position_staff_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["vehicle_id"],
            ["patrol.vehicle.id"],
            name=op.f("last_position_vehicle_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("last_position_pkey")),
        sa.UniqueConstraint("code", name=op.f("last_position_code_key")),
        sa.UniqueConstraint(
            "source", "source_key", name=op.f("last_position_source_source_key_key")
        ),
        schema="patrol",
    )
    op.create_geospatial_index(
        "idx_last_position_geom",
        "last_position",
        ["geom"],
        unique=False,
        schema="patrol",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(
        "last_position_area_code_index",
        "last_position",
        ["area_code"],
        unique=False,
        schema="patrol",
    )
    op.create_index(
        op.f("last_position_staff_id_index"),
        "last_position",
        ["staff_id"],
        unique=False,
        schema="patrol",
    )
    op.create_index(
        op.f("last_position_vehicle_id_index"),
        "last_position",
        ["vehicle_id"],
        unique=False,
        schema="patrol",
    )

    op.execute("CREATE TABLE patrol.position_default PARTITION OF patrol.position DEFAULT")


def downgrade() -> None:
    op.drop_index(
        op.f("last_position_vehicle_id_index"), table_name="last_position", schema="patrol"
    )
    op.drop_index(op.f("last_position_staff_id_index"), table_name="last_position", schema="patrol")
    op.drop_index("last_position_area_code_index", table_name="last_position", schema="patrol")
    op.drop_geospatial_index(
        "idx_last_position_geom",
        table_name="last_position",
        schema="patrol",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_geospatial_table("last_position", schema="patrol")
    op.drop_index(op.f("vehicle_unit_id_index"), table_name="vehicle", schema="patrol")
    op.drop_index(
        "vehicle_search_bigrams_index",
        table_name="vehicle",
        schema="patrol",
        postgresql_using="gin",
    )
    op.drop_index("vehicle_area_code_index", table_name="vehicle", schema="patrol")
    op.drop_table("vehicle", schema="patrol")
    op.drop_index("position_object_index", table_name="position", schema="patrol")
    op.drop_table("position", schema="patrol")
