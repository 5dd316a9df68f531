"""What stands in the database at one moment, whatever wrote it."""

from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from inspect_api.store.accounts import ACCOUNT_GRID, ACCOUNT_REGION
from inspect_api.store.hazards import HAZARD
from inspect_api.store.inspections import INSPECTION
from inspect_api.store.operations import OPERATION
from inspect_api.store.photos import BLOB, BLOB_UPLOAD, PHOTO
from inspect_api.store.schema import AnyRow
from inspect_api.store.sites import SITE
from tests.simulation.places import PEOPLE, Scope

_OPERATIONS = sa.select(*(column for column in OPERATION.c if column.name != "encoding"))
_HAZARDS = sa.select(HAZARD)
_PHOTOS = sa.select(
    *(
        PHOTO.c[name]
        for name in ("id", "sha256", "is_present", "op_id", "account_id", "device_id", "hazard_id", "purpose")
    )
)
_SITES = sa.select(SITE.c.id, SITE.c.region_code, SITE.c.grid_code, SITE.c.enterprise_id)
_INSPECTIONS = sa.select(INSPECTION.c.op_id, INSPECTION.c.id)
_BLOBS = sa.select(BLOB.c.sha256)
_UPLOADS = sa.select(BLOB_UPLOAD.c.sha256, BLOB_UPLOAD.c.account_id)
_GRIDS = sa.select(ACCOUNT_GRID).where(ACCOUNT_GRID.c.taken_at.is_(None))
_REGIONS = sa.select(ACCOUNT_REGION).where(ACCOUNT_REGION.c.taken_at.is_(None))


class Picture(NamedTuple):
    """Rows by id; `inspections` by the operation that filed them."""

    operations: dict[UUID, AnyRow]
    hazards: dict[UUID, AnyRow]
    photos: list[AnyRow]
    sites: dict[UUID, AnyRow]
    inspections: dict[UUID, list[UUID]]
    blobs: set[str]
    uploads: set[tuple[str, UUID]]
    scopes: dict[UUID, Scope]


def take_picture(tx: sa.Connection) -> Picture:
    """All of it, from one snapshot."""
    inspections: dict[UUID, list[UUID]] = {}
    for row in tx.execute(_INSPECTIONS):
        inspections.setdefault(row.op_id, []).append(row.id)
    return Picture(
        operations={row.filed_id: row for row in tx.execute(_OPERATIONS)},
        hazards={row.id: row for row in tx.execute(_HAZARDS)},
        photos=list(tx.execute(_PHOTOS).all()),
        sites={row.id: row for row in tx.execute(_SITES)},
        inspections=inspections,
        blobs=set(tx.execute(_BLOBS).scalars()),
        uploads={(row.sha256, row.account_id) for row in tx.execute(_UPLOADS)},
        scopes=_scopes(tx),
    )


def _scopes(tx: sa.Connection) -> dict[UUID, Scope]:
    grids: dict[UUID, set[str]] = {}
    regions: dict[tuple[UUID, bool], set[str]] = {}
    for row in tx.execute(_GRIDS):
        grids.setdefault(row.account_id, set()).add(row.grid_code)
    for row in tx.execute(_REGIONS):
        regions.setdefault((row.account_id, row.excluded), set()).add(row.code)
    return {
        person.id: Scope(
            frozenset(grids.get(person.id, ())),
            tuple(sorted(regions.get((person.id, False), ()))),
            tuple(sorted(regions.get((person.id, True), ()))),
            person.enterprise_id,
        )
        for person in PEOPLE
    }
