"""Why a row was repaired or rejected: one code each, with a text in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a row; the worst remark decides."""

    ACCEPTED = "accepted"
    REPAIRED = "repaired"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason's outcome and its texts, Chinese first."""

    outcome: Outcome
    zh: str
    en: str


def _repaired(zh: str, en: str) -> Reason:
    return Reason(Outcome.REPAIRED, zh, en)


def _rejected(zh: str, en: str) -> Reason:
    return Reason(Outcome.REJECTED, zh, en)


REASONS: Mapping[str, Reason] = {
    # geometry
    "no_coordinates": _rejected("没有坐标", "no coordinates"),
    "bad_coordinates": _rejected("坐标无法识别", "coordinates can't be read"),
    "empty_geometry": _rejected("几何为空", "empty geometry"),
    "incomplete": _rejected(
        "对象不完整，文件中缺少其组成部分", "incomplete: parts are not in the file"
    ),
    "open_ring": _rejected("面的边界不闭合", "the outline of the surface is not closed"),
    "whole_degrees": _rejected("坐标被取整到整度", "coordinates rounded to whole degrees"),
    "null_island": _rejected("坐标为 0,0", "coordinates are 0,0"),
    "out_of_range": _rejected("经纬度超出范围", "longitude or latitude out of range"),
    "outside_crs": _rejected(
        "坐标不在所给坐标系范围内", "coordinates do not fit the reference system"
    ),
    "wrong_geometry": _rejected("几何类型与图层不符", "geometry type does not fit the layer"),
    "invalid_geometry": _rejected("几何无效且无法修复", "invalid geometry, beyond repair"),
    "swapped_axes": _repaired("经纬度颠倒，已交换", "longitude and latitude swapped back"),
    "geometry_repaired": _repaired("几何无效，已修复", "invalid geometry repaired"),
    "rebuilt": _repaired("多边形关系有误，已重组", "multipolygon relation rebuilt from its lines"),
    "cut": _repaired("线在文件边缘被截断", "line cut off at the edge of the file"),
    "point_of_shape": _repaired("以图形内的点代替", "a point inside the shape is used"),
    "gcj02": _repaired("由 GCJ-02 转换为 WGS-84", "converted from GCJ-02 to WGS 84"),
    "bd09": _repaired("由 BD-09 转换为 WGS-84", "converted from BD-09 to WGS 84"),
    # values
    "missing": _rejected("缺少必填项", "a required value is missing"),
    "bad_value": _rejected("值的类型不符", "value is of the wrong type"),
    "bad_code": _rejected("值不在代码表中", "value is not in the code table"),
    "bad_range": _rejected("值超出范围", "value out of range"),
    "bad_id_number": _rejected("公民身份号码校验不通过", "not a valid ID number (GB 11643)"),
    "bad_credit_code": _rejected(
        "统一社会信用代码校验不通过", "not a valid social credit code (GB 32100)"
    ),
    "bad_phone": _rejected("电话号码不合规", "not a telephone number"),
    "bad_reference": _rejected("引用的对象不存在", "the row referred to does not exist"),
    "dropped_value": _repaired("值无效，已舍去", "invalid value left out"),
    "too_long": _repaired("文字过长，已截断", "text too long, cut"),
    "code_too_long": _rejected("编码过长", "code too long"),
    # rows
    "duplicate": _rejected("文件内重复", "stands twice in the file"),
    "duplicate_code": _rejected("编码在文件内重复", "code stands twice in the file"),
    "code_taken": _rejected(
        "编码已被其他来源的对象占用", "code belongs to a row of another source"
    ),
    "building_part": Reason(
        Outcome.ACCEPTED, "建筑部件，属于所在楼栋", "part of a building, no building of its own"
    ),
    "building_point": Reason(
        Outcome.ACCEPTED, "只有点、没有轮廓的建筑", "building as a point, without an outline"
    ),
    "outside_areas": Reason(Outcome.ACCEPTED, "不在任何区划或网格内", "outside all areas"),
    # positions
    "no_object": _rejected(
        "不是已登记的车辆（车牌号）或工作人员（编号）；先用 wangge load --layer vehicles 登记车辆",
        "no registered vehicle (plate) or member of staff (code); "
        "register vehicles with wangge load --layer vehicles first",
    ),
    "bad_time": _rejected(
        "时间无法识别", "time can't be read: ISO 8601 or seconds or milliseconds since 1970"
    ),
    "off_duty": _rejected("当时不在岗", "not on duty at that time"),
    "future": _rejected("时间晚于现在", "time lies in the future"),
    "too_old": _rejected("时间早于 2000 年", "time lies before 2000"),
    "fix_twice": _rejected("同一时刻在文件内重复", "the same moment stands twice in the file"),
    "jump": Reason(
        Outcome.ACCEPTED,
        "与前一定位相距过远，保存但不显示",
        "farther from the fix before than anybody can have come; kept, not shown",
    ),
    # areas
    "no_such_area": _rejected("没有这个区划或网格", "no such area or grid"),
    "bad_region_code": _rejected("区划代码格式不符", "not a region code"),
    "not_in_code_list": _rejected("不在现行区划代码表中", "not in the code list in force"),
    "matched_by_name": _repaired(
        "按名称对应到现行区划", "attached to the area in force by its name"
    ),
    "no_area_of_that_name": _rejected(
        "区划代码表中没有此名称", "no area of that name in the code list"
    ),
    "ambiguous_name": _rejected("名称对应多个区划", "the name fits several areas"),
    "name_differs": _repaired("名称与代码表不一致", "name differs from the code list"),
}
