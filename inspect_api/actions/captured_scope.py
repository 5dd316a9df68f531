"""What was captured while in scope still counts: an author's scope as it was, read only where it matters.

Nearly every operation acts on something that its author sees now, and costs nothing here. For the others
all that the account was ever given, and where the sites of the batch have lain, is read once a batch.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cached_property
from uuid import UUID

from inspect_api.actions.read_operations import Filed
from inspect_api.actions.work import Work
from inspect_api.domain.access import Placed
from inspect_api.domain.past_scope import Grant, Seen, Stay, scope_at, when_seen
from inspect_api.errors import Code, Refusal
from inspect_api.store import enterprises, grants, sites, tasks

VILLAGE_DIGITS = 12


class CapturedScope:
    """The scope of the account that a batch is judged as; `site_ids` gives the sites that the batch knows."""

    def __init__(self, work: Work, site_ids: Callable[[], Iterable[UUID]]) -> None:
        self._work = work
        self._site_ids = site_ids

    def admit(self, filed: Filed, thing: Placed, site_id: UUID | None, unknown: Refusal) -> None:
        """Let an operation act on a thing that its author sees now, or saw when he captured it.

        Raises SCOPE_REVOKED where he has seen it at another time only, and `unknown` for what he has never
        seen, as for what does not exist. What a supervisor has released passes.
        """
        who = self._work.who
        if filed.released_by is not None or who.sees_at(thing, site_id):
            return
        if not filed.online and site_id in self._sent_to:
            filed.flags.append("scope_moved")
            return
        seen = self._seen(thing, site_id, filed.when.at)
        if seen == "never":
            raise unknown
        if seen == "at another time":
            pointer = unknown.faults[0].pointer if unknown.faults else None
            raise Refusal(Code.SCOPE_REVOKED, pointer=pointer, awaits=unknown.awaits)
        filed.flags.append("scope_moved")

    def has_seen(self, thing: Placed, site_id: UUID | None) -> bool:
        """Whether the author sees it or has seen it: then he may be told that it is there."""
        is_seen = self._work.who.sees_at(thing, site_id) or site_id in self._sent_to
        return is_seen or self._seen(thing, site_id, self._work.now) != "never"

    def grids_at(self, moment: datetime) -> frozenset[str]:
        """The grids that the author held at a moment; those of today where none are on record."""
        return scope_at(self._work.who, self._grants, moment).grids or self._work.who.grids

    @cached_property
    def home(self) -> str | None:
        """The region of the author himself, for what belongs nowhere: his place, or the last one he had."""
        who = self._work.who
        if who.enterprise_id is not None:
            own = enterprises.by_ids(self._work.tx, [who.enterprise_id])
            return own[who.enterprise_id].region_code if own else None
        places = [*who.regions, *(code for code in who.grids if code.isdigit())]
        if not places:
            had = [grant for grant in self._grants if grant.kind != "excluded" and grant.code.isdigit()]
            ended = sorted(had, key=lambda grant: grant.taken_at or grant.given_at)
            places = [grant.code for grant in ended[-1:]]
        return min(places)[:VILLAGE_DIGITS] if places else None

    def _seen(self, thing: Placed, site_id: UUID | None, moment: datetime) -> Seen:
        stays = self._stays.get(site_id, []) if site_id is not None else []
        return when_seen(self._work.who, self._grants, thing, stays, moment)

    @cached_property
    def _sent_to(self) -> frozenset[UUID]:
        """Where an expert was ever sent: no work of his is lost when the task is withdrawn meanwhile."""
        who = self._work.who
        return tasks.sites_given(self._work.tx, who.id) if who.role == "expert" else frozenset()

    @cached_property
    def _grants(self) -> list[Grant]:
        return grants.of_account(self._work.tx, self._work.who.id)

    @cached_property
    def _stays(self) -> dict[UUID, list[Stay]]:
        return sites.stays(self._work.tx, self._site_ids())
