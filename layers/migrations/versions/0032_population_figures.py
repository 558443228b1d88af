"""Keep how many belong to each area, by register, sex and birth; find moves by their day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

MOVES = "is_home OR valid_to IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "population_figure",
        sa.Column("area_code", sa.Text(collation="C"), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("born", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.PrimaryKeyConstraint(
            "area_code", "register", "sex", name=op.f("population_figure_pkey")
        ),
        schema="people",
    )
    op.create_index(
        "residence_began_index",
        "residence",
        ["valid_from", "area_code"],
        schema="people",
        postgresql_where=sa.text(MOVES),
    )
    op.create_index(
        "residence_ended_index",
        "residence",
        ["valid_to", "area_code"],
        schema="people",
        postgresql_where=sa.text("valid_to IS NOT NULL"),
    )

    op.create_index(
        "resident_figure_area_index",
        "resident_figure",
        ["area_code"],
        schema="people",
        postgresql_include=["households"],
    )


def downgrade() -> None:
    op.drop_index("resident_figure_area_index", "resident_figure", schema="people")
    op.drop_index("residence_ended_index", "residence", schema="people")
    op.drop_index("residence_began_index", "residence", schema="people")
    op.execute("DROP VIEW IF EXISTS people.counted_population")
    op.drop_table("population_figure", schema="people")
