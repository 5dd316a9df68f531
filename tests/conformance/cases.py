"""Cases written by hand, by what they are about: what is asked, our engine says what is expected."""

from collections.abc import Iterator, Sequence
from itertools import product

from checklists.document import Plain
from tests.conformance.drawn_lists import DAYS, Object
from tests.conformance.lists import ASKED

SAMPLE: Object = {"code": "sample.warehouse", "version": "1"}
SHOP: Object = {"code": "sample.shop", "version": "1"}
GRADED: Object = {"code": "suite.grading", "version": "1"}
LOGIC: Object = {"code": "suite.conditions", "version": "1"}

PHOTO: list[Plain] = ["a" * 64]
PLACE: Object = {"lat": 44.19, "lon": 87.98, "datum": "gcj02"}


def case(
    name: str,
    checklist: Plain,
    answers: Sequence[Plain],
    *,
    on: str = "2026-11-21",
    site: Plain = None,
    positioned: bool = False,
) -> Object:
    return {
        "name": name,
        "checklist": checklist,
        "answers": list(answers),
        "on": on,
        "site": site,
        "positioned": positioned,
    }


def say(item: str, value: Plain, **more: Plain) -> Object:
    return {"item": item, "value": value, **more}


def answer_cases() -> Iterator[Object]:
    """Every type of answer, below, at and above its limits."""
    values: list[tuple[str, list[Plain]]] = [
        ("A-01", ["pass", "fail", "na"]),
        ("A-03", ["pass", "na", [], ["a"], ["b"], ["b", "a"]]),
        ("B-01", [19.4, 19.5, 20, 21, 21.0, 21.1, 0, -1, "na"]),
        ("B-02", ["none", "hot", "secret", "na"]),
        ("B-03", [[], ["clear"], ["unattended"], ["unattended", "clear"], "na"]),
        ("B-04", ["", "现场整洁", "pass", "fail", "na"]),
        ("B-05", ["pass", "fail", "na"]),
    ]
    for item, several in values:
        for value in several:
            yield case(f"{item} answered {value}", SAMPLE, [say(item, value)])
    yield case("marks deducted", SAMPLE, [say("B-05", "fail", deduct=4)])
    yield case("more marks deducted than there are", SAMPLE, [say("B-05", "fail", deduct=25)])
    yield case("no answers", SAMPLE, [])
    both = [say("B-05", "fail", deduct=4), say("A-01", "fail")]
    yield case("findings come in the order of the list", SAMPLE, both)
    numbered: list[Plain] = [{"n": 3, "note": "东门"}, {"n": 1, "note": "西门"}, {"n": 9, "note": ""}]
    yield case("findings come by their number", SAMPLE, [say("A-01", "fail", note="两处", findings=numbered)])
    yield case("limbs with several findings", SAMPLE, [say("A-03", ["b"], findings=numbered)])


def condition_cases() -> Iterator[Object]:
    """Two gates in every state, and site facts of every kind: each item of the list fails, and shows whether
    it was asked."""
    states: list[Plain] = [None, "pass", "fail", "na"]
    asked = [say(f"T-{n:02}", "fail") for n in range(1, len(ASKED) + 1)]
    for first, second in product(states, states):
        gates = [say(code, value) for code, value in (("P", first), ("Q", second)) if value is not None]
        yield case(f"gates {first}, {second}", LOGIC, [*asked, *gates])
    for value in (None, -1, 0, 0.0, 1, 1.5, "na"):
        gate = [] if value is None else [say("N", value)]
        yield case(f"a measured {value}", LOGIC, [*gate, *asked])
    options: list[Plain] = [[], ["x"], ["y"], ["x", "y"], "na"]
    for chosen in options:
        yield case(f"options {chosen}", LOGIC, [say("M", chosen), *asked])
    limbs: list[Plain] = ["pass", [], ["a"], ["a", "b"], "na"]
    for held in limbs:
        yield case(f"limbs {held}", LOGIC, [say("L", held), *asked])
    sites: list[Plain] = [
        {},
        {"risk": "red"},
        {"risk": None},
        {"risk": "blue", "tank_farm": True},
        {"tank_farm": False, "major_hazard_level": 0},
        {"major_hazard_level": 1},
        {"major_hazard_level": 2.0},
        {"major_hazard_level": 4, "industry": "hazmat"},
        {"major_hazard_level": "2", "tank_farm": 1, "risk": "blue"},
        {"major_hazard_level": True, "risk": 1},
    ]
    for number, site in enumerate(sites, 1):
        yield case(f"site {number}", LOGIC, asked, site=site)
        yield case(f"site {number}, gates answered", LOGIC, [*asked, say("P", "fail")], site=site)
    yield case("a gate behind a gate", SAMPLE, [say("B-02", "none"), say("B-07", "fail")])
    yield case("a gate behind an open gate", SAMPLE, [say("B-02", "hot"), say("B-07", "fail")])


