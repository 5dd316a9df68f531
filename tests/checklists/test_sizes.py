"""Codes that fit no address or hazard id, texts that the wire cannot hold, control characters."""

from datetime import date

import pytest

from checklists.document import InvalidData, Mistake
from checklists.loading import load_checklist, load_library
from tests.checklists.sample import CHECKLIST, NEW, OLD

FILE = "sample@1.yaml"
ITEM = """\
      - code: {code}
        text: {{zh: 通道畅通, en: Clear}}
        basis: {{source: 安全生产法}}
        answer: {{type: pass_fail}}
        on_fail: {{grade: general, title: 通道堵塞, category: 疏散}}
"""


def mistakes_of(old: str, new: str) -> list[Mistake]:
    assert CHECKLIST.count(old) == 1, old
    with pytest.raises(InvalidData) as caught:
        load_checklist(CHECKLIST.replace(old, new), FILE)
    return caught.value.mistakes


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("code: sample.warehouse", "code: sample/warehouse", "code"),
        ("code: sample.warehouse", "code: sample@warehouse", "code"),
        ("code: sample.warehouse", "code: 仓库", "code"),
        ("code: sample.warehouse", f"code: {'a' * 121}", "code"),
        ("version: '1'", "version: ''", "version"),
        ("version: '1'", f"version: '{'1' * 41}'", "version"),
        ("code: A-01", "code: A-01#2", "sections.0.items.0.code"),
        ("code: A-01", "code: A 01", "sections.0.items.0.code"),
        ("code: A-01", f"code: {'长' * 121}", "sections.0.items.0.code"),
        ("title: 仓库缺少警示标志", f"title: {'缺' * 301}", "sections.0.items.0.on_fail.title"),
        ("category: 安全标志", f"category: {'类' * 201}", "sections.0.items.0.on_fail.category"),
        ("zh: 架空线未防护", f"zh: {'线' * 4000}", "sections.0.items.2.limbs"),
        ("{code: none,", "{code: 'no one',", "sections.1.items.1.answer.options.0.code"),
    ],
)
def test_what_the_wire_cannot_hold_is_named(old: str, new: str, field: str) -> None:
    assert field in [mistake.field for mistake in mistakes_of(old, new)]


def test_a_list_has_at_most_as_many_items_as_an_inspection_has_answers() -> None:
    start = CHECKLIST.index("      - code: A-01")
    end = CHECKLIST.index("      - code: A-02")
    items = "".join(ITEM.format(code=f"N-{n}") for n in range(1000))
    with pytest.raises(InvalidData, match="at most 1000 items"):
        load_checklist(CHECKLIST[:start] + items + CHECKLIST[end:], FILE)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("zh: 警示标志明显完好", "zh: ''", "sections.0.items.0.text.zh"),
        ("zh: 警示标志明显完好", "zh: ' ——。 '", "sections.0.items.0.text.zh"),
        ("zh: 警示标志明显完好", 'zh: "\\u200b\\u3000"', "sections.0.items.0.text.zh"),
        ("zh: 警示标志明显完好", f"zh: {'长' * 4001}", "sections.0.items.0.text.zh"),
        ("title: 仓库缺少警示标志", "title: ''", "sections.0.items.0.on_fail.title"),
        ("category: 安全标志", "category: ' '", "sections.0.items.0.on_fail.category"),
    ],
)
def test_a_text_says_something_and_fits_a_screen(old: str, new: str, field: str) -> None:
    assert [mistake.field for mistake in mistakes_of(old, new)] == [field]


@pytest.mark.parametrize("escape", ["\\0", "\\e", "\\x7f", "\\x85"])
def test_an_escaped_control_character_is_no_text(escape: str) -> None:
    (mistake,) = mistakes_of("zh: 警示标志明显完好", f'zh: "警示标志{escape}"')
    assert (mistake.item, mistake.field) == ("A-01", "sections.0.items.0.text.zh")
    assert mistake.detail == "control characters are no text"


def test_a_control_character_in_a_key_is_refused() -> None:
    (mistake, *_) = mistakes_of("measure: 补设警示标志", '"measure\\0": 补设警示标志')
    assert (mistake.item, mistake.detail) == ("A-01", "a key is a word")


def test_the_first_day_may_be_given_from_outside() -> None:
    draft = CHECKLIST.replace("effective_from: 2026-01-01\n", "").replace("version: '1'", "version: '2'")
    files = {FILE: CHECKLIST, "sample@2.yaml": draft, "criteria.a.yaml": NEW, "criteria.b.yaml": OLD}
    library = load_library(files, {"sample@2.yaml": date(2026, 6, 1)})
    assert library.checklists["sample.warehouse", "2"].effective_from == date(2026, 6, 1)
    with pytest.raises(InvalidData, match="overlaps version 1"):
        load_library(files, {"sample@2.yaml": date(2026, 1, 1)})
