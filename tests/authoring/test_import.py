"""`checklist import`: a table becomes a draft, or is refused by its cells, and nothing is written."""

import re
import zipfile
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import pytest

from checklists import catalog
from checklists.loading import load_checklist
from checklists.model import Checklist
from tests.authoring.terminal import append, imported, put, run, workbook

Change = Callable[[openpyxl.Workbook], None]
EARLIER = next(one for one in catalog.criteria().sets if one.key == "AJZG3-2017-121").criteria[0].id
ITEM = {
    "章节编码": "A", "条目编码": "N-1", "检查内容": "用电设备接地", "检查内容英文": "Equipment is earthed",
    "依据": "消防法", "答案类型": "是否", "隐患名称": "设备未接地", "隐患类别": "用电", "隐患等级": "一般",
}  # fmt: skip


def draft_of(folder: Path, change: Change) -> Checklist:
    told, draft = imported(folder, workbook(change))
    assert told.exit_code == 0, told.output
    return load_checklist(draft.read_text("utf-8"), "draft.yaml")


def test_the_template_is_imported_as_it_is(tmp_path: Path) -> None:
    assert run("template", tmp_path / "t.xlsx").exit_code == 0
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames == ["清单", "依据", "检查项", "说明"]
    told = run("import", tmp_path / "t.xlsx", tmp_path / "draft.yaml")
    assert (told.exit_code, told.output) == (0, f"{tmp_path}/draft.yaml: shop.daily@1, 3 items\n")
    draft = load_checklist((tmp_path / "draft.yaml").read_text("utf-8"), "draft.yaml")
    assert (draft.industry, draft.effective_from) == ("fire", None)
    assert [item.code for item in draft.items()] == ["SHOP-01", "SHOP-02", "SHOP-03"]
    assert run("check", tmp_path / "draft.yaml").exit_code == 0


def test_everything_that_a_table_can_say(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {**ITEM, "章节编码": "B", "章节名称": "用电", "章节英文名称": "Electricity", "条款": "第27条",
         "提示": "看接地线", "提示英文": "Look at the wire", "照片": "总是", "说明": "failing",
         "定位": "不合格时", "整改措施": "接地", "原文待录": "是"},
        {**ITEM, "章节编码": "B", "条目编码": 7, "答案类型": "数值", "单位": "Ω", "下限": "0", "上限": 4.5,
         "适用条件": "N-1 = fail\nmajor_hazard_level in 1，2\ntank_farm = 是\nhydrology != simple"},
        {**ITEM, "章节编码": "B", "条目编码": "N-3", "答案类型": "多选",
         "选项": "!wet 潮湿 / Wet\n dry  干燥/Dry ", "适用条件": "7 ＞ 3"},
        {**ITEM, "章节编码": "B", "条目编码": "N-4", "答案类型": "pass_fail", "隐患等级": "重大",
         "同时具备的情形": "a 未接地 / Not earthed\nb 无漏电保护 / No breaker", "判定标准": "HZ26-5.1.1",
         "原判定标准": EARLIER},
        {**ITEM, "章节编码": "B", "条目编码": "N-5", "答案类型": "扣分", "满分": 10, "隐患等级": "general"},
        {"章节编码": "B", "条目编码": "N-6", "检查内容": "备注", "检查内容英文": "Remarks", "依据": "消防法",
         "答案类型": "文字"},
    ]  # fmt: skip
    told = draft_of(tmp_path, append("检查项", *rows))
    section = told.sections[1]
    assert (section.code, section.title.zh, section.title.en) == ("B", "用电", "Electricity")
    plain: list[dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(section.items))
    first, number, multi, limbs, deduct, words = plain
    assert first["requires"] == {"photo": "always", "note": "failing", "position": "failing"}
    assert (first["hint"], first["to_be_keyed"]) == ({"zh": "看接地线", "en": "Look at the wire"}, True)
    assert first["basis"] == {"source": "消防法", "article": "第27条"}
    assert first["on_fail"]["measure"] == "接地"
    assert (number["code"], number["answer"]) == ("7", {"type": "number", "unit": "Ω", "min": 0, "max": 4.5})
    assert number["applies_when"] == {
        "op": "all",
        "of": [
            {"op": "equals", "item": "N-1", "value": "fail"},
            {"op": "in", "site": "major_hazard_level", "values": [1, 2]},
            {"op": "equals", "site": "tank_farm", "value": True},
            {"op": "not", "of": {"op": "equals", "site": "hydrology", "value": "simple"}},
        ],
    }
    assert multi["applies_when"] == {"op": "greater", "item": "7", "than": 3}
    assert multi["answer"]["options"] == [
        {"code": "wet", "text": {"zh": "潮湿", "en": "Wet"}, "fails": True},
        {"code": "dry", "text": {"zh": "干燥", "en": "Dry"}},
    ]
    assert [limb["code"] for limb in limbs["limbs"]] == ["a", "b"]
    assert (limbs["on_fail"]["criterion"], limbs["on_fail"]["grade"]) == ("HZ26-5.1.1", "major")
    assert limbs["on_fail"]["earlier_criteria"] == [EARLIER]
    assert deduct["answer"] == {"type": "deduct", "full_marks": 10}
    assert words["answer"] == {"type": "text"}
    assert "on_fail" not in words


