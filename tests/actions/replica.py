"""What a phone holds: every entity that it was told of, as it was told last."""

import msgspec

from sync.envelope import Change
from tests.actions.bench import Bench

# they hold for the moment of an answer, without anything having changed
_OF_THE_MOMENT = ("overdue", "overdue_days", "overdue_by")


class Replica:
    """Somebody's phone: it pulls now and then, in pages of any size."""

    def __init__(self, bench: Bench, who: str) -> None:
        self._bench, self.who = bench, who
        self.cursor: str | None = None
        self.holds: dict[tuple[str, str], object] = {}

    def copy(self) -> "Replica":
        """The same phone, left as it is now."""
        left = Replica(self._bench, self.who)
        left.cursor, left.holds = self.cursor, dict(self.holds)
        return left

    def pull(self, limit: int = 1000) -> None:
        changes, self.cursor = self._bench.pull(self.who, self.cursor, limit=limit)
        for change in changes:
            if change.kind == "put":
                self.holds[change.entity, change.id] = _plain(change)
            else:
                self.holds.pop((change.entity, change.id), None)

    def fresh(self) -> "Replica":
        """A new phone of the same person, with all that it is given now."""
        new = Replica(self._bench, self.who)
        new.pull()
        return new

    def difference(self, fresh: "Replica") -> dict[tuple[str, str], tuple[object, object]]:
        """What this one holds against what the other holds."""
        keys = self.holds.keys() | fresh.holds.keys()
        pairs = {key: (self.holds.get(key), fresh.holds.get(key)) for key in keys}
        return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def _plain(change: Change) -> object:
    if change.stream == "reference":
        return change.rev  # checklists are long, and alike for all
    data = msgspec.to_builtins(change.data)
    if change.entity == "hazard":
        data = {name: value for name, value in data.items() if name not in _OF_THE_MOMENT}
    return data
