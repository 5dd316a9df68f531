"""Cases of scores, of the shipped lists, and arbitrary ones."""

import random
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from checklists.document import Plain
from checklists.model import Answer
from checklists.wire import PublishedChecklist
from tests.checklists.tables import items_of, looked_at, scoring
from tests.checklists.weighing import SCORES, as_answers
from tests.conformance.cases import SHOP, case
from tests.conformance.drawn_answers import draw_answers, draw_site, spoil
from tests.conformance.drawn_lists import DAYS, Object, draw_checklist, objects
from tests.conformance.drawn_tables import draw_deductions, draw_tables
from tests.conformance.lists import shipped_lists

JGJ59: Object = {"code": "construction.jgj59-2011", "version": "1"}
TABLES = [f"B.{n}" for n in range(1, 20)]
SEAMS = ("2017-11-12", "2024-04-23", "2026-06-30", "2026-09-29", "2026-09-30", "2026-11-21")


def jgj59_cases() -> Iterator[Object]:
    """The rules of JGJ 59-2011, at and beside every bound."""
    exam = {"B.1": 80, "B.2": 84, "B.3": 78, "B.11": 85, "B.12": 85, "B.13": 82, "B.14": 80, "B.19": 82}
    exam |= {"B.15": 76, "B.16": 80}
    yield _scored(
        "no cranes on the site", [one for code, each in exam.items() for one in scoring(code, each)]
    )
    for each in (100, 80, 79.99, 70, 69.99, 60):
        yield _scored(f"all tables {each}", [one for code in TABLES for one in scoring(code, each)])
    for code in TABLES:
        yield _scored(f"{code} alone", scoring(code, 85))
    losses: list[dict[str, float | str]] = [
        {"G05": 10, "N04": 2},
        {"G05": 12, "N04": 2},
        {"G05": 9.5},
        {"N01": 25},
        {"N01": 10, "N02": 10, "N03": 10, "N04": 10},
        {"G01": 5, "G02": 5, "G03": 5, "G04": 5},
        {"G01": 5, "G02": 5, "G03": 5, "G04": 5, "G05": 0.5},
        {"G06": "na", "G01": 8, "G02": 8},
        {"G06": "na", "G01": 8, "G02": 8, "G03": 1},
        {"G04": "na", "G05": "na", "G06": "na", "G01": 5, "G02": 5},
        {"G04": "na", "G05": "na", "G06": "na", "G01": 5, "G02": 5.5},
        {f"G0{n}": "na" for n in range(1, 7)},
        {"N01": "na", "N02": "na", "N03": 4},
    ]
    for lost in losses:
        yield _scored(f"B.1 with {lost}", looked_at("B.1", lost))
    empty: dict[str, float | str] = {item.code[-3:]: 20 for item in items_of("B.13")}
    yield _scored("nothing left in B.13", [*looked_at("B.1"), *looked_at("B.13", empty)])
    absent = {item.code[-3:]: "na" for item in items_of("B.17")}
    yield _scored("nothing of B.17 applies", [*looked_at("B.1"), *looked_at("B.17", absent)])
    yield _scored("B.17 alone, and nothing of it applies", looked_at("B.17", absent))
    crane = looked_at("B.17", {"G01": 10})
    full = [one for code in TABLES if code != "B.17" for one in scoring(code, 100)]
    yield _scored("one table at nought", [*full, *crane])
    yield _scored(
        "70 on paper",
        [
            *looked_at(
                "B.13", {"N01": 4, "N02": 6, "N04": 8, "N05": 6, "N06": 6, "N07": "na", "N08": 5, "N10": 8}
            ),
            *looked_at("B.5", {"N02": 6, "N03": 5, "N04": "na"}),
        ],
    )
    yield _scored("begun and not finished", looked_at("B.17")[:3])
    yield _scored("failing without marks", [Answer(item="JGJ59-B.1-G01", value="fail")])
    yield _scored("nought deducted", [Answer(item="JGJ59-B.1-G01", value="fail", deduct=0)])
    yield _scored("nothing inspected", [])


