"""When a clock became known, provisional dates, open questions of late evidence, editions of notices."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clock", sa.Column("known_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    provisional = sa.Column("due_provisional", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("hazard", provisional)
    op.add_column("hazard", sa.Column("late_evidence", sa.JSON(none_as_null=True), nullable=True))
    op.add_column(
        "calendar_year", sa.Column("rev", sa.Integer(), server_default=sa.text("1"), nullable=False)
    )
    op.add_column(
        "calendar_day", sa.Column("notice", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    days = sa.table("calendar_day", sa.column("day", sa.Date()), sa.column("notice", sa.Integer()))
    op.execute(sa.update(days).values(notice=sa.extract("year", days.c.day)))
    _let_notices_be("'step', 'alert', 'service', 'withdraw'")


def downgrade() -> None:
    _let_notices_be("'step', 'alert', 'service'")
    for table, column in (
        ("calendar_day", "notice"),
        ("calendar_year", "rev"),
        ("hazard", "late_evidence"),
        ("hazard", "due_provisional"),
        ("clock", "known_at"),
    ):
        op.drop_column(table, column)


def _let_notices_be(kinds: str) -> None:
    """The closed list of a notice's kinds."""
    with op.batch_alter_table("notice") as notice:
        notice.drop_constraint(op.f("ck_notice_kind"), type_="check")
        notice.create_check_constraint(op.f("ck_notice_kind"), f"kind IN ({kinds})")