def grading_cases() -> Iterator[Object]:
    """Which set grades on which day: before all, at every seam, after; a catch-all and its reason."""
    answers = [
        say("G-01", "fail", note="现场所见"),
        say("G-02", "fail", note="现场所见"),
        say("G-03", "fail", note="现场所见"),
        say("G-04", ["a", "b"]),
        say("G-05", ["a"]),
        say("G-06", ["b", "a"], note="现场所见"),
    ]
    for on in DAYS:
        yield case(f"on {on}", GRADED, answers, on=on)
    notes: list[Plain] = [None, "", "  ", "\u3000", "现场所见", " 有毒气体 "]
    for note in notes:
        yield case(f"catch-all with the note {note!r}", GRADED, [say("G-03", "fail", note=note)])
    two: list[Plain] = [{"n": 1, "note": ""}, {"n": 2, "note": "现实危险"}]
    yield case("catch-all, one finding of two has a reason", GRADED, [say("G-03", "fail", findings=two)])
    yield case(
        "catch-all, the answer lends its note", GRADED, [say("G-03", "fail", note="如下", findings=two)]
    )
    yield case("catch-all not in force asks for no reason", GRADED, [say("G-03", "fail")], on="2024-02-01")
    yield case("catch-all with one limb of two", GRADED, [say("G-06", ["a"])])
    for on in ("2026-09-29", "2026-09-30", "2017-11-12", "2017-11-13"):
        yield case(f"sample on {on}", SAMPLE, [say("A-02", "fail"), say("A-03", ["a", "b"])], on=on)


def requirement_cases() -> Iterator[Object]:
    """Photo, note and position of an answer, of each finding, of the inspection."""
    seen: list[Plain] = [
        {"n": 1, "note": "东门", "photos": ["b" * 64]},
        {"n": 2, "note": "西门", "position": PLACE},
    ]
    full: list[Plain] = [{"n": 1, "note": "东门", "photos": PHOTO, "position": PLACE}]
    carried: list[tuple[str, Object]] = [
        ("nothing", {}),
        ("a photo", {"photos": PHOTO}),
        ("two findings, each half complete", {"findings": seen}),
        ("two findings and a photo", {"findings": seen, "photos": PHOTO}),
        ("a complete finding", {"findings": full}),
    ]
    for positioned, (what, more) in product((False, True), carried):
        name = f"failing with {what}, positioned {positioned}"
        yield case(name, SAMPLE, [say("A-01", "fail", **more)], positioned=positioned)
    for value in ("pass", "na"):
        yield case(f"{value} needs nothing", SAMPLE, [say("A-01", value)])
    spaces = [
        "\t\n",
        "\x0b\x0c\r",
        "\x85",
        "\xa0",
        "\u1680",
        "\u2000\u200a",
        "\u2028\u2029",
        "\u202f\u205f\u3000",
    ]
    kept = ["\ufeff", "\u200b", "\x1c", "\u180e", "."]
    for note in [*spaces, *kept, "无动火", " 无动火\u3000"]:
        answers = [say("B-02", "hot"), say("B-03", [], note=note)]
        yield case(f"a note of {note!r} that is always required", SAMPLE, answers)
        yield case(f"a reason of {note!r}", SAMPLE, [say("A-04", "fail", note=note)])
    yield case("always required, not applicable", SAMPLE, [say("B-02", "hot"), say("B-03", "na")])
    yield case("an ignored answer needs nothing", SAMPLE, [say("B-02", "none"), say("B-03", ["unattended"])])


def fault_cases() -> Iterator[Object]:
    """Answers that are refused whole, each with the place of its fault."""
    wrong: list[tuple[str, Plain]] = [
        ("A-01", "maybe"), ("A-01", 1), ("A-01", True), ("A-01", []), ("A-01", ["fail"]), ("A-01", ""),
        ("A-03", "fail"), ("A-03", ["z"]), ("A-03", ["a", "a"]), ("A-03", ["z", "z"]), ("A-03", [1]),
        ("B-01", "19.5"), ("B-01", True), ("B-01", []), ("B-02", "cold"), ("B-02", ["hot"]), ("B-02", 3),
        ("B-03", "clear"), ("B-03", ["x"]), ("B-03", ["clear", "clear"]), ("B-03", "pass"),
        ("B-04", 7), ("B-04", ["x"]), ("B-05", 4), ("B-05", "partly"), ("Z-99", "pass"), ("a-01", "pass"),
    ]  # fmt: skip
    for item, value in wrong:
        yield case(f"{item} answered {value!r}", SAMPLE, [say("A-02", "pass"), say(item, value)])
    one: list[Plain] = [{"n": 1, "note": "东门"}]
    yield case("twice", SAMPLE, [say("A-01", "pass"), say("A-02", "pass"), say("A-01", "fail")])
    yield case("twice, first wrong", SAMPLE, [say("A-01", "maybe"), say("A-01", 1, deduct=-1, findings=one)])
    yield case("unknown item with more", SAMPLE, [say("Z-99", 1, deduct=-1, findings=one)])
    yield case("findings beside pass", SAMPLE, [say("A-01", "pass", findings=one)])
    yield case("findings beside no limb", SAMPLE, [say("A-03", [], findings=one)])
    yield case("findings beside a wrong limb", SAMPLE, [say("A-03", ["z"], findings=one)])
    yield case("findings beside a wrong value", SAMPLE, [say("A-01", "maybe", findings=one)])
    for numbers in ([0], [-1], [1, 1], [2, 1, 2, 0]):
        several: list[Plain] = [{"n": n, "note": "东门"} for n in numbers]
        yield case(f"numbers {numbers}", SAMPLE, [say("A-01", "fail", findings=several)])
    zero: list[Plain] = [{"n": 0, "note": "东门"}]
    yield case("wrong number beside pass", SAMPLE, [say("A-01", "pass", findings=zero)])
    yield case("deduct beside pass", SAMPLE, [say("B-05", "pass", deduct=1)])
    yield case("deduct where no marks are", SAMPLE, [say("A-01", "fail", deduct=1)])
    yield case("deduct beside a wrong value", SAMPLE, [say("B-05", "partly", deduct=-1)])
    yield case("deduct below nought", SAMPLE, [say("B-05", "fail", deduct=-0.5)])
    yield case("all at once", SAMPLE, [say("A-01", 1), say("Z-99", "pass"), say("B-05", "fail", deduct=-1)])
