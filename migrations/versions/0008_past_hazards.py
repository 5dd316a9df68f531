"""What hazards were before they changed, made for those that are there from their histories."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TEXT, _MOMENT = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_AT_ONCE = 500


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("grade", _TEXT(length=8), nullable=False),
        sa.Column("suspected_major", sa.Boolean(), nullable=False),
        sa.Column("order_kind", _TEXT(length=8), nullable=False),
        sa.Column("status", _TEXT(length=12), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", _TEXT(length=12), nullable=False),
        sa.Column("grid_code", _TEXT(length=24), nullable=True),
        sa.Column("criterion", _TEXT(length=120), nullable=True),
        sa.Column("served_at", _MOMENT(), nullable=True),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("first_due_at", _MOMENT(), nullable=True),
        sa.Column("rectified_by", sa.Uuid(), nullable=True),
        sa.Column("verified_by", sa.Uuid(), nullable=True),
        sa.Column("on_site_pending", sa.Boolean(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("plan", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("extensions", sa.JSON(), nullable=False),
        sa.Column("extension_pending", sa.Boolean(), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("resumption_pending", sa.Boolean(), nullable=False),
        sa.Column("workers_told_at", _MOMENT(), nullable=True),
        sa.Column("listed_level", _TEXT(length=8), nullable=True),
        sa.Column("listed_since", _MOMENT(), nullable=True),
        sa.Column("listed_due_at", _MOMENT(), nullable=True),
        sa.Column("transferred_to", _TEXT(length=4000), nullable=True),
        sa.Column("duplicate_of", sa.Uuid(), nullable=True),
        sa.Column("due_at", _MOMENT(), nullable=True),
        sa.Column("due_party", _TEXT(length=10), nullable=True),
        sa.Column("due_kind", _TEXT(length=24), nullable=True),
        sa.Column("due_rule", _TEXT(length=80), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("step_since", _MOMENT(), nullable=True),
        sa.Column("evidence_pending", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("rev", _BIG, nullable=False),
        sa.Column("acted_rev", _BIG, nullable=False),
        sa.Column("updated_at", _MOMENT(), nullable=False),
        sa.Column("due_provisional", sa.Boolean(), nullable=False),
        sa.Column("late_evidence", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("set_due_at", _MOMENT(), nullable=True),
        sa.Column("rectify_by", _MOMENT(), nullable=True),
        sa.Column("transfers", sa.JSON(), nullable=False),
        sa.Column("sample", _TEXT(length=12), nullable=True),
        sa.Column("until", _MOMENT(), nullable=False),
    ]


def upgrade() -> None:
    past = op.create_table(
        "hazard_past",
        *_columns(),
        sa.ForeignKeyConstraint(["id"], ["hazard.id"], name=op.f("fk_hazard_past_id_hazard")),
        sa.PrimaryKeyConstraint("id", "until", name=op.f("pk_hazard_past")),
    )
    with op.batch_alter_table("hazard_past", schema=None) as batch_op:
        batch_op.create_index("ix_hazard_past_until", ["until", "updated_at"], unique=False)
    if not op.get_context().as_sql:
        _fill(op.get_bind(), past)


def downgrade() -> None:
    op.drop_table("hazard_past")


_HAZARD = sa.table(
    "hazard",
    sa.column("id", sa.Uuid()),
    sa.column("events", sa.Integer()),
    sa.column("evidence_pending", sa.Integer()),
    sa.column("plan", sa.JSON(none_as_null=True)),
    sa.column("updated_at", _MOMENT()),
)
_EVENT = sa.table(
    "hazard_event",
    sa.column("hazard_id", sa.Uuid()),
    sa.column("n", sa.Integer()),
    sa.column("event", sa.LargeBinary()),
    sa.column("at", _MOMENT()),
)


_SINCE_ADDED: dict[str, Any] = {
    "due_provisional": False, "late_evidence": None, "set_due_at": None, "rectify_by": None,
    "transfers": [], "sample": None,
}  # fmt: skip
"""What entries before 0003 and 0007 are silent on."""


def _fill(tx: sa.Connection, past: sa.Table) -> None:
    """How many photos were awaited is known of the present alone: of the past it is told as none."""
    last: UUID | None = None
    while True:
        query = sa.select(_HAZARD).order_by(_HAZARD.c.id).limit(_AT_ONCE)
        hazards = tx.execute(query if last is None else query.where(_HAZARD.c.id > last)).all()
        if not hazards:
            return
        last = hazards[-1].id
        events: dict[UUID, list[Any]] = {}
        ids = [hazard.id for hazard in hazards]
        found = sa.select(_EVENT).where(_EVENT.c.hazard_id.in_(ids)).order_by(_EVENT.c.hazard_id, _EVENT.c.n)
        for event in tx.execute(found):
            events.setdefault(event.hazard_id, []).append(event)
        rows = [row for hazard in hazards for row in _past_of(hazard, events.get(hazard.id, []), past)]
        if rows:
            tx.execute(sa.insert(past), rows)


def _past_of(hazard: Any, events: Sequence[Any], past: sa.Table) -> Iterator[dict[str, Any]]:
    """One row for each state that is over, in the order of time."""
    fields: dict[str, Any] = {}
    since: datetime | None = None
    for event, following in zip(events, [*events[1:], None], strict=True):
        fields |= json.loads(event.event).get("set", {})
        since = event.at if since is None else max(since, event.at)
        # when photos came in, the row changed without an entry
        until = min(following.at if following is not None else hazard.updated_at, hazard.updated_at)
        if since < until:
            row = dict(_SINCE_ADDED)
            row |= {name: _read(fields[name], column) for name, column in past.c.items() if name in fields}
            row["plan"] = _named(fields.get("plan"), hazard.plan)
            row["is_open"] = fields["status"] not in ("closed", "dismissed")
            row["evidence_pending"] = 0 if following is not None else hazard.evidence_pending
            yield row | {"events": event.n, "updated_at": since, "until": until}


def _read(value: Any, column: sa.Column[Any]) -> Any:
    if isinstance(value, str) and isinstance(column.type, _MOMENT):
        return datetime.fromisoformat(value)
    return UUID(value) if isinstance(value, str) and isinstance(column.type, sa.Uuid) else value


def _named(plan: dict[str, Any] | None, present: dict[str, Any] | None) -> dict[str, Any] | None:
    """A plan with the person whom the history only commits to, where the register still has that name."""
    if plan is None or "responsible_person_sha256" not in plan:
        return plan
    name = (present or {}).get("responsible_person", "")
    salt = (present or {}).get("salt", "")
    is_same = hashlib.sha256(f"{salt}\n{name}".encode()).hexdigest() == plan["responsible_person_sha256"]
    kept = {key: value for key, value in plan.items() if key != "responsible_person_sha256"}
    return kept | ({"responsible_person": name, "salt": salt} if is_same else {"responsible_person": ""})
