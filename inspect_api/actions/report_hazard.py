"""A hazard seen without a checklist (随手拍) waits to be confirmed and graded."""

import msgspec

from inspect_api.actions.batch import Batch
from inspect_api.actions.command_hazard import say_where_it_stands
from inspect_api.actions.evidence import Evidence
from inspect_api.actions.notify import alerts
from inspect_api.actions.outcomes import outcome
from inspect_api.actions.read_operations import Filed
from inspect_api.domain.hazard import HazardState
from inspect_api.domain.opening import number_of, open_reported, order_of
from inspect_api.domain.position import place_of
from inspect_api.errors import Code, Refusal
from sync.bodies import ReportHazard
from sync.envelope import Outcome

_REPORTING = frozenset({"inspector", "officer", "regulator", "expert", "enterprise"})
_TITLE = 60
_DERIVED = 5  # whoever took the id of a finding in advance would have it for his own


def report_hazard(batch: Batch, filed: Filed, body: ReportHazard) -> Outcome:
    """Open a hazard in `reported`. Raises Refusal when it cannot be placed in the caller's scope."""
    op, who = filed.op, batch.work.who
    assert op is not None  # noqa: S101 - only read operations are handled
    if who.role not in _REPORTING:
        raise Refusal(Code.FORBIDDEN, f"A report is not for the role {who.role}")
    if op.entity_id.version == _DERIVED:
        raise Refusal(Code.INVALID_BODY, "Ids of version 5 are those of findings", pointer="/entity_id")
    taken = batch.ledger.get(op.entity_id)
    if taken is not None:
        raise batch.refuse_taken(taken.hazard, taken.hazard.site_id)
    state = _place(batch, filed, body)
    if state.site_id is None:
        unknown = Refusal(Code.UNKNOWN_ENTITY, "This place is not known here", pointer="/body")
        batch.scope.admit(filed, state, None, unknown)
    file = batch.ledger.open(state)
    evidence = Evidence(batch, filed, state)
    evidence.expect(body.photos, "finding", hazard_id=state.id)
    open_reported(file, batch.work.now, batch.work.book)
    batch.ledger.record(state.id, "hazard.reported", batch.cause(filed))
    batch.notices += alerts(file)
    answer = outcome(filed, "applied")
    answer.missing_blobs = sorted(evidence.missing)
    if evidence.missing:
        answer.flags.append("blob_missing")
    if batch.open_near(state):
        answer.flags.append("possible_duplicate")
    say_where_it_stands(answer, file, batch)
    return answer


def _place(batch: Batch, filed: Filed, body: ReportHazard) -> HazardState:
    op, who = filed.op, batch.work.who
    assert op is not None  # noqa: S101 - checked by the caller
    site = batch.site_for(filed, body.site_id) if body.site_id else None
    if site is None and body.position is None and body.grid_code is None:
        raise Refusal(Code.INVALID_BODY, "A site, a position or a grid is needed", pointer="/body/site_id")
    grid = site.grid_code if site is not None else _grid(batch, filed, body)
    region = site.region_code if site is not None else batch.region_of_grid(grid or "")
    if region is None:
        raise Refusal(Code.UNKNOWN_ENTITY, "This grid lies in no known region", pointer="/body/grid_code")
    lat, lon = place_of(body.position)
    return HazardState(
        id=op.entity_id,
        number=number_of(op.entity_id, region, filed.when.at),
        title=body.description[:_TITLE],
        description=body.description,
        grade="general",
        suspected_major=body.suggested_grade == "major",
        order_kind=order_of(who.role, ()),
        status="reported",
        industry=site.industry if site is not None else "other",
        site_id=site.id if site is not None else None,
        enterprise_id=site.enterprise_id if site is not None else None,
        region_code=region,
        grid_code=grid,
        position=msgspec.to_builtins(body.position) if body.position else None,
        lat=lat,
        lon=lon,
        source_kind="report",
        inspection_id=None,
        checklist=None,
        item=None,
        n=1,
        criterion=None,
        category=body.category,
        found_by=who.id,
        found_role=who.role,
        reported_at=filed.when.at,
        served_at=filed.when.at if who.role == "enterprise" else None,
    )


def _grid(batch: Batch, filed: Filed, body: ReportHazard) -> str:
    """The grid that was named, else the only one that its inspector had, else that of the nearest site."""
    if body.grid_code is not None:
        return body.grid_code
    grids = batch.scope.grids_at(filed.when.at)
    if len(grids) == 1:
        return next(iter(grids))
    near = batch.nearest_site(body.position) if body.position is not None else None
    if near is None:
        raise Refusal(Code.INVALID_BODY, "Which grid? No known site is near", pointer="/body/grid_code")
    return str(near.grid_code)
