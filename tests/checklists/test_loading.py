"""Every mistake names its file, line, item and field, and all of them are told at once."""

import pytest

from checklists.document import InvalidData, Mistake
from checklists.loading import load_checklist, load_criteria, load_library
from tests.checklists.sample import CHECKLIST, NEW, OLD

FILE = "sample@1.yaml"
FILES = {FILE: CHECKLIST, "criteria.new@2.yaml": NEW, "criteria.old@1.yaml": OLD}


def mistakes_of(text: str) -> list[Mistake]:
    with pytest.raises(InvalidData) as caught:
        load_checklist(text, FILE)
    return caught.value.mistakes


def mistakes_in(files: dict[str, str]) -> list[Mistake]:
    with pytest.raises(InvalidData) as caught:
        load_library(files)
    return caught.value.mistakes


def changed(old: str, new: str, text: str = CHECKLIST) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


def line_of(part: str, text: str) -> int:
    (number,) = [at for at, line in enumerate(text.splitlines(), 1) if part in line]
    return number


# what is written in place of what, the line that the mistake is on, its item, field and words
MISTAKES = [
    ("unit: '%'", "unit: '%', colour: red", "colour: red", "B-01", "answer.colour", "unknown key"),
    ("code: B-04", "code: A-02", "code: A-02\n        text: {zh: 备注", "A-02", "code", "there twice"),
    ("  - code: B\n", "  - code: A\n", None, None, "sections.1.code", "there twice"),
    ("min: 19.5", "min: 22", "min: 22", "B-01", "answer.min", "above max"),
    ("min: 19.5", "min: 低", "min: 低", "B-01", "answer.min", "got `str`"),
    (
        "grade: general, title: 氧",
        "grade: severe, title: 氧",
        "severe",
        "B-01",
        "on_fail.grade",
        "Invalid enum",
    ),
    (
        "grade: general, title: 氧",
        "grade: major, title: 氧",
        "氧含量不合格",
        "B-01",
        "on_fail.criterion",
        "only a",
    ),
    ("type: text", "type: poem", "type: poem", "B-04", "answer.type", "Invalid value 'poem'"),
    ("{type: text}", "{type: pass_fail}", None, "B-04", "on_fail", "an answer can fail"),
    (
        "          - {code: b, text: {zh: 架空线未防护, en: Unprotected}}\n",
        "",
        None,
        "A-03",
        "limbs",
        "one limb",
    ),
    (
        "{code: b, text: {zh: 架",
        "{code: a, text: {zh: 架",
        "架空线未防护",
        "A-03",
        "limbs.1.code",
        "there twice",
    ),
    ("{code: none,", "{code: na,", "code: na,", "B-02", "answer.options.0.code", "word of the format"),
    ("full_marks: 10", "full_marks: 0", "full_marks: 0", "B-05", "answer.full_marks", "above nought"),
    ("item: B-02, values", "item: B-99, values", "B-99", "B-03", "applies_when.of.0.item", "no earlier item"),
    (
        "item: B-02, values",
        "item: B-04, values",
        "item: B-04, v",
        "B-03",
        "applies_when.of.0.item",
        "no earlier",
    ),
    ("[hot, secret]", "[hot, cold]", "[hot, cold]", "B-03", "applies_when.of.0", "cold is no answer of B-02"),
    ("[hot, secret]", "[]", "values: []", "B-03", "applies_when.of.0.values", "is empty"),
    (
        "op: greater, item: B-01, than: 23.5",
        "op: equals, item: B-01, value: 23.5",
        "23.5",
        "B-03",
        "",
        "numbers",
    ),
    ("op: greater, item", "op: above, item", "op: above", "B-03", "applies_when.of.1.of.op", "Invalid value"),
    ("site: risk, value: red", "site: colour, value: red", "site: colour", "B-06", "", "no such site fact"),
    ("site: risk, value: red", "site: risk, value: 1", "value: 1}", "B-06", "applies_when.of.0", "is a text"),
    (
        "site: risk, value: red",
        "site: risk, item: A-01, value: red",
        "item: A-01",
        "B-06",
        "",
        "either an item",
    ),
    ("effective_from: 2026-01-01", "effective_to: 2026-01-01", None, None, "effective_from", "is missing"),
    ("article: 第35条}", "article: 第35条, source: 消防法}", "第35条", "A-01", "basis.source", "there twice"),
    (
        "effective_from: 2026-01-01",
        "effective_from: 2026-13-01",
        "2026-13",
        None,
        "effective_from",
        "Invalid",
    ),
    ("      - code: A-04\n", "      - code: A-04\n        <<: {}\n", "<<", "A-04", "", "unknown key"),
]


