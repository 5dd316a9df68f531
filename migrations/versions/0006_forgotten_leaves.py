"""When an entity left a stream, and up to which number a stream has forgotten such marks."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("stream", sa.Column("floor", big, server_default=sa.text("0"), nullable=False))
    op.add_column("feed", sa.Column("left_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    feed = sa.table("feed", sa.column("kind", sa.String()), sa.column("left_at", sa.DateTime()))
    op.execute(sa.update(feed).where(feed.c.kind != "put").values(left_at=sa.func.current_timestamp()))
    left = sa.text("left_at IS NOT NULL")
    op.create_index("ix_feed_left_at", "feed", ["left_at"], sqlite_where=left, postgresql_where=left)


def downgrade() -> None:
    op.drop_index("ix_feed_left_at", "feed")
    op.drop_column("feed", "left_at")
    op.drop_column("stream", "floor")
