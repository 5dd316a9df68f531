"""The change feed: per stream, which entity changed last at which place, without gaps.

A stream's counter row is taken last before commit and held until then, so the order of numbers is
the order of commits: a reader that has seen n has seen everything up to n. An entity stands once in
a stream, at its latest change, so the feed needs no compaction and a first pull gives the
present state.
"""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.schema import BIG, one_of, table


class Stream(SQLModel, table=True):
    """`kind:key` (grid, township, enterprise, user, device; or reference) and its last number."""

    __tablename__ = "stream"

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG)
    name: str = Field(max_length=64, unique=True)
    head: int = Field(default=0, sa_type=BIG)


class FeedEntry(SQLModel, table=True):
    """The latest change of one entity in one stream."""

    __tablename__ = "feed"
    __table_args__ = (
        one_of("kind", ("put", "remove", "leave")),
        sa.UniqueConstraint("stream_id", "seq"),
    )

    stream_id: int = Field(primary_key=True, foreign_key="stream.id", sa_type=BIG)
    entity: str = Field(primary_key=True, max_length=12)
    entity_id: UUID = Field(primary_key=True)
    seq: int = Field(sa_type=BIG)
    rev: int = Field(sa_type=BIG)
    kind: str = Field(max_length=8)


STREAM, FEED = table(Stream), table(FeedEntry)
