"""The register of hazards."""

from inspect_api.actions import explain_hazard, list_hazards, show_hazard, show_history
from inspect_api.actions.explain_hazard import Explanation
from inspect_api.actions.list_hazards import HazardList
from inspect_api.actions.show_history import History
from inspect_api.actions.work import Work
from inspect_api.http.asked import Asked
from inspect_api.http.lists import CursorText, Limit, filter_of
from inspect_api.store.hazard_queries import HazardFilter, Sort
from sync.entities import HazardDetail
from sync.times import Moment, check_moments


class HazardQuery(HazardFilter, frozen=True, kw_only=True):
    """`as_of` is the moment that another list or summary of the last 15 minutes answered for."""

    as_of: Moment | None = None
    sort: Sort = "due_at"
    limit: Limit = 50
    cursor: CursorText | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_moments(self.as_of)


def list_them(work: Work, asked: Asked) -> HazardList:
    """GET /hazards"""
    query = asked.query_as(HazardQuery)
    wanted = filter_of(HazardFilter, query)
    return list_hazards.list_hazards(work, wanted, query.sort, query.limit, query.cursor, query.as_of)


def show(work: Work, asked: Asked) -> HazardDetail:
    """GET /hazards/{id}"""
    return show_hazard.show_hazard(work, asked.uuid("id"))


def history(work: Work, asked: Asked) -> History:
    """GET /hazards/{id}/history"""
    return show_history.show_history(work, asked.uuid("id"))


def explain(work: Work, asked: Asked) -> Explanation:
    """GET /hazards/{id}/explain"""
    return explain_hazard.explain_hazard(work, asked.uuid("id"))
