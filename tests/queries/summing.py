"""A summary worked out from its list, by the plainest counting."""

from collections.abc import Callable
from typing import Any

from inspect_api.domain.hazard import OPEN
from inspect_api.store.overdue_queries import By
from sync.entities import Hazard

KEYS: dict[By, Callable[[Hazard], object]] = {
    "industry": lambda hazard: hazard.industry,
    "grade": lambda hazard: hazard.grade,
    "enterprise": lambda hazard: str(hazard.enterprise.id) if hazard.enterprise else None,
    "step": lambda hazard: str(hazard.escalation.step if hazard.escalation else 0),
}


def sums_of(sums: Any) -> tuple[object, ...]:
    return (
        sums.open, sums.overdue, sums.overdue_by_enterprise, sums.overdue_by_regulator,
        sums.longest_overdue_days, sums.oldest_due_at,
    )  # fmt: skip


def counted(hazards: list[Hazard]) -> tuple[object, ...]:
    late = [hazard for hazard in hazards if hazard.overdue]
    return (
        sum(hazard.status in OPEN for hazard in hazards),
        len(late),
        sum(hazard.overdue_by == "enterprise" for hazard in late),
        sum(hazard.overdue_by == "regulator" for hazard in late),
        max((hazard.overdue_days for hazard in late), default=0),
        min((hazard.due_at for hazard in late if hazard.due_at), default=None),
    )
