"""What is overdue, by whom and since when, for a whole province in one call."""

from datetime import datetime
from itertools import takewhile
from uuid import UUID

from msgspec import Struct

from inspect_api.actions.list_hazards import check_come, is_over
from inspect_api.actions.work import Work
from inspect_api.domain.access import REGION_ROLES, Caller
from inspect_api.domain.deadline import overdue_days
from inspect_api.domain.escalation import STEP_NAMES
from inspect_api.domain.words import GRADE_NAMES, INDUSTRY_NAMES
from inspect_api.store import enterprises, overdue_queries, regions
from inspect_api.store.overdue_queries import By, Tally

_LEVELS = (2, 4, 6, 9, 12)
_NO_STEP = "未升级"
_NO_ENTERPRISE = "无责任企业"


class Sums(Struct, frozen=True, kw_only=True):
    """`open` have not ended; `overdue` have a running clock that ran out, each by one of the two parties."""

    open: int
    overdue: int
    overdue_by_enterprise: int
    overdue_by_regulator: int
    longest_overdue_days: int
    oldest_due_at: datetime | None


class Group(Sums, frozen=True, kw_only=True):
    """The sums of one region, industry, grade, enterprise (null: of none) or step."""

    key: str | None
    name: str


class OverdueSummary(Struct, frozen=True, kw_only=True):
    """Agrees with the list of hazards that is asked for the same moment."""

    as_of: datetime
    total: Sums
    items: list[Group]


def summarise_overdue(work: Work, region: str | None, by: By, as_of: datetime | None) -> OverdueSummary:
    """Sums over the caller's scope below a region, as things stand or as they stood at `as_of`.

    Regions are grouped by the level below the one that is asked, or below the root of the caller's scope.
    Raises Refusal(MALFORMED_QUERY) for a moment that has not come.
    """
    check_come(as_of, work.now)
    moment = as_of or work.now
    root = region if region is not None else scope_root(work.who)
    rows = overdue_queries.summary(
        work.tx, work.who, region, by, level_below(root), moment, past=is_over(work, as_of)
    )
    names = _names(work, by, rows)
    items = [_group(row, names, moment) for row in rows]
    items.sort(key=lambda group: (group.key is None, group.key))
    return OverdueSummary(as_of=moment, total=_total(items), items=items)


def scope_root(caller: Caller) -> str:
    """The smallest region that holds a caller's regions; for one without regions the finest there is."""
    if caller.role not in REGION_ROLES:
        return "0" * _LEVELS[-1]
    if not caller.regions:
        return ""
    ends = zip(min(caller.regions), max(caller.regions), strict=False)
    return "".join(digit for digit, _ in takewhile(lambda pair: pair[0] == pair[1], ends))


def level_below(root: str) -> int:
    """The digits of the first level that is finer than a region prefix; a village stands for itself."""
    return next((digits for digits in _LEVELS if digits > len(root)), _LEVELS[-1])


def _names(work: Work, by: By, rows: list[Tally]) -> dict[str, str]:
    """Key of a group, as text -> Chinese name."""
    if by == "region":
        return regions.names(work.tx, {str(row.key) for row in rows})
    if by == "enterprise":
        ids = {row.key for row in rows if isinstance(row.key, UUID)}
        return {str(row.id): row.name for row in enterprises.by_ids(work.tx, ids).values()}
    if by == "step":
        return {"0": _NO_STEP} | {str(step): chinese for step, (chinese, _) in STEP_NAMES.items()}
    return GRADE_NAMES if by == "grade" else INDUSTRY_NAMES


def _group(row: Tally, names: dict[str, str], as_of: datetime) -> Group:
    key = None if row.key is None else str(row.key)
    return Group(
        key=key,
        name=_NO_ENTERPRISE if key is None else names.get(key, ""),
        open=row.open,
        overdue=row.overdue,
        overdue_by_enterprise=row.by_enterprise,
        overdue_by_regulator=row.by_regulator,
        longest_overdue_days=0 if row.late_since is None else overdue_days(row.late_since, as_of),
        oldest_due_at=row.oldest_due_at,
    )


def _total(groups: list[Group]) -> Sums:
    return Sums(
        open=sum(group.open for group in groups),
        overdue=sum(group.overdue for group in groups),
        overdue_by_enterprise=sum(group.overdue_by_enterprise for group in groups),
        overdue_by_regulator=sum(group.overdue_by_regulator for group in groups),
        longest_overdue_days=max((group.longest_overdue_days for group in groups), default=0),
        oldest_due_at=min((g.oldest_due_at for g in groups if g.oldest_due_at is not None), default=None),
    )