@pytest.mark.parametrize(("old", "new", "at", "item", "field", "words"), MISTAKES)
def test_a_mistake_names_its_place(
    old: str, new: str, at: str | None, item: str | None, field: str, words: str
) -> None:
    text = changed(old, new)
    (mistake,) = mistakes_of(text)
    assert mistake.file == FILE
    assert mistake.item == item
    assert field in mistake.field
    assert words in mistake.detail
    assert f"{FILE}:{mistake.line}" in str(mistake)
    if at is not None:
        first = at.split("\n")[0]
        lines = [number for number, line in enumerate(text.splitlines(), 1) if first in line]
        assert mistake.line in lines


def test_the_line_is_the_line_of_the_field_and_not_of_the_item() -> None:
    text = changed("criterion: NEW-1", "criterion: 7")
    (mistake,) = mistakes_of(text)
    assert (mistake.line, mistake.item, mistake.field) == (
        line_of("criterion: 7", text),
        "A-02",
        "sections.0.items.1.on_fail.criterion",
    )


def test_all_mistakes_are_told_at_once() -> None:
    text = changed("unit: '%'", "unit: 5", changed("grade: general, title: 氧", "grade: severe, title: 氧"))
    text = changed("industry: hazmat", "industry: shop", text)
    text = changed("article: 第35条", "artikel: 第35条", text)
    fields = [mistake.field for mistake in mistakes_of(text)]
    assert fields == [
        "industry",
        "sections.0.items.0.basis.artikel",
        "sections.1.items.0.answer.unit",
        "sections.1.items.0.on_fail.grade",
    ]


def test_of_very_many_mistakes_the_first_hundred_are_told() -> None:
    text = CHECKLIST + "".join(f"k{n:05}: 1\n" for n in range(20_000))
    mistakes = mistakes_of(text)
    assert [mistake.field for mistake in mistakes[:2]] == ["k00000", "k00001"]
    assert (len(mistakes), mistakes[-1].detail) == (101, "only the first 100 mistakes are told")
    assert len(mistakes_of(CHECKLIST + "again: 1\n" * 20_000)) == 101


def test_a_condition_that_can_never_be_true_makes_the_item_unreachable() -> None:
    text = changed("than: 23.5}", "than: -1000000}", changed("op: less, site", "op: greater, site"))
    load_checklist(text, FILE)  # B-03 is reached by "no oxygen at all", B-06 by a high level
    never = changed("op: in, item: B-02, values: [hot, secret]", "op: equals, item: B-02, value: none")
    never = changed(
        "{op: not, of: {op: greater, item: B-01, than: 23.5}}", "{op: equals, item: B-02, value: hot}", never
    )
    (mistake,) = mistakes_of(never)
    assert (mistake.item, mistake.field.split(".")[-1]) == ("B-03", "applies_when")
    assert "unreachable" in mistake.detail


def test_an_item_that_does_not_apply_can_be_looked_at_as_not_applicable() -> None:
    text = changed(
        "{op: equals, item: B-03, value: clear}",
        "{op: all, of: [{op: equals, item: B-03, value: na}, {op: equals, item: B-02, value: none}]}",
    )
    load_checklist(text, FILE)


def test_an_item_behind_an_item_that_excludes_it_is_unreachable() -> None:
    text = changed(
        "{op: equals, site: risk, value: red}\n            - {op: less, site: major_hazard_level, than: 3}",
        "{op: all, of: [{op: equals, item: B-03, value: clear}, {op: equals, item: B-02, value: none}]}",
    )
    (mistake,) = mistakes_of(text)
    assert mistake.item == "B-06"
    assert "unreachable" in mistake.detail


def test_a_condition_on_more_than_can_be_tried_is_refused() -> None:
    leaves = ", ".join(f"{{op: greater, item: B-01, than: {n}}}" for n in range(40))
    facts = ", ".join(f"{{op: equals, site: risk, value: r{n}}}" for n in range(400))
    text = changed("{op: equals, site: risk, value: red}", f"{{op: all, of: [{leaves}, {facts}]}}")
    (mistake,) = mistakes_of(text)
    assert "too many" in mistake.detail


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("code: [", "did not find"),
        ("code: 'x", "unexpected end"),
        ("- 1\n- 2\n", "Expected `object`"),
        ("hello", "Expected `object`"),
        ("a: &x {b: 1}\nc: *x\n", "aliases"),
        ("a: &x 商铺\nc: *x\n", "aliases"),
        ("a: !!python/object:os.system {}\n", "tags such as"),
        ("a: !!binary aGk=\n", "tags such as"),
        ("a: 1\na: 2\n", "there twice"),
        ("{1: 2}", "a key is a word"),
        ("[" * 200 + "]" * 200, "nested deeper"),
        ("[" * 20_000, "nested deeper"),
        ("- " * 20_000, "nested deeper"),
        ("\n".join(" " * depth + "a:" for depth in range(2_000)), "nested deeper"),
        ("a: \ud800", "not YAML"),
        ("a: \x00", "not YAML"),
        ("---\na: 1\n---\nb: 2\n", "another document"),
    ],
)
def test_what_is_not_plain_yaml_is_refused(text: str, words: str) -> None:
    details = [mistake.detail for mistake in mistakes_of(text)]
    assert any(words in detail for detail in details), details


