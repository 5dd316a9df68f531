"""The photo store fails and lies: nothing is called stored that is not, and all else goes on (E3-E5, D10)."""

import contextlib
import hashlib
import os
import random
import resource
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

import pytest

from inspect_api.actions.keep_aside import drain
from inspect_api.clock import new_id
from inspect_api.errors import Refusal
from inspect_api.media.blobs import BlobMissing, BlobStoreDown
from inspect_api.media.breaker import PAUSE_S, Breaker
from inspect_api.media.s3 import S3Store
from inspect_api.media.spool import SpooledStore
from inspect_api.settings import Settings
from inspect_api.store import spooled
from tests.http.serving import Person, Served, copy_folder, serve
from tests.http.test_damage import replace_settings
from tests.http.test_photos import push_photo
from tests.http.test_uploads import OCTETS, Tus, metadata, picture
from tests.s3 import S3Bucket
from tests.s3_faults import FAULTS, FaultyS3

READ_S = 0.3


class Shop:
    """The product before a store that can fail. `skip` lets the breaker's time pass."""

    def __init__(self, served: Served, proxy: FaultyS3, bucket: S3Bucket) -> None:
        self.served, self.proxy, self.bucket = served, proxy, bucket
        self._now = 0.0
        aside = served.app.blobs
        assert isinstance(aside, SpooledStore)
        assert isinstance(aside.store, S3Store)
        self.store = aside.store
        self.store.breaker = Breaker(lambda: self._now)

    def skip(self, seconds: float = PAUSE_S) -> None:
        self._now += seconds

    def heal(self) -> None:
        self.proxy.strike(None)
        self.proxy.settle()
        self.skip()

    def drain(self) -> None:
        """As the node itself does every other second."""
        with contextlib.suppress(BlobStoreDown, Refusal):
            drain(self.served.app)

    def until(self, happens: Callable[[], bool]) -> None:
        """On a busy machine an honest store too may be too slow for these short timeouts: again, then."""
        for _ in range(50):
            if happens():
                return
            self.skip()
            self.drain()
        raise AssertionError("it never happened")

    def kept(self, name: str) -> bytes | None:
        """What really lies in the store."""
        own = self.proxy.own
        try:
            found = own.get_object(Bucket=self.bucket.name, Key=f"blobs/{name[:2]}/{name[2:4]}/{name}")
        except own.exceptions.NoSuchKey:
            return None
        return bytes(found["Body"].read())

    def degraded(self) -> list[str]:
        answer = self.served.client.get("/health/ready")
        assert answer.status_code == 200
        return list(answer.json()["degraded"])

    def statuses(self, person: Person, names: list[str]) -> dict[str, str]:
        items = person.post("/blobs/status", {"sha256": names}).json()["items"]
        return {item["sha256"]: item["status"] for item in items}


@pytest.fixture(scope="module")
def faulty(s3_server) -> Iterator[FaultyS3]:
    proxy = FaultyS3(s3_server)
    yield proxy
    proxy.close()


@contextmanager
def open_shop(faulty: FaultyS3, bucket: S3Bucket, settings: Settings) -> Iterator[Shop]:
    settings = replace_settings(
        settings, blobs=bucket.url, s3_endpoint=faulty.server.endpoint,
        s3_access_key=faulty.server.access_key, s3_secret_key=faulty.server.secret_key,
        s3_connect_s=READ_S, s3_read_s=READ_S, spool_bytes=4_000_000, spool_free_bytes=0,
    )  # fmt: skip
    faulty.strike(None)
    with serve(settings) as served:
        yield Shop(served, faulty, bucket)
        faulty.strike(None)


@pytest.fixture(scope="module")
def shop(faulty, s3_bucket, sqlite_county, tmp_path_factory) -> Iterator[Shop]:
    folder = copy_folder(sqlite_county, tmp_path_factory.mktemp("shop") / "var")
    with open_shop(faulty, s3_bucket, Settings(data_dir=folder, demo=True)) as opened:
        yield opened


def name_of(photo: bytes) -> str:
    return hashlib.sha256(photo).hexdigest()


