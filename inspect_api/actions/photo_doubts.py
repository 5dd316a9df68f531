"""What whoever verifies a hazard should know of its photos before he decides."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from inspect_api.actions.work import Work
from inspect_api.store import photo_queries
from inspect_api.store.photos import PROOFS
from inspect_api.store.schema import AnyRow
from sync.photo import DoubtKind, Photo, PhotoDoubt, PhotoUse


def doubts_of(
    work: Work, hazard: AnyRow, photos: Sequence[Photo], known_at: datetime | None = None
) -> list[PhotoDoubt]:
    """The flags of a hazard's photos, and where else the caller may see the same pictures, photo by photo."""
    elsewhere = photo_queries.uses_elsewhere(
        work.tx, hazard, (photo.sha256 for photo in photos), work.who, known_at
    )
    others = {name: [_use_of(row) for row in rows] for name, rows in elsewhere.items()}
    named: dict[str, list[Photo]] = defaultdict(list)
    doubts: list[PhotoDoubt] = []

    def doubt(photo: Photo, kind: DoubtKind, uses: list[PhotoUse]) -> None:
        doubts.append(PhotoDoubt(photo_id=photo.id, sha256=photo.sha256, kind=kind, uses=uses))

    findings = [photo for photo in photos if photo.purpose == "finding"]
    for photo in photos:
        for flag in photo.flags:
            same = [one for one in findings if one.sha256 == photo.sha256] if flag == "own_finding" else []
            doubt(photo, flag, [_own_use(one) for one in same])
        before = [one for one in named[photo.sha256] if {one.purpose, photo.purpose} <= set(PROOFS)]
        if before:
            doubt(photo, "proof_again", [_own_use(one) for one in before])
        if photo.sha256 in others:
            doubt(photo, "used_elsewhere", others[photo.sha256])
        named[photo.sha256].append(photo)
    return doubts


def _own_use(photo: Photo) -> PhotoUse:
    return PhotoUse(
        photo_id=photo.id,
        purpose=photo.purpose,
        hazard_id=photo.hazard_id,
        inspection_id=photo.inspection_id,
    )


def _use_of(row: AnyRow) -> PhotoUse:
    return PhotoUse(
        photo_id=row.id, purpose=row.purpose, hazard_id=row.hazard_id, inspection_id=row.inspection_id
    )
