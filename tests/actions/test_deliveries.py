"""A notice on its way out: channel after channel, once for each step, and never silently given up."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from inspect_api.actions.app import App
from inspect_api.actions.change_contacts import set_contact
from inspect_api.actions.deliver_outside import claim_deliveries, note_outcome, plan_deliveries
from inspect_api.actions.show_deliveries import list_deliveries, show_notice
from inspect_api.errors import Code, Refusal
from inspect_api.jobs.dispatch import Dispatcher, deliver_now
from inspect_api.notices.message import Outcome
from inspect_api.store.contacts import CONTACT
from inspect_api.store.deliveries import ATTEMPT, DELIVERY
from inspect_api.store.delivery_queries import DeliveryFilter
from inspect_api.store.notices import NOTICE
from tests.actions.bench import GENERAL, Bench
from tests.actions.county import account_id
from tests.notices.receivers import HttpReceiver, MailReceiver
from tests.notices.samples import channels, hook, post, robot

EVERYBODY = ("enterprise1", "enterprise1b", "county", "county2", "officer1", "officer2", "city")


@pytest.fixture
def http() -> Iterator[HttpReceiver]:
    receiver = HttpReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def mail() -> Iterator[MailReceiver]:
    receiver = MailReceiver()
    yield receiver
    receiver.close()


def open_with(bench: Bench, *entries: str) -> Dispatcher:
    """A worker of its own on the bench's database, with these channels."""
    app: App = dataclasses.replace(bench.app, channels=channels(*entries))
    return Dispatcher(app)


def write_to(bench: Bench, *names: str) -> None:
    for name in names:
        bench.app.write(
            lambda work, name=name: set_contact(work, account_id(name), "email", f"{name}@example.cn")  # type: ignore[misc]
        )


def remind(bench: Bench, hazards: int = 1) -> None:
    """Hazards whose reminder is due: each to the two persons of the enterprise."""
    ops = [bench.inspect(GENERAL[n % 8]) for n in range(hazards)]
    assert {answer.code for answer in bench.push("officer1", *ops)} == {"applied"}
    bench.wait(days=11)
    assert bench.escalate() == hazards


def states(bench: Bench) -> dict[str, list[str]]:
    """State -> who is in it."""
    found: dict[str, list[str]] = {}
    notices = {row.id: row for row in bench.rows(NOTICE)}
    names = {account_id(name): name for name in EVERYBODY}
    for row in bench.rows(DELIVERY):
        found.setdefault(row.state, []).append(names[notices[row.notice_id].receiver_id])
    return {state: sorted(who) for state, who in found.items()}


def log(bench: Bench, notice_id: UUID | None = None) -> list[tuple[str, str]]:
    rows = [row for row in bench.rows(ATTEMPT) if notice_id in (None, row.notice_id)]
    return [(row.channel, row.outcome) for row in sorted(rows, key=lambda row: (str(row.notice_id), row.n))]


def test_each_receiver_is_written_to_once(bench: Bench, mail: MailReceiver) -> None:
    write_to(bench, "enterprise1")
    remind(bench)
    worker = open_with(bench, post(mail.port))
    assert deliver_now(worker) > 0
    assert [message["To"] for message in mail.got] == ["enterprise1@example.cn"]
    assert states(bench) == {"handed_over": ["enterprise1"], "none": ["enterprise1b"]}
    (attempt,) = bench.rows(ATTEMPT)
    assert (attempt.outcome, attempt.answer) == ("handed_over", "250 2.0.0 Ok: queued as 4F0001")
    assert deliver_now(worker) == deliver_now(open_with(bench, post(mail.port))) == 0
    assert len(mail.got) == 1
    assert {row.delivered_at for row in bench.rows(NOTICE)} == {None}  # handed over is not read


def test_who_has_read_it_in_the_product_is_not_written_to(bench: Bench, mail: MailReceiver) -> None:
    write_to(bench, "enterprise1", "enterprise1b")
    remind(bench)
    bench.pull("enterprise1b", deliver=True)
    deliver_now(open_with(bench, post(mail.port)))
    assert [message["To"] for message in mail.got] == ["enterprise1@example.cn"]
    assert states(bench) == {"handed_over": ["enterprise1"], "read": ["enterprise1b"]}


