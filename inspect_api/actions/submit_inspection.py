"""An inspection arrives: it is judged by the checklist that was used, and its findings become hazards."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from checklists.answers import InvalidAnswers
from checklists.catalog import Entry
from checklists.criteria import Criteria
from checklists.evaluate import evaluate
from checklists.model import Evaluation, Finding
from inspect_api.actions.batch import Batch, KnownInspection, names_in
from inspect_api.actions.evidence import Evidence
from inspect_api.actions.fulfil_task import fulfil_task
from inspect_api.actions.ledger import Cause
from inspect_api.actions.notify import alerts, service_notices
from inspect_api.actions.outcomes import SINGLE_OFFICER, outcome
from inspect_api.actions.read_operations import Filed
from inspect_api.actions.reference import checklist_id
from inspect_api.actions.settle_samples import settle_samples
from inspect_api.domain.calendar import civil_date
from inspect_api.domain.hazard import HazardState
from inspect_api.domain.opening import ENFORCERS, number_of, open_found, order_of, serve_at_visit, was_served
from inspect_api.domain.position import place_of
from inspect_api.errors import Code, Fault, Refusal
from inspect_api.store.schema import AnyRow
from inspect_api.store.sites import NewSite, facts_of
from sync.bodies import Answer, SubmitInspection
from sync.envelope import Outcome
from sync.identity import hazard_id

INSPECTING = frozenset({"inspector", "officer", "regulator", "expert", "enterprise"})
_TITLE = 300


class Visited(NamedTuple):
    """What the findings of one inspection have in common."""

    filed: Filed
    body: SubmitInspection
    site: AnyRow | NewSite
    inspection_id: UUID
    root: UUID
    finished_at: datetime
    result: Evaluation
    evidence: Evidence
    order: str
    served: bool
    answers: dict[str, Answer]
    cause: Cause


def submit_inspection(batch: Batch, filed: Filed, body: SubmitInspection) -> Outcome:
    """File the inspection and open its hazards. Raises Refusal when it cannot be applied."""
    op, who = filed.op, batch.work.who
    assert op is not None  # noqa: S101 - only read operations are handled
    if who.role not in INSPECTING:
        raise Refusal(Code.FORBIDDEN, f"An inspection is not for the role {who.role}")
    site = batch.site_for(filed, body.site_id)
    taken = batch.inspections.get(op.entity_id)
    if taken is not None:
        raise batch.refuse_taken(taken.place, taken.site_id)
    root = _root(batch, op.entity_id, body)
    entry = batch.shelf.get(body.checklist.code, body.checklist.version, batch.device_id)
    if entry is None:
        awaited = checklist_id(body.checklist.code, body.checklist.version)
        raise Refusal(Code.UNKNOWN_CHECKLIST, pointer="/body/checklist", awaits=awaited)
    finished_at = filed.when.corrected(body.finished_at, batch.work.now)
    result = _judge(entry, body, site, finished_at, batch.shelf.criteria)
    if not filed.when.is_near(body.finished_at) and "clock_skew" not in filed.flags:
        filed.flags.append("clock_skew")
    _note_flags(filed, entry, result, finished_at, batch.work.now)
    evidence = Evidence(batch, filed, site)
    visited = Visited(
        filed=filed,
        body=body,
        site=site,
        inspection_id=op.entity_id,
        root=root,
        finished_at=finished_at,
        result=result,
        evidence=evidence,
        order=order_of(who.role, batch.in_office(body.officers, finished_at)),
        served=was_served(body.attendees),
        answers={answer.item: answer for answer in body.answers},
        cause=batch.cause(filed),
    )
    _file(batch, visited, entry)
    batch.inspections[op.entity_id] = KnownInspection(root, body.site_id, who.role == "enterprise", site)
    found = [_open(batch, visited, finding) for finding in result.findings]
    if body.site_id in batch.drawn:
        answered = {one.item for one in body.answers if one.value != "na"} - set(result.ignored)
        failing = {finding.item for finding in result.findings}
        settle_samples(batch, filed, body.site_id, finished_at, answered, failing)
    if body.amends is not None:
        _propose_dismissal(batch, visited, set(found))
    # photos and signatures of the visit itself: all that no finding has claimed
    own = sorted(names_in(body) - evidence.named)
    evidence.expect(own, "inspection", inspection_id=op.entity_id)
    fulfil_task(batch, filed, body, finished_at)
    answer = outcome(filed, "applied")
    answer.rev = 1
    answer.missing_blobs = sorted(evidence.missing)
    if evidence.missing:
        answer.flags.append("blob_missing")
    batch.inspection_rows[-1]["flags"] = " ".join(answer.flags)
    return answer


def _root(batch: Batch, inspection_id: UUID, body: SubmitInspection) -> UUID:
    if body.amends is None:
        return inspection_id
    if body.amends == inspection_id:
        raise Refusal(Code.INVALID_BODY, "An inspection does not amend itself", pointer="/body/amends")
    amended = batch.inspections.get(body.amends)
    if amended is None or not batch.scope.has_seen(amended.place, amended.site_id):
        raise Refusal(
            Code.UNKNOWN_ENTITY,
            "What this amends is not here yet",
            pointer="/body/amends",
            awaits=body.amends,
        )
    if amended.site_id != body.site_id:
        raise Refusal(Code.INVALID_BODY, "It amends an inspection of another site", pointer="/body/amends")
    # what one side has found the other may not open, withdraw or take over
    if amended.by_enterprise != (batch.work.who.role == "enterprise"):
        raise Refusal(Code.FORBIDDEN, "Who found it corrects it", pointer="/body/amends")
    return amended.root


def _judge(
    entry: Entry,
    body: SubmitInspection,
    site: AnyRow | NewSite,
    finished_at: datetime,
    criteria: Criteria,
) -> Evaluation:
    try:
        return evaluate(
            entry.checklist,
            body.answers,
            facts_of(site),
            civil_date(finished_at),
            criteria,
            positioned=body.position is not None,
        )
    except InvalidAnswers as error:
        faults = tuple(
            Fault(f"/body/answers/{wrong.answer}/{wrong.path}", wrong.code, wrong.detail)
            for wrong in error.faults
        )
        raise Refusal(Code.INVALID_ANSWERS, str(error)[:500], faults=faults) from None


def _note_flags(filed: Filed, entry: Entry, result: Evaluation, finished: datetime, now: datetime) -> None:
    if result.unanswered or result.unmet:
        filed.flags.append("incomplete")
    # a condition left the item out, so its answer opened no hazard: the person has to be told
    if result.ignored:
        filed.flags.append("answer_ignored")
    # judged by the day it was used, flagged by the day it arrives
    if entry.status(civil_date(now)) == "retired" or entry.status(civil_date(finished)) == "retired":
        filed.flags.append("checklist_retired")
    # on trial, or used before its first day
    if entry.status(civil_date(finished)) == "draft":
        filed.flags.append("draft")


def _file(batch: Batch, visited: Visited, entry: Entry) -> None:
    body, site, now = visited.body, visited.site, batch.work.now
    batch.inspection_rows.append(
        {
            "id": visited.inspection_id,
            "root": visited.root,
            "amends": body.amends,
            "op_id": visited.filed.filed_id,
            "site_id": site.id,
            "enterprise_id": site.enterprise_id,
            "industry": site.industry,
            "region_code": site.region_code,
            "grid_code": site.grid_code,
            "checklist_code": entry.checklist.code,
            "checklist_version": entry.checklist.version,
            "inspector_id": batch.work.who.id,
            "task_id": body.task_id,
            "started_at": min(visited.filed.when.corrected(body.started_at, now), visited.finished_at),
            "finished_at": visited.finished_at,
            "received_at": now,
            "body": _as_json(visited.filed, body),
            "score": visited.result.score.total if visited.result.score else None,
            "flags": "",
        }
    )
    batch.work.changed("inspection", visited.inspection_id, 1, site)


def _as_json(filed: Filed, body: SubmitInspection) -> bytes:
    """The body as it was sent, where that was JSON."""
    op = filed.op
    return bytes(op.body) if op is not None and filed.encoding == "json" else msgspec.json.encode(body)


def _open(batch: Batch, visited: Visited, finding: Finding) -> UUID:
    """The hazard of one finding: opened, or, where the chain has it already, left as it is."""
    new_id = hazard_id(visited.root, finding.item, finding.n)
    answer = visited.answers[finding.item]
    chain = batch.chains.setdefault(visited.root, set())
    known = batch.ledger.get(new_id)
    if known is not None:
        if known.hazard.withdrawn:
            known.hazard.withdrawn = False
            batch.ledger.record(new_id, "hazard.found_again", visited.cause)
        if visited.served and serve_at_visit(known, visited.finished_at, batch.work.now, batch.work.book):
            batch.ledger.record(new_id, "hazard.served", visited.cause)
        _more_photos(visited, finding, answer, new_id)
        return new_id
    state = _state(batch, visited, finding, answer, new_id)
    others = batch.open_items.get((visited.site.id, finding.item), set()) - chain
    if others and "possible_duplicate" not in visited.filed.flags:
        visited.filed.flags.append("possible_duplicate")
    file = batch.ledger.open(state)
    _photos(visited, finding, answer, new_id)
    open_found(file, batch.work.now, batch.work.book, _fixed(batch, answer))
    batch.note_open(new_id, visited.site.id, finding.item)
    batch.ledger.record(new_id, "hazard.opened", visited.cause)
    chain.add(new_id)
    batch.notices += [*alerts(file), *service_notices(file)]
    return new_id


def _state(batch: Batch, visited: Visited, finding: Finding, answer: Answer, new_id: UUID) -> HazardState:
    site, body, who = visited.site, visited.body, batch.work.who
    if who.role in ENFORCERS and visited.order != "ordered" and SINGLE_OFFICER not in visited.filed.flags:
        visited.filed.flags.append(SINGLE_OFFICER)
    note = next((f.note for f in answer.findings if f.n == finding.n), None) or answer.note
    told = visited.served or visited.order == "self"
    position = next((f.position for f in answer.findings if f.n == finding.n), None) or body.position
    lat, lon = place_of(position)
    return HazardState(
        id=new_id,
        number=number_of(new_id, site.region_code, visited.finished_at),
        title=finding.title[:_TITLE],
        description=note or finding.title,
        grade=finding.grade,
        suspected_major=False,
        order_kind=visited.order,
        status="reported",
        industry=site.industry,
        site_id=site.id,
        enterprise_id=site.enterprise_id,
        region_code=site.region_code,
        grid_code=site.grid_code,
        position=msgspec.to_builtins(position) if position else None,
        lat=lat,
        lon=lon,
        source_kind="inspection",
        inspection_id=visited.inspection_id,
        checklist=f"{body.checklist.code}@{body.checklist.version}",
        item=finding.item,
        n=finding.n,
        criterion=finding.criterion,
        category=finding.category,
        found_by=who.id,
        found_role=who.role,
        reported_at=visited.finished_at,
        served_at=visited.finished_at if told else None,
    )


def _photos(visited: Visited, finding: Finding, answer: Answer, new_id: UUID) -> None:
    names, expect = _shown(finding, answer), visited.evidence.expect
    expect(names, "finding", inspection_id=visited.inspection_id, hazard_id=new_id)
    if answer.fixed_on_site is not None:
        photos = answer.fixed_on_site.photos
        expect(photos, "fixed", inspection_id=visited.inspection_id, hazard_id=new_id)


def _shown(finding: Finding, answer: Answer) -> list[str]:
    own = next((f.photos for f in answer.findings if f.n == finding.n), [])
    return own or answer.photos


def _more_photos(visited: Visited, finding: Finding, answer: Answer, known_id: UUID) -> None:
    """An amendment's photos of a hazard that is there already are evidence of it; they close nothing."""
    fixed = answer.fixed_on_site.photos if answer.fixed_on_site is not None else []
    names = [*_shown(finding, answer), *fixed]
    visited.evidence.expect(names, "finding", inspection_id=visited.inspection_id, hazard_id=known_id)


def _fixed(batch: Batch, answer: Answer) -> bool | None:
    """None: not corrected on the spot. True: proved by a stored photo. False: the proof is awaited."""
    if answer.fixed_on_site is None:
        return None
    photos = answer.fixed_on_site.photos
    return bool(photos) and batch.stored_blobs.issuperset(photos)


def _propose_dismissal(batch: Batch, visited: Visited, found: set[UUID]) -> None:
    """Hazards of the chain that the amendment no longer finds: a regulator decides on them."""
    for hazard_id_before in batch.chains.get(visited.root, set()) - found:
        file = batch.ledger.get(hazard_id_before)
        if file is not None and file.hazard.is_open and not file.hazard.withdrawn:
            file.hazard.withdrawn = True
            batch.ledger.record(hazard_id_before, "hazard.withdrawal_proposed", visited.cause)
