"""Photos that nodes keep while the photo store is down."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment, text = sqlmodel.sql.sqltypes.UTCDateTime, sqlmodel.sql.sqltypes.AutoString
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "spool_node",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spool_node")),
    )
    op.create_table(
        "spooled",
        sa.Column("sha256", text(length=64), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("size", big, nullable=False),
        sa.Column("content_type", text(length=40), nullable=False),
        sa.Column("received_at", moment(), nullable=False),
        sa.ForeignKeyConstraint(["node_id"], ["spool_node.id"], name=op.f("fk_spooled_node_id_spool_node")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_spooled_account_id_account")),
        sa.PrimaryKeyConstraint("sha256", "node_id", "account_id", name=op.f("pk_spooled")),
    )
    op.create_index("ix_spooled_node_id_received_at", "spooled", ["node_id", "received_at"])


def downgrade() -> None:
    op.drop_table("spooled")
    op.drop_table("spool_node")
