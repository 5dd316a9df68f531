"""The heart: what answers mean. Pure, no clock: same input, same findings, on a server and on a phone."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from msgspec.structs import replace

from checklists.answers import AnswerValue, Given, read_answers
from checklists.conditions import Fact, holds
from checklists.criteria import Criteria
from checklists.marks import Inspected
from checklists.model import (
    AnswerLike,
    Checklist,
    CriteriaRef,
    Deduct,
    Evaluation,
    Finding,
    Item,
    OnFail,
    Requirement,
    Requires,
    Unmet,
    When,
)
from checklists.scoring import score

SiteFacts = Mapping[str, str | float | bool | None]

WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
)
"""White_Space of Unicode: every language strips a little differently, a phone must strip the same."""


def evaluate(
    checklist: Checklist,
    answers: Sequence[AnswerLike],
    site: SiteFacts | None,
    on: date,
    criteria: Criteria,
    *,
    positioned: bool = False,
) -> Evaluation:
    """Findings, what is missing, and the score.

    `on` is the inspection's date in Asia/Shanghai: criteria in force that day grade the findings. `site` is
    None when nothing is known of it. `positioned` says that the inspection as a whole carries a position.
    Raises InvalidAnswers with everything that does not fit the list.
    """
    given = read_answers(checklist, answers)
    facts: Mapping[str, Fact] = site or {}
    known: dict[str, Fact] = {}
    result = Evaluation(findings=[], unanswered=[], ignored=[], unmet=[], score=None)
    inspected: list[Inspected] = []
    for section in checklist.sections:
        missed: list[str] = []
        answered: list[tuple[Item, Given]] = []
        begun = False
        for item in section.items:
            code = item.code
            own = given.get(code)
            if item.applies_when is not None and holds(item.applies_when, known, facts) is False:
                known[code] = "na"
                if own is not None:
                    begun = True
                    result.ignored.append(code)
            elif own is None:
                missed.append(code)
            else:
                known[code] = own.value
                answered.append((item, own))
                if not own.failing and (item.requires is None or not _always(item.requires)):
                    continue
                findings, lacking = _judge(item, own, positioned, on, criteria)
                result.findings.extend(findings)
                result.unmet.extend(Unmet(item.code, requirement) for requirement in lacking)
        if answered or begun or not section.optional:
            result.unanswered.extend(missed)
        inspected.append(Inspected(section, answered))
    if checklist.scoring is None:
        return result
    major = any(one.grade == "major" for one in result.findings)
    return replace(result, score=score(checklist.scoring, inspected, major=major))


class _Seen(NamedTuple):
    """One finding, with what its answer lends it."""

    n: int
    note: str | None
    photographed: bool
    positioned: bool


class _Match(NamedTuple):
    criterion: str
    criteria_set: CriteriaRef
    catch_all: bool


def _judge(
    item: Item, own: Given, positioned: bool, on: date, criteria: Criteria
) -> tuple[list[Finding], list[Requirement]]:
    """The findings of one answer, and what it lacks."""
    seen = _seen(own.answer, positioned)
    findings: list[Finding] = []
    lacking: list[Requirement] = []
    if own.failing and item.on_fail is not None:
        match = _match(item, item.on_fail, own.value, on, criteria)
        findings = [_finding(item, item.on_fail, own.value, one, match) for one in seen]
        if match is not None and match.catch_all and not all(one.note for one in seen):
            lacking.append("reason")
        if isinstance(item.answer, Deduct) and own.answer.deduct is None:
            lacking.append("deduct")
    if item.requires is not None and own.value != "na":
        lacking += _lacking(item.requires, seen, own.failing)
    return findings, lacking


def _seen(answer: AnswerLike, positioned: bool) -> list[_Seen]:
    note = _words(answer.note)
    photographed = bool(answer.photos)
    if not answer.findings:
        return [_Seen(1, note, photographed, positioned)]
    return [
        _Seen(
            one.n,
            _words(one.note) or note,
            photographed or bool(one.photos),
            positioned or one.position is not None,
        )
        for one in sorted(answer.findings, key=lambda one: one.n)
    ]


def _words(note: str | None) -> str | None:
    return (note or "").strip(WHITE_SPACE) or None


def _match(item: Item, on_fail: OnFail, value: AnswerValue, on: date, criteria: Criteria) -> _Match | None:
    """The criterion in force that a failing answer matches: with limbs, only when all of them hold."""
    if isinstance(value, tuple) and len(value) < len(item.limbs):
        return None
    for criterion_id in on_fail.criteria():
        found = criteria.in_force(criterion_id, on)
        if found is not None:
            criteria_set, criterion = found
            return _Match(criterion.id, criteria_set.ref, criterion.catch_all)
    return None


def _finding(item: Item, on_fail: OnFail, value: AnswerValue, one: _Seen, match: _Match | None) -> Finding:
    # a catch-all without its written reason is not matched
    if match is not None and match.catch_all and one.note is None:
        match = None
    return Finding(
        item=item.code,
        n=one.n,
        title=_title(item, on_fail, value),
        category=on_fail.category,
        grade="general" if match is None else "major",
        criterion=None if match is None else match.criterion,
        criteria_set=None if match is None else match.criteria_set,
        due_rule=on_fail.due_rule,
        measure=on_fail.measure,
        reason=one.note if match is not None and match.catch_all else None,
    )


def _title(item: Item, on_fail: OnFail, value: AnswerValue) -> str:
    """With some limbs holding, those limbs: the whole criterion's title would say more than was seen."""
    if not isinstance(value, tuple) or len(value) >= len(item.limbs):
        return on_fail.title
    return "；".join(limb.text.zh for limb in item.limbs if limb.code in value)


def _always(requires: Requires) -> bool:
    return "always" in (requires.photo, requires.note, requires.position)


def _lacking(requires: Requires, seen: list[_Seen], failing: bool) -> list[Requirement]:
    wanted: list[tuple[When | None, Requirement, bool]] = [
        (requires.photo, "photo", all(one.photographed for one in seen)),
        (requires.note, "note", all(one.note for one in seen)),
        (requires.position, "position", all(one.positioned for one in seen)),
    ]
    return [
        requirement
        for when, requirement, met in wanted
        if not met and (when == "always" or (when == "failing" and failing))
    ]