def test_a_channel_that_fails_is_tried_again_and_then_the_next_one(
    bench: Bench, http: HttpReceiver, mail: MailReceiver
) -> None:
    write_to(bench, "enterprise1")
    remind(bench)
    http.answer = lambda _got: (503, {}, b"")
    only = ", users: [enterprise1]"
    worker = open_with(bench, robot("feishu", http.url, only), post(mail.port))
    deliver_now(worker)
    assert (log(bench), len(mail.got)) == ([("feishu", "failed")], 0)
    waits = []
    while not mail.got:
        (row,) = bench.rows(DELIVERY, DELIVERY.c.run_at.is_not(None))
        waits.append((row.run_at - bench.now()).total_seconds())
        bench.wait(seconds=waits[-1])
        deliver_now(worker)
    assert 4 <= waits[0] <= 6
    assert 12 <= waits[1] <= 18
    assert log(bench) == [("feishu", "failed")] * 3 + [("mail", "handed_over")]
    assert len({got.headers.get("webhook-id") for got in http.got}) == 1


def test_what_every_channel_has_failed_is_shown_to_the_county_and_tried_on(
    bench: Bench, mail: MailReceiver
) -> None:
    write_to(bench, "enterprise1", "enterprise1b")
    mail.refuse = {f"{name}@example.cn": "550 no such user" for name in ("enterprise1", "enterprise1b")}
    remind(bench)
    worker = open_with(bench, post(mail.port, ", roles: [enterprise]"))
    deliver_now(worker)
    assert states(bench)["failed"] == ["enterprise1", "enterprise1b"]
    alerts = bench.rows(NOTICE, NOTICE.c.cause.startswith("undelivered:652327"))
    assert {row.receiver_id for row in alerts} == {account_id("county"), account_id("county2")}
    listed = bench.app.read(
        lambda work: list_deliveries(work, DeliveryFilter(state="failed"), 50, None), bench.caller("county")
    )
    told = [(item.receiver.name, item.delivery.attempts[0].answer) for item in listed.items if item.delivery]
    assert sorted(told) == [("enterprise1", "550 no such user"), ("enterprise1b", "550 no such user")]
    mail.refuse = {}
    bench.wait(minutes=13)
    deliver_now(worker)
    assert len(mail.got) == 2
    assert "failed" not in states(bench)


def test_rounds_go_on_for_two_weeks_and_stay_visible(on_sqlite: Bench, mail: MailReceiver) -> None:
    bench = on_sqlite
    write_to(bench, "enterprise1")
    mail.refuse = {"enterprise1@example.cn": "550 no such user"}
    remind(bench)
    worker = open_with(bench, post(mail.port))
    started = bench.now()
    while deliver_now(worker) or bench.rows(DELIVERY, DELIVERY.c.run_at.is_not(None)):
        bench.wait(hours=4)
    assert timedelta(days=14) <= bench.now() - started < timedelta(days=16)
    assert states(bench)["failed"] == ["enterprise1"]
    assert len(bench.rows(NOTICE, NOTICE.c.cause.startswith("undelivered:"))) == 2  # the first time only


def test_a_channel_that_is_down_is_passed_over(bench: Bench, http: HttpReceiver, mail: MailReceiver) -> None:
    """After five failures nobody waits for it; when it works again it is used again."""
    write_to(bench, "enterprise1", "enterprise1b")
    remind(bench, 10)
    http.answer = lambda _got: (500, {}, b"")
    worker = open_with(bench, hook(http.url), post(mail.port))
    deliver_now(worker)
    assert len(http.got) <= 8  # four were under way when the fifth failed
    for _ in range(4):
        bench.wait(seconds=7)
        deliver_now(worker)
    assert len(mail.got) == 20
    assert set(log(bench)) == {("hook", "failed"), ("hook", "skipped"), ("mail", "handed_over")}
    http.answer = lambda _got: (204, {}, b"")
    bench.wait(minutes=5)
    before = len(http.got)
    bench.push("inspector1", bench.report(site_id=None, position=None, grid_code="652327100001001"))
    bench.wait(days=30)
    bench.escalate()
    deliver_now(worker)
    assert len(http.got) > before


def test_a_worker_that_died_leaves_its_notice_to_another(bench: Bench, mail: MailReceiver) -> None:
    """Taken over after a minute; what the first one still has to say changes nothing."""
    write_to(bench, "enterprise1")
    remind(bench)
    first, second = open_with(bench, post(mail.port)), open_with(bench, post(mail.port))
    (through,) = channels(post(mail.port))
    bench.app.write(lambda work: plan_deliveries(work, [through], 10))
    (held,) = bench.app.write(lambda work: claim_deliveries(work, through, 10)).held
    assert deliver_now(second) == 0
    bench.wait(seconds=60)
    deliver_now(second)
    assert log(bench) == [("mail", "unknown"), ("mail", "handed_over")]
    late = Outcome("failed", "too late")
    bench.app.write(lambda work: note_outcome(work, through, held, late, 0.5))
    assert states(bench)["handed_over"] == ["enterprise1"]
    assert deliver_now(first) == 0
    assert len(mail.got) == 1


