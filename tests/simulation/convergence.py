"""When everybody has synced: each phone holds what a new one would, and knows what became of what it sent."""

import hashlib
from collections.abc import Container, Iterable
from itertools import pairwise
from typing import Any

import msgspec
import sqlalchemy as sa

from inspect_api.demo.memory import Captured
from inspect_api.store.feed import FEED
from inspect_api.store.schema import AnyRow, metadata
from sync.envelope import Outcome
from sync.identity import digest
from tests.simulation.phones import Holder
from tests.simulation.picture import Picture
from tests.simulation.places import Scope
from tests.simulation.violation import Violation

Copy = dict[tuple[str, str], object]

_PERSONAL = frozenset({"notice", "outcome"})
_OF_THE_MOMENT = ("overdue", "overdue_days", "overdue_by")
_DERIVED = frozenset(
    {"hazard_tallied", "hazard_tally", "hazard_untallied", "search_bits", "search_pending", "search_text"}
)
_NOT_THE_COUNTY = _DERIVED | {"account", "device", "instance", "job", "login_attempt", "session", "stream"}


def digest_of(tx: sa.Connection) -> str:
    """Of every row, but not about logins, jobs, the installation, how far the feed has come, and what is made
    out of other rows.
    """
    total = hashlib.sha256()
    for table in metadata.sorted_tables:
        if table.name in _NOT_THE_COUNTY:
            continue
        total.update(table.name.encode())
        for row in tx.exec_driver_sql(f"SELECT * FROM {table.name} ORDER BY 1, 2"):
            total.update(repr(tuple(row)).encode())
    return total.hexdigest()


def last_told(tx: sa.Connection) -> list[tuple[int, int]]:
    """The last number in every stream of the feed."""
    query = sa.select(FEED.c.stream_id, sa.func.max(FEED.c.seq)).group_by(FEED.c.stream_id)
    return [(row[0], row[1]) for row in tx.execute(query.order_by(FEED.c.stream_id))]


def check_copy(holder: Holder, fresh: Copy) -> None:
    """The phone's copy equals that of a new phone with the same login."""
    own = _lasting(holder.phone.memory.copy)
    new = _lasting(fresh)
    if own != new:
        wrong = sorted(key for key in own.keys() | new.keys() if own.get(key) != new.get(key))
        shown = [f"{key}: has {own.get(key)}, should have {new.get(key)}" for key in wrong[:2]]
        raise Violation(
            f"{holder.name} ({holder.person.username}) differs in {len(wrong)}: " + "; ".join(shown)
        )


def check_scopes(holders: Iterable[Holder], now: Picture) -> None:
    """Phones of one scope hold the same county, but for what is each person's own."""
    alike: dict[Scope, list[Holder]] = {}
    for holder in holders:
        alike.setdefault(now.scopes[holder.person.id], []).append(holder)
    for group in alike.values():
        for one, other in pairwise(group):
            mine, theirs = _common(one.phone.memory.copy), _common(other.phone.memory.copy)
            if mine != theirs:
                wrong = sorted(key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key))
                raise Violation(f"{one.name} and {other.name} of one scope differ in {wrong[:3]}")


def check_outcomes(holder: Holder, captured: Iterable[Captured], now: Picture) -> None:
    """What the phone was last told of each of its operations is how it stands."""
    memory = holder.phone.memory
    rows = {(row.op_id, row.digest.hex()): row for row in now.operations.values()}
    for one in captured:
        row = rows.get((str(one.op_id), digest(one.raw)))
        if row is None:
            continue  # it was filed before, with other bytes of equal meaning
        stands = msgspec.json.decode(row.outcome, type=Outcome)
        if row.code in ("held", "quarantined", "dismissed") or row.rev > 1:
            pulled = memory.copy.get(("outcome", str(row.filed_id)))
            told = msgspec.convert(pulled, Outcome) if pulled is not None else None
        else:
            told = memory.outcomes.get(one.op_id)
            if told is not None and told.code == "duplicate" and isinstance(told.first, Outcome):
                told = told.first
            if told is not None and told.digest != stands.digest:
                continue  # its id was used again; the phone shows the later one
        if told is None or told.code != stands.code:
            raise Violation(f"{holder.name}: {row.op_id} is {stands.code}, the phone was told {told}")


def check_nothing_lost(captured: Iterable[Captured], now: Picture) -> None:
    """Every operation that was ever saved on a phone is on file, byte for byte or by a first equal one."""
    kept = {row.raw for row in now.operations.values()}
    values = [(row.op_id, _value(row.raw)) for row in now.operations.values()]
    for one in captured:
        if one.raw not in kept and (str(one.op_id), _value(one.raw)) not in values:
            raise Violation(f"{one.op_id} was captured and is on file nowhere: {one.raw[:200]!r}")


def check_evidence(holders: Iterable[Holder], now: Picture, given_up: Container[str] = ()) -> None:
    """All photos of these phones that operations name have come, but for those that a restore has lost."""
    devices = {holder.device_id: holder for holder in holders}
    for photo in now.photos:
        if not photo.is_present and photo.device_id in devices and photo.sha256 not in given_up:
            holder = devices[photo.device_id]
            has = "has" if photo.sha256 in holder.phone.memory.album else "has no more"
            raise Violation(f"photo {photo.sha256} of {photo.op_id} never came; {holder.name} {has} it")


def check_clocks(rows: Iterable[AnyRow]) -> None:
    """Every step that was due has been taken."""
    if late := [row.hazard_id for row in rows]:
        raise Violation(f"steps are due and not taken: {late}")


def _value(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except msgspec.DecodeError:
        return raw


def _lasting(copy: Copy) -> Copy:
    return {key: _without(data, _OF_THE_MOMENT) for key, data in copy.items()}


def _common(copy: Copy) -> Copy:
    hidden = (*_OF_THE_MOMENT, "permitted_commands")
    return {key: _without(data, hidden) for key, data in copy.items() if key[0] not in _PERSONAL}


def _without(data: object, names: Iterable[str]) -> object:
    if not isinstance(data, dict):
        return data
    left = dict(data)
    for name in names:
        left.pop(name, None)
    return left
