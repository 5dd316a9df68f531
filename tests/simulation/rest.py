"""The end of a run: the network is good, everybody syncs, and all has to come together."""

from datetime import timedelta
from functools import partial

import msgspec
import sqlalchemy as sa

from inspect_api.actions.log_in import token_hash
from inspect_api.clock import new_id
from inspect_api.http.callers import DEPOSITS_FOR
from inspect_api.store.clocks import CLOCK
from inspect_api.store.sessions import SESSION
from sync.envelope import Outcome, Push, PushAnswer
from sync.identity import digest
from sync.limits import PROTOCOL_MAX
from tests.simulation.convergence import (
    check_clocks,
    check_copy,
    check_evidence,
    check_nothing_lost,
    check_outcomes,
    check_scopes,
    digest_of,
    last_told,
)
from tests.simulation.phones import Holder
from tests.simulation.picture import Picture, take_picture
from tests.simulation.violation import Violation
from tests.simulation.world import START, World

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
    left = _left(world)
    world.audit.filing.check_owed(now, {digest(raw) for raw in left})
    check_nothing_lost((one for raw, one in world.disk.captured.items() if raw not in left), now)
    active = _able(world)
    for holder in active:
        fresh = holder.another()
        holder.online(fresh.pull)
        check_copy(holder, fresh.memory.copy)
        check_outcomes(holder, world.disk.captured_by(holder.name), now)
    check_scopes(active, now)
    check_evidence(active, now, world.audit.given_up)
    _replay(world, active, now)


def _able(world: World) -> list[Holder]:
    """Those who may log in."""
    return [holder for holder in world.holders if not holder.is_ended]


def _is_shut_out(world: World, holder: Holder) -> bool:
    """Ended for more than 30 days, or with a login whose last renewal the phone never heard of."""
    if not holder.is_ended or world.clock.now() - START > DEPOSITS_FOR:
        return holder.is_ended
    token = token_hash(holder.phone.link.last_token)
    with world.ground.app.db.read() as tx:
        return tx.execute(sa.select(SESSION.c.id).where(SESSION.c.access_hash == token)).first() is None


def _left(world: World) -> set[bytes]:
    """What lies on phones that are shut out, also of what a server has lost that they will never meet."""
    left = {
        one.raw
        for holder in world.holders
        for one in (*holder.phone.memory.waiting, *holder.phone.memory.aside)
    }
    ended = (holder for holder in world.holders if holder.is_ended)
    return left | {
        kept.captured.raw
        for holder in ended
        for kept in holder.phone.memory.kept
        if kept.epoch != world.epoch
    }


def _until_quiet(world: World) -> None:
    """Everybody hands in, the worker works, everybody pulls, until nobody is asked for anything more."""
    for number in range(_ROUNDS):
        world.tell(f"round {number}")
        for holder in world.holders:
            world.hand_in(holder)
            world.look()
        world.clock.advance(timedelta(seconds=70))
        world.work()
        world.look()
        told = _last_told(world)
        for holder in _able(world):
            world.use_phone(holder, partial(holder.phone.pull, 500), online=True)
        if told == _last_told(world) and not any(_is_asked(world, holder) for holder in world.holders):
            return
    stuck = {holder.name: _waiting(holder) for holder in world.holders if _is_asked(world, holder)}
    raise Violation(f"after {_ROUNDS} rounds there is still something to sync: {stuck}")


def _is_asked(world: World, holder: Holder) -> bool:
    """Whether something lies on the phone that the server has not, and would take."""
    memory = holder.phone.memory
    if not holder.is_ended and memory.wanted & memory.album.keys():
        return True
    return bool(memory.waiting or memory.aside) and not _is_shut_out(world, holder)


def _waiting(holder: Holder) -> list[str]:
    memory = holder.phone.memory
    return [str(captured.op_id) for captured in memory.waiting + memory.aside]


def _last_told(world: World) -> list[tuple[int, int]]:
    with world.ground.app.db.read() as tx:
        return last_told(tx)


def _replay(world: World, active: list[Holder], now: Picture) -> None:
    """All that a phone ever captured comes once more, in any order, a year later: nothing changes."""
    with world.ground.app.db.read() as tx:
        before = digest_of(tx)
    world.tell(f"all stands as {before}")
    if world.chance.random() < 0.3:
        world.clock.advance(timedelta(days=365))
    for holder in active:
        holder.online(partial(_push_again, world, holder, now))
    with world.ground.app.db.read() as tx:
        if digest_of(tx) != before:
            raise Violation("a replay has changed something")


def _push_again(world: World, holder: Holder, now: Picture) -> None:
    stands = {(row.op_id, row.digest.hex()): row for row in now.operations.values()}
    # what others handed in for this very person, he would claim by sending it himself
    his = {row.raw for row in stands.values() if row.author_id == holder.person.id}
    captured = [one.raw for one in world.disk.captured_by(holder.name)]
    raws = [raw for raw in captured if _is_json(raw) and raw not in his]
    world.chance.shuffle(raws)
    push = Push(
        protocol=PROTOCOL_MAX,
        device_id=holder.device_id,
        batch_id=new_id(),
        sent=holder.clock.read(),
        ops=[msgspec.Raw(raw) for raw in raws[: world.chance.randint(1, 12)]],
    )
    answer = holder.phone.link.post("/sync/push", push, PushAnswer)
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
