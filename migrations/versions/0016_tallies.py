"""What is open and overdue is counted ahead for each township; a worker counts all that are there."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = sqlmodel.sql.sqltypes.UTCDateTime
    op.create_table(
        "hazard_tally",
        sa.Column("township", sa.String(9), nullable=False),
        sa.Column("industry", sa.String(16), nullable=False),
        sa.Column("grade", sa.String(8), nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("overdue", sa.Integer(), nullable=False),
        sa.Column("by_enterprise", sa.Integer(), nullable=False),
        sa.Column("by_regulator", sa.Integer(), nullable=False),
        sa.Column("late_since", moment(), nullable=True),
        sa.Column("oldest_due_at", moment(), nullable=True),
        sa.PrimaryKeyConstraint("township", "industry", "grade", "step", name=op.f("pk_hazard_tally")),
    )
    op.create_table(
        "hazard_tallied",
        sa.Column("township", sa.String(9), nullable=False),
        sa.Column("counted_at", moment(), nullable=False),
        sa.Column("next_due_at", moment(), nullable=True),
        sa.PrimaryKeyConstraint("township", name=op.f("pk_hazard_tallied")),
    )
    op.create_index("ix_hazard_tallied_next_due_at", "hazard_tallied", ["next_due_at"])
    op.create_table(
        "hazard_untallied",
        sa.Column("id", big, autoincrement=True, nullable=False),
        sa.Column("township", sa.String(9), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hazard_untallied")),
    )
    op.execute(
        "INSERT INTO hazard_untallied (township) SELECT DISTINCT substr(region_code, 1, 9) FROM hazard"
    )


def downgrade() -> None:
    for name in ("hazard_untallied", "hazard_tallied", "hazard_tally"):
        op.drop_table(name)
