"""The photos that an operation names: expected first, linked at once where the bytes may be used."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from inspect_api.actions.batch import Batch, claims_of
from inspect_api.actions.read_operations import Filed
from inspect_api.clock import new_id
from inspect_api.domain.access import Placed
from sync.bodies import PhotoClaim


class Evidence:
    """Collects the photos of one operation; `named` are all of them, `missing` those still awaited."""

    def __init__(self, batch: Batch, filed: Filed, placed: Placed) -> None:
        self._batch, self._filed, self._placed = batch, filed, placed
        self._claims = claims_of(filed.body)
        self.named: set[str] = set()
        self.missing: set[str] = set()

    def expect(
        self,
        names: Sequence[str | PhotoClaim],
        purpose: str,
        *,
        inspection_id: UUID | None = None,
        hazard_id: UUID | None = None,
        visit_id: UUID | None = None,
    ) -> int:
        """Note photos for a record; how many of them are awaited. A hazard counts those awaited for it."""
        if not names:
            return 0
        awaited = 0
        who = self._batch.work.who
        for name in dict.fromkeys(p if isinstance(p, str) else p.sha256 for p in names):
            present = name in self._batch.stored_blobs
            claim, photo_id = self._claims.get(name), new_id()
            self.named.add(name)
            self._batch.work.changed("photo", photo_id, 1, self._placed)
            self._batch.photo_rows.append(
                {
                    "id": photo_id,
                    "sha256": name,
                    "is_present": present,
                    "op_id": self._filed.filed_id,
                    "account_id": who.id,
                    "device_id": self._batch.device_id,
                    "inspection_id": inspection_id,
                    "hazard_id": hazard_id,
                    "visit_id": visit_id,
                    "purpose": purpose,
                    "size": claim.size if claim else None,
                    "content_type": claim.content_type if claim else None,
                    "taken_at": claim.taken_at if claim else None,
                    "position": msgspec.to_builtins(claim.position) if claim and claim.position else None,
                    "caption": claim.caption if claim else None,
                    "enterprise_id": self._placed.enterprise_id,
                    "region_code": self._placed.region_code,
                    "grid_code": self._placed.grid_code,
                    "industry": self._placed.industry,
                }
            )
            if not present:
                awaited += 1
                self.missing.add(name)
        if hazard_id is not None and awaited:
            self._batch.ledger.add_pending(hazard_id, awaited)
        return awaited
