"""What answers mean, stored nowhere: the same as a phone computes with no network."""

from collections.abc import Mapping
from datetime import date

from checklists.answers import InvalidAnswers
from checklists.conditions import SITE_FACTS
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

    Raises Refusal(NOT_FOUND) for an unknown version, Refusal(INVALID_BODY) for site facts of another type,
    which would make conditions false in silence, and Refusal(INVALID_ANSWERS) with every fault.
    """
    _check_facts(site or {})
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


def _check_facts(site: Mapping[str, SiteFact]) -> None:
    """Facts that no list asks for are passed over."""
    types: dict[str, type | tuple[type, ...]] = {"text": str, "number": (int, float), "bool": bool}
    faults = tuple(
        Fault(f"/site/{name}", "wrong_value_type", f"Expected {SITE_FACTS[name]}")
        for name, value in site.items()
        if name in SITE_FACTS
        and value is not None
        and (
            not isinstance(value, types[SITE_FACTS[name]])
            or (isinstance(value, bool) and SITE_FACTS[name] == "number")
        )
    )
    if faults:
        raise Refusal(Code.INVALID_BODY, "Site facts are of another type", faults=faults)
