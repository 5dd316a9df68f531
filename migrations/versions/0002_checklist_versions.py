"""Checklist versions that experts publish."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checklist_version",
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("version", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=False),
        sa.Column("live_from", sa.Date(), nullable=True),
        sa.Column("devices", sa.JSON(), nullable=False),
        sa.Column("published_by", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("published_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(live_from IS NULL) = (state = 'draft')", name=op.f("ck_checklist_version_live_from")
        ),
        sa.CheckConstraint("state IN ('draft', 'published')", name=op.f("ck_checklist_version_state")),
        sa.PrimaryKeyConstraint("code", "version", name=op.f("pk_checklist_version")),
    )


def downgrade() -> None:
    op.drop_table("checklist_version")
