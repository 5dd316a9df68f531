"""The register of hazards: one row each, a projection of its history that queries read."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.enterprises import INDUSTRIES
from inspect_api.store.schema import BIG, HASH, one_of, table

STATUSES = (
    "reported", "plan_due", "plan_review", "rectifying", "verifying", "review", "closed", "dismissed",
)  # fmt: skip


class HazardRow(SQLModel, table=True):
    """A hazard as it stands; `due_…` and `step…` sum up its running clocks."""

    __tablename__ = "hazard"
    __table_args__ = (
        one_of("status", STATUSES),
        one_of("grade", ("general", "major")),
        one_of("order_kind", ("self", "urged", "ordered")),
        one_of("industry", INDUSTRIES),
        one_of("due_party", ("enterprise", "regulator")),
        one_of("listed_level", ("county", "city", "province", "state")),
        sa.CheckConstraint("is_open = (status NOT IN ('closed', 'dismissed'))", name="is_open"),
        sa.CheckConstraint("(due_at IS NULL) = (due_party IS NULL)", name="due"),
        sa.CheckConstraint("evidence_pending >= 0 AND rev >= 1 AND cycle >= 1", name="counts"),
        sa.CheckConstraint("step BETWEEN 0 AND 7", name="step"),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(max_length=40, index=True)
    title: str = Field(max_length=300)
    description: str = Field(max_length=4000)
    grade: str = Field(max_length=8)
    suspected_major: bool = Field(default=False)
    order_kind: str = Field(max_length=8)
    status: str = Field(max_length=12)
    is_open: bool
    industry: str = Field(max_length=16)
    site_id: UUID | None = Field(default=None, foreign_key="site.id", index=True)
    enterprise_id: UUID | None = Field(default=None, foreign_key="enterprise.id", index=True)
    region_code: str = Field(max_length=12)
    grid_code: str | None = Field(default=None, max_length=24)
    position: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)
    source_kind: str = Field(max_length=12)
    inspection_id: UUID | None = Field(default=None, foreign_key="inspection.id", index=True)
    checklist: str | None = Field(default=None, max_length=170)
    item: str | None = Field(default=None, max_length=120)
    n: int = Field(default=1)
    criterion: str | None = Field(default=None, max_length=120)
    category: str | None = Field(default=None, max_length=200)
    found_by: UUID = Field(foreign_key="account.id")
    found_role: str = Field(max_length=16)
    reported_at: datetime
    served_at: datetime | None = None
    cycle: int = Field(default=1)
    repeats: int = Field(default=0)
    first_due_at: datetime | None = None
    rectified_by: UUID | None = None
    verified_by: UUID | None = None
    on_site_pending: bool = Field(default=False)
    withdrawn: bool = Field(default=False)
    plan: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON(none_as_null=True))
    extensions: list[Any] = Field(default_factory=list, sa_type=sa.JSON)
    extension_pending: bool = Field(default=False)
    suspended: bool = Field(default=False)
    resumption_pending: bool = Field(default=False)
    workers_told_at: datetime | None = None
    listed_level: str | None = Field(default=None, max_length=8)
    listed_since: datetime | None = None
    listed_due_at: datetime | None = None
    transferred_to: str | None = Field(default=None, max_length=4000)
    duplicate_of: UUID | None = None
    due_at: datetime | None = None
    due_party: str | None = Field(default=None, max_length=10)
    due_kind: str | None = Field(default=None, max_length=24)
    due_rule: str | None = Field(default=None, max_length=80)
    step: int = Field(default=0)
    step_since: datetime | None = None
    evidence_pending: int = Field(default=0)
    events: int = Field(default=0)
    head: bytes = Field(sa_type=HASH)
    rev: int = Field(default=1, sa_type=BIG)
    updated_at: datetime


HAZARD = table(HazardRow)
_OPEN = HAZARD.c.is_open
sa.Index("ix_hazard_region_due", HAZARD.c.region_code, HAZARD.c.due_at, HAZARD.c.id)
sa.Index("ix_hazard_grid_due", HAZARD.c.grid_code, HAZARD.c.due_at, HAZARD.c.id)
sa.Index(
    "ix_hazard_open_due",
    HAZARD.c.due_at,
    HAZARD.c.id,
    postgresql_where=_OPEN,
    sqlite_where=_OPEN,
)
sa.Index("ix_hazard_reported", HAZARD.c.reported_at, HAZARD.c.id)
sa.Index("ix_hazard_updated", HAZARD.c.updated_at, HAZARD.c.id)
