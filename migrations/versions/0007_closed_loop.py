"""The closed loop: dates that wait, the date of rectification, transfers, samples, and where a hazard is."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_OPEN = sa.text("is_open")
_MERGED = sa.text("duplicate_of IS NOT NULL")
_CLOCKS = (
    "'plan', 'rectification', 'report_to_workers', 'service', 'confirmation', 'plan_decision',"
    " 'extension_decision', 'reinspection', 'final_review', 'resumption_decision',"
)
_NOTICES = "'step', 'alert', 'service', 'withdraw'"


def upgrade() -> None:
    moment = sqlmodel.sql.sqltypes.UTCDateTime()
    op.add_column("hazard", sa.Column("lat", sa.Float(), nullable=True))
    op.add_column("hazard", sa.Column("lon", sa.Float(), nullable=True))
    op.add_column("hazard", sa.Column("set_due_at", moment, nullable=True))
    op.add_column("hazard", sa.Column("rectify_by", moment, nullable=True))
    op.add_column("hazard", sa.Column("transfers", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("hazard", sa.Column("sample", sqlmodel.sql.sqltypes.AutoString(length=12), nullable=True))
    # hazards that were open before have no place of their own here, and are linked by site and item only
    op.execute(
        "UPDATE hazard SET rectify_by = (SELECT due_at FROM clock WHERE clock.hazard_id = hazard.id"
        " AND clock.kind = 'rectification' AND clock.is_running)"
    )
    op.create_index("ix_hazard_near", "hazard", ["lat", "lon"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index(
        "ix_hazard_duplicate_of",
        "hazard",
        ["duplicate_of"],
        sqlite_where=_MERGED,
        postgresql_where=_MERGED,
    )
    op.create_index("ix_hazard_sampled", "hazard", ["site_id", "sample"])
    _let_kinds_be("clock", f"{_CLOCKS} 'listing_publication', 'listing', 'delisting'")
    _let_kinds_be("notice", f"{_NOTICES}, 'listing'")


def downgrade() -> None:
    _let_kinds_be("notice", _NOTICES)
    _let_kinds_be("clock", f"{_CLOCKS} 'listing'")
    op.drop_index("ix_hazard_sampled", table_name="hazard")
    op.drop_index("ix_hazard_duplicate_of", table_name="hazard")
    op.drop_index("ix_hazard_near", table_name="hazard")
    for name in ("sample", "transfers", "rectify_by", "set_due_at", "lon", "lat"):
        op.drop_column("hazard", name)


def _let_kinds_be(name: str, kinds: str) -> None:
    """The closed list of a table's kinds."""
    with op.batch_alter_table(name) as table:
        table.drop_constraint(op.f(f"ck_{name}_kind"), type_="check")
        table.create_check_constraint(op.f(f"ck_{name}_kind"), f"kind IN ({kinds})")
