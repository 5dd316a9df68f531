"""Changes of what people may see: grids and regions given and taken, sites moved, people and phones ended."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from inspect_api.actions.change_scope import (
    disable_account,
    enable_account,
    give_grid,
    give_region,
    revoke_device,
    take_grid,
    take_region,
)
from inspect_api.actions.move_site import move_site
from inspect_api.actions.work import Work
from tests.simulation.phones import Holder
from tests.simulation.places import GRIDS, PLACES, Person

Change = Callable[[Work], object]


class Decision(NamedTuple):
    """What is to be changed, what to call it, and who may log in again by it."""

    what: str
    change: Change
    revived: Person | None = None


_VILLAGE, _TOWNSHIP, _COUNTY = "652327101001", "652327101", "652327"


class Authority:
    """Thinks of changes; the caller has them made by one of the server's processes."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def change(self, holders: list[Holder]) -> Decision:
        """Something about the people and phones of this run."""
        chance = self._chance
        ended = [holder.person for holder in holders if holder.is_ended]
        if ended and chance.random() < 0.5:
            return _revive(chance.choice(ended))
        person = chance.choice(holders).person
        if person.grids and chance.random() < 0.7:
            return self._grid(person)
        if person.regions and chance.random() < 0.7:
            return self._region(person)
        if chance.random() < 0.7:
            return self._move()
        return self._end(chance.choice(holders))

    def _grid(self, person: Person) -> Decision:
        who, code = person.id, self._chance.choice(GRIDS)
        if self._chance.random() < 0.5:
            return Decision(f"{person.username} gets {code}", lambda work: give_grid(work, who, code))
        return Decision(f"{person.username} loses {code}", lambda work: take_grid(work, who, code))

    def _region(self, person: Person) -> Decision:
        who, code = person.id, self._chance.choice((_VILLAGE, _TOWNSHIP, _COUNTY))
        way = self._chance.random()
        if way < 0.4:
            return Decision(f"{person.username} gets {code}", lambda work: give_region(work, who, code))
        if way < 0.7:
            what = f"{person.username} is kept out of {code}"
            return Decision(what, lambda work: give_region(work, who, code, excluded=True))
        return Decision(f"{person.username} loses {code}", lambda work: take_region(work, who, code))

    def _move(self) -> Decision:
        place, grid = self._chance.choice(PLACES), self._chance.choice(GRIDS)
        return Decision(f"{place.key} moves to {grid}", lambda work: move_site(work, place.id, grid))

    def _end(self, holder: Holder) -> Decision:
        who, device = holder.person.id, holder.device_id
        if self._chance.random() < 0.3:
            return Decision(f"{holder.name} is revoked", lambda work: revoke_device(work, device))
        return Decision(f"{holder.person.username} is disabled", lambda work: disable_account(work, who))


def _revive(person: Person) -> Decision:
    return Decision(
        f"{person.username} is let in again", lambda work: enable_account(work, person.id), person
    )
