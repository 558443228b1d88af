"""What the tables of a subject's copy are called, in Chinese and English."""

from collections.abc import Mapping

Pair = tuple[str, str]

SHEETS: Mapping[str, Pair] = {
    "person": ("基本信息", "Person"),
    "residences": ("居住与户", "Residences and households"),
    "rentals": ("租住", "Rentals"),
    "care_records": ("关怀服务", "Care and services"),
    "care_visits": ("走访记录", "Care visits"),
    "elderly_services": ("为老服务", "Elderly services"),
    "proposals": ("申报", "Proposals"),
    "history": ("变更历史", "History"),
    "looks": ("查阅记录", "Who looked"),
    "basis": ("依据与说明", "Lawful basis"),
}
PLACE: Pair = ("地址", "Address")
PROVIDER: Pair = ("服务单位", "Provider")
FIELD_HEADS: tuple[Pair, ...] = (("项目", "Item"), ("内容", "Content"))
RENTAL_HEADS: tuple[Pair, ...] = (
    PLACE,
    ("管理等级", "Class"),
    ("出租用途", "Usage"),
    ("起", "From"),
    ("止", "To"),
)
PROPOSAL_HEADS: tuple[Pair, ...] = (
    ("申报时间", "Proposed"),
    ("操作", "Operation"),
    ("项目", "Item"),
    ("内容", "Content"),
    ("状态", "State"),
    ("审核时间", "Decided"),
    ("申报说明", "Note"),
)
HISTORY_HEADS: tuple[Pair, ...] = (
    ("时间", "When"),
    ("登记", "Register"),
    ("操作", "Operation"),
    ("项目", "Item"),
    ("原值", "Before"),
    ("新值", "After"),
)
LOOK_HEADS: tuple[Pair, ...] = (
    ("时间", "When"),
    ("部门", "Department"),
    ("方式", "Kind"),
    ("项目", "Item"),
    ("理由", "Reason"),
)
OPERATIONS: Mapping[str, Pair] = {
    "create": ("新增", "Create"),
    "update": ("修改", "Update"),
    "delete": ("删除", "Delete"),
}
ACTIONS: Mapping[str, Pair] = {**OPERATIONS, "bulk": ("批量", "Bulk")}
STATES: Mapping[str, Pair] = {
    "pending": ("待审核", "Pending"),
    "accepted": ("已采纳", "Accepted"),
    "returned": ("已退回", "Returned"),
    "withdrawn": ("已撤回", "Withdrawn"),
    "superseded": ("已被替代", "Superseded"),
}
LOOKS: Mapping[str, Pair] = {
    "search": ("查人", "Search"),
    "reveal": ("查看原文", "Reveal"),
    "open": ("打开", "Open"),
    "list": ("列表", "List"),
    "care": ("查看关怀服务", "Care"),
    "export": ("导出", "Export"),
    "copy": ("查阅副本", "Subject's copy"),
    "warning": ("预警", "Warning"),
}
YES_NO: Mapping[bool, Pair] = {True: ("是", "Yes"), False: ("否", "No")}
BASIS: tuple[tuple[Pair, Pair], ...] = (
    (
        ("处理目的", "Purpose"),
        (
            "实有人口、实有房屋登记与网格化服务管理",
            "Register of real population and houses; grid service and management",
        ),
    ),
    (
        ("法定依据", "Lawful basis"),
        (
            "《个人信息保护法》第十三条第一款第（三）项：为履行法定职责或者法定义务所必需；"
            "第三十四条：国家机关依照法定权限、程序处理",
            "Personal Information Protection Law, article 13 (1) 3: necessary for statutory "
            "duties; article 34: within statutory powers and procedures",
        ),
    ),
    (
        ("您的权利", "Your rights"),
        (
            "《个人信息保护法》第四十四条至第四十七条：知情、查阅、复制、更正、补充、删除",
            "Articles 44 to 47: to know, consult, copy, correct, complete and delete",
        ),
    ),
    (
        ("未载明的内容", "What is not in it"),
        (
            "事件上报人不与人口登记关联，故无法列出您上报的事件；他人信息与工作人员姓名不在副本内；"
            "列表与统计不针对个人，不计入查阅记录",
            "Reporters of incidents are not tied to the register, so none are listed; other "
            "persons and names of staff are left out; lists and statistics are of no one person "
            "and not among the looks",
        ),
    ),
)
