"""Issued statistics, which can only grow in number."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TEXT, _MOMENT = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "report_edition",
        sa.Column("period", _TEXT(length=7), nullable=False),
        sa.Column("region_code", _TEXT(length=12), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("scope", _TEXT(length=2000), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.Column("differences", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", _MOMENT(), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "n >= 1 AND (replaces IS NULL OR replaces < n)", name=op.f("ck_report_edition_numbers")
        ),
        sa.ForeignKeyConstraint(
            ["issued_by"], ["account.id"], name=op.f("fk_report_edition_issued_by_account")
        ),
        sa.ForeignKeyConstraint(
            ["region_code"], ["region.code"], name=op.f("fk_report_edition_region_code_region")
        ),
        sa.PrimaryKeyConstraint("period", "region_code", "n", name=op.f("pk_report_edition")),
    )
    if op.get_context().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER report_edition_no_{verb.lower()} BEFORE {verb} ON report_edition "
                "BEGIN SELECT RAISE(ABORT, 'report_edition is append-only'); END"
            )
        return
    op.execute(
        "CREATE TRIGGER report_edition_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON report_edition "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("report_edition")  # and its triggers with it
