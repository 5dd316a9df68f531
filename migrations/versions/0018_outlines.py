"""Outlines of pictures, to know copies of them again. Photos that were looked at before have none."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("blob", sa.Column("outline", big, nullable=True))


def downgrade() -> None:
    op.drop_column("blob", "outline")
