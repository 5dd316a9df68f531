"""What rules and queries know of one hazard; `moves.py` is the table of what may be done with it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

OPEN: frozenset[str] = frozenset({"reported", "plan_due", "plan_review", "rectifying", "verifying", "review"})
ANY_STATUS: frozenset[str] = OPEN | {"closed", "dismissed"}


class HazardState(Struct, kw_only=True):
    """One hazard; every field can be rebuilt from its history.

    `set_due_at` is the date that a person has set for an enterprise that is not served yet; `rectify_by` the
    date of the running rectification clock; `sample` is drawn, confirmed or refuted where inspectors look at
    what the enterprise accepted itself; `lat`, `lon` the WGS-84 place of `position`.
    """

    id: UUID
    number: str
    title: str
    description: str
    grade: str
    suspected_major: bool
    order_kind: str
    status: str
    industry: str
    site_id: UUID | None
    enterprise_id: UUID | None
    region_code: str
    grid_code: str | None
    position: dict[str, Any] | None
    lat: float | None = None
    lon: float | None = None
    source_kind: str
    inspection_id: UUID | None
    checklist: str | None
    item: str | None
    n: int
    criterion: str | None
    category: str | None
    found_by: UUID
    found_role: str
    reported_at: datetime
    served_at: datetime | None = None
    cycle: int = 1
    repeats: int = 0
    first_due_at: datetime | None = None
    set_due_at: datetime | None = None
    rectify_by: datetime | None = None
    rectified_by: UUID | None = None
    verified_by: UUID | None = None
    on_site_pending: bool = False
    withdrawn: bool = False
    plan: dict[str, Any] | None = None
    extensions: list[dict[str, Any]] = []
    extension_pending: bool = False
    suspended: bool = False
    resumption_pending: bool = False
    workers_told_at: datetime | None = None
    listed_level: str | None = None
    listed_since: datetime | None = None
    listed_due_at: datetime | None = None
    transferred_to: str | None = None
    transfers: list[dict[str, Any]] = []
    duplicate_of: UUID | None = None
    sample: str | None = None
    due_at: datetime | None = None
    due_party: str | None = None
    due_kind: str | None = None
    due_rule: str | None = None
    step: int = 0
    step_since: datetime | None = None
    rev: int = 1
    acted_rev: int = 1
    due_provisional: bool = False
    late_evidence: dict[str, Any] | None = None

    @property
    def ruling_grade(self) -> str:
        """The grade whose deadlines and ladders apply: a suspected major hazard is treated as one."""
        return "major" if self.suspected_major else self.grade

    @property
    def is_open(self) -> bool:
        return self.status in OPEN