def test_words_stay_words() -> None:
    text = changed("unit: '%'", "unit: no")
    answer = load_checklist(text, FILE).items()[4].answer
    assert answer.unit == "no"  # type: ignore[union-attr]


def test_a_library_that_is_right_loads_whole() -> None:
    library = load_library(FILES)
    assert list(library.checklists) == [("sample.warehouse", "1")]
    assert "NEW-1" in library.criteria


def test_a_dangling_criterion_is_named() -> None:
    files = FILES | {FILE: changed("criterion: NEW-1", "criterion: NEW-9")}
    (mistake,) = mistakes_in(files)
    assert (mistake.file, mistake.item) == (FILE, "A-02")
    assert mistake.line == line_of("NEW-9", files[FILE])
    assert mistake.detail == "no criterion has the id NEW-9"


def test_a_dangling_earlier_criterion_is_named() -> None:
    (mistake,) = mistakes_in(FILES | {FILE: changed("[OLD-1]", "[OLD-9]")})
    assert mistake.field.endswith("on_fail.earlier_criteria.0")


def test_a_catch_all_item_asks_for_a_note() -> None:
    (mistake,) = mistakes_in(
        FILES | {FILE: changed("requires: {note: failing}", "requires: {photo: failing}")}
    )
    assert (mistake.item, mistake.detail) == (
        "A-04",
        "is missing: a catch-all criterion needs a written reason",
    )


def test_sets_of_one_subject_do_not_overlap() -> None:
    files = FILES | {"criteria.old@1.yaml": changed("2026-09-29", "2026-09-30", OLD)}
    (mistake,) = mistakes_in(files)
    assert (mistake.field, mistake.file) == ("effective_from", "criteria.old@1.yaml")
    assert "overlaps NEW version 2" in mistake.detail


def test_two_versions_of_one_supplement_do_not_overlap() -> None:
    child = changed("key: NEW", "key: CHILD\nparent: OLD", NEW).replace("NEW-", "CHILD-")
    correction = child.replace("version: '2'", "version: '3'")
    files = FILES | {"criteria.child@2.yaml": child, "criteria.child@3.yaml": correction}
    (mistake,) = mistakes_in(files)
    assert "overlaps CHILD version 2" in mistake.detail
    ended = child.replace("status: in_force", "status: in_force\neffective_to: 2026-12-31")
    later = correction.replace("effective_from: 2026-09-30", "effective_from: 2027-01-01")
    load_library(files | {"criteria.child@2.yaml": ended, "criteria.child@3.yaml": later})


def test_a_set_without_a_known_parent_or_with_a_stolen_criterion_is_refused() -> None:
    orphan = changed("status: in_force", "status: in_force\nparent: GONE", NEW).replace(
        "key: NEW", "key: CHILD"
    )
    mistakes = mistakes_in(FILES | {"criteria.orphan@1.yaml": orphan})
    assert "no set has the key GONE" in [mistake.detail for mistake in mistakes]
    assert "NEW-1 belongs to NEW" in [mistake.detail for mistake in mistakes]


def test_versions_of_a_list_follow_each_other() -> None:
    second = CHECKLIST.replace("version: '1'", "version: '2'")
    later = second.replace("effective_from: 2026-01-01", "effective_from: 2026-06-01")
    assert len(load_library(FILES | {"sample@2.yaml": later}).checklists) == 2
    (same_day,) = mistakes_in(FILES | {"sample@2.yaml": second})
    assert "overlaps version 1" in same_day.detail
    bounded = CHECKLIST.replace(
        "effective_from: 2026-01-01", "effective_from: 2026-01-01\neffective_to: 2026-07-01"
    )
    (overlap,) = mistakes_in(FILES | {FILE: bounded, "sample@2.yaml": later})
    assert "overlaps version 1" in overlap.detail
    (again,) = mistakes_in(FILES | {"copy@1.yaml": CHECKLIST.replace("2026-01-01", "2026-02-01")})
    assert "has this version already, in copy@1.yaml" in again.detail


def test_mistakes_of_all_files_are_told_together() -> None:
    files = {
        FILE: changed("unit: '%'", "unit: 5"),
        "criteria.new@2.yaml": changed("key: NEW", "keys: NEW", NEW),
    }
    mistakes = mistakes_in(files)
    assert {mistake.file for mistake in mistakes} == set(files)
    assert [str(mistake) for mistake in mistakes if mistake.file == FILE] == [
        f"{FILE}:{line_of('unit: 5', files[FILE])}: B-01: sections.1.items.0.answer.unit: "
        "Expected `str`, got `int`"
    ]


def test_an_assumed_date_says_why() -> None:
    with pytest.raises(InvalidData) as caught:
        load_criteria(
            changed("status: in_force", "status: in_force\neffective_assumed: true", NEW), "criteria.x.yaml"
        )
    assert caught.value.mistakes[0].field == "effective_note"
