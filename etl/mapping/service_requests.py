"""Non-emergency service requests ("311") of two American cities as incidents."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from etl.mapping.row import MappedRow, SourceMapping
from etl.raw import RawFeature

EASTERN = ZoneInfo("America/New_York")
OTHER_CATEGORY = "SG-99"

# (words of the request type, category): the first that occurs wins.
_CATEGORIES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("dead animal", "dead anim", "pick up dead"), "UM-0137"),
    (("abandoned vehicle", "vehicle removal"), "UM-0134"),
    (("parking",), "UM-0409"),
    (("illegal dumping", "dump"), "UM-0111"),
    (("graffiti",), "UM-0201"),
    (("illegal sign", "sign removal"), "UM-0203"),
    (("pothole", "street repairs", "sidewalk", "footway", "manhole", "pavement"), "UM-0113"),
    (("snow", "icy"), "UM-0507"),
    (("water leak", "water no water", "water meter", "water discolored"), "UM-0501"),
    (("sewer", "storm inlet", "choke", "basement"), "UM-0503"),
    (("flood", "ponding"), "UM-0506"),
    (("dirty street", "dirty alley", "street clean", "sweep", "requests for street"), "UM-0112"),
    (("litter basket", "trash can", "missed trash", "recycling"), "UM-0192"),
    (("trash", "refuse", "sanitation", "rubbish", "cleaning", "-hgw", "rat ", "rodent"), "UM-0110"),
    (("bulk", "appliance", "white goods", "ce collection"), "UM-0135"),
    (("tree", "grass", "weeds", "ground maintenance", "shrub"), "UM-0117"),
    (("loud", "noise"), "UM-0128"),
    (("housing", "unsatisfactory", "rental", "vacant", "boarding", "structure"), "SG-0305"),
    (("fire", "smoke alarm"), "SG-0208"),
    (("signal", "sign ", "traffic"), "SG-0306"),
    (("light", "electrical"), "SG-0312"),
    (("animal",), "SG-0212"),
    (("needle",), "UM-0133"),
)
_SOURCES = {
    "phone": "SRC06",
    "constituent call": "SRC06",
    "web": "SRC03",
    "self service": "SRC03",
    "api": "SRC12",
    "system": "SRC12",
    "internal": "SRC01",
    "mail": "SRC01",
    "email": "SRC03",
    "other": "SRC01",
    "citizens connect app": "SRC15",
    "city worker app": "SRC09",
}


def category_of(request_type: str) -> str:
    """The incident category of a request type; another matter (SG-99) when no word is known."""
    lowered = f"{request_type.lower()} "
    for words, code in _CATEGORIES:
        if any(word in lowered for word in words):
            return code
    return OTHER_CATEGORY


def eastern_time(text: Any) -> datetime | None:
    """The moment of a local time "04/12/2018 11:11:26 AM" or "2022-01-21 13:47:00", with zone.

    None for no text. Raises ValueError for text of another form.
    """
    if text is None:
        return None
    for form in ("%m/%d/%Y %I:%M:%S %p", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(str(text), form).replace(tzinfo=EASTERN)
        except ValueError:
            continue
    raise ValueError(f"no local time: {text!r}")


def baltimore_rows(raw: RawFeature) -> tuple[MappedRow, ...]:
    """One incident of Open Baltimore's 311 table."""
    properties = raw.properties
    outcome = properties.get("Outcome")
    request = str(properties.get("SRType") or "")
    values = {
        "code": properties.get("ServiceRequestNum"),
        "category": category_of(request),
        "report_source": _source(properties.get("MethodReceived")),
        "state": _state(properties.get("SRStatus")),
        "description": f"{request}: {outcome}" if outcome else request,
        "place": properties.get("Address"),
        "reported_at": eastern_time(properties.get("CreatedDate")),
        "due_at": eastern_time(properties.get("DueDate")),
        "closed_at": eastern_time(properties.get("CloseDate")),
    }
    return (_row(values, raw, properties.get("SRRecordID")),)


def boston_rows(raw: RawFeature) -> tuple[MappedRow, ...]:
    """One incident of Boston's 311 table."""
    properties = raw.properties
    values = {
        "code": properties.get("case_enquiry_id"),
        "category": category_of(f"{properties.get('type')} {properties.get('subject')}"),
        "report_source": _source(properties.get("source")),
        "state": _state(properties.get("case_status")),
        "description": properties.get("case_title") or properties.get("type"),
        "place": properties.get("location") or properties.get("neighborhood"),
        "reported_at": eastern_time(properties.get("open_dt")),
        "due_at": eastern_time(properties.get("target_dt")),
        "closed_at": eastern_time(properties.get("closed_dt")),
    }
    return (_row(values, raw, properties.get("case_enquiry_id")),)


def _row(values: dict[str, Any], raw: RawFeature, key: Any) -> MappedRow:
    return MappedRow("incidents", values, raw.geometry, raw.row, key, raw.notes)


def _source(text: Any) -> str:
    return _SOURCES.get(str(text or "").lower(), "SRC01")


def _state(text: Any) -> str:
    return "closed" if str(text or "").lower().startswith("closed") else "reported"


BALTIMORE_311 = SourceMapping(
    "baltimore_311",
    lambda dataset: {"SRRecordID", "SRType", "CreatedDate"} <= set(dataset.fields),
    baltimore_rows,
    layers=("incidents",),
)
BOSTON_311 = SourceMapping(
    "boston_311",
    lambda dataset: {"case_enquiry_id", "open_dt", "case_title"} <= set(dataset.fields),
    boston_rows,
    layers=("incidents",),
)

__all__ = ["BALTIMORE_311", "BOSTON_311", "category_of", "eastern_time"]
