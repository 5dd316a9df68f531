"""The shop that nobody had listed, and a visit at which nobody could be inspected."""

from uuid import UUID

import msgspec

from inspect_api.actions.batch import Batch
from inspect_api.actions.evidence import Evidence
from inspect_api.actions.outcomes import outcome
from inspect_api.actions.read_operations import Filed
from inspect_api.clock import new_id
from inspect_api.domain.position import to_wgs84
from inspect_api.errors import Code, Refusal
from inspect_api.store.sites import NewSite
from sync.bodies import RecordVisit, RegisterSite
from sync.envelope import Outcome

_REGISTERING = frozenset({"inspector", "officer", "regulator", "expert"})


def register_site(batch: Batch, filed: Filed, body: RegisterSite) -> Outcome:
    """Add a site, and its enterprise where one is named; a known credit code joins that enterprise."""
    op, who = filed.op, batch.work.who
    assert op is not None  # noqa: S101 - only read operations are handled
    if who.role not in _REGISTERING:
        raise Refusal(Code.FORBIDDEN, f"A site is not registered by the role {who.role}")
    taken = batch.sites.get(op.entity_id)
    if taken is not None:
        raise batch.refuse_taken(taken, op.entity_id)
    region = batch.region_of_grid(body.grid_code)
    if region is None:
        raise Refusal(Code.UNKNOWN_ENTITY, "This grid lies in no known region", pointer="/body/grid_code")
    lat, lon = to_wgs84(body.position)
    site = NewSite(
        id=op.entity_id,
        name=body.name,
        industry=body.industry,
        enterprise_id=None,
        region_code=region,
        grid_code=body.grid_code,
        position=msgspec.to_builtins(body.position),
        lat=lat,
        lon=lon,
        qr=None,
        risk=None,
        facts={},
        rev=1,
    )
    unknown = Refusal(Code.UNKNOWN_ENTITY, "This grid is not known here", pointer="/body/grid_code")
    batch.scope.admit(filed, site, None, unknown)
    batch.add_site(site._replace(enterprise_id=_enterprise(batch, body, region)))
    answer = outcome(filed, "applied")
    answer.rev = 1
    return answer


def _enterprise(batch: Batch, body: RegisterSite, region: str) -> UUID | None:
    """The enterprise of a new site: known by its credit code, new, or none."""
    given = body.enterprise
    if given is None:
        return None
    known = batch.enterprise_of_code.get(given.credit_code) if given.credit_code else None
    if known is not None:
        return known
    enterprise_id = new_id()
    batch.enterprise_rows.append(
        {
            "id": enterprise_id,
            "name": given.name,
            "credit_code": given.credit_code,
            "contact": given.contact,
            "industry": body.industry,
            "region_code": region,
        }
    )
    if given.credit_code:
        batch.enterprise_of_code[given.credit_code] = enterprise_id
    return enterprise_id


def record_visit(batch: Batch, filed: Filed, body: RecordVisit) -> Outcome:
    """Keep that somebody came: closed, refused or moved away."""
    op, who = filed.op, batch.work.who
    assert op is not None  # noqa: S101 - only read operations are handled
    if who.role not in _REGISTERING:
        raise Refusal(Code.FORBIDDEN, f"A visit is not recorded by the role {who.role}")
    site = batch.site_for(filed, body.site_id)
    if op.entity_id in batch.visits:
        raise Refusal(Code.INVALID_BODY, "This visit was filed by another operation", pointer="/entity_id")
    batch.visits.add(op.entity_id)
    batch.visit_rows.append(
        {
            "id": op.entity_id,
            "op_id": filed.filed_id,
            "site_id": site.id,
            "account_id": who.id,
            "result": body.result,
            "note": body.note,
            "visited_at": filed.when.at,
            "received_at": batch.work.now,
        }
    )
    evidence = Evidence(batch, filed, site)
    evidence.expect(body.photos, "visit", visit_id=op.entity_id)
    answer = outcome(filed, "applied")
    answer.rev = 1
    answer.missing_blobs = sorted(evidence.missing)
    if evidence.missing:
        answer.flags.append("blob_missing")
    return answer
