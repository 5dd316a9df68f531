"""Planted: what may go wrong with hazards, their evidence and their histories."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from uuid import UUID

import sqlalchemy as sa

from inspect_api.actions import command_hazard, escalate_overdue, outcomes, submit_inspection
from inspect_api.actions.ledger import Cause, Ledger
from inspect_api.domain import escalation, moves, opening
from inspect_api.domain.chain import START
from inspect_api.domain.clocks import ClockState
from inspect_api.domain.history import EventBody
from inspect_api.domain.moves import Move
from inspect_api.store import hazard_events, photos
from inspect_api.store.schema import AnyRow
from tests.simulation.planting import plant
from tests.simulation.world import World


@plant
def attachment_link_lost(_world: World) -> Iterator[None]:
    """Bytes that arrive are linked to the first record that names them, not to all."""
    awaited = photos.awaited

    def first(*args: Any) -> list[AnyRow]:
        return awaited(*args)[:1]

    with patch.object(photos, "awaited", first):
        yield


@plant
def second_photo_dropped(_world: World) -> Iterator[None]:
    """Of the photos that an operation names only one is noted."""
    expect = photos.expect

    def one_each(tx: sa.Connection, rows: list[dict[str, Any]]) -> None:
        expect(tx, list({row["op_id"]: row for row in rows}.values()))

    with patch.object(photos, "expect", one_each):
        yield


@plant
def loser_forgotten(_world: World) -> Iterator[None]:
    """Who came too late is told so, and that is all."""

    def told(_batch: Any, filed: Any, _file: Any, refusal: Any) -> Any:
        filed.judged = refusal
        return outcomes.refused(filed, refusal, on_hazard=True)

    with patch.object(command_hazard, "_conflict", told):
        yield


@plant
def fixed_without_its_photo(_world: World) -> Iterator[None]:
    """Corrected on the spot is closed on the spot, proved or not."""
    with patch.object(
        submit_inspection, "_fixed", lambda _batch, answer: True if answer.fixed_on_site is not None else None
    ):
        yield


@plant
def major_closed_on_the_spot(_world: World) -> Iterator[None]:
    """A major hazard that was corrected on the spot is closed like any other."""

    def like_any(file: Any, now: Any, book: Any, fixed: bool | None = None) -> None:
        grade = file.hazard.grade
        if fixed is not None:
            file.hazard.grade = "general"
        opening.open_found(file, now, book, fixed)
        file.hazard.grade = grade

    with patch.object(submit_inspection, "open_found", like_any):
        yield


@plant
def pending_never_counted_down(_world: World) -> Iterator[None]:
    """The count of photos awaited only grows."""
    add = Ledger.add_pending

    def up_only(ledger: Ledger, hazard_id: UUID, count: int) -> None:
        add(ledger, hazard_id, max(count, 0))

    with patch.object(Ledger, "add_pending", up_only):
        yield


@plant
def entry_not_chained(_world: World) -> Iterator[None]:
    """The worker's entries begin a chain of their own."""
    add = hazard_events.add

    def loose(tx: sa.Connection, rows: list[dict[str, Any]]) -> None:
        add(tx, [row | {"prev_hash": START} if row["kind"] == "hazard.escalated" else row for row in rows])

    with patch.object(hazard_events, "add", loose):
        yield


@plant
def change_without_an_entry(_world: World) -> Iterator[None]:
    """A hazard is served, and its history says nothing of it."""
    record = Ledger.record

    def silent(ledger: Ledger, hazard_id: UUID, kind: str, cause: Cause, why: Any = None) -> EventBody:
        if kind != "hazard.served":
            return record(ledger, hazard_id, kind, cause, why)
        ledger._tracked[hazard_id].is_changed = True
        return EventBody()

    with patch.object(Ledger, "record", silent):
        yield


@plant
def step_taken_twice(_world: World) -> Iterator[None]:
    """A worker does not look which steps were taken before."""
    climb = escalate_overdue._climb

    def from_the_ground(work: Any, ledger: Any, file: Any, clock: ClockState) -> Any:
        if clock.next_step_at is not None and clock.next_step_at <= work.now:
            clock.step = 0
        return climb(work, ledger, file, clock)

    with patch.object(escalate_overdue, "_climb", from_the_ground):
        yield


@plant
def steps_missed_when_late(_world: World) -> Iterator[None]:
    """After an outage the worker notes the step as taken and takes the next one."""

    def only_last(*args: Any) -> Any:
        return escalation.steps_due(*args)[-1:]

    with patch.object(escalate_overdue, "steps_due", only_last):
        yield


_HOLE = moves._row("verify", "enterprise", ["verifying"], {"passed": "closed", "failed": "rectifying"})


@contextmanager
def _other_table(rows: tuple[Move, ...]) -> Iterator[None]:
    fitting = {
        (role, status): tuple(move for move in rows if role in move.roles and status in move.statuses)
        for role, status in moves._BY_ROLE
    }
    with patch.object(moves, "MOVES", rows), patch.object(moves, "_BY_ROLE", fitting):
        yield


@plant
def hole_in_the_table_of_moves(_world: World) -> Iterator[None]:
    """An enterprise may verify what it has rectified."""
    with _other_table((*moves.MOVES, _HOLE)):
        yield


@plant
def anybody_accepts(_world: World) -> Iterator[None]:
    """Whoever rectified may accept his own work."""
    with _other_table(tuple(move._replace(other_than=()) for move in moves.MOVES)):
        yield
