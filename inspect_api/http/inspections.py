"""Inspections as submitted."""

from inspect_api.actions import list_inspections
from inspect_api.actions.list_inspections import InspectionList
from inspect_api.actions.work import Work
from inspect_api.http.asked import Asked
from inspect_api.http.lists import CursorText, Limit, filter_of
from inspect_api.store.inspection_queries import InspectionFilter
from sync.entities import Inspection


class InspectionQuery(InspectionFilter, frozen=True, kw_only=True):
    limit: Limit = 50
    cursor: CursorText | None = None


def list_them(work: Work, asked: Asked) -> InspectionList:
    """GET /inspections"""
    query = asked.query_as(InspectionQuery)
    wanted = filter_of(InspectionFilter, query)
    return list_inspections.list_inspections(work, wanted, query.limit, query.cursor)


def show(work: Work, asked: Asked) -> Inspection:
    """GET /inspections/{id}"""
    return list_inspections.show_inspection(work, asked.uuid("id"))
