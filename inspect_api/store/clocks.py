"""Running obligations: whose, until when, and when the next step of its ladder is due."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.domain.clocks import ClockState
from inspect_api.store.schema import add_rows, change_rows, one_of, partial_index, table

CLOCK_KINDS = (
    "plan", "rectification", "report_to_workers", "service", "confirmation", "plan_decision",
    "extension_decision", "reinspection", "final_review", "resumption_decision",
    "listing_publication", "listing", "delisting",
)  # fmt: skip


class ClockRow(SQLModel, table=True):
    """One clock of one hazard. `next_step_at` is empty when there is nothing left to find."""

    __tablename__ = "clock"
    __table_args__ = (
        one_of("kind", CLOCK_KINDS),
        one_of("party", ("enterprise", "regulator")),
        sa.CheckConstraint("is_running OR next_step_at IS NULL", name="stopped"),
        sa.CheckConstraint("step BETWEEN 0 AND 7", name="step"),
        sa.UniqueConstraint("hazard_id", "kind", "cycle"),
    )

    id: UUID = Field(primary_key=True)
    hazard_id: UUID = Field(foreign_key="hazard.id")
    party: str = Field(max_length=10)
    kind: str = Field(max_length=24)
    cycle: int
    started_at: datetime
    due_at: datetime
    rule: str = Field(max_length=80)
    calendar_version: str = Field(max_length=80)
    provisional: bool = Field(default=False)
    explanation: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    step: int = Field(default=0)
    step_since: datetime | None = None
    next_step_at: datetime | None = None
    is_running: bool = Field(default=True)
    stopped_at: datetime | None = None
    known_at: datetime | None = None


CLOCK = table(ClockRow)
partial_index(
    "ix_clock_next_step", CLOCK.c.next_step_at, CLOCK.c.hazard_id, where=CLOCK.c.next_step_at.is_not(None)
)

_STATE = [column for column in CLOCK.c if column.name in ClockState.__struct_fields__]


def of_hazards(tx: sa.Connection, ids: Iterable[UUID]) -> dict[UUID, list[tuple[UUID, ClockState]]]:
    """Every clock of these hazards, by hazard, each with the id of its row."""
    found: dict[UUID, list[tuple[UUID, ClockState]]] = {}
    wanted = list(set(ids))
    if wanted:
        query = sa.select(*_STATE, CLOCK.c.id).where(CLOCK.c.hazard_id.in_(wanted))
        for row in tx.execute(query.order_by(CLOCK.c.started_at, CLOCK.c.kind, CLOCK.c.cycle)):
            state = ClockState(**{column.name: row._mapping[column.name] for column in _STATE})
            found.setdefault(row.hazard_id, []).append((row.id, state))
    return found


def add(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    add_rows(tx, CLOCK, rows)


def change(tx: sa.Connection, rows: list[dict[str, object]]) -> None:
    """Write changed clocks back; each row's `id` names it."""
    change_rows(tx, CLOCK, rows)
