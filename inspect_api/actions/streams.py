"""Which streams an account holds, and where its phone stands in them.

The cursor keeps a number for each stream: the last one read. `-name` is a stream that is not held any more,
or not as it was, and how far its entities have been let go; `+name` one that is being read for the first
time, and its head when that began: what had left it by then the phone never had. A township of which only
some villages are the account's has their digest behind its name, so that another choice of villages is
another stream.

Who has been away so long that marks of leaving are forgotten which he had not read is told to drop what that
stream brought, and is given what it carries: `*name` is such a stream that is being read again, with its
head when that began, `~name` one that is let go so.
"""

import hashlib
from dataclasses import dataclass, field
from uuid import UUID

from inspect_api.actions.work import TOWNSHIP_DIGITS, Work
from inspect_api.domain.access import REGION_ROLES, Caller
from inspect_api.errors import Code, Refusal
from inspect_api.store import feed, regions
from sync.limits import LIMITS

_PARTLY = "township:"
_SIGNS = "-~+*"


@dataclass
class Standing:
    """Numbers by the names of streams. `marks` names those held in part, each with its digest.

    `again` are those of `first_head` and `leaving` of which the phone has dropped everything, `reset` those
    for which it is told so now.
    """

    held: dict[str, int]
    marks: dict[str, str]
    streams: dict[str, feed.Stand] = field(default_factory=dict)
    leaving: dict[str, int] = field(default_factory=dict)
    first_head: dict[str, int] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)
    reset: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)

    def positions(self) -> dict[str, int]:
        """As the cursor keeps them."""
        kept = {name + self.marks.get(name, ""): number for name, number in self.held.items()}
        kept |= {("~" if name in self.again else "-") + name: n for name, n in self.leaving.items()}
        unread = {name: head for name, head in self.first_head.items() if head > self.held[name]}
        return kept | {("*" if name in self.again else "+") + name: head for name, head in unread.items()}

    def had(self, entry: feed.Entry) -> bool:
        """Whether the phone may have got this entity from this stream before."""
        return entry.seq > self.first_head.get(entry.stream, 0)

    def begin_anew(self, name: str) -> None:
        """The phone is told to drop all that the stream brought, and reads it from the start."""
        self.reset.add(name)
        self.again.add(name)
        if name in self.held:
            self.held[name], self.first_head[name] = 0, self.streams[name].head
            self.leaving.pop(name, None)
        else:
            self.leaving[name] = 0


def standing_of(work: Work, device_id: UUID, positions: dict[str, int]) -> Standing:
    """Where a phone stands by its cursor, in what its account holds now.

    Raises Refusal: SCOPE_TOO_WIDE, and CURSOR_INVALID for a number that no stream has reached.
    """
    marks = streams_of_caller(work.who, work, device_id)
    standing = Standing(dict.fromkeys(marks, 0), {name: mark for name, mark in marks.items() if mark})
    before: set[str] = set()
    going_on: set[str] = set()
    for key, number in positions.items():
        if key[0] in _SIGNS:
            continue
        name, mark = _parted(key)
        before.add(name)
        if marks.get(name) == mark:
            standing.held[name] = number
            going_on.add(name)
        elif number > 0:
            standing.leaving[name] = 0
    for key, number in positions.items():
        sign, name = key[0], key[1:]
        if sign in "-~":
            standing.leaving.setdefault(name, number)
        elif sign in "+*" and name in going_on:
            standing.first_head[name] = number
        if sign in "~*":
            standing.again.add(name)
    standing.streams = feed.stands(work.tx, standing.held | standing.leaving)
    for name in marks.keys() - going_on:
        if name in standing.streams:
            standing.first_head[name] = standing.streams[name].head
    _see_to_gaps(standing, going_on)
    standing.added, standing.removed = set(marks) - before, before - set(marks)
    return standing


def _see_to_gaps(standing: Standing, going_on: set[str]) -> None:
    """A phone that has missed forgotten marks of a stream begins that stream anew, and no other."""
    for name in going_on:
        stream, number = standing.streams.get(name), standing.held[name]
        if number > (stream.head if stream else 0):  # of a database that was put back and not said so
            raise Refusal(Code.CURSOR_INVALID, pointer="/cursor")
        if stream and number < stream.floor > standing.first_head.get(name, 0):
            standing.begin_anew(name)
    for name in standing.leaving.keys() - standing.again:
        if name in standing.streams and standing.streams[name].floor:
            standing.begin_anew(name)


def streams_of_caller(who: Caller, work: Work, device_id: UUID) -> dict[str, str]:
    """The streams that an account holds, each with its mark. Raises Refusal(SCOPE_TOO_WIDE) beyond 512."""
    own = ("reference", f"user:{who.id}", f"device:{device_id}")
    streams = dict.fromkeys(own, "") | _places(work, who)
    if len(streams) > LIMITS.streams:
        raise Refusal(Code.SCOPE_TOO_WIDE, f"More than {LIMITS.streams} streams")
    return streams


def _places(work: Work, who: Caller) -> dict[str, str]:
    if who.role == "enterprise":
        return {f"enterprise:{who.enterprise_id}": ""}
    if who.role in ("inspector", "expert"):
        return {f"grid:{code}": "" for code in sorted(who.grids)}
    if who.role in REGION_ROLES:
        codes = regions.townships(work.tx, who.regions, who.excluded, LIMITS.streams + 1)
        return {f"{_PARTLY}{code}": _mark(who, code) for code in codes}
    return {}


def _mark(who: Caller, township: str) -> str:
    """A digest of the villages that make the difference; nothing where the whole township is held."""
    inside = [f"-{code}" for code in who.excluded if _is_village_of(township, code)]
    wider = tuple(code for code in who.regions if len(code) <= TOWNSHIP_DIGITS)
    if not township.startswith(wider):
        inside += [f"+{code}" for code in who.regions if _is_village_of(township, code)]
    if not inside:
        return ""
    return "#" + hashlib.sha256(" ".join(sorted(inside)).encode()).hexdigest()[:8]


def _is_village_of(township: str, code: str) -> bool:
    return len(code) > TOWNSHIP_DIGITS and code.startswith(township) and len(township) == TOWNSHIP_DIGITS


def _parted(key: str) -> tuple[str, str]:
    """Name and mark; grids may be called anything, so only townships have one."""
    name, sign, digest = key.partition("#") if key.startswith(_PARTLY) else (key, "", "")
    return name, sign + digest
