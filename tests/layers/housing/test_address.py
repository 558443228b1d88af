"""Addresses as people write them, cut into parts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.housing.address import ABSENT, PARTS, Address, Part, compose, parse
from layers.housing.address_text import number_of

FULL = "云州市澄湖区望江街道澄泉社区澄湖路100号阳光花园3幢2单元501室"

CUT = {
    FULL: "云州市|澄湖区|望江街道|澄泉社区|澄湖路|100|阳光花园|3|2|501",
    "云州市澄湖区望江街道澄泉社区澄湖路一百号阳光花园三幢二单元五百零一室": (
        "云州市|澄湖区|望江街道|澄泉社区|澄湖路|100|阳光花园|3|2|501"
    ),
    "上海市黄浦区陆家浜路597号(近南浦大桥)": "上海市|黄浦区|陆家浜路|597",
    "金桥经济技术开发区红枫路699号中欧国际工商学院内": "红枫路|699|金桥经济技术开发区",
    "欧姆路与爱迪生路交叉口西50米": "欧姆路",
    "亭林镇红阳村5组": "亭林镇|红阳村|5组",
    "虹梅南路梅陇六村41号": "虹梅南路|41|梅陇六村",
    "墨玉路382号104-108室": "墨玉路|382|104-108",
    "金汇镇泰日社区泰青路119弄118号": "金汇镇|泰日社区|泰青路|119|118",
    "云锦路八十弄10号龙华飞机场内": "云锦路|80|10",
    "人民东路2437弄名品村C区2-6号": "人民东路|2437|2-6|名品村C区",
    "兴东村新村路72号": "兴东村|新村路|72",
    "曹路镇永和村陆万村89号": "曹路镇|永和村|89|陆万村",
    "淞发路901弄3号楼201、202室": "淞发路|901|3|201、202",
    "川沙镇川沙路川周公路8025号": "川沙镇|川周公路|8025",
    "航城三路572": "航城三路|572",
    "澄湖路12-1801": "澄湖路|12|1801",
    "阳光花园３幢５０１": "阳光花园|3|501",
    "阳光花园3-2-501": "阳光花园|3|2|501",
    "阳光花园3号楼二〇一": "阳光花园|3|201",
    "阳光花园3楼2单元501": "阳光花园|3|2|501",
    "御景一号院三号楼": "御景一号院|3",
    "北京市海淀区中关村大街5号院3号楼": "北京市|海淀区|中关村大街|5|3",
    "三门路12号三号门": "三门路|12|3",
    "望江路 32 号 附1号": "望江路|32-1",
    "阳光花园东区3幢地下一层": "阳光花园东区|3|-1",
    "上海师范大学徐汇校区(桂林路100号)": "桂林路|100|上海师范大学徐汇校区",
    "上海市虹口区新市北路1515弄1号": "上海市|虹口区|新市北路|1515|1",
    "浦东新区龚路北街50号": "浦东新区|龚路北街|50",
    "青浦区沈巷路5号": "青浦区|沈巷路|5",
    "虹口区虹镇老街381号": "虹口区|虹镇老街|381",
    "普陀区桂巷新村22号": "普陀区|22|桂巷新村",
    "松江区联庄村六百四十九号": "松江区|649|联庄村",
    "天河区体育东路5号A座1801房": "天河区|体育东路|5|A|1801",
}


@pytest.mark.parametrize(("text", "expected"), CUT.items())
def test_texts_are_cut_where_people_mean_it(text: str, expected: str) -> None:
    assert "|".join(parse(text).values.values()) == expected


def test_absent_parts_say_so_and_canonical_ones_are_sure() -> None:
    address = parse(FULL)
    assert address.score == 1.0
    assert [name for name in PARTS if address.told[name] == ABSENT] == [
        "province", "grid", "lane", "floor",
    ]  # fmt: skip
    assert compose(address) == FULL


@pytest.mark.parametrize(
    ("surer", "less_sure"),
    [
        ("阳光花园3幢501室", "阳光花园3-501"),
        ("澄湖路100号", "澄湖路100"),
        ("澄湖路100号", "澄湖路100号附近"),
        ("上海市黄浦区南京路1号", "黄浦区南京路1号"),
    ],
)
def test_what_is_only_understood_scores_less(surer: str, less_sure: str) -> None:
    assert parse(surer).score > parse(less_sure).score > 0


@pytest.mark.parametrize("text", ["", " ", "无", "[]", "()", "-", "号", "幢单元室", "一二三"])
def test_next_to_nothing_is_no_error(text: str) -> None:
    assert parse(text).values.keys() <= {"compound"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [("十", "10"), ("十二", "12"), ("一百零三", "103"), ("二〇一", "201"), ("两千一百", "2100"),
     ("007", "7"), ("0", "0"), ("甲", "甲"), ("", "")],
)  # fmt: skip
def test_chinese_numerals(written: str, meant: str) -> None:
    assert number_of(written) == meant


STEMS = st.text("澄望云青鹭鹤柳松梧枫", min_size=2, max_size=3)
NUMBERS = st.integers(1, 2999).map(str)


def named(*ends: str) -> st.SearchStrategy[str]:
    return st.tuples(STEMS, st.sampled_from(ends)).map("".join)


def maybe(values: st.SearchStrategy[str]) -> st.SearchStrategy[Part | None]:
    return st.none() | values.map(Part)


ADDRESSES = st.builds(
    Address,
    province=maybe(st.sampled_from(["江苏省", "浙江省", "广西壮族自治区"])),
    city=maybe(named("市")),
    county=maybe(named("区", "县")),
    town=maybe(named("街道", "镇", "乡")),
    community=maybe(named("社区", "居委会", "村委会")),
    grid=maybe(NUMBERS | STEMS),
    street=named("路", "街", "大道", "公路", "东路", "胡同").map(Part),
    lane=maybe(NUMBERS),
    number=NUMBERS.map(Part),
    compound=maybe(named("花园", "新村", "小区", "公寓", "一号院", "三村", "东区", "2期")),
    building=maybe(NUMBERS | st.sampled_from("ABC甲东")),
    unit=maybe(NUMBERS | st.sampled_from("AB甲东")),
    floor=maybe(NUMBERS | st.sampled_from(["-1", "-2"])),
    room=maybe(st.integers(100, 9999).map(str) | st.sampled_from(["A501", "501B", "东"])),
)


@settings(max_examples=400)
@given(ADDRESSES)
def test_a_canonical_address_is_cut_as_it_was_put_together(address: Address) -> None:
    assert parse(compose(address)).values == address.values


LETTERS = st.text(
    "上海市澄湖区望江镇村社路街大道弄号幢栋楼座单元门层室房户组期网格花园新一二三十百零〇"
    "0123456789A-#()（）、 近附旁１",
    max_size=40,
)


@settings(max_examples=600)
@given(LETTERS | st.text(max_size=60))
def test_no_text_fails(text: str) -> None:
    address = parse(text)
    assert all(part is None or (part.value and 0 < part.score <= 1) for _, part in address)
    compose(address)


@settings(max_examples=400)
@given(ADDRESSES, st.data())
def test_cutting_twice_is_cutting_once(address: Address, data: st.DataObject) -> None:
    text = compose(address)
    ends = [at for at in range(1, len(text) + 1) if text[at - 1] in "市区县镇乡路街弄号幢元层室"]
    at = data.draw(st.sampled_from(ends))
    noise = data.draw(st.sampled_from(["", " ", "（近澄路）", "，", "·", "【门口】", "  "]))
    once = parse(text[:at] + noise + text[at:])
    assert parse(compose(once)).values == once.values
