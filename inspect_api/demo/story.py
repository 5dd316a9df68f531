"""One inspection travels through the closed loop, told hazard by hazard, against a server that runs.

People use it as they would: each has a phone of his own, and nothing but the public API is called. Every run
has new ids, so it can be told again and again on the same server.
"""

from datetime import datetime, timedelta

import httpx
from msgspec import Struct

from inspect_api.clock import MovableClock, SystemClock, new_id
from inspect_api.demo.cast import Cast, Say, StoryFailed, expect, stands, status_words
from inspect_api.demo.county import load_county
from inspect_api.demo.memory import Captured
from inspect_api.demo.phone import PhoneClock
from inspect_api.demo.story_data import Finding, Inspection, Present
from inspect_api.demo.story_wire import inspection_body
from inspect_api.domain.calendar import CIVIL
from inspect_api.domain.words import GRADE_NAMES, PARTY_NAMES
from sync import commands as wire
from sync.entities import Hazard, Notice, Party, Site
from sync.envelope import Outcome
from sync.identity import hazard_id

SITE = "petrol-santai"
CHECKLIST = "hazmat.aq3067-2026@1"
EVERYDAY, GRAVE = "HZ-D-05", "AQ3067-5.4.2"

_FAST = timedelta(minutes=25)
_AGO = timedelta(hours=3)
_TIMEOUT_S = 30.0


class _Sums(Struct, frozen=True):
    open: int
    overdue: int
    overdue_by_enterprise: int
    overdue_by_regulator: int
    longest_overdue_days: int


class _Group(_Sums, frozen=True):
    key: str | None
    name: str


class _Summary(Struct, frozen=True):
    as_of: str
    total: _Sums
    items: list[_Group]


class _Page(Struct, frozen=True):
    items: list[Hazard]
    cursor: str | None


def tell_story(url: str, say: Say) -> None:
    """Tell all of it. Raises Offline, Refused, StoryFailed."""
    with httpx.Client(base_url=url, timeout=_TIMEOUT_S) as http:
        say(f"隐患排查治理闭环 · An inspection travels through the closed loop, at {url}")
        tale = _Tale(http, say)
        sent = tale.inspect_offline()
        tale.alert_the_county()
        tale.rectify_the_everyday_one()
        tale.govern_the_grave_one()
        tale.send_it_twice(sent)
        tale.come_too_late()
        tale.ask_what_is_overdue()


