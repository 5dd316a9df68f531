"""The sheets of a workbook that holds a checklist, and what stands in their columns."""

from typing import NamedTuple


class Column(NamedTuple):
    """`key` and the Chinese `zh` are both taken as its header; `path` is where its cells go in the YAML."""

    key: str
    zh: str
    path: tuple[str, ...]
    required: bool
    about_zh: str
    about_en: str


class SheetForm(NamedTuple):
    """A sheet, known by either of its names, with at most `most` rows below its header."""

    zh: str
    en: str
    most: int
    columns: tuple[Column, ...]


LIST = SheetForm(
    "清单",
    "List",
    1,
    (
        Column("code", "清单编码", ("code",), True, "字母、数字、点、横线", "letters, digits, dots, dashes"),
        Column("version", "版本", ("version",), True, "文本", "text"),
        Column("industry", "行业", ("industry",), True, "见说明下方", "see below"),
        Column("title_zh", "清单名称", ("title", "zh"), True, "", ""),
        Column("title_en", "清单英文名称", ("title", "en"), True, "", ""),
        Column("remark", "备注", ("note",), False, "", ""),
    ),
)

SOURCES = SheetForm(
    "依据",
    "Sources",
    200,
    (
        Column("key", "依据简称", ("key",), True, "检查项引用的简称", "the short name that items use"),
        Column("title_zh", "文件名称", ("title", "zh"), True, "", ""),
        Column("title_en", "文件英文名称", ("title", "en"), True, "", ""),
        Column("doc_no", "文号", ("doc_no",), False, "", ""),
        Column("issuer", "发布机关", ("issuer",), False, "", ""),
        Column("published", "发布日期", ("published",), False, "年-月-日", "year-month-day"),
        Column("effective_from", "施行日期", ("effective_from",), False, "年-月-日", "year-month-day"),
        Column("status", "状态", ("status",), False, "例：现行", "in force, for example"),
    ),
)

ITEMS = SheetForm(
    "检查项",
    "Items",
    1000,
    (
        Column("section", "章节编码", ("section",), True, "每行都填", "in every row"),
        Column("section_zh", "章节名称", ("section_zh",), False, "章节首行必填", "in its first row"),
        Column("section_en", "章节英文名称", ("section_en",), False, "章节首行必填", "in its first row"),
        Column("item", "条目编码", ("code",), True, "各版本不变", "the same in every version"),
        Column("text_zh", "检查内容", ("text", "zh"), True, "", ""),
        Column("text_en", "检查内容英文", ("text", "en"), True, "", ""),
        Column("hint_zh", "提示", ("hint", "zh"), False, "", ""),
        Column("hint_en", "提示英文", ("hint", "en"), False, "有提示时必填", "where there is a hint"),
        Column("source", "依据", ("basis", "source"), True, "依据表中的简称", "a short name out of 依据"),
        Column("article", "条款", ("basis", "article"), False, "只填确定的", "only where it is certain"),
        Column(
            "answer", "答案类型", ("answer", "type"), True,
            "是否、数值、单选、多选、文字、扣分", "pass_fail, number, choice, multi, text, deduct",
        ),
        Column("unit", "单位", ("answer", "unit"), False, "数值必填", "of a number"),
        Column("min", "下限", ("answer", "min"), False, "数值，含本数", "of a number; itself passes"),
        Column("max", "上限", ("answer", "max"), False, "数值，含本数", "of a number; itself passes"),
        Column("full_marks", "满分", ("answer", "full_marks"), False, "扣分必填", "of deduct"),
        Column(
            "options", "选项", ("answer", "options"), False,
            "单选、多选必填，每行一个：编码 中文 / English，行首“!”表示构成隐患",
            "of choice and multi, one a line: code 中文 / English; a leading ! makes it a hazard",
        ),
        Column(
            "limbs", "同时具备的情形", ("limbs",), False,
            "“且”的各项情形，每行一个：编码 中文 / English", "facts joined by and, a line each: as above",
        ),
        Column(
            "applies_when", "适用条件", ("applies_when",), False,
            "每行一个，须同时满足：条目或场所属性，=、!=、>、<、in，值",
            "one a line, all of them: item or site fact, then = != > < in, then the value",
        ),
        Column("photo", "照片", ("requires", "photo"), False, "不合格时、总是", "failing, always"),
        Column("note", "说明", ("requires", "note"), False, "不合格时、总是", "failing, always"),
        Column("position", "定位", ("requires", "position"), False, "不合格时、总是", "failing, always"),
        Column("title", "隐患名称", ("on_fail", "title"), False, "可能不合格时必填", "where it can fail"),
        Column("category", "隐患类别", ("on_fail", "category"), False, "同上", "where it can fail"),
        Column("grade", "隐患等级", ("on_fail", "grade"), False, "一般、重大", "general, major"),
        Column("criterion", "判定标准", ("on_fail", "criterion"), False, "重大必填", "of a major hazard"),
        Column(
            "earlier_criteria", "原判定标准", ("on_fail", "earlier_criteria"), False,
            "以前的判定标准，每行一个", "those before it, one a line",
        ),
        Column("measure", "整改措施", ("on_fail", "measure"), False, "", ""),
        Column(
            "to_be_keyed", "原文待录", ("to_be_keyed",), False,
            "是：官方原文不全", "yes: the official wording is not complete",
        ),
    ),
)  # fmt: skip

GUIDE = "说明"
SHEETS = (LIST, SOURCES, ITEMS)
