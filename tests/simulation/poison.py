"""Operations that no careful phone sends, and that must harm nobody but themselves."""

from collections.abc import Callable
from random import Random
from uuid import UUID

import msgspec

from inspect_api.clock import new_id
from sync.commands import Note
from sync.envelope import Operation
from tests.simulation.phones import Holder
from tests.simulation.places import PEOPLE


class Poison:
    """Puts one into the outbox of a phone."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def add(self, holder: Holder) -> str:
        """Which kind it was."""
        acts: tuple[Callable[[Holder], None], ...] = (
            self._unreadable, self._unknown_kind, self._wrong_body, self._other_author, self._reused_id,
            self._cycle, self._waits_for_nothing, self._same_again,
        )  # fmt: skip
        act = self._chance.choice(acts)
        act(holder)
        return act.__name__.lstrip("_")

    def _unreadable(self, holder: Holder) -> None:
        op_id = new_id()
        holder.phone.keep(op_id, b'{"op_id": "%s", "kind": hazard.note}' % str(op_id).encode())

    def _unknown_kind(self, holder: Holder) -> None:
        self._put(holder, self._note(holder), kind="hazard.admire")

    def _wrong_body(self, holder: Holder) -> None:
        self._put(holder, self._note(holder), body=msgspec.Raw(b'{"text": 7}'))

    def _other_author(self, holder: Holder) -> None:
        others = [person.id for person in PEOPLE if person != holder.person]
        self._put(holder, self._note(holder), user_id=self._chance.choice(others))

    def _reused_id(self, holder: Holder) -> None:
        """An id of this phone's past (or of nothing) with another content."""
        used = holder.done[-1].op_id if holder.done else new_id()
        self._put(holder, self._note(holder), op_id=used)

    def _cycle(self, holder: Holder) -> None:
        first, second = new_id(), new_id()
        self._put(holder, self._note(holder), op_id=first, depends_on=[second])
        self._put(holder, self._note(holder), op_id=second, depends_on=[first])

    def _waits_for_nothing(self, holder: Holder) -> None:
        self._put(holder, self._note(holder), depends_on=[new_id()])

    def _same_again(self, holder: Holder) -> None:
        """What waits stands in the outbox twice, the second time with other bytes of equal meaning."""
        waiting = holder.phone.memory.waiting
        if not waiting:
            return
        chosen = self._chance.choice(waiting)
        try:
            value = msgspec.json.decode(chosen.raw)
        except msgspec.DecodeError:
            return
        holder.phone.keep(chosen.op_id, msgspec.json.format(msgspec.json.encode(value), indent=1))

    def _note(self, holder: Holder) -> Operation:
        hazards = [hazard for done in holder.done for hazard in done.hazards] or [new_id()]
        return Operation(
            op_id=new_id(),
            seq=holder.phone.memory.next_seq,
            user_id=holder.person.id,
            kind="hazard.note",
            entity_id=self._chance.choice(hazards),
            at=holder.clock.read(),
            body=msgspec.Raw(msgspec.json.encode(Note(text="怪事"))),
        )

    def _put(self, holder: Holder, operation: Operation, **changed: object) -> None:
        odd = msgspec.structs.replace(operation, **changed)
        odd_id: UUID = odd.op_id
        holder.phone.keep(odd_id, msgspec.json.encode(odd))
