"""What an account has seen, and when: what it was given and what was taken, over where things have lain.

A phone captures without a network, so by the time an operation arrives the grid may be somebody else's, or
the site may have moved. What counts is the moment of capture.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from inspect_api.domain.access import REGION_ROLES, Caller, Placed

Seen = Literal["then", "at another time", "never"]


class Grant(NamedTuple):
    """A grid, a region or the exclusion of a region, from `given_at` until `taken_at`; None: to this day."""

    kind: Literal["grid", "region", "excluded"]
    code: str
    given_at: datetime
    taken_at: datetime | None

    def holds_at(self, moment: datetime) -> bool:
        return self.given_at <= moment and (self.taken_at is None or moment < self.taken_at)


class Stay(NamedTuple):
    """Where something lay before it was moved at `until`."""

    until: datetime
    region_code: str
    grid_code: str | None


class Somewhere(NamedTuple):
    """A thing, as far as scope goes."""

    region_code: str
    grid_code: str | None
    enterprise_id: UUID | None
    industry: str


def scope_at(who: Caller, grants: Sequence[Grant], moment: datetime) -> Caller:
    """The account with the regions or grids that it held at a moment."""
    codes: dict[str, list[str]] = {"grid": [], "region": [], "excluded": []}
    for grant in grants:
        if grant.holds_at(moment):
            codes[grant.kind].append(grant.code)
    if who.role in REGION_ROLES:
        return who._replace(regions=tuple(codes["region"]), excluded=tuple(codes["excluded"]))
    return who._replace(grids=frozenset(codes["grid"]))


def when_seen(
    who: Caller, grants: Sequence[Grant], thing: Placed, stays: Sequence[Stay], moment: datetime
) -> Seen:
    """Whether the account saw the thing at a moment, or at any other; `stays` in the order of their ends."""

    def seen_at(at: datetime) -> bool:
        return scope_at(who, grants, at).sees(_placed_at(thing, stays, at))

    if seen_at(moment):
        return "then"
    # between two of these moments nothing changes
    turns = {grant.given_at for grant in grants} | {stay.until for stay in stays}
    turns |= {grant.taken_at for grant in grants if grant.taken_at is not None}
    return "at another time" if any(seen_at(turn) for turn in turns) else "never"


def _placed_at(thing: Placed, stays: Sequence[Stay], moment: datetime) -> Placed:
    stay = next((stay for stay in stays if moment < stay.until), None)
    if stay is None:
        return thing
    return Somewhere(stay.region_code, stay.grid_code, thing.enterprise_id, thing.industry)
