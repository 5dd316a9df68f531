"""The end of a run: the network is good, everybody syncs, and all has to come together."""

from datetime import timedelta

import msgspec
import sqlalchemy as sa

from inspect_api.clock import new_id
from inspect_api.store.clocks import CLOCK
from sync.envelope import Outcome, Push, PushAnswer
from sync.limits import PROTOCOL_MAX
from tests.simulation.convergence import (
    check_clocks,
    check_copy,
    check_evidence,
    check_nothing_lost,
    check_outcomes,
    check_scopes,
    digest_of,
)
from tests.simulation.phones import Holder
from tests.simulation.picture import take_picture
from tests.simulation.violation import Violation
from tests.simulation.world import World

_ROUNDS = 8


def come_to_rest(world: World) -> None:
    """Raises Violation for what does not come together."""
    while world.network.deliver_late():
        world.look()
    _until_quiet(world)
    with world.ground.app.db.read() as tx:
        now = take_picture(tx)
        check_clocks(
            tx.execute(sa.select(CLOCK.c.hazard_id).where(CLOCK.c.next_step_at <= world.clock.now()))
        )
    check_nothing_lost(world.disk, now)
    for holder in world.holders:
        fresh = holder.another()
        fresh.pull()
        check_copy(holder, fresh.memory.copy)
        check_outcomes(holder, now)
    check_scopes(world.holders)
    check_evidence({name for holder in world.holders for name in holder.phone.memory.album}, now)
    _replay(world)


def _until_quiet(world: World) -> None:
    before = ""
    for number in range(_ROUNDS):
        for holder in world.holders:
            world.use_phone(holder, lambda holder=holder: holder.sync(500), online=True)
            world.look()
        world.clock.advance(timedelta(seconds=70))
        world.work()
        world.look()
        with world.ground.app.db.read() as tx:
            now = digest_of(tx)
        if now == before:
            break
        before = now
    else:
        raise Violation(f"after {_ROUNDS} rounds there is still something to sync")
    for holder in world.holders:
        memory = holder.phone.memory
        if memory.waiting or memory.aside:
            raise Violation(
                f"{holder.name} cannot hand in {[str(c.op_id) for c in memory.waiting + memory.aside]}"
            )
    world.tell(f"quiet after {number} rounds")


def _replay(world: World) -> None:
    """All that a phone ever captured comes once more, in any order, a year later: nothing changes."""
    with world.ground.app.db.read() as tx:
        before = digest_of(tx)
    if world.chance.random() < 0.3:
        world.clock.advance(timedelta(days=365))
    for holder in world.holders:
        holder.online(lambda holder=holder: _push_again(world, holder))
    with world.ground.app.db.read() as tx:
        if digest_of(tx) != before:
            raise Violation("a replay has changed something")


def _push_again(world: World, holder: Holder) -> None:
    raws = [captured.raw for captured in world.disk.captured_by(holder.name) if _is_json(captured.raw)]
    world.chance.shuffle(raws)
    push = Push(
        protocol=PROTOCOL_MAX,
        device_id=holder.device_id,
        batch_id=new_id(),
        sent=holder.clock.read(),
        ops=[msgspec.Raw(raw) for raw in raws[: world.chance.randint(1, 12)]],
    )
    answer = holder.phone.link.post("/sync/push", push, PushAnswer)
    with world.ground.app.db.read() as tx:
        stands = {(row.op_id, row.digest.hex()): row for row in take_picture(tx).operations.values()}
    for outcome in answer.outcomes:
        first = outcome.first
        if outcome.code != "duplicate" or not isinstance(first, Outcome):
            raise Violation(f"replayed, {outcome.op_id} is {outcome.code}")
        row = stands[first.op_id, first.digest]
        if first.code != msgspec.json.decode(row.outcome, type=Outcome).code:
            raise Violation(f"replayed, {outcome.op_id} was {first.code} and is {row.code}")


def _is_json(raw: bytes) -> bool:
    try:
        msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return False
    return True
