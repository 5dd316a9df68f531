"""Inspection tasks."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment, text = sqlmodel.sql.sqltypes.UTCDateTime, sqlmodel.sql.sqltypes.AutoString
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", text(length=120), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("enterprise_id", sa.Uuid(), nullable=True),
        sa.Column("industry", text(length=16), nullable=False),
        sa.Column("region_code", text(length=12), nullable=False),
        sa.Column("grid_code", text(length=24), nullable=True),
        sa.Column("checklist_code", text(length=120), nullable=True),
        sa.Column("note", text(length=4000), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=False),
        sa.Column("assignee_role", text(length=16), nullable=False),
        sa.Column("due_at", moment(), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=False),
        sa.Column("given_at", moment(), nullable=False),
        sa.Column("status", text(length=16), nullable=False),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("done_at", moment(), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", moment(), nullable=True),
        sa.Column("reason", text(length=4000), nullable=True),
        sa.Column("rev", big, nullable=False),
        sa.CheckConstraint("assignee_role IN ('inspector', 'expert')", name=op.f("ck_task_assignee_role")),
        sa.CheckConstraint("status IN ('open', 'done', 'withdrawn')", name=op.f("ck_task_status")),
        sa.CheckConstraint(
            "(status = 'done') = (done_by IS NOT NULL) AND (status = 'done') = (done_at IS NOT NULL)",
            name=op.f("ck_task_done"),
        ),
        sa.CheckConstraint(
            "(status = 'withdrawn') = (withdrawn_by IS NOT NULL)"
            " AND (status = 'withdrawn') = (withdrawn_at IS NOT NULL)"
            " AND (status = 'withdrawn') = (reason IS NOT NULL)",
            name=op.f("ck_task_withdrawn"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_task_site_id_site")),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprise.id"], name=op.f("fk_task_enterprise_id_enterprise")
        ),
        *(
            sa.ForeignKeyConstraint([name], ["account.id"], name=op.f(f"fk_task_{name}_account"))
            for name in ("assignee_id", "given_by", "withdrawn_by")
        ),
        sa.ForeignKeyConstraint(["done_by"], ["inspection.id"], name=op.f("fk_task_done_by_inspection")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index(op.f("ix_task_site_id"), "task", ["site_id"])
    op.create_index("ix_task_region_code_due_at_id", "task", ["region_code", "due_at", "id"])
    is_open = sa.text("status = 'open'")
    op.create_index("ix_task_open", "task", ["due_at", "id"], sqlite_where=is_open, postgresql_where=is_open)
    op.create_index("ix_task_assignee_id_due_at_id", "task", ["assignee_id", "due_at", "id"])


def downgrade() -> None:
    op.drop_table("task")
