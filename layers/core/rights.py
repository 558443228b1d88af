"""Rights and roles: what an account may do. A role is a set of rights; a grant adds an area."""

from enum import StrEnum


class Right(StrEnum):
    """One permission, named `<room>:<action>`."""

    BASE_READ = "base:read"
    TERRITORY_WRITE = "territory:write"
    TERRITORY_APPROVE = "territory:approve"
    ORGANISATION_READ = "organisation:read"
    ORGANISATION_WRITE = "organisation:write"
    ORGANISATION_ASSIGN = "organisation:assign"
    ACCOUNT_MANAGE = "account:manage"
    HOUSING_READ = "housing:read"
    HOUSING_WRITE = "housing:write"
    HOUSING_PROPOSE = "housing:propose"
    HOUSING_INSPECT = "housing:inspect"
    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    PEOPLE_PROPOSE = "people:propose"
    PEOPLE_SEARCH = "people:search"
    PEOPLE_REVEAL = "people:reveal"
    CARE_READ = "care:read"
    CARE_WRITE = "care:write"
    PLACES_READ = "places:read"
    PLACES_WRITE = "places:write"
    INCIDENTS_READ = "incidents:read"
    INCIDENTS_REPORT = "incidents:report"
    INCIDENTS_WRITE = "incidents:write"
    INCIDENTS_REGISTER = "incidents:register"
    INCIDENTS_DISPATCH = "incidents:dispatch"
    INCIDENTS_HANDLE = "incidents:handle"
    INCIDENTS_CHECK = "incidents:check"
    INCIDENTS_SUPERVISE = "incidents:supervise"
    PATROL_READ = "patrol:read"
    PATROL_WRITE = "patrol:write"
    PATROL_DUTY = "patrol:duty"
    PATROL_REPLAY = "patrol:replay"
    ANALYSIS_SAVE = "analysis:save"
    DATA_EXPORT = "data:export"
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
    Right.TERRITORY_APPROVE: ("审批网格调整方案", "Approve grid plans"),
    Right.ORGANISATION_READ: ("查看机构与人员", "See units and staff"),
    Right.ORGANISATION_WRITE: ("维护机构与人员", "Maintain units and staff"),
    Right.ORGANISATION_ASSIGN: ("分配网格责任人", "Assign staff to grids"),
    Right.ACCOUNT_MANAGE: ("管理账号与授权", "Manage accounts and grants"),
    Right.HOUSING_READ: ("查看房屋与户室", "See dwellings and rentals"),
    Right.HOUSING_WRITE: ("维护楼栋与房屋", "Maintain buildings and dwellings"),
    Right.HOUSING_PROPOSE: (
        "提交户室与出租房变更，待审核",
        "Propose changes of dwellings and rentals",
    ),
    Right.HOUSING_INSPECT: ("登记出租房巡查", "Record inspections of rentals"),
    Right.PEOPLE_READ: ("查看人口（脱敏）", "See persons, masked"),
    Right.PEOPLE_WRITE: ("维护人口", "Maintain persons"),
    Right.PEOPLE_PROPOSE: ("提交人口变更，待审核", "Propose changes of persons"),
    Right.PEOPLE_SEARCH: ("按姓名、证件查人", "Search persons by name or number"),
    Right.PEOPLE_REVEAL: ("说明理由后查看原文", "Reveal a masked field with a reason"),
    Right.CARE_READ: ("查看关怀服务登记", "See care records"),
    Right.CARE_WRITE: ("维护关怀服务登记", "Maintain care records"),
    Right.PLACES_READ: ("查看重点场所、部件、摄像机", "See key sites, components, cameras"),
    Right.PLACES_WRITE: ("维护重点场所、部件、摄像机", "Maintain key sites, components, cameras"),
    Right.INCIDENTS_READ: ("查看事件", "See incidents"),
    Right.INCIDENTS_REPORT: ("上报与登记事件", "Report and register incidents"),
    Right.INCIDENTS_WRITE: ("修改与删除事件", "Change and delete incidents"),
    Right.INCIDENTS_REGISTER: ("受理、立案与结案", "Accept, register and close incidents"),
    Right.INCIDENTS_DISPATCH: ("派遣事件", "Dispatch incidents"),
    Right.INCIDENTS_HANDLE: ("处置事件", "Handle incidents"),
    Right.INCIDENTS_CHECK: ("核实与核查", "Verify and check incidents on site"),
    Right.INCIDENTS_SUPERVISE: ("督办与审批", "Supervise incidents and grant extensions"),
    Right.PATROL_READ: ("查看在岗位置", "See positions of staff on duty"),
    Right.PATROL_WRITE: ("写入位置", "Write positions"),
    Right.PATROL_DUTY: ("上下班打卡", "Clock in and out"),
    Right.PATROL_REPLAY: ("回放轨迹", "Replay tracks of staff and vehicles"),
    Right.ANALYSIS_SAVE: ("保存分析结果", "Save questions and hot zones"),
    Right.DATA_EXPORT: ("导出数据", "Export data"),
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
            Right.TERRITORY_APPROVE,
            Right.ORGANISATION_ASSIGN,
            Right.DATA_EXPORT,
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
            Right.TERRITORY_APPROVE,
            Right.INCIDENTS_SUPERVISE,
            Right.PATROL_REPLAY,
            Right.ANALYSIS_SAVE,
            Right.DATA_EXPORT,
        }
    ),
    Role.OPERATOR: frozenset(
        _SEE_CITY | {Right.INCIDENTS_READ, Right.INCIDENTS_REPORT, Right.INCIDENTS_REGISTER}
    ),
    Role.DISPATCHER: frozenset(
        _SEE_CITY
        | {
            Right.INCIDENTS_READ,
            Right.INCIDENTS_REPORT,
            Right.INCIDENTS_WRITE,
            Right.PATROL_READ,
            Right.INCIDENTS_DISPATCH,
        }
    ),
    Role.UNIT: frozenset(_SEE_CITY | {Right.INCIDENTS_READ, Right.INCIDENTS_HANDLE}),
    Role.SUPERVISOR: frozenset(
        _SEE_CITY
        | _SEE_HOMES
        | {
            Right.TERRITORY_WRITE,
            Right.HOUSING_WRITE,
            Right.HOUSING_INSPECT,
            Right.PEOPLE_WRITE,
            Right.CARE_READ,
            Right.CARE_WRITE,
            Right.PLACES_WRITE,
            Right.INCIDENTS_READ,
            Right.INCIDENTS_REPORT,
            Right.INCIDENTS_WRITE,
            Right.PATROL_READ,
            Right.ORGANISATION_ASSIGN,
            Right.INCIDENTS_REGISTER,
            Right.INCIDENTS_DISPATCH,
            Right.INCIDENTS_HANDLE,
            Right.INCIDENTS_CHECK,
            Right.PATROL_REPLAY,
            Right.ANALYSIS_SAVE,
            Right.DATA_EXPORT,
        }
    ),
    Role.WORKER: frozenset(
        _SEE_CITY
        | _SEE_HOMES
        | {
            Right.HOUSING_PROPOSE,
            Right.HOUSING_INSPECT,
            Right.PEOPLE_PROPOSE,
            Right.PLACES_WRITE,
            Right.INCIDENTS_READ,
            Right.INCIDENTS_REPORT,
            Right.INCIDENTS_HANDLE,
            Right.INCIDENTS_CHECK,
            Right.PATROL_DUTY,
        }
    ),
    Role.ANALYST: frozenset(
        _SEE_CITY
        | {Right.HOUSING_READ, Right.INCIDENTS_READ, Right.ANALYSIS_SAVE, Right.DATA_EXPORT}
    ),
}
