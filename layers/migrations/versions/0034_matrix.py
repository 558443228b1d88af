"""Let rooms take several columns and floors, stand on mezzanines, and tell what became of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

SCHEMA = "housing"
PLACE = "dwelling_place_index"
PLACE_COLUMNS = ["building_id", "unit", "floor", "room_number"]
NUMBERS = {
    "floors_high": ("1", 10),
    "columns_wide": ("1", 20),
    "column_number": (None, 500),
    "beds": (None, 200),
}


def upgrade() -> None:
    op.add_column("building", sa.Column("skipped_floors", sa.Text()), schema=SCHEMA)
    op.add_column(
        "dwelling",
        sa.Column("is_mezzanine", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema=SCHEMA,
    )
    for name, (default, most) in NUMBERS.items():
        server_default = sa.text(default) if default else None
        column = sa.Column(
            name, sa.Integer(), server_default=server_default, nullable=default is None
        )
        op.add_column("dwelling", column, schema=SCHEMA)
        op.create_check_constraint(
            op.f(f"dwelling_{name}_range_check"),
            "dwelling",
            f"{name} >= 1 AND {name} <= {most}",
            schema=SCHEMA,
        )
    op.drop_index(PLACE, "dwelling", schema=SCHEMA)
    op.create_index(
        PLACE,
        "dwelling",
        PLACE_COLUMNS,
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    _create_lineage()


def _create_lineage() -> None:
    op.create_table(
        "dwelling_lineage",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("dwelling_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=True),
        sa.Column("was", postgresql.JSONB(), nullable=False),
        sa.Column(
            "residences",
            postgresql.ARRAY(sa.BigInteger()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("on_day", sa.Date(), server_default=sa.text("core.today()"), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('merge', 'split', 'renumber')", name=op.f("dwelling_lineage_kind_check")
        ),
        *(
            sa.ForeignKeyConstraint(
                [name],
                ["housing.dwelling.id"],
                name=op.f(f"dwelling_lineage_{name}_fkey"),
                ondelete="CASCADE",
            )
            for name in ("dwelling_id", "other_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("dwelling_lineage_pkey")),
        schema=SCHEMA,
    )
    for name in ("dwelling_id", "other_id"):
        op.create_index(
            op.f(f"dwelling_lineage_{name}_index"), "dwelling_lineage", [name], schema=SCHEMA
        )
    op.create_index(
        "dwelling_lineage_residences_index",
        "dwelling_lineage",
        ["residences"],
        schema=SCHEMA,
        postgresql_using="gin",
    )


def downgrade() -> None:
    op.drop_table("dwelling_lineage", schema=SCHEMA)
    op.drop_index(PLACE, "dwelling", schema=SCHEMA)
    op.create_index(PLACE, "dwelling", PLACE_COLUMNS, unique=True, schema=SCHEMA)
    for name in (*NUMBERS, "is_mezzanine"):
        op.drop_column("dwelling", name, schema=SCHEMA)
    op.drop_column("building", "skipped_floors", schema=SCHEMA)
