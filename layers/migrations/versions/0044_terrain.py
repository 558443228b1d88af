"""Keep the terrain: a grid of heights in tiles."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

SCHEMA = "territory"


def upgrade() -> None:
    op.create_table(
        "terrain",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("name", "title", "source", "sha256", "crs")
        ),
        *(
            sa.Column(name, sa.Double(), nullable=False)
            for name in ("west", "north", "cell_width", "cell_height")
        ),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("vertical_datum", sa.Text(), nullable=True),
        sa.Column("lowest", sa.Double(), nullable=True),
        sa.Column("highest", sa.Double(), nullable=True),
        sa.Column("voids", sa.BigInteger(), nullable=False),
        sa.Column(
            "loaded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "loaded_by",
            sa.Text(),
            server_default=sa.text("nullif(current_setting('wangge.login', true), '')"),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("terrain_pkey")),
        sa.UniqueConstraint("name", name=op.f("terrain_name_key")),
        schema=SCHEMA,
    )
    op.create_table(
        "terrain_tile",
        sa.Column("terrain_id", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("level", "tile_row", "tile_column")
        ),
        sa.Column("heights", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["terrain_id"],
            ["territory.terrain.id"],
            name=op.f("terrain_tile_terrain_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "terrain_id", "level", "tile_row", "tile_column", name=op.f("terrain_tile_pkey")
        ),
        schema=SCHEMA,
    )
    # They are packed already.
    op.execute(f"ALTER TABLE {SCHEMA}.terrain_tile ALTER COLUMN heights SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.drop_table("terrain_tile", schema=SCHEMA)
    op.drop_table("terrain", schema=SCHEMA)
