"""The change feed: per stream, which entity changed last at which place, without gaps.

A stream's counter row is taken last before commit and held until then, so the order of numbers is
the order of commits: a reader that has seen n has seen everything up to n. An entity stands once in
a stream, at its latest change, so the feed needs no compaction and a first pull gives the
present state.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Field, SQLModel

from inspect_api.store.schema import BIG, AnyRow, insert_new, one_of, table


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


class FeedChange(NamedTuple):
    """An entity has changed, or leaves a stream."""

    streams: tuple[str, ...]
    entity: str
    entity_id: UUID
    rev: int
    kind: str = "put"


def append(tx: sa.Connection, changes: Iterable[FeedChange]) -> None:
    """Number the changes in their streams. The last thing a transaction does before it commits."""
    latest = {(stream, c.entity, c.entity_id): c for c in changes for stream in c.streams}
    if not latest:
        return
    ids = _stream_ids(tx, sorted({stream for stream, _, _ in latest}))
    heads = _lock(tx, sorted(ids.values()))
    rows: list[dict[str, object]] = []
    for (stream, entity, entity_id), change in latest.items():
        stream_id = ids[stream]
        heads[stream_id] += 1
        rows.append(
            {
                "stream_id": stream_id,
                "entity": entity,
                "entity_id": entity_id,
                "seq": heads[stream_id],
                "rev": change.rev,
                "kind": change.kind,
            }
        )
    advance = sa.update(STREAM).where(STREAM.c.id == sa.bindparam("b_id")).values(head=sa.bindparam("b_head"))
    tx.execute(advance, [{"b_id": stream_id, "b_head": head} for stream_id, head in heads.items()])
    insert = pg_insert(FEED) if tx.dialect.name == "postgresql" else sqlite_insert(FEED)
    new = insert.excluded
    tx.execute(
        insert.on_conflict_do_update(
            index_elements=[FEED.c.stream_id, FEED.c.entity, FEED.c.entity_id],
            set_={"seq": new.seq, "rev": new.rev, "kind": new.kind},
        ),
        rows,
    )


def _stream_ids(tx: sa.Connection, names: list[str]) -> dict[str, int]:
    query = sa.select(STREAM.c.name, STREAM.c.id).where(STREAM.c.name.in_(names))
    ids = {row.name: row.id for row in tx.execute(query)}
    missing = [name for name in names if name not in ids]
    if missing:
        insert_new(tx, STREAM, [{"name": name, "head": 0} for name in missing])
        ids = {row.name: row.id for row in tx.execute(query)}
    return ids


def _lock(tx: sa.Connection, ids: list[int]) -> dict[int, int]:
    query = sa.select(STREAM.c.id, STREAM.c.head).where(STREAM.c.id.in_(ids)).order_by(STREAM.c.id)
    return {row.id: row.head for row in tx.execute(query.with_for_update())}


class Entry(NamedTuple):
    """One change as a reader finds it."""

    stream: str
    seq: int
    entity: str
    entity_id: UUID
    rev: int
    kind: str


def read(tx: sa.Connection, positions: dict[str, int], most: int) -> list[Entry]:
    """Up to `most` changes after the positions (stream name -> last number read), stream by stream.

    Costs what has changed: streams that stand still are left out after one look at their heads.
    """
    if not positions:
        return []
    query = sa.select(STREAM.c.name, STREAM.c.id, STREAM.c.head)
    heads = tx.execute(query.where(STREAM.c.name.in_(list(positions)))).all()
    moved = sorted((row for row in heads if row.head > positions[row.name]), key=lambda row: row.name)
    found: list[Entry] = []
    for start in range(0, len(moved), _UNION):
        if len(found) >= most:
            break
        parts = [_after(row, positions[row.name], most) for row in moved[start : start + _UNION]]
        rows = tx.execute(sa.union_all(*parts).order_by("stream", "seq").limit(most - len(found)))
        found.extend(Entry(*row) for row in rows)
    return found


def heads(tx: sa.Connection, names: Iterable[str]) -> dict[str, int]:
    """Stream name -> its last number, of those in which anything has ever happened."""
    wanted = list(names)
    if not wanted:
        return {}
    query = sa.select(STREAM.c.name, STREAM.c.head).where(STREAM.c.name.in_(wanted), STREAM.c.head > 0)
    return {row.name: row.head for row in tx.execute(query)}


def carried(
    tx: sa.Connection, names: Iterable[str], things: Iterable[tuple[str, UUID]]
) -> set[tuple[str, UUID]]:
    """Those of the (entity, id) that one of the streams carries now."""
    wanted = set(things)
    if not wanted:
        return set()
    streams = sa.select(STREAM.c.id).where(STREAM.c.name.in_(list(names)))
    query = sa.select(FEED.c.entity, FEED.c.entity_id).where(
        FEED.c.stream_id.in_(streams),
        FEED.c.entity.in_({entity for entity, _ in wanted}),
        FEED.c.entity_id.in_({entity_id for _, entity_id in wanted}),
        FEED.c.kind == "put",
    )
    return {(row.entity, row.entity_id) for row in tx.execute(query)} & wanted


_UNION = 64


def _after(stream: AnyRow, position: int, most: int) -> sa.Select[Any]:
    inner = (
        sa.select(
            sa.literal(stream.name).label("stream"),
            FEED.c.seq,
            FEED.c.entity,
            FEED.c.entity_id,
            FEED.c.rev,
            FEED.c.kind,
        )
        .where(FEED.c.stream_id == stream.id, FEED.c.seq > position)
        .order_by(FEED.c.seq)
        .limit(most)
        .subquery()
    )
    return sa.select(inner)
