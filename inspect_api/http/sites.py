"""Sites, and the enterprises that answer for them."""

from inspect_api.actions import list_sites
from inspect_api.actions.list_sites import SiteList
from inspect_api.actions.work import Work
from inspect_api.http.asked import Asked
from inspect_api.http.lists import CursorText, Limit, filter_of
from inspect_api.store.site_queries import SiteFilter
from sync.entities import Enterprise, Site


class SiteQuery(SiteFilter, frozen=True, kw_only=True):
    limit: Limit = 50
    cursor: CursorText | None = None


def list_them(work: Work, asked: Asked) -> SiteList:
    """GET /sites"""
    query = asked.query_as(SiteQuery)
    return list_sites.list_sites(work, filter_of(SiteFilter, query), query.limit, query.cursor)


def show(work: Work, asked: Asked) -> Site:
    """GET /sites/{id}"""
    return list_sites.show_site(work, asked.uuid("id"))


def show_enterprise(work: Work, asked: Asked) -> Enterprise:
    """GET /enterprises/{id}"""
    return list_sites.show_enterprise(work, asked.uuid("id"))
