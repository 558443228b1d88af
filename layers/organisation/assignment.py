"""Assignments: who of the staff is in charge of which grid, from when to when."""

from datetime import date

from sqlalchemy import CheckConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped

from layers.core.layer import Layer
from layers.core.model import Feature, field, reference
from layers.core.rights import Right

CHIEF, WORKER, PART_TIME = "chief", "worker", "part_time"
MAIN_ROLES = (CHIEF, WORKER)
_SPAN = text("daterange(valid_from, valid_to)")


class Assignment(Feature):
    """One member of the staff in charge of one grid in [valid_from, valid_to).

    A grid has one chief (网格长) and one full-time worker (专职网格员) at a time, and any number
    of part-time workers; the database refuses a second one.
    """

    __tablename__ = "assignment"
    room = "organisation"

    grid_id: Mapped[int] = reference("网格", "Grid", "territory.grid", "grids")
    staff_id: Mapped[int] = reference("工作人员", "Staff", "organisation.staff", "staff")
    role: Mapped[str] = field("职责", "Role", codes="assignment_role", required=True)
    valid_from: Mapped[date] = field("起始日期", "From", required=True)
    valid_to: Mapped[date | None] = field("终止日期", "To")
    note: Mapped[str | None] = field("备注", "Note", max_length=300)

    extra_table_args = (
        CheckConstraint("valid_to >= valid_from", name="valid_to_after"),
        ExcludeConstraint(
            ("grid_id", "="),
            ("role", "="),
            (_SPAN, "&&"),
            name="assignment_role_once_excl",
            using="gist",
            where=text("role IN ('chief', 'worker')"),
        ),
        ExcludeConstraint(
            ("grid_id", "="),
            ("staff_id", "="),
            (_SPAN, "&&"),
            name="assignment_staff_id_once_excl",
            using="gist",
        ),
    )


ASSIGNMENTS = Layer(
    name="assignments",
    title=("网格责任分配", "Grid assignments"),
    model=Assignment,
    read=Right.ORGANISATION_READ,
    write=Right.ORGANISATION_ASSIGN,
    group="organisation",
    area_from="grid_id",
    title_field="role",
)
