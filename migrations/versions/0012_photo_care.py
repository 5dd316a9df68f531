"""When the bytes of a photo are to be looked at again, what was found, and a book of what became of them."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_LONG_AGO = "'1970-01-01 00:00:00.000000'"


def upgrade() -> None:
    moment, text = sqlmodel.sql.sqltypes.UTCDateTime, sqlmodel.sql.sqltypes.AutoString
    for name in ("offered_at", "check_at"):  # of a version before this one: long due
        op.add_column("blob", sa.Column(name, moment(), server_default=sa.text(_LONG_AGO), nullable=False))
    op.add_column("blob", sa.Column("fault", text(length=8), nullable=True))
    op.add_column("blob", sa.Column("faulty_since", moment(), nullable=True))
    op.create_index("ix_blob_check_at", "blob", ["check_at"])
    is_faulty = sa.text("fault IS NOT NULL")
    op.create_index(
        "ix_blob_fault", "blob", ["fault", "faulty_since"],
        sqlite_where=is_faulty, postgresql_where=is_faulty,
    )  # fmt: skip
    op.create_table(
        "custody",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("kind", text(length=16), nullable=False),
        sa.Column("sha256", text(length=64), nullable=True),
        sa.Column("actor", text(length=64), nullable=False),
        sa.Column("told", text(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custody")),
    )
    op.create_index("ix_custody_sha256", "custody", ["sha256"])


def downgrade() -> None:
    op.drop_table("custody")
    op.drop_index("ix_blob_fault", "blob")
    op.drop_index("ix_blob_check_at", "blob")
    for name in ("faulty_since", "fault", "check_at", "offered_at"):
        op.drop_column("blob", name)
