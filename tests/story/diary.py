"""A diary as a bureau chief reads it, and as the server is held to it.

A day is a line `2026-10-08 周四`; below it `HH:MM  事：…` is done, `HH:MM  通知：督办 → …` is expected, what
`看：…` says must be so at that moment. Time is moved by hand: the worker's duties are done each morning one
second before nine and at nine, and before each event. In the end every notice that was sent stands in the
diary, and no other.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from difflib import ndiff
from typing import NamedTuple

from inspect_api.actions.show_hazard import show_hazard
from inspect_api.domain.calendar import CIVIL
from inspect_api.domain.words import PARTY_NAMES, STATUS_NAMES
from inspect_api.jobs.loop import compute_dates_again, escalate
from inspect_api.store.notices import NOTICE
from sync.entities import HazardDetail
from tests.story.scenes import PEOPLE, SCENES, Scene

_DAY = re.compile(r"(\d{4}-\d\d-\d\d) 周(.)")
_LINE = re.compile(r"\s+(?:(\d\d:\d\d)\s+)?(事|通知|看)：(.+)")
_WEEKDAYS = "一二三四五六日"
_REASONS = {
    "enterprise": "企业",
    "regulator": "监管部门",
    "suspended": "停产",
    "extension": "延期",
    "open_question": "待决定",
}


class Line(NamedTuple):
    """One thing that happens, is expected or is so."""

    at: datetime
    what: str
    words: str


def read(text: str) -> Iterator[Line]:
    """The lines of a diary, in the order of time."""
    day, at = date.min, time()
    for raw in text.splitlines():
        if not raw.strip() or raw.startswith("#"):
            continue
        head, line = _DAY.fullmatch(raw), _LINE.fullmatch(raw)
        if head:
            day = date.fromisoformat(head[1])
            assert _WEEKDAYS[day.weekday()] == head[2], f"{raw}: it is another day of the week"
        elif line:
            at = time.fromisoformat(line[1]) if line[1] else at
            yield Line(datetime.combine(day, at, CIVIL), line[2], line[3])
        else:
            raise AssertionError(f"not a line of a diary: {raw}")


def play(text: str, scene: Scene) -> None:
    """Let time pass as the diary says; AssertionError with both diaries where it went otherwise."""
    lines = list(read(text))
    for line in lines:
        _pass(scene, line.at)
        if line.what == "事":
            SCENES[line.words](scene)
            _work(scene)
        elif line.what == "看":
            shown = scene.bench.app.read(lambda work: show_hazard(work, scene.hazard), scene.as_("县局一"))
            assert line.words in list(_seen(shown)), (line, list(_seen(shown)))
    expected = [f"{line.at:%m-%d %H:%M} {_sorted(line.words)}" for line in lines if line.what == "通知"]
    otherwise = [line for line in ndiff(sorted(expected), _sent(scene)) if line[0] in "+-"]
    assert not otherwise, "not sent (-) or not expected (+):\n" + "\n".join(otherwise)


def _pass(scene: Scene, until: datetime) -> None:
    """Every morning on the way the worker looks, just before nine and at nine."""
    clock = scene.bench.clock
    while clock.now() < until:
        today = clock.now().astimezone(CIVIL).date()
        mornings = (datetime.combine(today + timedelta(days=n), time(9), CIVIL) for n in (0, 1))
        nine = next(moment for moment in mornings if moment > clock.now())
        for moment in (nine - timedelta(seconds=1), nine):
            if clock.now() < moment <= until:
                clock.set(moment)
                _work(scene)
        if nine > until:
            clock.set(until)
            _work(scene)


def _work(scene: Scene) -> None:
    compute_dates_again(scene.bench.app)
    escalate(scene.bench.app)


def _sent(scene: Scene) -> list[str]:
    """Every notice of the county: when, what, to whom."""
    told: dict[tuple[str, str, str], list[str]] = {}
    for row in scene.bench.rows(NOTICE):
        at = row.created_at.astimezone(CIVIL)
        # by cause: two clocks may take steps of the same name in one morning
        key = f"{at:%m-%d %H:%M}", row.title.partition("：")[0], row.cause
        told.setdefault(key, []).append(PEOPLE[row.receiver_id])
    return sorted(f"{at} {_sorted(name + ' → ' + '、'.join(who))}" for (at, name, _), who in told.items())


def _sorted(words: str) -> str:
    name, _, receivers = words.partition(" → ")
    return f"{name} → {'、'.join(sorted(receivers.split('、')))}"


def _seen(hazard: HazardDetail) -> Iterator[str]:
    """What the register shows, in the words of the diary."""
    if hazard.due_at is not None:
        provisional = "（暂定）" if hazard.due_provisional else ""
        yield f"期限 {hazard.due_at.astimezone(CIVIL).date()}{provisional}，依据 {hazard.due_rule}"
    late = f"{PARTY_NAMES[hazard.overdue_by]}超期 {hazard.overdue_days} 日" if hazard.overdue_by else "未超期"
    yield f"{STATUS_NAMES[hazard.status]}，{late}"
    if hazard.late_evidence is not None:
        yield "证据迟到，待县局决定"
    days = {name: getattr(hazard.lateness, reason) for reason, name in _REASONS.items()}
    whose = "、".join(f"{name} {count} 日" for name, count in days.items() if count)
    yield f"自首个期限起 {hazard.lateness.days} 日：{whose}"
