"""The workbook that an expert starts from: the sheets with their headers, an example, and what is meant."""

from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from inspect_api.authoring.columns import GUIDE, ITEMS, LIST, SHEETS, SOURCES, SheetForm
from inspect_api.authoring.words import WORDS

Example = dict[str, str | int]

_SECTION_A: Example = {"section": "A", "section_zh": "疏散", "section_en": "Escape"}
_HAZARD: Example = {"category": "消防安全", "grade": "一般", "photo": "不合格时"}
_EXAMPLES: dict[SheetForm, tuple[Example, ...]] = {
    LIST: (
        {
            "code": "shop.daily",
            "version": "1",
            "industry": "消防",
            "title_zh": "商铺日常检查表",
            "title_en": "Daily check of a shop",
        },
    ),
    SOURCES: (
        {
            "key": "消防法",
            "title_zh": "中华人民共和国消防法",
            "title_en": "Fire Protection Law",
            "issuer": "全国人民代表大会常务委员会",
            "status": "现行",
        },
    ),
    ITEMS: (
        {
            **_SECTION_A,
            "item": "SHOP-01",
            "text_zh": "疏散通道、安全出口畅通",
            "text_en": "Escape routes and exits are clear",
            "source": "消防法",
            "article": "第28条",
            "answer": "是否",
            "title": "疏散通道或安全出口被占用、堵塞",
            "measure": "立即清理",
            **_HAZARD,
        },
        {
            "section": "A",
            "item": "SHOP-02",
            "text_zh": "使用液化石油气瓶数量",
            "text_en": "Number of LPG cylinders in use",
            "source": "消防法",
            "answer": "数值",
            "unit": "个",
            "max": 2,
            "title": "液化石油气瓶超量存放",
            **_HAZARD,
        },
        {
            "section": "A",
            "item": "SHOP-03",
            "text_zh": "燃气泄漏报警器",
            "text_en": "Gas alarm",
            "source": "消防法",
            "answer": "单选",
            "options": "works 正常 / It works\n!none 未安装或失效 / None, or out of order",
            "applies_when": "SHOP-02 > 0",
            "title": "燃气泄漏报警器缺失或失效",
            **_HAZARD,
        },
    ),
}

_INTRODUCTION = (
    ("填写说明", "How to fill this in"),
    (
        "删去示例行，逐行填写。不要合并单元格，不要使用公式；编码请按文本填写。",
        "Replace the example. No merged cells, no formulas; write codes as text.",
    ),
    (
        "导入：inspect-api checklist import 工作簿.xlsx 草稿.yaml",
        "Import: inspect-api checklist import book.xlsx draft.yaml",
    ),
    (
        "评分办法（scoring）不在表中，需要时写入导入后的 YAML。",
        "Scoring is not in these sheets; where there is one, it is written into the YAML.",
    ),
)


def template() -> bytes:
    """The workbook as a file."""
    book = Workbook()
    book.remove(book.active)
    for form in SHEETS:
        _fill(book.create_sheet(form.zh), form)
    _explain(book.create_sheet(GUIDE))
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _fill(sheet: Worksheet, form: SheetForm) -> None:
    for at, column in enumerate(form.columns, 1):
        sheet.cell(1, at, column.zh).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(at)].width = 18
        for row, example in enumerate(_EXAMPLES[form], 2):
            if column.key in example:
                cell = sheet.cell(row, at, example[column.key])
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                if isinstance(example[column.key], str):
                    cell.number_format = "@"
    sheet.freeze_panes = "A2"


def _explain(sheet: Worksheet) -> None:
    for line in _INTRODUCTION:
        sheet.append(line)
    for form in SHEETS:
        sheet.append(())
        sheet.append(
            (f"工作表“{form.zh}”（最多{form.most}行）", f"Sheet {form.en}, at most {form.most} rows")
        )
        for column in form.columns:
            needed = ("必填", "required") if column.required else ("", "")
            sheet.append((column.zh, column.key, *needed, column.about_zh, column.about_en))
    sheet.append(())
    for name, words in WORDS.items():
        for chinese, code in words.items():
            sheet.append((chinese, code, "", "", name))
    for letter, width in zip("ABCDEF", (24, 24, 8, 10, 60, 60), strict=True):
        sheet.column_dimensions[letter].width = width
