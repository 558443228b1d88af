"""Points of interest with the three-step types of Chinese map services ("大类;中类;小类")."""

from __future__ import annotations

from etl.mapping.row import MappedRow, SourceMapping
from etl.raw import Dataset, RawFeature

# (part of the type, place type): the first that occurs wins, so pets come before hospitals.
_TYPES: tuple[tuple[str, str], ...] = (
    ("动物医疗场所", "10314"),
    ("宠物诊所", "10314"),
    ("兽医站", "10314"),
    ("学校;幼儿园", "10202"),
    ("学校;小学", "10201"),
    ("学校;中学", "10204"),
    ("学校;高等院校", "10205"),
    ("学校;职业技术学校", "10206"),
    ("学校;成人教育", "10206"),
    ("培训机构", "10207"),
    ("驾校", "10207"),
    ("科教文化服务;学校", "10210"),
    ("综合医院;卫生院", "10307"),
    ("医疗保健服务;综合医院", "10301"),
    ("专科医院;整形美容", "10312"),
    ("医疗保健服务;专科医院", "10305"),
    ("医疗保健服务;诊所", "10308"),
    ("医疗保健服务;急救中心", "10311"),
    ("医疗保健服务;疾病预防", "10310"),
    ("医药保健销售店;医疗保健用品", "10316"),
    ("医药保健销售店", "10315"),
    ("政府机构", "10101"),
    ("地铁站", "20206"),
    ("火车站", "20202"),
    ("长途汽车站", "20201"),
    ("机场", "20203"),
    ("港口码头", "20205"),
    ("公交车站", "20206"),
    ("加油站", "10401"),
    ("加气站", "10403"),
    ("商场", "20401"),
    ("超级市场", "20401"),
    ("综合市场", "20402"),
    ("购物服务", "20404"),
    ("KTV", "20301"),
    ("酒吧", "20304"),
    ("网吧", "20501"),
    ("宾馆酒店", "20601"),
    ("旅馆招待所", "20607"),
    ("快餐", "20702"),
    ("咖啡厅", "20705"),
    ("茶艺馆", "20705"),
    ("餐饮服务", "20701"),
    ("公园广场;公园", "20801"),
    ("风景名胜", "20802"),
    ("体育休闲服务;运动场馆", "20305"),
    ("体育休闲服务;影剧院", "20308"),
    ("体育休闲服务", "20308"),
    ("公司企业", "10505"),
    ("金融保险服务", "10507"),
)
_ANIMALS = ("宠物", "动物医院", "兽医", "动物诊所")


def place_type(poi_type: str, name: str = "") -> str:
    """The place type of a POI, which may have several types joined by |.

    Clinics for animals are never human hospitals, whatever type they carry. An unknown type gives
    21009, another venue.
    """
    if any(word in name for word in _ANIMALS) and "医" in poi_type + name:
        return "10314"
    return next((code for part, code in _TYPES if part in poi_type), "21009")


def rows(raw: RawFeature) -> tuple[MappedRow, ...]:
    """One key site; the district's name goes in front of the street address."""
    properties = raw.properties
    name = properties.get("name")
    parts = [properties.get(key) for key in ("pname", "cityname", "adname", "address")]
    # The municipality is province and city at once; it is written once.
    address = "".join(dict.fromkeys(str(part) for part in parts if part))
    values = {
        "name": name,
        "kind": place_type(str(properties.get("type") or ""), str(name or "")),
        "address": address or None,
        "phone": properties.get("tel"),
    }
    return (MappedRow("key_sites", values, raw.geometry, raw.row, properties.get("id"), raw.notes),)


def _recognises(dataset: Dataset) -> bool:
    return {"name", "type", "adname"} <= set(dataset.fields)


POI = SourceMapping("poi", _recognises, rows, layers=("key_sites",))