def test_numbers_are_written_as_an_expert_writes_them(tmp_path: Path) -> None:
    told, draft = imported(tmp_path, workbook(put("检查项", M3=0.00001, N3=2.0)))
    assert told.exit_code == 0, told.output
    assert "min: 0.00001, max: 2}" in draft.read_text("utf-8")


def test_dates_and_empty_rows_are_taken_as_they_look(tmp_path: Path) -> None:
    def change(book: openpyxl.Workbook) -> None:
        put("依据", F2=date(2021, 4, 29), G2="2021-04-29")(book)
        book["检查项"].insert_rows(3, 4)

    draft = draft_of(tmp_path, change)
    assert (draft.sources[0].published, draft.sources[0].effective_from) == (date(2021, 4, 29),) * 2
    assert len(draft.items()) == 3


def merged(book: openpyxl.Workbook) -> None:
    book["检查项"].merge_cells("B2:B4")


def many_rows(book: openpyxl.Workbook) -> None:
    append("检查项", *({**ITEM, "条目编码": f"N-{n}"} for n in range(998)))(book)


def renamed(book: openpyxl.Workbook) -> None:
    book["检查项"].title = "Sheet1"


def item(words: str, place: str, **cells: object) -> tuple[Change, str, str]:
    """Cells of the sheet of items, where the mistake is then, and what it is called."""
    row, column = re.fullmatch("([0-9]+)([A-Z]*)", place).groups()  # type: ignore[union-attr]
    return put("检查项", **cells), f"检查项, row {row}" + (f", column {column}" if column else ""), words


