"""Planted: what a pull may get wrong."""

from collections.abc import Iterable, Iterator
from typing import Any
from unittest.mock import patch
from uuid import UUID

import msgspec
import sqlalchemy as sa

from inspect_api.actions import pull_changes, streams
from inspect_api.actions.app import App
from inspect_api.actions.pull_changes import Pulled
from inspect_api.actions.receive_push import Here
from inspect_api.actions.streams import Standing
from inspect_api.actions.work import Work
from inspect_api.store import feed
from sync.cursor import decode_cursor, encode_cursor
from sync.envelope import Change, Pull
from tests.simulation.planting import plant
from tests.simulation.world import World

_BLOCK = 50


@plant
def number_drawn_before_the_work(world: World) -> Iterator[None]:
    """Feed numbers are drawn when a unit of work begins; a slow one commits after later ones."""
    write, append = App.write, feed.append
    drawn: list[dict[int, int]] = []

    def heads(tx: sa.Connection) -> dict[int, int]:
        return {row.id: row.head for row in tx.execute(sa.select(feed.STREAM))}

    def draw(tx: sa.Connection) -> dict[int, int]:
        before = heads(tx)
        tx.execute(sa.update(feed.STREAM).values(head=feed.STREAM.c.head + _BLOCK))
        return before

    def slow(app: App, act: Any, caller: Any = None) -> Any:
        early = app.db.run(draw)
        world.sometimes_others_go_first()
        drawn.append(early)
        try:
            return write(app, act, caller)
        finally:
            drawn.pop()

    def append_early(tx: sa.Connection, changes: Iterable[feed.FeedChange]) -> None:
        now = heads(tx)
        early = now | (drawn[-1] if drawn else {})
        with patch.object(feed, "_lock", lambda _tx, ids: {i: early.get(i, 0) for i in ids}):
            append(tx, changes)
        for stream, head in now.items():
            lower = sa.update(feed.STREAM).where(feed.STREAM.c.id == stream, feed.STREAM.c.head < head)
            tx.execute(lower.values(head=head))

    with patch.object(App, "write", slow), patch.object(feed, "append", append_early):
        yield


@plant
def entry_dropped_in_large_batches(_world: World) -> Iterator[None]:
    """Beyond four changes only the first stream of each hears of it."""
    append = feed.append

    def some(tx: sa.Connection, changes: Iterable[feed.FeedChange]) -> None:
        kept = list(changes)
        append(tx, kept[:4] + [change._replace(streams=change.streams[:1]) for change in kept[4:]])

    with patch.object(feed, "append", some):
        yield


@plant
def cursor_counts_what_was_not_sent(_world: World) -> Iterator[None]:
    """The entry that told that there is more counts as read."""
    pull = pull_changes.pull_changes

    def counting(work: Work, wanted: Pull, here: Here) -> Pulled:
        pulled = pull(work, wanted, here)
        if not pulled.answer.more or not pulled.answer.changes:
            return pulled
        positions = dict(decode_cursor(pulled.answer.cursor, here.epoch, work.who.id).positions)
        last = pulled.answer.changes[-1].stream
        if last in positions:
            positions[last] += 1
        return _with_cursor(pulled, encode_cursor(here.epoch, work.who.id, positions))

    with patch("inspect_api.http.sync.pull_changes", counting):
        yield


@plant
def cursor_of_a_later_snapshot(world: World) -> Iterator[None]:
    """The cursor is where the streams are when the answer goes out, not where they were when it was read."""
    pull = pull_changes.pull_changes

    def late(work: Work, wanted: Pull, here: Here) -> Pulled:
        pulled = pull(work, wanted, here)
        if pulled.answer.more:
            return pulled
        world.others_go_first()
        positions = dict(decode_cursor(pulled.answer.cursor, here.epoch, work.who.id).positions)
        with world.ground.app.db.read() as tx:
            positions |= {name: stand.head for name, stand in feed.stands(tx, positions).items()}
        return _with_cursor(pulled, encode_cursor(here.epoch, work.who.id, positions))

    with patch("inspect_api.http.sync.pull_changes", late):
        yield


def _with_cursor(pulled: Pulled, cursor: str) -> Pulled:
    return pulled._replace(answer=msgspec.structs.replace(pulled.answer, cursor=cursor))


@plant
def leave_dropped(_world: World) -> Iterator[None]:
    """What a caller may see no more is not told to leave."""
    changes_of = pull_changes._changes

    def staying(*args: Any) -> list[Change]:
        return [change for change in changes_of(*args) if change.kind != "leave"]

    with patch.object(pull_changes, "_changes", staying):
        yield


@plant
def departure_untold(_world: World) -> Iterator[None]:
    """A site that moves is put where it goes, and let go of nowhere."""
    with patch.object(Work, "left", lambda *_: None):
        yield


@plant
def new_grid_from_now_on(_world: World) -> Iterator[None]:
    """A grid that is given begins with what happens next, not with what is there."""

    def at_the_head(work: Work, device_id: UUID, positions: dict[str, int]) -> Standing:
        standing = streams.standing_of(work, device_id, positions)
        if positions:
            standing.held |= {name: standing.first_head.get(name, 0) for name in standing.added}
        return standing

    with patch.object(pull_changes, "standing_of", at_the_head):
        yield


@plant
def forgotten_leaves_untold(_world: World) -> Iterator[None]:
    """Old marks of leaving are forgotten, and who has not heard of them goes on as if there were none."""
    with patch.object(streams, "_see_to_gaps", lambda *_: None):
        yield


@plant
def outcome_untold(_world: World) -> Iterator[None]:
    """Nobody tells the phone what became of an operation that was held."""
    changed_for = Work.changed_for

    def silent(work: Work, stream: str, entity: str, entity_id: UUID, rev: int) -> None:
        if entity != "outcome" or rev == 1:
            changed_for(work, stream, entity, entity_id, rev)

    with patch.object(Work, "changed_for", silent):
        yield
