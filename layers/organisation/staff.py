"""Staff on duty: post, duties, unit and the area served."""

from sqlalchemy.orm import Mapped

from layers.core.layer import Layer
from layers.core.model import Dated, Feature, field, reference
from layers.core.rights import Right


class Staff(Feature, Dated):
    """One employee of a unit; the work phone is not a private contact."""

    __tablename__ = "staff"
    room = "organisation"

    name: Mapped[str] = field(
        "姓名", "Name", search=True, initials=True, required=True, max_length=60
    )
    post: Mapped[str] = field("岗位", "Post", codes="staff_post", required=True)
    duties: Mapped[str | None] = field("职责", "Duties", max_length=500)
    unit_id: Mapped[int | None] = reference("所属机构", "Unit", "organisation.unit", "units")
    phone: Mapped[str | None] = field("工作电话", "Work phone", max_length=40)


STAFF = Layer(
    name="staff",
    title=("工作人员", "Staff"),
    model=Staff,
    read=Right.ORGANISATION_READ,
    write=Right.ORGANISATION_WRITE,
    group="organisation",
    area_from="given",
    title_field="name",
    subtitle_field="post",
)
