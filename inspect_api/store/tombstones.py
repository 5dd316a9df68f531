"""Marks of leaving that are old enough to be forgotten: who has been away longer begins that stream anew."""

from datetime import datetime

import sqlalchemy as sa

from inspect_api.store.feed import FEED, STREAM

IN_ONE_PLACE = ("site", "hazard", "inspection", "photo", "task")
"""Kinds of which an entity lies in one stream of a caller's at a time.

A phone then knows by the stream that brought it last where it lies. An enterprise is wherever it has sites,
so its marks stay; there is at most one for each place where it ever had one.
"""

_PLACES = ("grid:", "township:", "enterprise:")


def forget(tx: sa.Connection, before: datetime, most: int) -> int:
    """Remove up to so many marks of before a moment, oldest first, and raise the floors of their streams.

    Gives how many that were. Streams are locked as writers lock them, in the order of their ids.
    """
    of_places = sa.or_(*(STREAM.c.name.startswith(kind) for kind in _PLACES))
    old = (
        sa.select(FEED.c.stream_id, FEED.c.seq)
        .join(STREAM, STREAM.c.id == FEED.c.stream_id)
        .where(FEED.c.left_at < before, FEED.c.entity.in_(IN_ONE_PLACE), of_places)
        .order_by(FEED.c.left_at)
        .limit(most)
    )
    found = [(row.stream_id, row.seq) for row in tx.execute(old)]
    if not found:
        return 0
    streams = sorted({stream_id for stream_id, _ in found})
    lock = sa.select(STREAM.c.id).where(STREAM.c.id.in_(streams)).order_by(STREAM.c.id)
    tx.execute(lock.with_for_update())
    # what came back meanwhile has another number
    gone = sa.delete(FEED).where(sa.tuple_(FEED.c.stream_id, FEED.c.seq).in_(found), FEED.c.left_at < before)
    tx.execute(gone)
    floors = dict(sorted(found))
    raised = sa.update(STREAM).where(
        STREAM.c.id == sa.bindparam("b_id"), STREAM.c.floor < sa.bindparam("b_seq")
    )
    tx.execute(
        raised.values(floor=sa.bindparam("b_seq")),
        [{"b_id": stream_id, "b_seq": seq} for stream_id, seq in floors.items()],
    )
    return len(found)
