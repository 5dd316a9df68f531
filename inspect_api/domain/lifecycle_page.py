"""docs/lifecycle.md: the table of moves, printed in Chinese and English from what the product runs on."""

from collections.abc import Iterator

from inspect_api.domain.commands import EFFECTS
from inspect_api.domain.deadline import CLOCK_PARTY
from inspect_api.domain.moves import MOVES, Condition, Move
from inspect_api.domain.stages import OWED
from inspect_api.domain.words import (
    COMMAND_NAMES,
    PARTY_NAMES,
    ROLE_NAMES,
    STATUS_ENGLISH,
    STATUS_NAMES,
    WAY_NAMES,
)

_STAYS = "—"
_PERSONS = {"rectified_by": ("整改人", "who rectified"), "verified_by": ("复查人", "who re-inspected")}


def lifecycle_page() -> str:
    """The whole page, Markdown."""
    return "\n".join([*_head(), "", *_statuses(), "", *_moves(), "", *_effects(), ""])


def _head() -> Iterator[str]:
    yield "# The closed loop · 闭环管理"
    yield ""
    yield "Printed by `inspect-api lifecycle` from the one table that commands online and offline,"
    yield "`permitted_commands` and this page share (`inspect_api/domain/moves.py`). What is not in it is a"
    yield "`conflict`, in whatever order operations arrive."
    yield ""
    yield "本页由程序所用的同一张流转表生成。表中没有的操作一律不予执行（`conflict`），与到达顺序无关。"


def _statuses() -> Iterator[str]:
    yield "## Statuses · 状态"
    yield ""
    yield "| status | 中文 | English | clock · 期限 | obligation of · 责任方 |"
    yield "|---|---|---|---|---|"
    for status, chinese in STATUS_NAMES.items():
        clock = OWED.get(status)
        party = CLOCK_PARTY[clock] if clock is not None else None
        owed = f"`{clock}` | {party} · {PARTY_NAMES[party]}" if party else f"{_STAYS} | nobody · 无"
        yield f"| `{status}` | {chinese} | {STATUS_ENGLISH[status]} | {owed} |"
    yield ""
    yield "An enterprise that has not been served owes nothing yet; the regulator owes the `service`. A"
    yield "general hazard that the enterprise found itself keeps its `rectification` clock in `verifying`."
    yield ""
    yield "尚未送达的，企业期限不起算，由监管部门负责送达；企业自查的一般隐患在待复查期间仍计企业整改期限。"


def _moves() -> Iterator[str]:
    yield "## Moves · 流转"
    yield ""
    yield "| command · 操作 | role · 角色 | from · 状态 | where · 条件 | to · 结果 |"
    yield "|---|---|---|---|---|"
    for move in MOVES:
        roles = ", ".join(f"{role} {ROLE_NAMES[role]}" for role in move.roles)
        cells = (
            f"`{move.command}` {COMMAND_NAMES[move.command]}",
            roles,
            _from(move),
            _where(move),
            _to(move),
        )
        yield f"| {' | '.join(cells)} |"


def _from(move: Move) -> str:
    return ", ".join(f"`{status}`" for status in STATUS_NAMES if status in move.statuses)


def _where(move: Move) -> str:
    parts = [_words(condition) for condition in move.when]
    for person in move.other_than:
        chinese, english = _PERSONS[person]
        parts.append(f"非{chinese} · not {english}")
    return "; ".join(parts) or _STAYS


def _words(condition: Condition) -> str:
    return f"{condition.zh} · {condition.en}"


def _to(move: Move) -> str:
    ways = (
        f"{WAY_NAMES[way]} {way}: `{status}`" if way else f"`{status}`" for way, status in move.to.items()
    )
    return "; ".join(ways) or _STAYS


def _effects() -> Iterator[str]:
    yield "## Effects · 效果"
    yield ""
    yield "| command | 中文 | English |"
    yield "|---|---|---|"
    for command, effect in EFFECTS.items():
        yield f"| `{command}` | {effect.zh} | {effect.en} |"
