"""Somebody looks at an original photo: who may, and that it is written down before he sees it."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from inspect_api.actions.entities import person
from inspect_api.actions.work import Work
from inspect_api.clock import new_id
from inspect_api.errors import Code, Refusal
from inspect_api.store import evidence_views
from inspect_api.store.paging import Asked, encode_cursor, open_page, question
from inspect_api.store.schema import AnyRow
from sync.entities import Person

WATCHERS: frozenset[str] = frozenset({"regulator", "auditor"})
"""Roles that are told who has seen a photo."""


class EvidenceView(Struct, frozen=True, kw_only=True):
    """One view. `hazard_id` and `inspection_id` say as evidence of what, null where the viewer handed the
    photo in himself; `part` which bytes, null for all; `is_again` that he had a copy."""

    viewer: Person
    device_id: UUID | None
    seen_at: datetime
    hazard_id: UUID | None
    inspection_id: UUID | None
    part: str | None
    is_again: bool


class EvidenceViewList(Struct, frozen=True, kw_only=True):
    """A page of them, the latest first."""

    items: list[EvidenceView]
    cursor: str | None


def find_original(work: Work, sha256: str, hazard_id: UUID | None) -> AnyRow:
    """`size` and `content_type` of bytes that the caller may see, as evidence of a hazard if one is named.

    Raises NOT_FOUND.
    """
    row = evidence_views.stored(work.tx, sha256, work.who, hazard_id)
    if row is None:
        raise Refusal(Code.NOT_FOUND)
    return row


def note_view(
    work: Work, sha256: str, hazard_id: UUID | None, part: str | None, *, is_again: bool = False
) -> None:
    """Write down that the caller is about to see these bytes. Raises NOT_FOUND when he no longer may."""
    why = find_original(work, sha256, hazard_id)
    row: dict[str, object] = {
        "id": new_id(),
        "sha256": sha256,
        "account_id": work.who.id,
        "device_id": work.who.device_id,
        "seen_at": work.now,
        "photo_id": why.photo_id,
        "hazard_id": why.hazard_id,
        "inspection_id": why.inspection_id,
        "part": part,
        "is_again": is_again,
    }
    evidence_views.add(work.tx, row)


def list_views(work: Work, sha256: str, limit: int, cursor: str | None) -> EvidenceViewList:
    """Who has seen a photo that the caller may see. Raises NOT_FOUND, CURSOR_INVALID."""
    find_original(work, sha256, None)
    asked = Asked(work.who.id, question("views", sha256), work.now)
    asked, after = open_page(cursor, asked, work.now)
    page = evidence_views.page(work.tx, sha256, after, limit)
    items = [
        EvidenceView(
            viewer=person(row.account_id, row.name, row.role),
            device_id=row.device_id,
            seen_at=row.seen_at,
            hazard_id=row.hazard_id,
            inspection_id=row.inspection_id,
            part=row.part,
            is_again=row.is_again,
        )
        for row in page.rows
    ]
    return EvidenceViewList(items=items, cursor=encode_cursor(asked, page.end))
