"""Who has looked at which original photo; rows that nothing changes or removes."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    op.create_table(
        "evidence_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", text(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("photo_id", sa.Uuid(), nullable=True),
        sa.Column("hazard_id", sa.Uuid(), nullable=True),
        sa.Column("inspection_id", sa.Uuid(), nullable=True),
        sa.Column("part", text(length=70), nullable=True),
        sa.Column("is_again", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_evidence_view_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_view")),
    )
    op.create_index("ix_evidence_view_sha256_seen_at_id", "evidence_view", ["sha256", "seen_at", "id"])
    if op.get_context().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER evidence_view_no_{verb.lower()} BEFORE {verb} ON evidence_view "
                "BEGIN SELECT RAISE(ABORT, 'evidence_view is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER evidence_view_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON evidence_view "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("evidence_view")  # and its triggers with it