NO_HEADER = put("清单", **dict.fromkeys(f"{letter}1" for letter in "ABCDEF"))
REFUSED: dict[str, tuple[Change, str, str]] = {
    "merged cells": (merged, "检查项, row 2, column B", "merged cells begin here"),
    "a formula": item("a formula stands here", "3E", E3="=A1&B1"),
    "an error": item("an error stands here: #REF!", "3E", E3="#REF!"),
    "an unknown header": item("the header '编码' is unknown", "1D", D1="编码"),
    "a header lost": item("the header lacks 条目编码", "1", D1=None),
    "a header twice": item("the header '检查内容' is there twice", "1G", G1="检查内容"),
    "no header": (NO_HEADER, "清单, row 1", "the header lacks 清单编码、版本、行业、清单名称、清单英文名称"),
    "a value without header": item("there is no header above this value", "3AZ", AZ3="x"),
    "too many rows": (many_rows, "检查项, row 1002", "the sheet has more than 1000 rows"),
    "two lists": (append("清单", {"清单编码": "x"}), "清单, row 3", "the sheet has more than 1 rows"),
    "a sheet lost": (renamed, "检查项", "is missing (Items)"),
    "a code twice": item("SHOP-02: SHOP-02 is there twice", "4D", D4="SHOP-02"),
    "a code that is none": item("SHOP 3: a code has 1 to 120", "4D", D4="SHOP 3"),
    "a date for a code": item("2026-03-01 00:00:00: a date stands here", "4D", D4=date(2026, 3, 1)),
    "a number for a version": (put("清单", B2=1.1), "清单, row 2, column B", "a number stands here"),
    "no code": item("条目编码 is missing", "4D", D4=None),
    "an unknown source": item("SHOP-02: no source has the key 安全法", "3I", I3="安全法"),
    "an unknown answer": item("SHOP-02: one of 是否、", "3K", K3="打钩"),
    "an unknown industry": (put("清单", C2="餐饮"), "清单, row 2, column C", "one of 危险化学品、"),
    "a word for a number": item("SHOP-02: a number is expected", "3N", N3="两个"),
    "a number beyond any scale": item("SHOP-02: a number is expected", "3N", N3=1e308),
    "a text that says nothing": item("SHOP-02: says nothing", "3E", E3="\u200b"),
    "a unit of no number": item("SHOP-01: unknown key", "2L", L2="个"),
    "a number without unit": item("SHOP-02: unit: is missing", "3K", L3=None),
    "options of another form": item("SHOP-03: “works” is not: code", "4P", P4="works"),
    "no option passes": item("SHOP-03: no option passes", "4P", P4="!a 甲 / A\n!b 乙 / B"),
    "a condition on a later item": item("SHOP-01: item: no earlier item", "2R", R2="SHOP-03 = works"),
    "a condition that is none": item("SHOP-03: “有气瓶” is not: item", "4R", R4="有气瓶"),
    "an unreachable item": item("SHOP-03: can never be true", "4R", R4="SHOP-02 > 5\nSHOP-02 < 3"),
    "no hazard": item("SHOP-01: on_fail: is missing", "2", **dict.fromkeys(("V2", "W2", "X2", "AA2"))),
    "half a hazard": item("SHOP-01: category: is missing", "2V", W2=None),
    "major without criterion": item("SHOP-01: criterion: is missing", "2V", X2="重大"),
    "a dangling criterion": item("SHOP-01: no criterion has the id HZ26-0", "2Y", X2="重大", Y2="HZ26-0"),
    "no yes": item("SHOP-01: 是 (yes) or nothing is expected", "2AB", AB2="否"),
    "a section taken up again": item("SHOP-03: section A was left above", "4A", A3="B", B3="乙", C3="B"),
    "no section": item("SHOP-03: 章节编码 is missing", "4A", A4=None),
    "a section without name": item("SHOP-01: 章节名称 is missing in the first row", "2B", B2=None),
    "a section of two names": item("SHOP-02: differs from that of the section's", "3B", B3="乙"),
    "a list's code": (put("清单", A2="日常 检查"), "清单, row 2, column A", "is 1 to 120 of A-Z"),
    "escaped NUL": item("control characters are no text", "3E", E3="气瓶_x0000_"),
    "empty sheet": (lambda book: book["依据"].delete_rows(2), "依据, row 2", "nothing stands below"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_a_mistake_is_told_by_its_cell(tmp_path: Path, case: tuple[Change, str, str]) -> None:
    change, place, words = case
    told, draft = imported(tmp_path, workbook(change))
    assert (told.exit_code, draft.exists()) == (1, False), told.output
    assert f"book.xlsx: sheet {place}: {words}" in told.stdout
    assert all(line.startswith("book.xlsx: sheet ") for line in told.stdout.splitlines())
    assert re.search("[0-9]+ mistakes; nothing was changed", told.stderr)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book.xlsx"]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    told, _ = imported(tmp_path, workbook(put("检查项", K2="打钩", N3="两个", A4=None)))
    assert len(told.stdout.splitlines()) == 3, told.stdout


def rewritten(content: bytes, member: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook one part of which is other bytes."""
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, change(part) if name == member else part)
    return buffer.getvalue()


ITEMS_XML = "xl/worksheets/sheet3.xml"


def test_a_hundred_thousand_rows_are_refused_by_the_first_too_many(tmp_path: Path) -> None:
    row = '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>A</t></is></c></row>'
    rows = "".join(row.format(number) for number in range(5, 100_005)).encode()
    content = rewritten(
        workbook(), ITEMS_XML, lambda xml: xml.replace(b"</sheetData>", rows + b"</sheetData>")
    )
    told, draft = imported(tmp_path, content)
    assert (told.exit_code, draft.exists()) == (1, False)
    assert "sheet 检查项, row 1002: the sheet has more than 1000 rows" in told.stdout


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda xml: xml.replace("通道".encode(), b"\x00"), "cannot be read any further"),
        (lambda xml: xml[: len(xml) // 2], "cannot be read any further"),
        (lambda xml: xml.replace(b'<row r="3"', b'<row r="999999999999"'), ""),
        (lambda xml: xml.replace(b'ref="A1:', b'ref="A1:XFD1048576" x="'), ""),
        (lambda xml: xml + b'<!-- <mergeCell ref="A1:XFD1048576"/> -->', "row 1, column A: merged"),
    ],
)  # fmt: skip
def test_xml_that_no_office_writes_is_refused_soon(
    tmp_path: Path, change: Callable[[bytes], bytes], words: str
) -> None:
    told, draft = imported(tmp_path, rewritten(workbook(), ITEMS_XML, change))
    assert (told.exit_code == 0) is draft.exists()
    assert words in told.stdout
    assert told.exception is None or isinstance(told.exception, SystemExit)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"code: x\n", b"PK\x03\x04" + bytes(100), workbook()[:-300],
        rewritten(workbook(), "xl/workbook.xml", lambda xml: b"<nothing/>"),
        rewritten(workbook(), "[Content_Types].xml", lambda xml: b""),
    ],
)  # fmt: skip
def test_what_is_no_workbook_is_told_so(tmp_path: Path, content: bytes) -> None:
    told, draft = imported(tmp_path, content)
    assert (told.exit_code, draft.exists()) == (1, False), told.output
    assert "book.xlsx: " in told.stdout


def test_damaged_bytes_are_told(tmp_path: Path) -> None:
    content = bytearray(workbook())
    with zipfile.ZipFile(BytesIO(content)) as archive:
        start = archive.getinfo(ITEMS_XML).header_offset
    content[start + 200 : start + 300] = bytes(100)
    told, draft = imported(tmp_path, bytes(content))
    assert (told.exit_code, draft.exists()) == (1, False)
    assert "book.xlsx: " in told.stdout
    assert isinstance(told.exception, SystemExit)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("xl/vbaProject.bin", "holds macros"),
        ("xl/externalLinks/externalLink1.xml", "refers to other workbooks"),
    ],
)
def test_a_workbook_that_is_more_than_a_table_is_refused(tmp_path: Path, part: str, words: str) -> None:
    content = BytesIO(workbook())
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr(part, b"x")
    told, draft = imported(tmp_path, content.getvalue())
    assert (told.exit_code, draft.exists()) == (1, False)
    assert f"book.xlsx: {words}" in told.stdout


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    bomb = rewritten(workbook(), "xl/styles.xml", lambda xml: xml + b" " * (70 * 2**20))
    assert len(bomb) < 2**20
    told, _ = imported(tmp_path, bomb)
    assert (told.exit_code, "larger than any checklist" in told.stdout) == (1, True)


def test_somebody_s_work_is_not_written_over(tmp_path: Path) -> None:
    _, draft = imported(tmp_path, workbook())
    draft.write_text("mine", "utf-8")
    told, _ = imported(tmp_path, workbook())
    assert (told.exit_code, draft.read_text("utf-8")) == (1, "mine")
    assert run("import", tmp_path / "book.xlsx", draft, "--replace").exit_code == 0
    assert draft.read_text("utf-8") != "mine"
    assert run("template", tmp_path / "book.xlsx").exit_code == 1
    assert run("import", tmp_path / "book.xlsx", tmp_path / "no" / "folder.yaml").exit_code == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book.xlsx", "draft.yaml"]
