"""What our engine makes of a case of the suite, in the words of the suite."""

from collections.abc import Mapping
from datetime import date

import msgspec
from msgspec import Struct

from checklists.answers import InvalidAnswers
from checklists.criteria import Criteria, CriteriaSet, Criterion
from checklists.document import Plain
from checklists.evaluate import evaluate
from checklists.wire import PublishedChecklist

Case = dict[str, Plain]
Object = dict[str, Plain]


class SuiteFinding(Struct):
    """As the wire has it, but any number: the suite has wrong ones too."""

    n: int
    note: str | None = None
    photos: list[str] = []
    position: dict[str, str | float] | None = None


class SuiteAnswer(Struct):
    """As the wire has it, but any value."""

    item: str
    value: str | bool | int | float | list[str | int | bool]
    note: str | None = None
    deduct: float | None = None
    photos: list[str] = []
    findings: list[SuiteFinding] = []


def grading_criteria(checklist: PublishedChecklist) -> Criteria:
    """The criteria that a phone has: those that came with the list."""
    return Criteria(
        CriteriaSet(
            key=one.key,
            version=one.version,
            subject=one.key,
            doc_no=one.doc_no,
            title=one.title,
            issuer="",
            effective_from=one.effective_from,
            effective_to=one.effective_to,
            status="",
            source="",
            parent=one.parent,
            criteria=tuple(
                Criterion(id=mark.id, article="", text=one.title, confidence="", catch_all=mark.catch_all)
                for mark in one.criteria
            ),
        )
        for one in checklist.criteria_sets
    )


def judge(case: Mapping[str, Plain], checklist: PublishedChecklist) -> Object:
    """The `expect` of the case."""
    answers = msgspec.convert(case["answers"], list[SuiteAnswer])
    site = msgspec.convert(case["site"], dict[str, str | bool | float | None] | None)
    on = date.fromisoformat(str(case["on"]))
    try:
        evaluation = evaluate(
            checklist, answers, site, on, grading_criteria(checklist), positioned=bool(case["positioned"])
        )
    except InvalidAnswers as error:
        return {
            "faults": [{"answer": one.answer, "path": one.path, "code": one.code} for one in error.faults]
        }
    expected: Object = msgspec.to_builtins(evaluation)
    return expected
