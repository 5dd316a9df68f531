"""What was drawn of the enterprises' own acceptances is looked at on the next visit that comes anyway."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from inspect_api.actions.batch import Batch
from inspect_api.actions.read_operations import Filed
from inspect_api.domain.clocks import HazardFile


def settle_samples(
    batch: Batch, filed: Filed, site_id: UUID, at: datetime, answered: Iterable[str], failing: Iterable[str]
) -> None:
    """An inspection by the authority's side at `at` confirms or refutes what was drawn at its items.

    Of a site where something was drawn.
    """
    drawn, found = batch.drawn[site_id], set(failing)
    for item in sorted(set(answered) | found):
        for hazard_id in sorted(drawn.get(item, ())):
            file = batch.ledger.get(hazard_id)
            if file is not None and file.hazard.sample == "drawn" and _accepted_at(file, at):
                file.hazard.sample = "refuted" if item in found else "confirmed"
                why = {"inspection": str(filed.op.entity_id) if filed.op else None}
                batch.ledger.record(hazard_id, f"hazard.sample_{file.hazard.sample}", batch.cause(filed), why)


def _accepted_at(file: HazardFile, at: datetime) -> bool:
    """Whether it had been accepted by then: its own clock ran until that moment."""
    ends = [clock.stopped_at for clock in file.clocks if clock.kind == "rectification" and clock.stopped_at]
    return bool(ends) and max(ends) <= at
