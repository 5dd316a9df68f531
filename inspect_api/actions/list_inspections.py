"""Inspections as they were submitted, the latest first."""

from uuid import UUID

from msgspec import Struct

from inspect_api.actions.entities import inspections_by_ids, inspections_of
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.store import inspection_queries
from inspect_api.store.inspection_queries import InspectionFilter
from inspect_api.store.paging import Asked, encode_cursor, open_page, question
from sync.entities import Inspection


class InspectionList(Struct, frozen=True, kw_only=True):
    """A page of inspections, by when they ended, the latest first."""

    items: list[Inspection]
    cursor: str | None


def list_inspections(work: Work, wanted: InspectionFilter, limit: int, cursor: str | None) -> InspectionList:
    """A page of the inspections in the caller's scope. Raises Refusal(CURSOR_INVALID)."""
    asked = Asked(work.who.id, question("inspections", wanted), work.now)
    asked, after = open_page(cursor, asked, work.now)
    page = inspection_queries.page(work.tx, wanted, work.who, after, limit)
    return InspectionList(items=inspections_of(work, page.rows), cursor=encode_cursor(asked, page.end))


def show_inspection(work: Work, inspection_id: UUID) -> Inspection:
    """Raises Refusal(NOT_FOUND)."""
    found = inspections_by_ids(work, [inspection_id])
    if inspection_id not in found:
        raise Refusal(Code.NOT_FOUND)
    return found[inspection_id]
