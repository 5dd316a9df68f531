"""Legal holds, and photos that nothing refers to on their way out."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment, text = sqlmodel.sql.sqltypes.UTCDateTime, sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", text(length=10), nullable=False),
        sa.Column("target", text(length=64), nullable=False),
        sa.Column("reason", text(length=500), nullable=False),
        sa.Column("placed_at", moment(), nullable=False),
        sa.Column("lifted_at", moment(), nullable=True),
        sa.CheckConstraint("kind IN ('hazard', 'enterprise', 'region')", name=op.f("ck_hold_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_table(
        "doomed",
        sa.Column("sha256", text(length=64), nullable=False),
        sa.Column("mark", sa.Uuid(), nullable=False),
        sa.Column("state", text(length=8), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.CheckConstraint("state IN ('marked', 'going', 'gone')", name=op.f("ck_doomed_state")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_doomed")),
    )
    op.create_index("ix_doomed_state_at", "doomed", ["state", "at"])


def downgrade() -> None:
    op.drop_table("doomed")
    op.drop_table("hold")
