"""The change feed: per stream, which entity changed last at which place, without gaps.

A stream's counter row is taken last before commit and held until then, so the order of numbers is
the order of commits: a reader that has seen n has seen everything up to n. An entity stands once in
a stream, at its latest change, so a first pull gives the present state. What has left a stream stays as
a mark for phones that have been away; old marks go (tombstones.py), and the stream's floor tells.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import accumulate
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.schema import (
    BIG,
    among,
    change_rows,
    insert_new,
    one_of,
    partial_index,
    put_rows,
    table,
)


class Stream(SQLModel, table=True):
    """`kind:key` (grid, township, enterprise, user, device; or reference) and its last number.

    `floor` is the highest number whose mark of leaving is forgotten: who stands below it may have missed it.
    """

    __tablename__ = "stream"

    id: int | None = Field(default=None, primary_key=True, sa_type=BIG)
    name: str = Field(max_length=64, unique=True)
    head: int = Field(default=0, sa_type=BIG)
    floor: int = Field(default=0, sa_type=BIG, sa_column_kwargs={"server_default": sa.text("0")})


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
    left_at: datetime | None = None


STREAM, FEED = table(Stream), table(FeedEntry)
partial_index("ix_feed_left_at", FEED.c.left_at, where=FEED.c.left_at.is_not(None))


class FeedChange(NamedTuple):
    """An entity has changed, or leaves a stream."""

    streams: tuple[str, ...]
    entity: str
    entity_id: UUID
    rev: int
    kind: str = "put"
    left_at: datetime | None = None


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
                "left_at": change.left_at,
            }
        )
    change_rows(tx, STREAM, [{"id": stream_id, "head": head} for stream_id, head in heads.items()])
    put_rows(tx, FEED, rows)


def _stream_ids(tx: sa.Connection, names: list[str]) -> dict[str, int]:
    query = sa.select(STREAM.c.name, STREAM.c.id).where(among(tx, STREAM.c.name, names))
    ids = {row.name: row.id for row in tx.execute(query)}
    missing = [name for name in names if name not in ids]
    if missing:
        insert_new(tx, STREAM, [{"name": name, "head": 0} for name in missing])
        ids = {row.name: row.id for row in tx.execute(query)}
    return ids


def _lock(tx: sa.Connection, ids: list[int]) -> dict[int, int]:
    query = sa.select(STREAM.c.id, STREAM.c.head).where(among(tx, STREAM.c.id, ids)).order_by(STREAM.c.id)
    return {row.id: row.head for row in tx.execute(query.with_for_update())}


class Entry(NamedTuple):
    """One change as a reader finds it."""

    stream: str
    seq: int
    entity: str
    entity_id: UUID
    rev: int
    kind: str


class Stand(NamedTuple):
    """Where a stream is."""

    id: int
    head: int
    floor: int


def stands(tx: sa.Connection, names: Iterable[str]) -> dict[str, Stand]:
    """Stream name -> where it is, of those in which anything has ever happened."""
    query = sa.select(STREAM.c.name, STREAM.c.id, STREAM.c.head, STREAM.c.floor)
    query = query.where(among(tx, STREAM.c.name, list(names)), STREAM.c.head > 0)
    return {row.name: Stand(row.id, row.head, row.floor) for row in tx.execute(query)}


def read(
    tx: sa.Connection, streams: Mapping[str, Stand], positions: Mapping[str, int], most: int
) -> list[Entry]:
    """Up to `most` changes after the positions (stream name -> last number read), stream by stream.

    Costs what it gives: a stream holds no more than its numbers since the position, so each query takes
    as many streams as can fill what is wanted. Where most of their numbers have gone to later changes,
    the next one takes more.
    """
    moved = sorted(name for name in positions if name in streams and streams[name].head > positions[name])
    found: list[Entry] = []
    numbers = most
    while moved and len(found) < most:
        taken = _as_many(moved, {name: streams[name].head - positions[name] for name in moved}, numbers)
        moved, numbers = moved[len(taken) :], numbers * 4
        at = {
            "ids": [streams[name].id for name in taken],
            "after": [positions[name] for name in taken],
            "most": most - len(found),
        }
        if tx.dialect.name == "sqlite":
            rows = tx.execute(
                _READ_SQLITE, at | {"ids": json.dumps(at["ids"]), "after": json.dumps(at["after"])}
            )
        else:
            rows = tx.execute(_READ, at)
        found.extend(Entry(taken[row.place], *row[1:]) for row in rows)
    return found


def _as_many(names: list[str], numbers: Mapping[str, int], wanted: int) -> list[str]:
    """The first of the streams, up to the one with which they have so many numbers."""
    for count, total in enumerate(accumulate(numbers[name] for name in names), 1):
        if total >= wanted:
            return names[:count]
    return names


# For each stream no more than are wanted are looked at, along its own numbers.
_READ = sa.text(
    """SELECT s.place - 1 AS place, f.seq, f.entity, f.entity_id, f.rev, f.kind
    FROM unnest(CAST(:ids AS bigint[]), CAST(:after AS bigint[])) WITH ORDINALITY AS s (id, after, place)
    CROSS JOIN LATERAL (
        SELECT * FROM feed WHERE stream_id = s.id AND seq > s.after ORDER BY seq LIMIT :most
    ) AS f ORDER BY s.place, f.seq LIMIT :most"""
).columns(entity_id=FEED.c.entity_id.type)

# The same for SQLite, which has no LATERAL; CROSS JOIN keeps its order.
_READ_SQLITE = sa.text(
    """SELECT s.key AS place, f.seq, f.entity, f.entity_id, f.rev, f.kind
    FROM json_each(:ids) AS s CROSS JOIN json_each(:after) AS a ON a.key = s.key
    CROSS JOIN feed AS f ON f.stream_id = s.value AND f.seq IN (
        SELECT seq FROM feed WHERE stream_id = s.value AND seq > a.value ORDER BY seq LIMIT :most
    ) ORDER BY s.key, f.seq LIMIT :most"""
).columns(entity_id=FEED.c.entity_id.type)


def carriers(
    tx: sa.Connection, names: Iterable[str], things: Iterable[tuple[str, UUID]]
) -> dict[tuple[str, UUID], str]:
    """Those of the (entity, id) that one of the streams carries now, each with one that does."""
    wanted = set(things)
    if not wanted:
        return {}
    query = sa.select(STREAM.c.name, FEED.c.entity, FEED.c.entity_id).where(
        among(tx, STREAM.c.name, list(names)),
        FEED.c.stream_id == STREAM.c.id,
        FEED.c.entity.in_({entity for entity, _ in wanted}),
        among(tx, FEED.c.entity_id, {entity_id for _, entity_id in wanted}),
        FEED.c.kind == "put",
    )
    found = {(row.entity, row.entity_id): row.name for row in tx.execute(query)}
    return {thing: name for thing, name in found.items() if thing in wanted}
