"""All hazards by place and due date; open ones by site, for the colours of regions; major and listed ones;
what is open and overdue in each township as a whole."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from inspect_api.store.indexing import is_big

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_LEVELS = (2, 4, 6)
_FEW = {
    "major": "grade = 'major'",
    "listed": "listed_level IS NOT NULL",
}


_COUNTS, _MOMENTS = ("open", "overdue", "by_enterprise", "by_regulator"), ("late_since", "oldest_due_at")


def upgrade() -> None:
    for name in _COUNTS:
        op.add_column("hazard_tallied", sa.Column(name, sa.Integer(), nullable=True))
    for name in _MOMENTS:
        op.add_column("hazard_tallied", sa.Column(name, sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    mine = "FROM hazard_tally t WHERE t.township = hazard_tallied.township"
    counts = [f"{name} = (SELECT coalesce(sum(t.{name}), 0) {mine})" for name in _COUNTS]
    moments = [f"{name} = (SELECT min(t.{name}) {mine})" for name in _MOMENTS]
    op.execute(f"UPDATE hazard_tallied SET {', '.join([*counts, *moments])}")  # noqa: S608 - names of ours
    if is_big(op.get_bind(), "hazard"):
        return  # built beside the running product, when this is done; then those before them go
    for digits in _LEVELS:
        level = sa.text(f"substr(region_code, 1, {digits})")
        op.create_index(f"ix_hazard_place_{digits}", "hazard", [level, "due_at", "id"])
        op.drop_index(f"ix_hazard_due_{digits}", "hazard", if_exists=True)
    at_site = sa.and_(sa.column("is_open", sa.Boolean()), sa.column("site_id").is_not(None))
    asked = ["grade", "suspected_major", "industry", "due_party", "due_kind", "due_at", "first_due_at"]
    op.create_index(
        "ix_hazard_open_site", "hazard", ["region_code", "site_id"],
        postgresql_include=asked, postgresql_where=at_site, sqlite_where=at_site,
    )  # fmt: skip
    for name, which in _FEW.items():
        few = sa.text(which)
        op.create_index(
            f"ix_hazard_{name}", "hazard", ["due_at", "id"], postgresql_where=few, sqlite_where=few
        )


def downgrade() -> None:
    for name in (*_COUNTS, *_MOMENTS):
        op.drop_column("hazard_tallied", name)
    dated = sa.text("due_at IS NOT NULL")
    for digits in _LEVELS:
        level = sa.text(f"substr(region_code, 1, {digits})")
        op.create_index(
            f"ix_hazard_due_{digits}", "hazard", [level, "due_at", "id"],
            postgresql_where=dated, sqlite_where=dated, if_not_exists=True,
        )  # fmt: skip
        op.drop_index(f"ix_hazard_place_{digits}", "hazard", if_exists=True)
    for name in ("open_site", *_FEW):
        op.drop_index(f"ix_hazard_{name}", "hazard", if_exists=True)
