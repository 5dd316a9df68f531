"""The register in the order of due dates reads an index of what has one, open or not by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _exchange("ix_hazard_open_due", "is_open", "ix_hazard_due", "due_at IS NOT NULL")


def downgrade() -> None:
    _exchange("ix_hazard_due", "due_at IS NOT NULL", "ix_hazard_open_due", "is_open")


def _exchange(old: str, old_rows: str, new: str, new_rows: str) -> None:
    op.drop_index(old, "hazard", postgresql_where=sa.text(old_rows), sqlite_where=sa.text(old_rows))
    op.create_index(
        new, "hazard", ["due_at", "id"], postgresql_where=sa.text(new_rows), sqlite_where=sa.text(new_rows)
    )
