"""Words are found in hazards by an index, which a worker fills with all that are there."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "search_text",
        sa.Column("ordinal", big, autoincrement=False, nullable=False),
        sa.Column("hazard_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ordinal", name=op.f("pk_search_text")),
        sa.UniqueConstraint("hazard_id", name=op.f("uq_search_text_hazard_id")),
    )
    op.create_table(
        "search_bits",
        sa.Column("mark", big, autoincrement=False, nullable=False),
        sa.Column("segment", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bits", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("mark", "segment", name=op.f("pk_search_bits")),
    )
    op.create_table(
        "search_pending",
        sa.Column("id", big, autoincrement=True, nullable=False),
        sa.Column("hazard_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_pending")),
    )
    op.execute("INSERT INTO search_pending (hazard_id) SELECT id FROM hazard")


def downgrade() -> None:
    for name in ("search_pending", "search_bits", "search_text"):
        op.drop_table(name)