def weighted_cases() -> Iterator[Object]:
    """Plain weights: the examples of the tests."""
    for number, (given, *_) in enumerate(SCORES, 1):
        yield case(f"weights {number}", SHOP, _plain(as_answers(given)))
    yield case("both limbs are major", SHOP, _plain(as_answers([("A-02", ["locked", "unattended"])])))
    major = _plain(as_answers([("A-01", "pass"), ("A-02", ["locked", "unattended"]), ("B-01", "pass")]))
    for code in ("suite.strict", "suite.lenient"):
        yield case(f"a major finding in {code}", {"code": code, "version": "1"}, major)
    yield case("words have no score", SHOP, _plain(as_answers([("A-03", "现场整洁")])))
    yield case("nothing inspected", SHOP, [])


def shipped_cases() -> Iterator[Object]:
    """Lists of the library: everything failing on the days around each seam, and arbitrary answers."""
    return cases_of(shipped_lists())


def cases_of(lists: Iterable[PublishedChecklist]) -> Iterator[Object]:
    """For each list by name: everything failing around each seam, and arbitrary answers."""
    for checklist in lists:
        reference: Object = {"code": checklist.code, "version": checklist.version}
        items = _items(checklist)
        everything = [_failing(item) for item in items]
        for on in SEAMS if checklist.criteria_sets else SEAMS[-1:]:
            yield case(f"{checklist.code}, all failing on {on}", reference, everything, on=on)
        for number in range(6):
            chance = random.Random(f"{checklist.code} {number}")
            answers = draw_answers(chance, items, 0.3)
            site, on = draw_site(chance), chance.choice(SEAMS)
            yield case(f"{checklist.code}, arbitrary {number}", reference, answers, site=site, on=on)


def drawn_cases() -> Iterator[Object]:
    """Arbitrary lists with arbitrary answers, one in eight of them wrong."""
    for number in range(60):
        checklist = draw_checklist(f"list {number}")
        items = _items(checklist)
        for turn in range(3):
            chance = random.Random(f"answers {number} {turn}")
            answers = draw_answers(chance, items)
            if chance.random() < 0.125:
                answers = spoil(chance, answers)
            yield case(
                f"list {number}, answers {turn}",
                _published(checklist),
                answers,
                on=chance.choice(DAYS),
                site=draw_site(chance),
                positioned=chance.random() < 0.3,
            )


def drawn_table_cases() -> Iterator[Object]:
    """Arbitrary tables with arbitrary deductions."""
    for number in range(20):
        checklist = draw_tables(f"tables {number}")
        for turn in range(4):
            answers = draw_deductions(random.Random(f"deductions {number} {turn}"), checklist)
            yield case(f"tables {number}, deductions {turn}", _published(checklist), answers)


def _scored(name: str, answers: Sequence[Answer]) -> Object:
    return case(name, JGJ59, _plain(answers))


def _plain(answers: Sequence[Answer]) -> list[Plain]:
    return [_short(msgspec.to_builtins(one)) for one in answers]


def _short(answer: Object) -> Object:
    """Without what is empty; the value stays, whatever it is."""
    return {name: value for name, value in answer.items() if name == "value" or value not in (None, [])}


def _published(checklist: PublishedChecklist) -> Object:
    wire: Object = msgspec.json.decode(msgspec.json.encode(checklist))
    return wire


def _items(checklist: PublishedChecklist) -> list[Object]:
    return [
        item for section in objects(_published(checklist)["sections"]) for item in objects(section["items"])
    ]


def _failing(item: Object) -> Object:
    """What fails the item, with a note and marks; "na" where nothing does."""
    answer = item["answer"] if isinstance(item["answer"], dict) else {}
    limbs: list[Plain] = [one["code"] for one in objects(item.get("limbs"))]
    wrong: list[Plain] = [one["code"] for one in objects(answer.get("options")) if one.get("fails")]
    failing: Object = {"item": item["code"], "value": limbs or "fail", "note": "现场所见"}
    match answer.get("type"):
        case "deduct":
            failing["deduct"] = 2
        case "choice":
            failing["value"] = wrong[0] if wrong else "na"
        case "multi":
            failing["value"] = wrong
        case "number":
            low, high = answer.get("min"), answer.get("max")
            beyond = high + 1 if isinstance(high, int | float) else "na"
            failing["value"] = low - 1 if isinstance(low, int | float) else beyond
        case "text":
            failing["value"] = "na"
    return failing
