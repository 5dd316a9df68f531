"""Sites and enterprises: what may be inspected, and who answers for it."""

from uuid import UUID

from msgspec import Struct

from inspect_api.actions.entities import enterprises_by_ids, site_of, sites_by_ids
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.store import site_queries
from inspect_api.store.paging import Asked, encode_cursor, open_page, question
from inspect_api.store.site_queries import SiteFilter
from sync.entities import Enterprise, Site


class SiteList(Struct, frozen=True, kw_only=True):
    """A page of sites, by id."""

    items: list[Site]
    cursor: str | None


def list_sites(work: Work, wanted: SiteFilter, limit: int, cursor: str | None) -> SiteList:
    """A page of the sites in the caller's scope. Raises Refusal(CURSOR_INVALID)."""
    asked = Asked(work.who.id, question("sites", wanted), work.now)
    asked, after = open_page(cursor, asked, work.now)
    page = site_queries.page(work.tx, wanted, work.who, after, limit)
    return SiteList(items=[site_of(row) for row in page.rows], cursor=encode_cursor(asked, page.end))


def show_site(work: Work, site_id: UUID) -> Site:
    """Raises Refusal(NOT_FOUND)."""
    found = sites_by_ids(work, [site_id])
    if site_id not in found:
        raise Refusal(Code.NOT_FOUND)
    return found[site_id]


def show_enterprise(work: Work, enterprise_id: UUID) -> Enterprise:
    """Raises Refusal(NOT_FOUND)."""
    found = enterprises_by_ids(work, [enterprise_id])
    if enterprise_id not in found:
        raise Refusal(Code.NOT_FOUND)
    return found[enterprise_id]