class _Tale:
    """The chapters, in order; `everyday` and `grave` are the hazards that the inspection opens."""

    def __init__(self, http: httpx.Client, say: Say) -> None:
        self._county = load_county()
        self._site = self._county.site(SITE)
        self._cast = Cast(http, say, self._site)
        self._inspection = new_id()
        self._everyday = hazard_id(self._inspection, EVERYDAY)
        self._grave = hazard_id(self._inspection, GRAVE)

    def inspect_offline(self) -> list[Captured]:
        """Three hours ago, without a network, on a phone whose clock is wrong; what was sent then."""
        self._cast.chapter("离线检查", "An inspection out of reach of any network")
        day = MovableClock(SystemClock().now() - _AGO)
        clock = PhoneClock(day, skew=_FAST)
        phone = self._cast.give("inspector2", clock)
        phone.pull()
        held = f"{len(phone.all(Site))} sites, {len(phone.all(Hazard))} hazards"
        self._cast.line("inspector2", f"下载网格数据，离开网络 pulled {held}; the network is gone")
        plan = _visit(clock.wall())
        camera = self._cast.camera("inspector2")
        body = inspection_body(plan, self._county, clock.wall().date(), camera)
        phone.capture("inspection.submit", self._inspection, body)
        self._cast.line(
            "inspector2",
            f"{self._site.name}: {len(body.answers)} items of {CHECKLIST}, {len(plan.fails)} fail, "
            f"{len(phone.memory.album)} photos; the phone's clock is {_FAST.seconds // 60} min fast",
        )
        day.set(SystemClock().now())
        sent = list(phone.memory.waiting)
        (outcome,) = phone.push()
        expect(outcome, "applied")
        self._cast.line("inspector2", f"三小时后上传 pushed 3 h later: {outcome.code}, {outcome.flags}")
        wanted, done = len(outcome.missing_blobs), phone.upload()
        self._cast.line("inspector2", f"补传照片 {done} of {wanted} photos uploaded; the receipt holds")
        phone.pull()
        for found in (self._everyday, self._grave):
            self._cast.say(f"  {_described(self._cast.see('inspector2', found))}")
        return sent

    def alert_the_county(self) -> None:
        """Whoever has to know of a hazard that may be a major one knows at once."""
        self._cast.chapter("县级预警", "The county is alerted at once")
        county = self._cast.phone("county")
        county.pull()
        notices = [notice for notice in county.all(Notice) if notice.hazard_id == self._grave]
        if not notices:
            raise StoryFailed("The county was not alerted")
        for notice in notices:
            self._cast.line("county", f"{notice.number} {notice.text}")

    def rectify_the_everyday_one(self) -> None:
        """Urged by a grid inspector: the enterprise mends it, the inspector looks again."""
        self._cast.chapter("一般隐患", "The everyday hazard: rectified, re-inspected, cancelled")
        act, hazard = self._cast.act, self._everyday
        act("enterprise1", "hazard.submit_rectification", hazard, self._mended("更换4具灭火器并清理通道"))
        act("inspector2", "hazard.verify", hazard, self._seen("inspector2", "灭火器压力正常，通道畅通"))

    def govern_the_grave_one(self) -> None:
        """Confirmed as major: plan and approval, rectification, re-inspection, and a final review."""
        self._cast.chapter("重大事故隐患", "The major hazard: five in place, then three pairs of eyes")
        act, hazard = self._cast.act, self._grave
        act("county", "hazard.confirm", hazard, wire.Confirm(grade="major"))
        act("enterprise1", "hazard.report_to_workers", hazard, self._told_workers())
        act("enterprise1", "hazard.submit_plan", hazard, _plan())
        act("county", "hazard.decide_plan", hazard, wire.DecidePlan(approved=True, reason="要素齐全"))
        act("enterprise1", "hazard.submit_rectification", hazard, self._mended("更换探测器并标定"))
        act("officer1", "hazard.verify", hazard, self._seen("officer1", "用标准气逐点试验，报警正确"))
        act("county", "hazard.close", hazard, wire.Comment(comment="资料齐全，同意销号"))

    def send_it_twice(self, sent: list[Captured]) -> None:
        """The phone never saw the answer and sends the same bytes again."""
        self._cast.chapter("重复上传", "The same push again, as if the answer had been lost")
        phone = self._cast.phone("inspector2")
        phone.memory.waiting = [*sent]
        (outcome,) = phone.push()
        expect(outcome, "duplicate")
        first = outcome.first.code if isinstance(outcome.first, Outcome) else ""
        self._cast.line("inspector2", f"{outcome.code} (first: {first}): 没有新的记录 nothing happened twice")

    def come_too_late(self) -> None:
        """Another officer re-inspects what was closed meanwhile: he is told, and his evidence is kept."""
        self._cast.chapter("冲突", "A conflict: somebody was faster")
        photo = self._cast.photo("officer2", "迟到的复查")
        verdict = wire.Verify(passed=False, comment="到场时仍有1具灭火器过期", photos=[photo])
        phone = self._cast.phone("officer2")
        phone.capture("hazard.verify", self._everyday, verdict)
        (outcome,) = phone.sync()
        expect(outcome, "conflict")
        self._cast.line(
            "officer2",
            f"复查 hazard.verify -> {outcome.code}: {status_words(str(outcome.status))}, rev {outcome.rev}; "
            f"permitted {outcome.permitted_commands}; 证据留存 the evidence is kept",
        )

    def ask_what_is_overdue(self) -> None:
        """The question of every regulator: register and summary answer for one moment, and agree."""
        self._cast.chapter("超期情况", "What is overdue in the county, and whose turn is it?")
        say, link = self._cast.say, self._cast.phone("county").link
        summary = link.get("/overdue/summary", _Summary, {"by": "region"})
        for group in summary.items:
            if group.overdue:
                say(f"  {group.key} {group.name}: {_overdue(group)}")
        say(f"  合计 total: {_overdue(summary.total)}; 未销号 open {summary.total.open}")
        listed = self._list_overdue(summary.as_of)
        for hazard in listed[:3]:
            step = f", {hazard.escalation.name} step {hazard.escalation.step}" if hazard.escalation else ""
            party = _party(hazard.overdue_by)
            say(f"  {hazard.number} {hazard.title[:24]}: {hazard.overdue_days} 天 days, {party}{step}")
        if len(listed) != summary.total.overdue:
            raise StoryFailed(f"The register lists {len(listed)}, the summary {summary.total.overdue}")
        say(f"  台账与汇总一致 the register lists {len(listed)} for the same moment")

    def _list_overdue(self, as_of: str) -> list[Hazard]:
        link = self._cast.phone("county").link
        query = {"overdue": "true", "sort": "due_at", "limit": "200", "as_of": as_of}
        page = link.get("/hazards", _Page, query)
        found = page.items
        while page.cursor is not None:
            page = link.get("/hazards", _Page, {**query, "cursor": page.cursor})
            found += page.items
        return found

    def _mended(self, how: str) -> wire.SubmitRectification:
        photo = self._cast.photo("enterprise1", how)
        return wire.SubmitRectification(description=how, completed_at=_now(), photos=[photo], cost_cny=1200)

    def _seen(self, username: str, comment: str) -> wire.Verify:
        return wire.Verify(passed=True, comment=comment, photos=[self._cast.photo(username, comment)])

    def _told_workers(self) -> wire.ReportToWorkers:
        proof = self._cast.photo("enterprise1", "职工大会签到")
        return wire.ReportToWorkers(held_on=_now().date(), form="职工大会", proof=[proof.sha256])