class Attack:
    """Photos are handed in while the store fails in drawn ways; what is told is held against the store."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop, self.chance = shop, random.Random(seed)
        self.person = shop.served.person("inspector1")
        self.photos: dict[str, bytes] = {}
        self.by_kind: Counter[str] = Counter()
        self.false: list[tuple[str, str]] = []

    def run(self, faults: int) -> None:
        """So many faults, each of which has struck."""
        while self.by_kind.total() < faults:
            self._one(FAULTS[self.by_kind.total() % len(FAULTS)])
        self._compare("in the end", list(self.photos))
        self.shop.until(lambda: "received" not in self._statuses().values())
        self._compare("afterwards", list(self.photos))

    def _statuses(self) -> dict[str, str]:
        return self.shop.statuses(self.person, list(self.photos)[:1000])

    def _one(self, fault: str) -> None:
        proxy, photo = self.shop.proxy, self._photo()
        before = proxy.struck
        proxy.strike(fault, lets_pass=self.chance.choice((0, 0, 1, 2)))
        told = self._hand_in(photo)
        if self.chance.random() < 0.3:
            self.shop.drain()
        self.shop.heal()
        self.by_kind[fault] += proxy.struck > before
        if told == "stored":
            self._compare(fault, [name_of(photo)])
        self._compare(fault, [name_of(photo), self.chance.choice(list(self.photos))])

    def _photo(self) -> bytes:
        """A new one, or one that was tried before."""
        if self.photos and self.chance.random() < 0.3:
            return self.chance.choice(list(self.photos.values()))
        photo = picture(len(self.photos), self.chance.choice((2_000, 90_000, 300_000)))
        self.photos[name_of(photo)] = photo
        return photo

    def _hand_in(self, photo: bytes) -> str | None:
        """By PUT, or by tus in one request or in two; what was told of it."""
        how = self.chance.randrange(3)
        if how == 0:
            answer = self.person.put(f"/blobs/{name_of(photo)}", photo)
            return answer.json().get("status") if answer.status_code in (200, 201) else None
        tus = Tus(self.person)
        first = photo if how == 1 else photo[: len(photo) // 2]
        told = {"Upload_Length": str(len(photo)), "Upload_Metadata": metadata(sha256=name_of(photo))}
        answer = tus.ask("POST", "/api/v1/uploads", first, Content_Type=OCTETS, **told)
        if how == 2 and answer.status_code == 201:
            at = int(answer.headers["upload-offset"])
            answer = tus.patch(answer.headers["location"], at, photo[at:])
        if answer.status_code < 300 and answer.headers["upload-offset"] == str(len(photo)):
            return self.shop.statuses(self.person, [name_of(photo)])[name_of(photo)]
        assert answer.status_code < 500 or answer.json()["code"] in ("storage_down", "storage_full")
        return None

    def _compare(self, fault: str, names: list[str]) -> None:
        """Whether what is `stored` is there. Asked again, since the node hands photos on meanwhile."""
        for start in range(0, len(names), 1000):
            for name in self._not_there(names[start : start + 1000]):
                if self._not_there([name]):
                    self.false.append((fault, name))

    def _not_there(self, names: list[str]) -> list[str]:
        told = self.shop.statuses(self.person, names)
        wrong = [
            n for n, status in told.items() if status == "stored" and self.shop.kept(n) != self.photos[n]
        ]
        return [n for n, status in self.shop.statuses(self.person, wrong).items() if status == "stored"]

    def told(self) -> str:
        kinds = ", ".join(f"{kind} {many}" for kind, many in sorted(self.by_kind.items()))
        return f"{self.by_kind.total()} store faults ({kinds}): {len(self.false)} false `stored`"


def test_nothing_is_called_stored_that_is_not(shop, capsys):
    attack = Attack(shop, seed=652327)
    attack.run(3 * len(FAULTS))
    with capsys.disabled():
        sys.stdout.write(f"\n{attack.told()}\n")
    assert attack.false == []
    assert set(attack.by_kind) == set(FAULTS)


@pytest.mark.soak
def test_a_thousand_faults_and_no_false_stored(shop, capsys):
    attack = Attack(shop, seed=int(os.environ.get("SEED", "1000")))
    attack.run(1000)
    with capsys.disabled():
        sys.stdout.write(f"\n{attack.told()}\n")
    assert attack.false == []


def test_whatever_the_store_does_health_says_so_and_records_go_on(shop):
    shop.until(lambda: shop.degraded() == [])
    for fault in ("down", "error", "slow_down", "forget", "truncate", "corrupt", "reset", "give_other"):
        shop.proxy.strike(fault)
        shop.store._probed_at = float("-inf")  # the two seconds for which it is believed
        assert shop.degraded() == ["blobs"], fault
        shop.heal()
        shop.until(lambda: shop.degraded() == [])
    shop.proxy.strike("down")
    photo = picture(7, 3000)
    person = push_photo(shop.served, photo)
    assert person.get("/hazards").status_code == 200
    shop.heal()
    shop.until(lambda: person.put(f"/blobs/{name_of(photo)}", photo).json().get("status") == "stored")
    assert shop.kept(name_of(photo)) == photo


def test_photos_that_wait_for_a_store_that_hangs_hold_up_nothing_else(shop):
    """The breaker opens; the others are told at once, without a request to the store."""
    person = shop.served.person("inspector1")
    shop.proxy.strike("hang")
    photos = [picture(100 + n, 3000) for n in range(12)]
    with ThreadPoolExecutor(12) as pool:
        hanging = [pool.submit(person.put, f"/blobs/{name_of(photo)}", photo) for photo in photos]
        for _ in range(20):
            assert person.get("/hazards?limit=5").status_code == 200
        answers = [future.result() for future in hanging]
    assert {(answer.status_code, answer.json()["status"]) for answer in answers} == {(202, "received")}
    struck = shop.proxy.struck
    assert person.put(f"/blobs/{name_of(photos[0])}", photos[0]).json()["status"] == "received"
    big = picture(200, 4_000_000)  # more than the node keeps
    late = person.put(f"/blobs/{name_of(big)}", big)
    assert (late.status_code, late.json()["code"]) == (503, "storage_down")
    assert int(late.headers["retry-after"]) > 0
    assert shop.proxy.struck == struck
    text = shop.served.client.get("/metrics").text
    assert "inspect_api_blob_store_down 1.0" in text
    assert "inspect_api_spool_photos 12.0" in text
    names = [name_of(photo) for photo in photos]
    assert set(shop.statuses(person, names).values()) == {"received"}
    shop.heal()
    shop.until(lambda: set(shop.statuses(person, names).values()) == {"stored"})
    assert [shop.kept(name) for name in names] == photos


def test_a_node_keeps_what_comes_while_the_store_is_down(faulty, s3_bucket, settings):
    with open_shop(faulty, s3_bucket, settings) as shop:
        photo, in_parts, rots, half = (picture(300 + n, 200_000) for n in range(4))
        person = push_photo(shop.served, photo)
        tus = Tus(person)
        begun, other = tus.begin(in_parts), tus.begin(half)
        shop.proxy.strike("down")
        with contextlib.suppress(BlobStoreDown):
            for _ in range(3):
                shop.store.check()
        while not shop.store.is_down:
            with contextlib.suppress(BlobStoreDown):
                shop.store.check()
        names = [name_of(one) for one in (photo, in_parts, rots)]
        assert person.put(f"/blobs/{names[0]}", photo).status_code == 202
        assert person.put(f"/blobs/{names[2]}", rots).status_code == 202
        for path, whole in ((begun, in_parts), (other, half)):
            assert tus.patch(path, 0, whole[:100_000]).status_code == 204
        assert tus.patch(begun, 100_000, in_parts[100_000:]).headers["upload-offset"] == "200000"
        assert list(shop.statuses(person, names).values()) == ["received"] * 3
        stranger = shop.served.person("inspector9")
        assert set(shop.statuses(stranger, names).values()) == {"missing"}
        spool = shop.served.settings.data_dir / "spool"
        (spool / names[2][:2] / names[2]).write_bytes(rots[:-1] + b"?")
        shop.heal()
        wanted = dict(zip(names, ("stored", "stored", "missing"), strict=True))
        shop.until(lambda: shop.statuses(person, names) == wanted)
        assert [shop.kept(name) for name in names[:2]] == [photo, in_parts]
        assert person.get(f"/photos/{names[0]}").content == photo
        shop.until(lambda: tus.patch(other, 100_000, half[100_000:]).status_code == 204)
        assert shop.statuses(person, [name_of(half)]) == {name_of(half): "stored"}
        shop.until(lambda: not [path for path in spool.glob("??/*") if path.is_file()])
        dead = {"sha256": names[2], "node_id": new_id(), "account_id": _account(shop, person)}
        dead |= {"size": 1, "content_type": "image/jpeg", "received_at": shop.served.clock.now()}
        shop.served.app.write(lambda work: spooled.add(work.tx, dead))
        assert shop.statuses(person, names[2:]) == {names[2]: "received"}
        shop.served.clock.advance(spooled.LEASE)
        assert shop.statuses(person, names[2:]) == {names[2]: "missing"}


def _account(shop: Shop, person: Person) -> UUID:
    return UUID(person.get("/me").json()["id"])


def test_a_breaker_opens_for_what_hangs_and_one_call_decides():
    """By its own clock: three failures, or a call that is not answered in four seconds."""
    now = [0.0]
    breaker = Breaker(lambda: now[0])

    def ask(error: Exception | None = None) -> None:
        with breaker.call():
            if error is not None:
                raise error

    for _ in range(2):
        with pytest.raises(BlobStoreDown):
            ask(BlobStoreDown())
    with pytest.raises(BlobMissing):
        ask(BlobMissing())
    for _ in range(3):
        assert not breaker.is_open
        with pytest.raises(BlobStoreDown):
            ask(BlobStoreDown())
    assert breaker.is_open
    now[0] += PAUSE_S
    with breaker.call():
        assert breaker.is_open  # everybody else waits for what this one finds
    assert not breaker.is_open
    begun, release = threading.Event(), threading.Event()

    def hang() -> None:
        with breaker.call():
            begun.set()
            release.wait(20)

    thread = threading.Thread(target=hang)
    thread.start()
    begun.wait(20)
    now[0] += 3.0
    ask()  # another one is answered meanwhile
    now[0] += 3.9
    assert not breaker.is_open
    now[0] += 0.2
    assert breaker.is_open
    release.set()
    thread.join()
    assert breaker.is_open
    now[0] += PAUSE_S
    ask()
    assert not breaker.is_open

    def give_up() -> None:
        with breaker.call():
            now[0] += 4.1
            raise BlobStoreDown

    with pytest.raises(BlobStoreDown):
        give_up()  # and nobody else was there to notice how long that took
    assert breaker.is_open


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """The disk is full for every file of this process that reaches this size (EFBIG)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("where", ["folder", "s3"])
def test_a_full_disk_is_507_and_loses_nothing(request, where):
    shop = request.getfixturevalue("shop") if where == "s3" else None
    served = shop.served if shop else request.getfixturevalue("sqlite_served")
    photo = picture(1, 9_000_000)
    name, first = name_of(photo), 1_000_000
    person = push_photo(served, photo)
    tus = Tus(person)
    path = tus.begin(photo)

    def goes_on(at: int, piece: bytes) -> bool:
        told = tus.patch(path, at, piece).headers.get("upload-offset")
        return told == str(at + len(piece))

    until = shop.until if shop else lambda happens: happens()
    with no_file_longer_than(7_900_000):
        answer = person.put(f"/blobs/{name}", photo)
        assert (answer.status_code, answer.json()["code"]) == (507, "storage_full"), answer.text
        assert int(answer.headers["retry-after"]) > 0
        assert person.get("/hazards").status_code == 200
        assert served.log_in("inspector2").status_code == 200
        until(lambda: goes_on(0, photo[:first]))
        until(lambda: tus.patch(path, first, photo[first:]).json()["code"] == "storage_full")
    assert tus.ask("HEAD", path).headers["upload-offset"] == str(first)
    until(lambda: goes_on(first, photo[first:]))
    until(lambda: person.get(f"/photos/{name}").content == photo)
