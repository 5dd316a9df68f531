"""The simulated phone against the real server: what it holds, what it forgets, how it bears a bad network."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from inspect_api.actions.app import App, open_app
from inspect_api.actions.change_scope import disable_account, enable_account
from inspect_api.clock import MovableClock
from inspect_api.demo.county import PASSWORD, County, load_county
from inspect_api.demo.inprocess import ADDRESS, served
from inspect_api.demo.link import Compression, Encoding, LoggedOut, Offline
from inspect_api.demo.memory import Captured
from inspect_api.demo.phone import Phone, PhoneClock, ReceiptInvalid
from inspect_api.main import Service
from inspect_api.settings import load_settings
from sync.bodies import Answer, ChecklistRef, SubmitInspection
from sync.commands import Note
from sync.entities import Hazard, Inspection, Site
from sync.envelope import Outcome
from sync.identity import hazard_id
from sync.photo import Photo
from tests.device import FAILS, Device, Weather, inspect
from tests.live import prepare_county

START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


@dataclass
class World:
    """A server in this process, its clock, and what phones need to reach it."""

    way: httpx.BaseTransport
    clock: MovableClock
    app: App
    service: Service
    county: County

    def phone(self, username: str = "inspector1", **options: object) -> Phone:
        return self.logged_in(Phone(self.client(), PhoneClock(self.clock), uuid4(), **options), username)  # type: ignore[arg-type]

    def logged_in(self, phone: Phone, username: str = "inspector1") -> Phone:
        phone.log_in(username, PASSWORD)
        return phone

    def client(self, way: httpx.BaseTransport | None = None) -> httpx.Client:
        return httpx.Client(base_url=ADDRESS, transport=way or self.way)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("phones")
    prepare_county({"DATA_DIR": str(folder)}, ["inspector1", "inspector2", "county"])
    return folder


@pytest.fixture
def world(folder: Path) -> Iterator[World]:
    clock = MovableClock(START)
    settings = load_settings({"DATA_DIR": str(folder)}, demo=True)
    service = Service(settings, run_worker=False)
    app = open_app(settings, clock)
    service.let_in(app)
    with served(service.litestar) as way:
        yield World(way, clock, app, service, load_county())


def own_site(world: World) -> UUID:
    return world.county.site("gas-cylinders").id


def test_a_bad_network_changes_nothing_but_the_time(world: World) -> None:
    dice = random.Random(20261120)
    weather = Weather(world.way, dice, lost_requests=0.2, lost_answers=0.2, repeats=0.2)
    device = Device(world.client(weather), PhoneClock(world.clock), uuid4(), compression="zstd")
    device.dice, device.username = dice, "inspector1"
    while device.user is None:
        try:
            device.log_in("inspector1", PASSWORD)
        except Offline:
            continue
    inspections = [inspect(device, own_site(world), photos=dice.randint(0, 2)) for _ in range(12)]
    noted = [hazard_id(inspection, FAILS) for inspection in inspections]
    for hazard in noted:
        device.capture("hazard.note", hazard, Note(text="已通知负责人"))
    device.sync_until_done()
    assert weather.faults > 10
    assert {outcome_of(outcome).code for outcome in device.memory.outcomes.values()} == {"applied"}
    calm = world.phone()
    calm.pull()
    # what has become of operations that had to wait is told to their own phone only
    shared = {key: data for key, data in device.memory.copy.items() if key[0] != "outcome"}
    assert calm.memory.copy == shared
    arrived = {inspection.id for inspection in calm.all(Inspection)}
    assert arrived >= set(inspections)
    for hazard in noted:
        history = calm.link.get(f"/hazards/{hazard}/history", History)
        assert sorted(entry.kind for entry in history.items) == ["hazard.note", "hazard.opened"]
    assert all(photo.stored for photo in calm.all(Photo) if photo.inspection_id in inspections)


class HistoryEntry(msgspec.Struct):
    kind: str


class History(msgspec.Struct):
    items: list[HistoryEntry]


def outcome_of(outcome: Outcome) -> Outcome:
    """What became of it when it first arrived."""
    return outcome.first if isinstance(outcome.first, Outcome) else outcome


@pytest.mark.parametrize("compression", ["", "gzip", "zstd"])
@pytest.mark.parametrize("encoding", ["json", "msgpack"])
def test_each_wire_carries_the_same(world: World, encoding: Encoding, compression: Compression) -> None:
    phone = world.phone(encoding=encoding, compression=compression)
    inspection = inspect(phone, own_site(world), photos=1, note="二氧化碳灭火器“失效”\n压力 <0.8")
    (outcome,) = phone.sync()
    assert outcome.code == "applied"
    assert phone.memory.waiting == []
    assert phone.memory.album == {}
    found = phone.find(Inspection, inspection)
    assert found is not None
    assert found.answers[0].note == "二氧化碳灭火器“失效”\n压力 <0.8"
    plain = world.phone(encoding="json", compression="")
    plain.pull()
    assert plain.memory.copy == phone.memory.copy


def test_a_phone_that_dies_wakes_up_with_what_it_had(world: World, tmp_path: Path) -> None:
    path, device_id = tmp_path / "phone.bin", uuid4()
    phone = world.logged_in(Phone(world.client(), PhoneClock(world.clock), device_id, path=path))
    phone.pull()
    inspection = inspect(phone, own_site(world), photos=1)
    woken = Phone(world.client(), PhoneClock(world.clock), device_id, path=path)
    assert woken.memory == phone.memory
    world.logged_in(woken)
    (outcome,) = woken.sync()
    assert outcome.code == "applied"
    assert woken.find(Inspection, inspection) is not None
    assert Phone(world.client(), PhoneClock(world.clock), device_id, path=path).memory == woken.memory


def test_one_unreadable_operation_is_found_by_halving(world: World) -> None:
    phone = world.phone()
    good = [inspect(phone, own_site(world)) for _ in range(5)]
    bad = Captured(uuid4(), b'{"op_id": "cut off')
    phone.memory.waiting.insert(3, bad)
    outcomes = phone.sync()
    assert [outcome.code for outcome in outcomes] == ["applied"] * 5
    assert phone.memory.aside == [bad]
    assert phone.memory.waiting == []
    assert {inspection.id for inspection in phone.all(Inspection)} >= set(good)


def test_a_login_that_has_ended_still_deposits(world: World) -> None:
    phone = world.phone("inspector2")
    phone.pull()
    inspect(phone, own_site(world))
    world.app.write(lambda work: disable_account(work, phone.user.id))  # type: ignore[union-attr]
    world.clock.advance(timedelta(seconds=3))
    with pytest.raises(LoggedOut):
        phone.push()
    phone.lay_all_aside()
    (outcome,) = phone.deposit()
    assert (outcome.code, outcome.durable) == ("quarantined", True)
    assert phone.memory.waiting == phone.memory.aside == []
    world.app.write(lambda work: enable_account(work, phone.user.id))  # type: ignore[union-attr]


def test_what_is_too_large_is_kept_and_the_rest_goes_through(world: World) -> None:
    phone = world.phone(compression="")
    body = SubmitInspection(
        site_id=own_site(world),
        checklist=ChecklistRef(code="hazmat.aq3067-2026", version="1"),
        started_at=START,
        finished_at=START,
        answers=[Answer(item=f"X-{n}", value="pass", note="字" * 4000) for n in range(30)],
    )
    large = phone.capture("inspection.submit", uuid4(), body)
    inspect(phone, own_site(world))
    outcomes = phone.push()
    assert [outcome.code for outcome in outcomes] == ["too_large", "applied"]
    assert [captured.op_id for captured in phone.memory.aside] == [large]


def test_what_waits_for_something_unknown_goes_on_waiting(world: World) -> None:
    phone = world.phone()
    note = phone.capture("hazard.note", hazard_id(uuid4(), FAILS), Note(text="尚未上传的隐患"))
    (outcome,) = phone.push()
    assert (outcome.code, outcome.op_id) == ("held", str(note))
    assert [captured.op_id for captured in phone.memory.waiting] == []


def test_batches_stay_within_the_limits(world: World) -> None:
    phone = world.phone(compression="")
    for _ in range(501):
        phone.capture("hazard.note", uuid4(), Note(text="字"))
    assert [len(batch) for batch in phone.batches()] == [500, 1]
    for _ in range(120):
        phone.capture("hazard.note", uuid4(), Note(text="字" * 4000))
    sizes = [sum(len(captured.raw) for captured in batch) for batch in phone.batches()]
    assert len(sizes) == 3
    assert max(sizes) < 1024 * 1024


def test_it_waits_as_long_as_the_server_says(folder: Path) -> None:
    settings = load_settings({"DATA_DIR": str(folder)}, demo=True)
    clock = MovableClock(START)
    service = Service(settings, run_worker=False)
    waits: list[float] = []

    def pause(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            service.let_in(open_app(settings, clock))

    with served(service.litestar) as way, httpx.Client(base_url=ADDRESS, transport=way) as http:
        phone = Phone(http, PhoneClock(clock), uuid4(), pause=pause)
        phone.log_in("inspector1", PASSWORD)
    assert waits == [2.0, 2.0]


def test_the_login_renews_itself_until_it_is_too_old(world: World) -> None:
    phone = world.phone()
    for _ in range(3):
        world.clock.advance(timedelta(hours=5))
        phone.pull()
    world.clock.advance(timedelta(days=91))
    inspect(phone, own_site(world))
    with pytest.raises(LoggedOut):
        phone.sync()
    assert len(phone.memory.waiting) == 1
    world.logged_in(phone)
    assert [outcome.code for outcome in phone.sync()] == ["applied"]


class Forger(httpx.BaseTransport):
    """Somebody in the middle who changes the answer to a push."""

    def __init__(self, way: httpx.BaseTransport, change: Callable[[bytes], bytes]) -> None:
        self._way, self._change = way, change

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["Accept-Encoding"] = "identity"
        response = self._way.handle_request(request)
        if not request.url.path.endswith("/sync/push"):
            return response
        return httpx.Response(response.status_code, content=self._change(response.read()))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b'"code":"applied"', b'"code":"quarantined"', id="another outcome"),
        pytest.param(b'"received_at":"2026', b'"received_at":"2025', id="another day"),
        pytest.param(b'"digest":"', b'"digest":"0', id="another content"),
        pytest.param(b'"key_id":"', b'"key_id":"x', id="another key"),
    ],
)
def test_nothing_is_forgotten_on_a_forged_receipt(world: World, old: bytes, new: bytes) -> None:
    def change(answer: bytes) -> bytes:
        assert old in answer
        return answer.replace(old, new, 1)

    way = Forger(world.way, change)
    phone = world.logged_in(Phone(world.client(way), PhoneClock(world.clock), uuid4()))
    inspect(phone, own_site(world))
    with pytest.raises(ReceiptInvalid):
        phone.push()
    assert len(phone.memory.waiting) == 1
    assert phone.memory.proofs == []


def test_the_next_person_on_a_phone_begins_with_an_empty_copy(world: World) -> None:
    phone = world.phone("inspector1")
    phone.pull()
    assert own_site(world) in {site.id for site in phone.all(Site)}
    world.logged_in(phone, "inspector2")
    phone.pull()
    seen = {site.grid_code for site in phone.all(Site)}
    assert seen == set(world.county.account("inspector2").grids)


@pytest.mark.parametrize("rebooted", [False, True])
def test_a_wrong_clock_is_put_right(world: World, rebooted: bool) -> None:
    day = MovableClock(START - timedelta(hours=3))
    clock = PhoneClock(day, skew=-timedelta(days=400))
    phone = Phone(world.client(), clock, uuid4())
    world.clock.set(START - timedelta(hours=3))
    world.logged_in(phone)
    inspection = inspect(phone, own_site(world))
    for later in (day, world.clock):
        later.set(START)
    if rebooted:  # then only the wall clock is left, wrong as it is
        clock.reboot()
    (outcome,) = phone.sync()
    assert "clock_skew" in outcome.flags
    hazard = phone.find(Hazard, hazard_id(inspection, FAILS))
    assert hazard is not None
    assert abs(hazard.reported_at - (START - timedelta(hours=3))) < timedelta(seconds=1)
