"""What answers mean, stored nowhere: the same as a phone computes with no network."""

from collections.abc import Mapping
from datetime import date

from checklists.answers import InvalidAnswers
from checklists.evaluate import evaluate
from checklists.model import Evaluation
from inspect_api.actions import shelf
from inspect_api.actions.list_checklists import find_checklist
from inspect_api.actions.work import Work
from inspect_api.domain.calendar import civil_date
from inspect_api.errors import Code, Fault, Refusal
from sync.bodies import Answer

SiteFact = str | float | bool | None


def evaluate_checklist(
    work: Work,
    code: str,
    version: str,
    answers: list[Answer],
    site: Mapping[str, SiteFact] | None,
    on: date | None,
) -> Evaluation:
    """Graded by the criteria in force on the day, today in Asia/Shanghai when none is given.

    Raises Refusal(NOT_FOUND) for an unknown version and Refusal(INVALID_ANSWERS) with every fault.
    """
    entry = find_checklist(work, code, version)
    try:
        return evaluate(
            entry.checklist, answers, site, on or civil_date(work.now), shelf.current(work.tx).criteria
        )
    except InvalidAnswers as error:
        faults = tuple(
            Fault(f"/answers/{fault.answer}/{fault.path}", fault.code, fault.detail) for fault in error.faults
        )
        raise Refusal(Code.INVALID_ANSWERS, str(error)[:500], faults=faults) from None
