"""Index codes and source keys only where there are any: most rows of the big tables have none."""

from alembic import op
from sqlalchemy import text

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FEATURES = {
    "territory": ("area", "grid", "road", "water", "green"),
    "organisation": ("unit", "staff"),
    "housing": ("compound", "building", "entrance", "dwelling", "rental"),
    "people": ("person", "residence", "care_record"),
    "places": ("key_site", "facility", "component", "camera", "organisation"),
    "incidents": ("incident",),
    "patrol": ("vehicle", "last_position"),
}
KEYS = (("code",), ("source", "source_key"))


def upgrade() -> None:
    for schema, tables in FEATURES.items():
        for table in tables:
            for columns in KEYS:
                name = f"{table}_{'_'.join(columns)}_key"
                op.drop_constraint(name, table, schema=schema)
                present = text(f"{columns[-1]} IS NOT NULL")
                op.create_index(
                    name, table, columns, unique=True, schema=schema, postgresql_where=present
                )


def downgrade() -> None:
    for schema, tables in FEATURES.items():
        for table in tables:
            for columns in KEYS:
                name = f"{table}_{'_'.join(columns)}_key"
                op.drop_index(name, table, schema=schema)
                op.create_unique_constraint(name, table, columns, schema=schema)
