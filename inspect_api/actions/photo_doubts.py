"""What whoever verifies a hazard should know of its photos before he decides."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from inspect_api.actions.work import Work
from inspect_api.media.outline import bits_apart
from inspect_api.store import photo_queries
from inspect_api.store.photos import PROOFS
from inspect_api.store.schema import AnyRow
from sync.photo import DoubtKind, Photo, PhotoDoubt, PhotoUse


def doubts_of(
    work: Work,
    hazard: AnyRow,
    rows: Sequence[AnyRow],
    photos: Sequence[Photo],
    known_at: datetime | None = None,
) -> list[PhotoDoubt]:
    """The flags of a hazard's photos, and where else the caller may see the same pictures, photo by photo.

    `rows` are those of `photo_queries.of_hazard`, `photos` the same as entities.
    """
    names = (photo.sha256 for photo in photos)
    elsewhere = photo_queries.uses_elsewhere(work.tx, hazard, names, work.who, known_at)
    alike = _alike(work, hazard, rows, known_at)
    named: dict[str, list[Photo]] = defaultdict(list)
    doubts: list[PhotoDoubt] = []

    def doubt(photo: Photo, kind: DoubtKind, uses: Sequence[AnyRow | Photo]) -> None:
        told = [_use_of(use) for use in uses[: photo_queries.USES_AT_MOST]]
        doubts.append(PhotoDoubt(photo_id=photo.id, sha256=photo.sha256, kind=kind, uses=told))

    findings = [photo for photo in photos if photo.purpose == "finding"]
    for row, photo in zip(rows, photos, strict=True):
        for flag in photo.flags:
            same = [one for one in findings if one.sha256 == photo.sha256]
            doubt(photo, flag, same if flag == "own_finding" else [])
        before = [one for one in named[photo.sha256] if {one.purpose, photo.purpose} <= set(PROOFS)]
        if before:
            doubt(photo, "proof_again", before)
        if photo.sha256 in elsewhere:
            doubt(photo, "used_elsewhere", elsewhere[photo.sha256])
        if alike[row.id]:
            doubt(photo, "looks_the_same", alike[row.id])
        named[photo.sha256].append(photo)
    return doubts


def _alike(
    work: Work, hazard: AnyRow, rows: Sequence[AnyRow], known_at: datetime | None
) -> dict[object, list[AnyRow]]:
    """Proof -> other pictures of the hazard, or of its enterprise's others, that look the same.

    The same bytes are told of by their name, and not once more here.
    """
    found: dict[object, list[AnyRow]] = defaultdict(list)
    proofs = [row for row in rows if row.purpose in PROOFS and row.outline is not None]
    if not proofs:
        return found
    others = [row for row in rows if row.outline is not None]
    if hazard.enterprise_id is not None:
        others += photo_queries.outlines_elsewhere(work.tx, hazard, work.who, known_at)
    most = work.rules.photos.of(hazard.region_code).alike_bits
    for proof in proofs:
        for other in others:
            later = other.hazard_id == hazard.id and other.purpose in PROOFS and other.id > proof.id
            if (
                other.sha256 != proof.sha256
                and not later
                and bits_apart(other.outline, proof.outline) <= most
            ):
                found[proof.id].append(other)
    return found


def _use_of(use: AnyRow | Photo) -> PhotoUse:
    return PhotoUse(
        photo_id=use.id, purpose=use.purpose, hazard_id=use.hazard_id, inspection_id=use.inspection_id
    )
