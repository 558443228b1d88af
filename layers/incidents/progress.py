"""How far a case has come: what the steps of the flow set on an incident. Nobody types it in."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from layers.core.model import field, reference


class Progress:
    """Times are those of the last such step, except the first of acceptance and dispatch."""

    unit_id: Mapped[int | None] = reference(
        "责任单位", "Unit in charge", "organisation.unit", "units", index=False, read_only=True
    )
    handler_id: Mapped[int | None] = reference(
        "责任人", "Person in charge", "organisation.staff", "staff", index=False, read_only=True
    )
    reported_by: Mapped[str | None] = field(
        "上报账号",
        "Reported by",
        default="nullif(current_setting('wangge.login', true), '')",
        read_only=True,
    )
    accepted_at: Mapped[datetime | None] = field("受理时间", "Accepted", read_only=True)
    registered_by: Mapped[str | None] = field("立案账号", "Registered by", read_only=True)
    dispatched_at: Mapped[datetime | None] = field("派遣时间", "Dispatched", read_only=True)
    received_at: Mapped[datetime | None] = field("接收时间", "Received", read_only=True)
    arrived_at: Mapped[datetime | None] = field("到场时间", "Arrived", read_only=True)
    handled_at: Mapped[datetime | None] = field("处置时间", "Handled", read_only=True)
    checked_at: Mapped[datetime | None] = field("核查时间", "Checked", read_only=True)
    check_passed: Mapped[bool | None] = field("核查通过", "Check passed", read_only=True)
    closing: Mapped[str | None] = field(
        "结案方式", "Kind of closing", codes="closing_kind", read_only=True
    )
    closing_condition: Mapped[str | None] = field(
        "结案条件", "Closing condition", codes="closing_condition", read_only=True
    )
    archived_at: Mapped[datetime | None] = field("归档时间", "Archived", read_only=True)
    satisfaction: Mapped[str | None] = field(
        "回访满意度", "Call-back", codes="satisfaction", read_only=True
    )
    supervision: Mapped[str | None] = field(
        "督办级别", "Supervision", codes="supervision", read_only=True
    )
    extension_days: Mapped[int | None] = field(
        "申请延长天数", "Days asked for", unit="d", read_only=True
    )
    extended_days: Mapped[int] = field(
        "已延长天数", "Days granted", unit="d", default="0", read_only=True
    )
    extension_count: Mapped[int] = field("延期次数", "Extensions", default="0", read_only=True)
    rework_count: Mapped[int] = field("返工次数", "Reworks", default="0", read_only=True)
    return_count: Mapped[int] = field("退单次数", "Returns", default="0", read_only=True)
