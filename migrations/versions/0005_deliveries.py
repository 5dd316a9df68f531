"""Addresses of persons, and notices on their way to them outside of the product."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = sqlmodel.sql.sqltypes.UTCDateTime
_WAITS = sa.text("run_at IS NOT NULL")


def _text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def upgrade() -> None:
    op.create_table(
        "account_contact",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _text(8), nullable=False),
        sa.Column("address", _text(254), nullable=False),
        sa.CheckConstraint("kind IN ('email', 'mobile')", name=op.f("ck_account_contact_kind")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_contact_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", "kind", name=op.f("pk_account_contact")),
    )
    op.create_table(
        "delivery",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("state", _text(12), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("channel", _text(32), nullable=True),
        sa.Column("since", _MOMENT(), nullable=False),
        sa.Column("run_at", _MOMENT(), nullable=True),
        sa.Column("written_at", _MOMENT(), nullable=False),
        sa.Column("lease", sa.Integer(), nullable=False),
        sa.Column("failed_at", _MOMENT(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'handed_over', 'read', 'failed', 'none')", name=op.f("ck_delivery_state")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_delivery_notice_id_notice")),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_delivery")),
    )
    for name, columns in (
        ("ix_delivery_due", ["channel", "run_at"]),
        ("ix_delivery_written", ["written_at"]),
    ):
        op.create_index(name, "delivery", columns, postgresql_where=_WAITS, sqlite_where=_WAITS)
    op.create_table(
        "delivery_attempt",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("channel", _text(32), nullable=False),
        sa.Column("started_at", _MOMENT(), nullable=False),
        sa.Column("ended_at", _MOMENT(), nullable=True),
        sa.Column("outcome", _text(12), nullable=True),
        sa.Column("answer", _text(300), nullable=False),
        sa.Column("proof", _text(200), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('handed_over', 'refused', 'failed', 'skipped', 'unknown')",
            name=op.f("ck_delivery_attempt_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_delivery_attempt_notice_id_notice")
        ),
        sa.PrimaryKeyConstraint("notice_id", "n", name=op.f("pk_delivery_attempt")),
    )
    op.create_index("ix_delivery_attempt_channel", "delivery_attempt", ["channel", "started_at"])


def downgrade() -> None:
    op.drop_table("delivery_attempt")
    op.drop_table("delivery")
    op.drop_table("account_contact")
