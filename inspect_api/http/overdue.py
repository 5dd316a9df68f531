"""The register summed up."""

from msgspec import Struct

from inspect_api.actions.summarise_overdue import OverdueSummary, summarise_overdue
from inspect_api.actions.work import Work
from inspect_api.http.asked import Asked
from inspect_api.store.matching import RegionPrefix
from inspect_api.store.overdue_queries import By
from sync.times import Moment, check_moments


class OverdueQuery(Struct, frozen=True, kw_only=True):
    """`as_of`: what was open and overdue at a past moment; with that of a list it agrees with it."""

    region: RegionPrefix | None = None
    by: By = "region"
    as_of: Moment | None = None

    def __post_init__(self) -> None:
        check_moments(self.as_of)


def summary(work: Work, asked: Asked) -> OverdueSummary:
    """GET /overdue/summary"""
    query = asked.query_as(OverdueQuery)
    return summarise_overdue(work, query.region, query.by, query.as_of)
