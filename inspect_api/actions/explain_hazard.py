"""Why a hazard has this due date and stands at this step: rule by rule, for whoever disputes it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple, cast
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from inspect_api.actions.entities import hazard_of, late_since, person
from inspect_api.actions.show_hazard import hazard_row, lateness_of
from inspect_api.actions.work import Work
from inspect_api.domain.calendar import CIVIL
from inspect_api.domain.clocks import ClockState
from inspect_api.domain.deadline import ClockKind, Grade, Mark
from inspect_api.domain.escalation import next_step
from inspect_api.domain.history import EventBody
from inspect_api.domain.words import PARTY_NAMES, STATUS_NAMES
from inspect_api.notices.texts import CLOCK_NAMES
from inspect_api.store import clocks, history_queries, notice_queries
from inspect_api.store.hazards import state_of
from inspect_api.store.schema import AnyRow
from sync.entities import Hazard, Lateness, Party, Person, Status


class SentNotice(Struct, frozen=True, kw_only=True):
    """To whom a step was announced, or its withdrawal, and whether it arrived and was answered."""

    kind: str
    number: str
    receiver: Person
    created_at: datetime
    delivered_at: datetime | None
    answer_due_at: datetime | None
    answered_at: datetime | None


class TakenStep(Struct, frozen=True, kw_only=True):
    """A step of the ladder, its Chinese name, when it was taken, and when it was taken back."""

    step: int
    name: str
    at: datetime
    retracted_at: datetime | None
    notices: list[SentNotice]


class NextStep(Struct, frozen=True, kw_only=True):
    """What comes when nobody acts before `at`, and its text."""

    step: int
    name: str
    at: datetime
    text: str


class ExplainedClock(Struct, frozen=True, kw_only=True):
    """One obligation. `source` and `mark` are those of its rule; null where a person set the date.

    `mark` says how sure the source is: confirmed, high, medium or local policy.
    """

    party: Party
    kind: ClockKind
    name: str
    cycle: int
    running: bool
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    rule: str
    source: str | None
    mark: Mark | None
    calendar_version: str
    provisional: bool
    explanation: list[str]
    steps: list[TakenStep]
    next: NextStep | None


class Explanation(Struct, frozen=True, kw_only=True):
    """Sentences (Chinese) on why the hazard is shown as it is, and every clock that it ever had."""

    id: UUID
    number: str
    status: Status
    as_of: datetime
    overdue: bool
    overdue_days: int
    overdue_by: Party | None
    lateness: Lateness
    shown: list[str]
    clocks: list[ExplainedClock]


class _Step(NamedTuple):
    """Which step of which clock."""

    kind: str
    cycle: int
    n: int


def explain_hazard(work: Work, hazard_id: UUID) -> Explanation:
    """Raises Refusal(NOT_FOUND), alike for what does not exist and for what the caller may not see."""
    row = hazard_row(work, hazard_id)
    hazard = hazard_of(row, work.who, work.now)
    found = clocks.of_hazards(work.tx, [row.id]).get(row.id, [])
    taken = _taken(work, row, found)
    return Explanation(
        id=hazard.id,
        number=hazard.number,
        status=hazard.status,
        as_of=work.now,
        overdue=hazard.overdue,
        overdue_days=hazard.overdue_days,
        overdue_by=hazard.overdue_by,
        lateness=lateness_of(work, row),
        shown=list(_shown(row, hazard, work.now)),
        clocks=[_clock(work, row, clock, taken.get((clock.kind, clock.cycle), [])) for _, clock in found],
    )


def _taken(
    work: Work, row: AnyRow, found: Iterable[tuple[UUID, ClockState]]
) -> dict[tuple[str, int], list[TakenStep]]:
    """Kind and cycle of a clock -> its steps, in the order in which they were taken."""
    keys = {clock_id: (clock.kind, clock.cycle) for clock_id, clock in found}
    sent: dict[_Step, list[SentNotice]] = {}
    for notice in notice_queries.of_clocks(work.tx, row.id):
        kind, cycle = keys[notice.clock_id]
        sent.setdefault(_Step(kind, cycle, notice.step), []).append(_notice(notice))
    taken: dict[tuple[str, int], list[TakenStep]] = {}
    for entry in history_queries.escalations(work.tx, row.id):
        why = msgspec.json.decode(entry.event, type=EventBody).why
        of_clock = taken.setdefault((why["clock"], why["cycle"]), [])
        if entry.kind == history_queries.RETRACTED:
            of_clock[:] = [
                replace(step, retracted_at=entry.at) if step.step in why["steps"] else step
                for step in of_clock
            ]
            continue
        told = sent.get(_Step(why["clock"], why["cycle"], why["step"]), [])
        step = TakenStep(step=why["step"], name=why["name"], at=entry.at, retracted_at=None, notices=told)
        of_clock.append(step)
    return taken


def _notice(row: AnyRow) -> SentNotice:
    return SentNotice(
        kind=row.kind,
        number=row.number,
        receiver=person(row.receiver_id, row.receiver_name, row.receiver_role),
        created_at=row.created_at,
        delivered_at=row.delivered_at,
        answer_due_at=row.answer_due_at,
        answered_at=row.answered_at,
    )


def _clock(work: Work, row: AnyRow, clock: ClockState, steps: list[TakenStep]) -> ExplainedClock:
    source, mark = _rule(work, clock.rule)
    return ExplainedClock(
        party=cast("Party", clock.party),
        kind=cast("ClockKind", clock.kind),
        name=CLOCK_NAMES[clock.kind],
        cycle=clock.cycle,
        running=clock.is_running,
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        rule=clock.rule,
        source=source,
        mark=mark,
        calendar_version=clock.calendar_version,
        provisional=clock.provisional,
        explanation=clock.explanation,
        steps=steps,
        next=_next(work, row, clock),
    )


def _rule(work: Work, rule_id: str) -> tuple[str | None, Mark | None]:
    try:
        rule = work.rules.deadlines.rule(rule_id)
    except KeyError:  # a command: a person with the power to has set the date
        return None, None
    return rule.source, rule.mark


def _next(work: Work, row: AnyRow, clock: ClockState) -> NextStep | None:
    if clock.next_step_at is None:
        return None
    grade = cast("Grade", state_of(row).ruling_grade)
    ladder = work.rules.ladders.of(grade, cast("Party", clock.party), cast("ClockKind", clock.kind))
    found = next_step(ladder, clock.due_at, clock.step, work.book.calendar, clock.known_at)
    if found is None:
        return None
    step, _ = found
    return NextStep(step=step.n, name=step.name[0], at=clock.next_step_at, text=step.zh)


def _shown(row: AnyRow, hazard: Hazard, now: datetime) -> Iterator[str]:
    yield f"状态：{STATUS_NAMES[hazard.status]}。"
    if row.due_at is None:
        yield "没有正在计时的期限。"
    else:
        party = PARTY_NAMES[row.due_party]
        duty = CLOCK_NAMES[row.due_kind]
        yield f"期限 {_civil(row.due_at)}：正在计时的期限中最早的一项，由{party}履行（{duty}）。"
        if hazard.overdue:
            yield f"截至 {_civil(now)} 已超期 {hazard.overdue_days} 日，责任方：{party}。"
            if late_since(row) != row.due_at:
                yield f"复查未通过，超期天数自首次期限 {_civil(late_since(row))} 起算。"
        else:
            yield f"截至 {_civil(now)} 未超期。"
    step = hazard.escalation
    if step is not None:
        yield f"{_civil(step.since)} 已采取第 {step.step} 步：{step.name}。"
    if row.due_kind == "service":
        yield "整改通知尚未送达，企业的期限自送达之时起算。"
    if row.suspected_major:
        yield "疑似重大事故隐患，核定之前按重大事故隐患的期限和督办办理。"
    if row.due_provisional:
        yield "期限跨入放假安排尚未公布的年度，为暂定日期；公布后重新计算，不会提前。"
    if row.late_evidence is not None:
        yield "收到迟到的证据，称期限内已完成；是否采信，待监管部门决定。"
    if row.withdrawn:
        yield "更正后的检查记录不再认定此隐患，待监管部门决定是否不予认定。"


def _civil(moment: datetime) -> str:
    local = moment.astimezone(CIVIL)
    return f"{local.year}年{local.month}月{local.day}日{local:%H:%M:%S}"
