"""Rights and roles: what an account may do. A role is a set of rights; a grant adds an area."""

from enum import StrEnum


class Right(StrEnum):
    """One permission, named `<room>:<action>`."""

    BASE_READ = "base:read"
    TERRITORY_WRITE = "territory:write"
    ORGANISATION_READ = "organisation:read"
    ORGANISATION_WRITE = "organisation:write"
    ACCOUNT_MANAGE = "account:manage"
    HOUSING_READ = "housing:read"
    HOUSING_WRITE = "housing:write"
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    PEOPLE_SEARCH = "people:search"
    PEOPLE_REVEAL = "people:reveal"
    CARE_READ = "care:read"
    CARE_WRITE = "care:write"
    PLACES_READ = "places:read"
    PLACES_WRITE = "places:write"
    INCIDENTS_READ = "incidents:read"
    INCIDENTS_REPORT = "incidents:report"
    INCIDENTS_WRITE = "incidents:write"
    PATROL_READ = "patrol:read"
    PATROL_WRITE = "patrol:write"
    AUDIT_READ = "audit:read"


class Role(StrEnum):
    """A post in the command centre, in a department or in a community."""

    ADMIN = "admin"
    AUDITOR = "auditor"
    COMMANDER = "commander"
    OPERATOR = "operator"
    DISPATCHER = "dispatcher"
    UNIT = "unit"
    SUPERVISOR = "supervisor"
    WORKER = "worker"
    ANALYST = "analyst"


ROLE_TITLES: dict[Role, tuple[str, str]] = {
    Role.ADMIN: ("系统管理员", "Administrator"),
    Role.AUDITOR: ("审计员", "Auditor"),
    Role.COMMANDER: ("指挥长", "Commander"),
    Role.OPERATOR: ("受理员", "Operator"),
    Role.DISPATCHER: ("派遣员", "Dispatcher"),
    Role.UNIT: ("处置部门", "Department handler"),
    Role.SUPERVISOR: ("网格长", "Grid supervisor"),
    Role.WORKER: ("网格员", "Grid worker"),
    Role.ANALYST: ("分析员", "Analyst"),
}

RIGHT_TITLES: dict[Right, tuple[str, str]] = {
    Right.BASE_READ: ("查看底图、区划、网格与楼栋", "See basemap, areas, grids and buildings"),
    Right.TERRITORY_WRITE: ("维护区划与网格", "Maintain areas and grids"),
    Right.ORGANISATION_READ: ("查看机构与人员", "See units and staff"),
    Right.ORGANISATION_WRITE: ("维护机构与人员", "Maintain units and staff"),
    Right.ACCOUNT_MANAGE: ("管理账号与授权", "Manage accounts and grants"),
    Right.HOUSING_READ: ("查看房屋与户室", "See dwellings and rentals"),
    Right.HOUSING_WRITE: ("维护楼栋与房屋", "Maintain buildings and dwellings"),
    Right.PEOPLE_READ: ("查看人口（脱敏）", "See persons, masked"),
    Right.PEOPLE_WRITE: ("维护人口", "Maintain persons"),
    Right.PEOPLE_SEARCH: ("按姓名、证件查人", "Search persons by name or number"),
    Right.PEOPLE_REVEAL: ("说明理由后查看原文", "Reveal a masked field with a reason"),
    Right.CARE_READ: ("查看关怀服务登记", "See care records"),
    Right.CARE_WRITE: ("维护关怀服务登记", "Maintain care records"),
    Right.PLACES_READ: ("查看重点场所、部件、摄像机", "See key sites, components, cameras"),
    Right.PLACES_WRITE: ("维护重点场所、部件、摄像机", "Maintain key sites, components, cameras"),
    Right.INCIDENTS_READ: ("查看事件", "See incidents"),
    Right.INCIDENTS_REPORT: ("上报与登记事件", "Report and register incidents"),
    Right.INCIDENTS_WRITE: ("修改与删除事件", "Change and delete incidents"),
    Right.PATROL_READ: ("查看在岗位置", "See positions of staff on duty"),
    Right.PATROL_WRITE: ("写入位置", "Write positions"),
    Right.AUDIT_READ: ("查看审计日志", "See the audit log"),
}

_SEE_CITY = {Right.BASE_READ, Right.PLACES_READ, Right.ORGANISATION_READ}
_SEE_HOMES = {Right.HOUSING_READ, Right.PEOPLE_READ, Right.PEOPLE_SEARCH, Right.PEOPLE_REVEAL}

ROLES: dict[Role, frozenset[Right]] = {
    Role.ADMIN: frozenset(
        _SEE_CITY
        | {
            Right.TERRITORY_WRITE,
            Right.ORGANISATION_WRITE,
            Right.ACCOUNT_MANAGE,
            Right.HOUSING_READ,
            Right.HOUSING_WRITE,
            Right.PLACES_WRITE,
        }
    ),
    Role.AUDITOR: frozenset({Right.BASE_READ, Right.AUDIT_READ}),
    Role.COMMANDER: frozenset(
        _SEE_CITY
        | {
            Right.HOUSING_READ,
            Right.PEOPLE_READ,
            Right.PEOPLE_SEARCH,
            Right.INCIDENTS_READ,
            Right.INCIDENTS_REPORT,
            Right.INCIDENTS_WRITE,
            Right.PATROL_READ,
        }
    ),
    Role.OPERATOR: frozenset(_SEE_CITY | {Right.INCIDENTS_READ, Right.INCIDENTS_REPORT}),
    Role.DISPATCHER: frozenset(
        _SEE_CITY
        | {
            Right.INCIDENTS_READ,
            Right.INCIDENTS_REPORT,
            Right.INCIDENTS_WRITE,
            Right.PATROL_READ,
        }
    ),
    Role.UNIT: frozenset(_SEE_CITY | {Right.INCIDENTS_READ}),
    Role.SUPERVISOR: frozenset(
        _SEE_CITY
        | _SEE_HOMES
        | {
            Right.TERRITORY_WRITE,
            Right.HOUSING_WRITE,
            Right.PEOPLE_WRITE,
            Right.CARE_READ,
            Right.CARE_WRITE,
            Right.PLACES_WRITE,
            Right.INCIDENTS_READ,
            Right.INCIDENTS_REPORT,
            Right.INCIDENTS_WRITE,
            Right.PATROL_READ,
        }
    ),
    Role.WORKER: frozenset(
        _SEE_CITY
        | _SEE_HOMES
        | {
            Right.HOUSING_WRITE,
            Right.PEOPLE_WRITE,
            Right.PLACES_WRITE,
            Right.INCIDENTS_READ,
            Right.INCIDENTS_REPORT,
        }
    ),
    Role.ANALYST: frozenset(_SEE_CITY | {Right.HOUSING_READ, Right.INCIDENTS_READ}),
}
