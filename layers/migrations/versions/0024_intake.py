"""Take positions in: devices, one key a fix, one last position an object, visits of grids."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MEASURED = ("speed", "heading", "accuracy")
OBJECTS = ("staff_id", "vehicle_id")


def upgrade() -> None:
    _one_key()
    _one_last_position()
    _create_device()
    _create_grid_visit()


def _one_key() -> None:
    op.execute("ALTER TABLE patrol.position DROP CONSTRAINT position_pkey")
    op.drop_index("position_object_index", "position", schema="patrol")
    for name in MEASURED:
        op.alter_column("position", name, type_=sa.REAL(), schema="patrol")
    op.add_column("position", sa.Column("flag", sa.Text(), nullable=True), schema="patrol")
    op.execute(
        "ALTER TABLE patrol.position ADD CONSTRAINT position_pkey "
        "PRIMARY KEY (object_kind, object_id, device_time) "
        "INCLUDE (longitude, latitude, speed, area_code)"
    )


def _one_last_position() -> None:
    op.execute("CREATE SEQUENCE patrol.position_change")
    for name in OBJECTS:
        op.execute(
            "DELETE FROM patrol.last_position AS old USING patrol.last_position AS new "
            f"WHERE old.{name} = new.{name} "
            "AND (old.device_time, old.id) < (new.device_time, new.id)"
        )
        op.drop_index(f"last_position_{name}_index", "last_position", schema="patrol")
        key = f"last_position_{name}_key"
        op.create_index(key, "last_position", [name], unique=True, schema="patrol")
    op.add_column("last_position", sa.Column("battery", sa.Integer()), schema="patrol")
    op.create_check_constraint(
        op.f("last_position_battery_range_check"),
        "last_position",
        "battery >= 0 AND battery <= 100",
        schema="patrol",
    )
    change = sa.Column("change", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    op.add_column("last_position", change, schema="patrol")
    op.create_index("last_position_change_index", "last_position", ["change"], schema="patrol")


def _create_device() -> None:
    op.create_table(
        "device",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("vehicle_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("datum", sa.Text(), server_default=sa.text("'wgs84'"), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("refused", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_refusal", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(staff_id IS NULL) <> (vehicle_id IS NULL)", name=op.f("device_one_object_check")
        ),
        sa.CheckConstraint("datum IN ('wgs84', 'gcj02')", name=op.f("device_datum_check")),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["organisation.staff.id"],
            name=op.f("device_staff_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["vehicle_id"],
            ["patrol.vehicle.id"],
            name=op.f("device_vehicle_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("device_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("device_token_hash_key")),
        schema="patrol",
    )
    for name in OBJECTS:
        op.create_index(f"device_{name}_index", "device", [name], schema="patrol")


def _create_grid_visit() -> None:
    op.create_table(
        "grid_visit",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.BigInteger(), nullable=False),
        sa.Column("area_code", sa.Text(collation="C"), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fixes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "object_kind IN ('staff', 'vehicle')", name=op.f("grid_visit_object_kind_check")
        ),
        sa.PrimaryKeyConstraint(
            "day", "object_kind", "object_id", "area_code", name=op.f("grid_visit_pkey")
        ),
        schema="patrol",
    )
    op.create_index(
        "grid_visit_area_code_index", "grid_visit", ["area_code", "day"], schema="patrol"
    )


def downgrade() -> None:
    op.drop_table("grid_visit", schema="patrol")
    op.drop_table("device", schema="patrol")
    op.drop_column("last_position", "change", schema="patrol")
    op.drop_column("last_position", "battery", schema="patrol")
    for name in OBJECTS:
        op.drop_index(f"last_position_{name}_key", "last_position", schema="patrol")
        index = f"last_position_{name}_index"
        op.create_index(index, "last_position", [name], schema="patrol")
    op.execute("DROP SEQUENCE patrol.position_change")
    op.execute("ALTER TABLE patrol.position DROP CONSTRAINT position_pkey")
    op.drop_column("position", "flag", schema="patrol")
    for name in MEASURED:
        op.alter_column("position", name, type_=sa.Double(), schema="patrol")
    op.create_primary_key(
        "position_pkey", "position", ["device_time", "object_kind", "object_id"], schema="patrol"
    )
    op.create_index(
        "position_object_index",
        "position",
        ["object_kind", "object_id", "device_time"],
        schema="patrol",
    )
