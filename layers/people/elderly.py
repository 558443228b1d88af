"""Services for people of 60 and over: who offers them, and what was asked for and done.

Age, steps and whether a provider offers a kind are checked by the database (`elderly.sql`).
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped

from layers.core.calendar import CHINA
from layers.core.errors import Fault
from layers.core.layer import Layer
from layers.core.model import Feature, field, reference
from layers.core.rights import Right

AGE: Final = 60
REQUESTED, ASSIGNED, DONE, CANCELLED = STATES = ("requested", "assigned", "done", "cancelled")


class ServiceProvider(Feature):
    """Who serves elderly people in an area; each kind of the code table has its own field."""

    __tablename__ = "service_provider"
    room = "people"

    name: Mapped[str] = field("单位名称", "Name", search=True, required=True, max_length=100)
    phone: Mapped[str | None] = field("联系电话", "Phone", check="phone")
    offers_housekeeping: Mapped[bool] = field("提供家政", "Housekeeping", default="false")
    offers_health_care: Mapped[bool] = field("提供卫生保健", "Health care", default="false")
    offers_repair: Mapped[bool] = field("提供物业维修", "Repairs", default="false")
    offers_errands: Mapped[bool] = field("提供事务代理", "Errands", default="false")
    offers_other: Mapped[bool] = field("提供其他服务", "Other services", default="false")


class ElderlyService(Feature):
    """A service asked for by or for a person; followed up once it is done."""

    __tablename__ = "elderly_service"
    room = "people"

    person_id: Mapped[int] = reference(
        "人员", "Person", "people.person", "persons", on_delete="CASCADE"
    )
    kind: Mapped[str] = field("服务类别", "Kind", codes="elderly_service", required=True)
    requested_on: Mapped[date] = field("申请日期", "Requested on", required=True)
    wish: Mapped[str | None] = field("服务需求", "Wish", max_length=500)
    provider_id: Mapped[int | None] = reference(
        "服务单位", "Provider", "people.service_provider", "service_providers"
    )
    state: Mapped[str] = field(
        "办理状态", "State", codes="elderly_service_state", default=f"'{REQUESTED}'"
    )
    done_on: Mapped[date | None] = field("办结日期", "Done on", when=("state", (DONE,)))
    follow_up_on: Mapped[date | None] = field("回访日期", "Followed up on", when=("state", (DONE,)))
    satisfaction: Mapped[str | None] = field(
        "回访满意度", "Satisfaction", codes="service_satisfaction", when=("state", (DONE,))
    )
    remark: Mapped[str | None] = field(
        "回访意见", "Remark", max_length=500, when=("state", (DONE,))
    )

    extra_table_args = (
        CheckConstraint("done_on >= requested_on", name="done_after"),
        CheckConstraint("follow_up_on >= done_on", name="follow_up_after"),
        CheckConstraint("(state = 'done') = (done_on IS NOT NULL)", name="done_day"),
        CheckConstraint(
            "state IN ('requested', 'cancelled') OR provider_id IS NOT NULL", name="assigned_to"
        ),
        CheckConstraint("state = 'done' OR follow_up_on IS NULL", name="follow_up_done"),
        CheckConstraint(
            "(follow_up_on IS NULL) = (satisfaction IS NULL)", name="follow_up_satisfaction"
        ),
        Index(
            "elderly_service_open_index",
            "area_code",
            postgresql_where=text("state <> 'cancelled' AND follow_up_on IS NULL"),
        ),
    )


_FUTURE: Final = "the day lies in the future"
_BEFORE_REQUEST: Final = Fault("done_on", "before it was requested")
_BEFORE_DONE: Final = Fault("follow_up_on", "before it was done")


def _days_in_order(values: Mapping[str, Any]) -> Iterator[Fault]:
    """Requested, done, followed up, and nothing in the future."""
    today = datetime.now(CHINA).date()
    requested, done, followed = (
        values.get(name) for name in ("requested_on", "done_on", "follow_up_on")
    )
    for name, day in (("requested_on", requested), ("done_on", done), ("follow_up_on", followed)):
        if day is not None and day > today:
            yield Fault(name, _FUTURE)
    if requested is not None and done is not None and done < requested:
        yield _BEFORE_REQUEST
    if done is not None and followed is not None and followed < done:
        yield _BEFORE_DONE


SERVICE_PROVIDERS = Layer(
    name="service_providers",
    title=("为老服务单位", "Providers of elderly services"),
    model=ServiceProvider,
    read=Right.CARE_READ,
    write=Right.CARE_WRITE,
    group="people",
    area_from="given",
    title_field="name",
)

ELDERLY_SERVICES = Layer(
    name="elderly_services",
    title=("为老服务", "Elderly services"),
    model=ElderlyService,
    read=Right.CARE_READ,
    write=Right.CARE_WRITE,
    group="people",
    area_from="person_id",
    subject_sql="person_id",
    title_field="kind",
    subtitle_field="requested_on",
    rules=(_days_in_order,),
    refusals={
        "elderly_service_age": Fault(
            "person_id", f"the person is under {AGE}, or the birth date is not known"
        ),
        "elderly_service_person": Fault("person_id", "a service stays with its person"),
        "elderly_service_offer": Fault("provider_id", "the provider does not offer this kind"),
        "elderly_service_step": Fault("state", "no such step from the present state"),
        "elderly_service_requested_day": Fault("requested_on", _FUTURE),
        "elderly_service_done_future": Fault("done_on", _FUTURE),
        "elderly_service_follow_up_future": Fault("follow_up_on", _FUTURE),
        "elderly_service_done_after_check": _BEFORE_REQUEST,
        "elderly_service_follow_up_after_check": _BEFORE_DONE,
        "elderly_service_done_day_check": Fault("done_on", "with and only with a service done"),
        "elderly_service_assigned_to_check": Fault("provider_id", "required"),
        "elderly_service_follow_up_done_check": Fault("follow_up_on", "it is not done yet"),
        "elderly_service_follow_up_satisfaction_check": Fault(
            "satisfaction", "with and only with the day of the follow-up"
        ),
    },
)