def _visit(now: datetime) -> Inspection:
    """Forty minutes at a petrol station: fire extinguishers out of date, gas detectors dead."""
    begun = now - timedelta(minutes=40)
    everyday = Finding(
        hazard="everyday",
        item=EVERYDAY,
        note="4具灭火器过期，消防通道堆放货物",
        photos=("过期灭火器",),
        ends="closed",
    )
    grave = Finding(
        hazard="grave", item=GRAVE, note="2台可燃气体探测器失效", photos=("探测器",), ends="closed"
    )
    return Inspection(
        key="demo",
        at=f"{(begun.date() - now.date()).days:+d} {begun:%H:%M}",
        minutes=40,
        by=("inspector2",),
        site=SITE,
        checklist=CHECKLIST,
        attendees=(Present("principal", "周启明"),),
        fails=(everyday, grave),
    )


def _plan() -> wire.SubmitPlan:
    return wire.SubmitPlan(
        goals="全部可燃气体探测器恢复正常并联网",
        measures="更换失效探测器，标定，接入控制室，修订巡检表",
        funds_cny=28000,
        organisation="站长负责，公司设备部实施",
        responsible_person="周启明",
        due_at=_now() + timedelta(days=20),
        contingency_plan="恢复前停止卸油作业，便携式检测仪每小时巡检一次",
    )


def _now() -> datetime:
    return SystemClock().now().astimezone(CIVIL)


def _described(hazard: Hazard) -> str:
    grade = "疑似重大 suspected major" if hazard.suspected_major else GRADE_NAMES[hazard.grade]
    return f"{hazard.number} {grade}, {hazard.order}: {stands(hazard)} — {hazard.title[:40]}"


def _party(party: Party | None) -> str:
    return f"{PARTY_NAMES[party]} {party}" if party else ""


def _overdue(sums: _Sums) -> str:
    return (
        f"{sums.overdue} 超期 overdue (企业 enterprise {sums.overdue_by_enterprise}, "
        f"监管 regulator {sums.overdue_by_regulator}), 最长 longest {sums.longest_overdue_days} 天 days"
    )