def test_a_notice_that_kills_its_workers_is_handed_on(bench: Bench, mail: MailReceiver) -> None:
    write_to(bench, "enterprise1")
    remind(bench)
    (deadly, through) = channels(
        hook("http://127.0.0.1:9", "private_networks: [127.0.0.0/8]"), post(mail.port)
    )
    worker = open_with(bench, hook("http://127.0.0.1:9", "private_networks: [127.0.0.0/8]"), post(mail.port))
    bench.app.write(lambda work: plan_deliveries(work, [deadly, through], 10))
    for _ in range(3):
        bench.app.write(lambda work: claim_deliveries(work, deadly, 10))
        bench.wait(seconds=60)
    deliver_now(worker)
    assert len(mail.got) == 1


def test_a_robot_is_not_asked_for_more_than_it_takes(bench: Bench, http: HttpReceiver) -> None:
    remind(bench, 15)
    worker = open_with(bench, robot("wecom", http.url))
    deliver_now(worker)
    assert len(http.got) == 20
    bench.wait(seconds=61)
    deliver_now(worker)
    assert len(http.got) == 30


def test_the_clock_set_back_keeps_nothing_waiting(bench: Bench, http: HttpReceiver) -> None:
    remind(bench)
    http.answer = lambda _got: (500, {}, b"")
    worker = open_with(bench, hook(http.url))
    deliver_now(worker)
    bench.wait(days=-1)
    http.answer = lambda _got: (200, {}, b"")
    deliver_now(worker)
    assert states(bench) == {"handed_over": ["enterprise1", "enterprise1b"]}


def test_a_channel_serves_whom_it_is_for(bench: Bench, http: HttpReceiver) -> None:
    """By role, by place of the receiver, by name and by step."""
    remind(bench)
    elsewhere = robot("wecom", http.url, ", regions: ['652328']")
    later = robot("feishu", http.url, ", from_step: 3")
    others = robot("dingtalk", http.url, ", roles: [regulator]")
    deliver_now(open_with(bench, elsewhere, later, others))
    assert (states(bench), http.got) == ({"none": ["enterprise1", "enterprise1b"]}, [])
    here = hook(http.url, "private_networks: [127.0.0.0/8], regions: ['652327'], users: [enterprise1b]")
    bench.wait(days=5)
    assert bench.escalate() == 1
    deliver_now(open_with(bench, here))
    assert {got.headers["webhook-id"] for got in http.got} == {
        row.number
        for row in bench.rows(NOTICE, NOTICE.c.receiver_id == account_id("enterprise1b"), NOTICE.c.step == 2)
    }


def test_who_may_see_how_a_notice_fared(bench: Bench, mail: MailReceiver) -> None:
    write_to(bench, "enterprise1")
    remind(bench)
    deliver_now(open_with(bench, post(mail.port)))
    (notice,) = bench.rows(NOTICE, NOTICE.c.receiver_id == account_id("enterprise1"))

    def show(who: str) -> Any:
        return bench.app.write(lambda work: show_notice(work, notice.id), bench.caller(who))

    seen = show("county")
    assert (seen.receiver.name, seen.delivered_at, seen.delivery.state) == (
        "enterprise1",
        None,
        "handed_over",
    )
    assert seen.delivery.attempts[0].proof == f"<{notice.number}@example.gov.cn>"
    for stranger in ("enterprise1b", "enterprise2", "officer9", "inspector1"):
        with pytest.raises(Refusal) as refused:
            show(stranger)
        assert refused.value.code is Code.NOT_FOUND
    assert show("enterprise1").delivered_at == bench.now()


def test_an_address_is_checked(bench: Bench) -> None:
    county = account_id("county")
    for kind, bad in (
        ("email", "a@b.cn, c@d.cn"),
        ("email", "a@b.cn\nBcc: x@y.cn"),
        ("mobile", "+1 555"),
        ("mobile", "12345678901"),
    ):
        with pytest.raises(Refusal):
            bench.app.write(lambda work, kind=kind, bad=bad: set_contact(work, county, kind, bad))  # type: ignore[misc]
    assert bench.app.write(lambda work: set_contact(work, county, "mobile", "13812345678"))
    assert not bench.app.write(lambda work: set_contact(work, county, "mobile", "13812345678"))
    assert bench.app.write(lambda work: set_contact(work, county, "mobile", ""))
    assert bench.rows(CONTACT) == []
