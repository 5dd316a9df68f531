"""What people do with a network: commands given online, and decisions upon what was quarantined."""

import hashlib
from collections.abc import Callable
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from inspect_api.clock import new_id
from inspect_api.demo.link import Offline, Refused
from sync.bodies import PhotoClaim
from sync.entities import Hazard
from sync.envelope import Outcome
from tests.simulation.deeds import KINDS, Deeds
from tests.simulation.phones import Holder


class Office:
    """A desk, on the same bad network. `decided` hears what is released or dismissed."""

    def __init__(self, chance: Random, decided: Callable[[UUID], None]) -> None:
        self._chance, self._decided = chance, decided

    def give_command(self, holder: Holder) -> str:
        """A command online; when no answer comes it is given once more, as the same operation."""
        known = holder.phone.all(Hazard)
        if not known:
            return "nothing to command"
        hazard = self._chance.choice(known)
        permitted = hazard.permitted_commands
        kind = self._chance.choice(permitted if permitted and self._chance.random() < 0.8 else KINDS)
        deeds = Deeds(self._chance, holder.clock.wall(), lambda: self._scan(holder))
        body = {"op_id": str(new_id()), "kind": kind, "body": msgspec.to_builtins(deeds.of(kind))}
        for _ in range(2):
            try:
                holder.phone.link.post(f"/hazards/{hazard.id}/commands", body, Outcome)
            except Offline:
                continue
            except Refused as refused:
                return f"{kind}: {refused.problem.status}"
            return kind
        return f"{kind}, unanswered"

    def decide(self, holder: Holder) -> str:
        """Release or dismiss something out of the quarantine."""
        listed: dict[str, Any] = holder.phone.link.get("/quarantine", dict)
        if not listed["items"]:
            return "nothing in quarantine"
        chosen = UUID(self._chance.choice(listed["items"])["id"])
        self._decided(chosen)
        action = self._chance.choice(("release", "release", "dismiss"))
        try:
            holder.phone.link.post(f"/quarantine/{chosen}", {"action": action, "reason": "核实"}, Outcome)
        except Refused as refused:
            return f"{action}: {refused.problem.code}"
        return action

    def _scan(self, holder: Holder) -> PhotoClaim:
        """At a desk a picture is handed in before the command that names it."""
        now = holder.clock.wall()
        data = b"\xff\xd8\xff\xe0" + self._chance.randbytes(20)
        name = hashlib.sha256(data).hexdigest()
        holder.phone.link.put_photo(name, data)
        return PhotoClaim(sha256=name, size=len(data), content_type="image/jpeg", taken_at=now)
