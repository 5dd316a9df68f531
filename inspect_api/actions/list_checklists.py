"""The checklists that there are, and each version whole, as phones get it."""

from datetime import date
from hashlib import sha256

import msgspec
from msgspec import Struct

from checklists.authored import Text
from checklists.catalog import Entry
from checklists.model import Status
from checklists.wire import PublishedChecklist
from inspect_api.actions import shelf
from inspect_api.actions.reference import checklist_id, checklist_state
from inspect_api.actions.work import Work
from inspect_api.domain.calendar import civil_date
from inspect_api.errors import Code, Refusal
from inspect_api.store.paging import Asked, Place, encode_cursor, open_page, question
from sync.bodies import Industry


class ListedChecklist(Struct, frozen=True, kw_only=True):
    """One version; `effective_to` is its last day, of its own or before the next version's first."""

    code: str
    version: str
    industry: Industry
    title: Text
    status: Status
    effective_from: date | None
    effective_to: date | None


class ChecklistList(Struct, frozen=True, kw_only=True):
    """A page of versions."""

    items: list[ListedChecklist]
    cursor: str | None


class ShownChecklist(PublishedChecklist, frozen=True, kw_only=True):
    """A version whole, as it is asked for and pulled: the form of `reference.checklist_wire`."""

    status: Status


def list_checklists(work: Work, limit: int, cursor: str | None) -> ChecklistList:
    """A page, by code and then by first day, with the status of today in Asia/Shanghai.

    Raises Refusal(CURSOR_INVALID).
    """
    today = civil_date(work.now)
    asked, after = open_page(cursor, Asked(work.who.id, question("checklists"), work.now), work.now)
    seen = list(shelf.current(work.tx).seen_by(work.who.device_id))
    ids = [checklist_id(entry.checklist.code, entry.checklist.version) for entry in seen]
    if after is not None and after.id not in ids:
        raise Refusal(Code.CURSOR_INVALID)
    start = 0 if after is None else ids.index(after.id) + 1
    end = Place(None, ids[start + limit - 1]) if start + limit < len(ids) else None
    items = [_listed(entry, today) for entry in seen[start : start + limit]]
    return ChecklistList(items=items, cursor=encode_cursor(asked, end))


def find_checklist(work: Work, code: str, version: str) -> Entry:
    """One version. Raises Refusal(NOT_FOUND)."""
    entry = shelf.current(work.tx).get(code, version, work.who.device_id)
    if entry is None:
        raise Refusal(Code.NOT_FOUND)
    return entry


def list_tag(listed: ChecklistList) -> str:
    """An entity tag of the page; the cursor is not of it, which says when it was asked."""
    whole = "whole" if listed.cursor is None else "more"
    return f'"{sha256(msgspec.json.encode((listed.items, whole))).hexdigest()[:32]}"'


def checklist_tag(entry: Entry, work: Work) -> str:
    """An entity tag: the content of a published version never changes, its status and last day do."""
    return f'"{entry.digest[:32]}-{checklist_state(entry, work)}"'


def _listed(entry: Entry, today: date) -> ListedChecklist:
    return ListedChecklist(
        code=entry.checklist.code,
        version=entry.checklist.version,
        industry=entry.checklist.industry,
        title=entry.checklist.title,
        status=entry.status(today),
        effective_from=entry.live_from,
        effective_to=entry.live_to,
    )
