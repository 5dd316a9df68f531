"""One unit of work: a transaction, its moment, who asked, the rules, and what it has changed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from checklists.risk_rules import RiskRules
from inspect_api.domain.access import Caller, Placed
from inspect_api.domain.clocks import Rulebook
from inspect_api.domain.coverage import CoverageRules
from inspect_api.domain.deadline import DeadlineRules
from inspect_api.domain.escalation import Ladders
from inspect_api.domain.photo_rules import PhotoRules
from inspect_api.domain.sampling import SampleRules
from inspect_api.store import calendar_days, feed

TOWNSHIP_DIGITS = 9


class Rules(NamedTuple):
    """What experts own, loaded once when a process starts."""

    deadlines: DeadlineRules
    ladders: Ladders
    risk: RiskRules
    coverage: CoverageRules
    sampling: SampleRules
    photos: PhotoRules


@dataclass
class Work:
    """Changes are collected and numbered in the feed last, by `publish`, before the commit.

    `settle` begins the end of a transaction that writes and gives its moment (see `store.settling`);
    `changed_at` is when the register has last changed, in a snapshot of all that it was until `now`.
    """

    tx: sa.Connection
    now: datetime
    rules: Rules
    caller: Caller | None = None
    settle: Callable[[], datetime] | None = None
    changed_at: datetime | None = None
    _changes: list[feed.FeedChange] = field(default_factory=list)
    _book: Rulebook | None = None
    _holds_from: datetime | None = None

    @property
    def who(self) -> Caller:
        """The account that asked; only for work that somebody asked for."""
        if self.caller is None:
            raise LookupError("This work was asked for by nobody")
        return self.caller

    @property
    def book(self) -> Rulebook:
        """Deadlines and ladders with the working-day calendar as it stands in this transaction."""
        if self._book is None:
            calendar = calendar_days.current(self.tx)
            self._book = Rulebook(self.rules.deadlines, self.rules.ladders, calendar, self.rules.sampling)
        return self._book

    def changed(self, entity: str, entity_id: UUID, rev: int, placed: Placed) -> None:
        """An entity that lies somewhere has changed: everyone who may see it there is told."""
        self._changes.append(feed.FeedChange(streams_of(placed), entity, entity_id, rev))

    def changed_for(self, stream: str, entity: str, entity_id: UUID, rev: int) -> None:
        """An entity of one account, device or of everybody (`reference`) has changed."""
        self._changes.append(feed.FeedChange((stream,), entity, entity_id, rev))

    def left(self, entity: str, entity_id: UUID, rev: int, streams: Iterable[str]) -> None:
        """An entity has moved out of these streams: who sees it nowhere else is to forget it."""
        self._changes.append(feed.FeedChange(tuple(streams), entity, entity_id, rev, "leave", self.now))

    def holds_from(self) -> datetime:
        """The moment from which what is written from here on stands in the register: after `now`, and after
        every moment that a reader has been answered for who did not see it."""
        if self._holds_from is None:
            self._holds_from = self.now if self.settle is None else self.settle()
        return self._holds_from

    def mark(self) -> int:
        """A place to come back to when what follows is undone."""
        return len(self._changes)

    def forget_since(self, mark: int) -> None:
        """Drop the changes since a mark: their rows were rolled back, and locks with them."""
        del self._changes[mark:]
        self._holds_from = None

    def publish(self) -> None:
        """Number what has changed. Nothing may be written after this but the commit."""
        feed.append(self.tx, self._changes)
        self._changes.clear()


def streams_of(placed: Placed) -> tuple[str, ...]:
    """The streams that carry what lies here: its township, its grid, its enterprise."""
    return _streams_at(placed.region_code, placed.grid_code, placed.enterprise_id)


@lru_cache(maxsize=4096)
def _streams_at(region_code: str, grid_code: str | None, enterprise_id: UUID | None) -> tuple[str, ...]:
    streams = [f"township:{region_code[:TOWNSHIP_DIGITS]}"]
    if grid_code is not None:
        streams.append(f"grid:{grid_code}")
    if enterprise_id is not None:
        streams.append(f"enterprise:{enterprise_id}")
    return tuple(streams)
