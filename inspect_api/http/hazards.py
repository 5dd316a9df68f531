"""The register of hazards."""

from msgspec import Struct

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
    """`as_of`: the register as it stood at a past moment; with that of another list or summary it agrees."""

    as_of: Moment | None = None
    sort: Sort = "due_at"
    limit: Limit = 50
    cursor: CursorText | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        check_moments(self.as_of)


class MomentQuery(Struct, frozen=True, kw_only=True):
    """`as_of`: as it stood, and as far as it was known, at a past moment."""

    as_of: Moment | None = None

    def __post_init__(self) -> None:
        check_moments(self.as_of)


def list_them(work: Work, asked: Asked) -> HazardList:
    """GET /hazards"""
    query = asked.query_as(HazardQuery)
    wanted = filter_of(HazardFilter, query)
    return list_hazards.list_hazards(work, wanted, query.sort, query.limit, query.cursor, query.as_of)


def show(work: Work, asked: Asked) -> HazardDetail:
    """GET /hazards/{id}"""
    return show_hazard.show_hazard(work, asked.uuid("id"), asked.query_as(MomentQuery).as_of)


def history(work: Work, asked: Asked) -> History:
    """GET /hazards/{id}/history"""
    return show_history.show_history(work, asked.uuid("id"))


def explain(work: Work, asked: Asked) -> Explanation:
    """GET /hazards/{id}/explain"""
    return explain_hazard.explain_hazard(work, asked.uuid("id"))
