"""Keep which open residences are of persons of another area, so that counting reads no person."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

FILL = """
INSERT INTO people.lives_elsewhere (residence_id, building_id, area_code, person_area)
SELECT r.id, r.building_id, r.area_code, p.area_code
FROM people.residence AS r JOIN people.person AS p ON p.id = r.person_id
WHERE r.valid_to IS NULL AND p.area_code <> r.area_code
"""


def upgrade() -> None:
    op.create_table(
        "lives_elsewhere",
        sa.Column("residence_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("area_code", sa.Text(collation="C"), nullable=False),
        sa.Column("person_area", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("residence_id", name=op.f("lives_elsewhere_pkey")),
        schema="people",
    )
    op.create_index(
        "lives_elsewhere_building_index", "lives_elsewhere", ["building_id"], schema="people"
    )
    op.execute(FILL)


def downgrade() -> None:
    op.execute("DROP VIEW IF EXISTS people.found_elsewhere")
    op.drop_table("lives_elsewhere", schema="people")
