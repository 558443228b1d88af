"""Count how the rooms of buildings are held without reading the rooms."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "dwelling_tenure_index",
        "dwelling",
        ["building_id"],
        schema="housing",
        postgresql_include=["tenure", "area_code", "valid_to"],
    )


def downgrade() -> None:
    op.drop_index("dwelling_tenure_index", "dwelling", schema="housing")
