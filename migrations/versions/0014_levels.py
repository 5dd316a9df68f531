"""What is due, by province, city and county."""

import sqlalchemy as sa
from alembic import op

from inspect_api.store.indexing import is_big

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if is_big(op.get_bind(), "hazard"):
        return  # built beside the running product, when this is done
    dated = sa.text("due_at IS NOT NULL")
    for digits in (2, 4, 6):
        level = sa.text(f"substr(region_code, 1, {digits})")
        op.create_index(
            f"ix_hazard_due_{digits}", "hazard", [level, "due_at", "id"],
            postgresql_where=dated, sqlite_where=dated,
        )  # fmt: skip


def downgrade() -> None:
    for digits in (2, 4, 6):
        op.drop_index(f"ix_hazard_due_{digits}", "hazard", if_exists=True)
