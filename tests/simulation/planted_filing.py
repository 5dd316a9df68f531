"""Planted: what may go wrong when operations are filed and held."""

from collections.abc import Iterator, Sequence
from typing import Any
from unittest.mock import patch
from uuid import UUID

import sqlalchemy as sa

from inspect_api.actions import file_operations, judge_held, judge_operations
from inspect_api.actions.app import App
from inspect_api.actions.judge_operations import Judged, Origin
from inspect_api.actions.outcomes import outcome
from inspect_api.actions.read_operations import Filed
from inspect_api.actions.work import Work
from inspect_api.clock import new_id
from inspect_api.errors import Code, Refusal
from inspect_api.store import held, operations
from inspect_api.store.database import RaceLost
from tests.simulation.planting import plant
from tests.simulation.statements import ServerKilled
from tests.simulation.world import World


@plant
def acknowledged_before_commit(_world: World) -> Iterator[None]:
    """The answer goes out first: a server that dies at the commit has promised what it has not kept."""
    write = App.write

    def hasty(app: App, act: Any, caller: Any = None) -> Any:
        answers: list[Any] = []

        def acting(work: Work) -> Any:
            answers.append(act(work))
            return answers[-1]

        try:
            return write(app, acting, caller)
        except ServerKilled:
            if not answers:
                raise
            return answers[-1]

    with patch.object(App, "write", hasty):
        yield


@plant
def no_dedupe(_world: World) -> Iterator[None]:
    """Everything that comes is new."""

    def all_new(work: Work, given: Sequence[Filed], *_: Any) -> tuple[list[int], dict[int, UUID]]:
        known = operations.find(work.tx, {filed.filed_id for filed in given})
        for filed in given:
            if filed.filed_id in known:
                filed.filed_id = new_id()
        return list(range(len(given))), {}

    with patch.object(file_operations, "_repeats", all_new):
        yield


@plant
def dedupe_by_id_only(_world: World) -> Iterator[None]:
    """An id that was used before is a duplicate, whatever stands in it."""
    with patch.object(file_operations, "_same", lambda *_: True):
        yield


@plant
def dependencies_ignored(_world: World) -> Iterator[None]:
    """Operations apply as they come."""
    with patch.object(judge_operations, "_unmet", lambda *_: None):
        yield


@plant
def held_operation_forced(_world: World) -> Iterator[None]:
    """What the worker looks at it applies, whatever it waits for."""
    judge = judge_held.judge_held

    def forcing(work: Work, most: int) -> int:
        with patch.object(judge_operations, "_unmet", lambda *_: None):
            return judge(work, most)

    with patch("inspect_api.jobs.loop.judge_held", forcing):
        yield


@plant
def chain_survives_a_conflict(_world: World) -> Iterator[None]:
    """What depends on a conflict goes on waiting."""

    def waiting(wanted: list[UUID], states: dict[UUID, str]) -> Refusal | None:
        unmet = any(states.get(op_id) != "applied" for op_id in wanted)
        return Refusal(Code.DEPENDENCY_MISSING) if unmet else None

    with patch.object(judge_operations, "_unmet", waiting):
        yield


@plant
def held_operation_forgotten(_world: World) -> Iterator[None]:
    """What a held operation waits for is not noted."""
    with patch.object(held, "set_waits", lambda *_: None):
        yield


@plant
def two_way_race(world: World) -> Iterator[None]:
    """Looks for what it depends on before it waits its turn; meanwhile that comes and looks for it."""
    write, look = App.write, judge_operations._outcomes_before
    seen: list[set[UUID]] = []

    def slow(app: App, act: Any, caller: Any = None) -> Any:
        with app.db.read() as tx:
            before = set(tx.execute(sa.select(operations.OPERATION.c.filed_id)).scalars())
        world.sometimes_others_go_first()
        seen.append(before)
        try:
            return write(app, act, caller)
        finally:
            seen.pop()

    def stale(work: Work, given: Sequence[Filed]) -> dict[UUID, str]:
        return {i: code for i, code in look(work, given).items() if not seen or i in seen[-1]}

    with patch.object(App, "write", slow), patch.object(judge_operations, "_outcomes_before", stale):
        yield


@plant
def ordered_by_the_wall_clock(_world: World) -> Iterator[None]:
    """A batch is applied in the order that the phone's clock tells."""

    def by_clock(given: Sequence[Filed]) -> list[int]:
        walls = [filed.op.at.wall if filed.op is not None else "~" for filed in given]
        return sorted(range(len(given)), key=walls.__getitem__)

    with patch.object(judge_operations, "_order", by_clock):
        yield


@plant
def receipt_of_a_rolled_back_batch(_world: World) -> Iterator[None]:
    """When the write fails, the outcomes that were ready are answered all the same."""
    together = judge_operations._together

    def answered(work: Work, given: Sequence[Filed], origin: Origin) -> Judged:
        try:
            with work.tx.begin_nested():
                return together(work, given, origin)
        except RaceLost:
            raise
        except Exception:
            return Judged([outcome(filed, "applied") for filed in given], set())

    with (
        patch.object(judge_operations, "judge_operations", answered),
        patch.object(file_operations, "judge_operations", answered),
        patch.object(judge_held, "judge_operations", answered),
    ):
        yield


@plant
def quarantine_forgets_the_bytes(_world: World) -> Iterator[None]:
    """Of what cannot be applied only the outcome is kept."""
    add = operations.add

    def without(tx: sa.Connection, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            if row["code"] == "quarantined":
                row["raw"] = b"{}"
        add(tx, rows)

    with patch.object(operations, "add", without):
        yield
