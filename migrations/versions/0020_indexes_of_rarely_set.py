"""Fewer indexes to write: of hazards drawn for a look only those, and none of what an inspection amends."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_inspection_amends", table_name="inspection")
    op.drop_index("ix_hazard_sampled", table_name="hazard")
    drawn = sa.column("sample").is_not(None)
    op.create_index(
        "ix_hazard_sampled", "hazard", ["site_id", "sample"], postgresql_where=drawn, sqlite_where=drawn
    )


def downgrade() -> None:
    op.drop_index("ix_hazard_sampled", table_name="hazard")
    op.create_index("ix_hazard_sampled", "hazard", ["site_id", "sample"])
    op.create_index("ix_inspection_amends", "inspection", ["amends"])
