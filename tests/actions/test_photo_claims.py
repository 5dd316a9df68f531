"""What a picture says beside what its records say, and what whoever verifies is shown of it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from inspect_api.actions.prepare_photo import Prepared, file_prepared
from inspect_api.actions.show_hazard import show_hazard
from inspect_api.domain.position import to_gcj02
from inspect_api.store.sessions import DEVICE
from sync.entities import HazardDetail
from sync.photo import Photo, PhotoDoubt
from tests.actions.bench import GENERAL, Bench, Op, claim, found_at, sha
from tests.actions.county import account_id, site_id

PLACE = (44.0001, 89.1801)
WGS84 = {"lat": PLACE[0], "lon": PLACE[1], "datum": "wgs84"}


def look(bench: Bench, name: str, outline: int | None = None, **exif: Any) -> None:
    """The worker has looked at a picture."""
    bench.app.write(lambda work: file_prepared(work, sha(name), Prepared("ready", exif, {}, outline)))


def detail(bench: Bench, hazard: UUID, who: str = "county") -> HazardDetail:
    return bench.app.read(lambda work: show_hazard(work, hazard), bench.caller(who))


def photo_of(bench: Bench, hazard: UUID, name: str, purpose: str = "finding") -> Photo:
    [photo] = [p for p in detail(bench, hazard).photos if (p.sha256, p.purpose) == (sha(name), purpose)]
    return photo


def doubts(bench: Bench, hazard: UUID, who: str = "county") -> dict[str, list[PhotoDoubt]]:
    told: dict[str, list[PhotoDoubt]] = {}
    for doubt in detail(bench, hazard, who).doubts:
        told.setdefault(doubt.kind, []).append(doubt)
    return told


def wall(at: datetime) -> str:
    """A camera's clock in the county."""
    return f"{at + timedelta(hours=8):%Y-%m-%dT%H:%M:%S}"


def find(bench: Bench, name: str, *, who: str = "inspector1", item: str = GENERAL[0], **more: Any) -> UUID:
    """A hazard that a picture shows."""
    op: Op = bench.inspect(fails={item: {"photos": [sha(name)]}}, **more)
    bench.do(who, op)
    return found_at(op, item)


def test_one_picture_of_two_records_disagrees_with_each_by_itself(bench: Bench) -> None:
    with bench.app.db.write() as tx:
        row = {"platform": "鸿蒙", "model": "ALN-AL00", "enrolled_by": account_id("inspector1")}
        phone = bench.caller("inspector1").device_id
        tx.execute(DEVICE.insert().values(id=phone, enrolled_at=bench.now(), **row))
    at = bench.now()
    gcj02 = dict(zip(("lat", "lon"), to_gcj02(*PLACE), strict=True), datum="gcj02", accuracy_m=8)
    right = claim("现场", at) | {"position": gcj02}
    first = find(bench, "现场", photos=[right])
    wrong = claim("现场", at + timedelta(hours=2)) | {"position": gcj02 | {"datum": "wgs84"}}
    second = find(bench, "现场", item=GENERAL[1], site="装卸站", photos=[wrong], position=WGS84)
    bench.upload("inspector1", "现场")
    assert photo_of(bench, first, "现场").exif is None
    assert photo_of(bench, first, "现场").disagreement is None
    look(
        bench, "现场", taken_at=wall(at), lat=PLACE[0], lon=PLACE[1], make="HUAWEI", model="ALN-AL00",
        software="ALN-AL00 4.2", gps_at=f"{at + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
    )  # fmt: skip
    photo = photo_of(bench, first, "现场")
    assert photo.device is not None
    assert photo.device.model == "ALN-AL00"
    found = photo.disagreement
    assert found is not None
    assert (found.metres, found.seconds, found.offset_assumed, found.same_model) == (0.0, 0, True, True)
    assert (found.gps_seconds, found.gps_days_off, photo.flags) == (0, 1, [])
    assert photo.position is not None
    assert photo.position.datum == "gcj02"
    assert photo.wgs84 is not None
    assert abs(photo.wgs84.lat - PLACE[0]) < 1e-6
    other = photo_of(bench, second, "现场")
    found = other.disagreement
    assert found is not None
    assert found.metres is not None
    assert (100 < found.metres < 700, found.explained_by, found.explained_in) == (True, "gcj02", "operation")
    assert (found.seconds, other.flags) == (-7200, ["exif_mismatch"])
    shown = detail(bench, second)
    assert (shown.wgs84 and shown.wgs84.lat, shown.position and shown.position.datum) == (PLACE[0], "wgs84")
    pulled, _ = bench.pull("inspector1")
    flags = {c.data.hazard_id: c.data.flags for c in pulled if isinstance(c.data, Photo)}
    assert flags == {first: [], second: ["exif_mismatch"]}


def test_a_picture_that_shows_two_hazards_is_doubted_at_both(on_sqlite: Bench) -> None:
    bench = on_sqlite
    first, second = find(bench, "现场"), find(bench, "现场", item=GENERAL[1], site="装卸站")
    for here, there in ((first, second), (second, first)):
        [doubt] = doubts(bench, here)["used_elsewhere"]
        assert [(use.hazard_id, use.purpose) for use in doubt.uses] == [(there, "finding")]


def test_whoever_cannot_see_the_other_record_is_told_nothing_of_it(bench: Bench) -> None:
    here = find(bench, "现场")
    there = find(bench, "现场", who="inspector9", site="油库")
    bench.upload("inspector1", "现场")
    bench.upload("inspector9", "现场")
    [doubt] = doubts(bench, here, "city")["used_elsewhere"]
    assert [use.hazard_id for use in doubt.uses] == [there]
    for who in ("county", "inspector1", "officer1", "enterprise1"):
        assert doubts(bench, here, who) == {}, who


def test_a_picture_of_the_same_visit_is_not_elsewhere(on_sqlite: Bench) -> None:
    """Named at the finding, and once more for the visit by an amendment."""
    bench = on_sqlite
    op = bench.inspect(fails={GENERAL[0]: {"photos": [sha("现场")]}})
    bench.do("inspector1", op)
    again = bench.inspect(GENERAL[0], amends=op["entity_id"], photos=[claim("现场", bench.now())])
    bench.do("inspector1", again)
    assert doubts(bench, found_at(op, GENERAL[0])) == {}
    other = bench.inspect(GENERAL[1], site="装卸站", photos=[claim("现场", bench.now())])
    bench.do("inspector1", other)
    [doubt] = doubts(bench, found_at(op, GENERAL[0]))["used_elsewhere"]
    assert [use.inspection_id for use in doubt.uses] == [UUID(other["entity_id"])]


def test_the_picture_of_the_hazard_is_no_proof_that_it_is_gone(on_sqlite: Bench) -> None:
    bench = on_sqlite
    hazard = find(bench, "隐患")
    bench.upload("inspector1", "隐患")
    bench.wait(days=1)
    bench.do("enterprise1", bench.rectify(hazard, photos=[sha("隐患"), sha("新的")]))
    told = doubts(bench, hazard, "inspector1")
    [doubt] = told.pop("own_finding")
    assert [(use.purpose, use.hazard_id) for use in doubt.uses] == [("finding", hazard)]
    assert told == {}
    assert photo_of(bench, hazard, "隐患", "rectified").flags == ["own_finding"]
    assert photo_of(bench, hazard, "新的", "rectified").flags == []


def test_a_finding_named_late_is_told_with_the_proof_that_it_was(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    bench.do("inspector1", op)
    hazard = found_at(op, GENERAL[0])
    bench.do("enterprise1", bench.rectify(hazard, photos=[sha("同一张")]))
    _, cursor = bench.pull("inspector1")
    more = bench.inspect(fails={GENERAL[0]: {"photos": [sha("同一张")]}}, amends=op["entity_id"])
    bench.do("inspector1", more)
    changes, _ = bench.pull("inspector1", cursor)
    flags = {c.data.purpose: c.data.flags for c in changes if isinstance(c.data, Photo)}
    assert flags == {"rectified": ["own_finding"], "finding": []}


def test_a_proof_from_before_the_hazard_is_doubted(on_sqlite: Bench) -> None:
    """By its EXIF or by its own record; the picture of the hazard itself is always from before."""
    bench = on_sqlite
    hazard = find(bench, "隐患")
    reported = bench.now()
    bench.wait(days=2)
    said = claim("旧说", reported - timedelta(days=9))
    proofs = [sha("旧图"), sha("新图"), said]
    bench.do("enterprise1", bench.rectify(hazard, photos=proofs))
    bench.upload("inspector1", "隐患")
    bench.upload("enterprise1", "旧图", "新图", "旧说")
    look(bench, "隐患", taken_at=wall(reported - timedelta(hours=1)))
    look(bench, "旧图", taken_at=wall(reported - timedelta(hours=1)), offset="+08:00")
    look(bench, "新图", taken_at=wall(reported + timedelta(hours=1)))
    told = doubts(bench, hazard)
    assert {doubt.sha256 for doubt in told.pop("older_than_hazard")} == {sha("旧图"), sha("旧说")}
    assert told == {}


def test_a_proof_handed_in_again_after_it_was_refused_is_doubted(on_sqlite: Bench) -> None:
    bench = on_sqlite
    hazard = find(bench, "隐患")
    bench.wait(days=1)
    bench.do("enterprise1", bench.rectify(hazard, photos=[sha("后")]))
    bench.give("officer1", "verify", hazard, passed=False, comment="未消除")
    bench.wait(days=1)
    bench.do("enterprise1", bench.rectify(hazard, photos=[sha("后")]))
    [doubt] = doubts(bench, hazard)["proof_again"]
    assert [use.purpose for use in doubt.uses] == ["rectified"]


def test_a_proof_that_looks_like_another_picture_is_told(bench: Bench) -> None:
    """Like the finding, or like a picture of another hazard of the enterprise; never like a stranger's."""
    hazard = find(bench, "隐患")
    other = find(bench, "另一处", item=GENERAL[1], site="装卸站")
    foreign = find(bench, "别家", who="inspector9", site="油库")
    bench.wait(days=1)
    bench.do("enterprise1", bench.rectify(hazard, photos=[sha("转发"), sha("借用"), sha("真的")]))
    bench.upload("inspector1", "隐患", "另一处")
    bench.upload("inspector9", "别家")
    bench.upload("enterprise1", "转发", "借用", "真的")
    drawn = {"隐患": -(2**63) + 77, "另一处": 0x0F0F0F0F0F0F0F0F, "真的": 0x3333333333333333}
    for name, outline in drawn.items():
        look(bench, name, outline)
    look(bench, "转发", drawn["隐患"] ^ 7)
    look(bench, "借用", drawn["另一处"] ^ 1)
    look(bench, "别家", drawn["真的"])
    told = {doubt.sha256: doubt.uses for doubt in doubts(bench, hazard, "city")["looks_the_same"]}
    assert {name: [use.hazard_id for use in uses] for name, uses in told.items()} == {
        sha("转发"): [hazard],
        sha("借用"): [other],
    }
    assert doubts(bench, other) == doubts(bench, foreign, "city") == {}


def test_the_past_is_told_as_it_was_known_then(on_sqlite: Bench) -> None:
    bench = on_sqlite
    hazard = find(bench, "现场")
    before = bench.now()
    bench.wait(days=1)
    find(bench, "现场", item=GENERAL[1], site="装卸站")
    then = bench.app.read(lambda work: show_hazard(work, hazard, before), bench.caller("county"))
    assert then.doubts == []
    assert set(doubts(bench, hazard)) == {"used_elsewhere"}


def test_a_report_without_a_site_has_its_place(on_sqlite: Bench) -> None:
    bench = on_sqlite
    lat, lon = to_gcj02(*PLACE)
    op = bench.report(position={"lat": lat, "lon": lon, "datum": "gcj02"}, site_id=str(site_id("夜市")))
    bench.do("inspector1", op)
    changes, _ = bench.pull("inspector1")
    [hazard] = [c.data for c in changes if c.entity == "hazard"]
    assert (hazard.position.lat, hazard.position.datum) == (lat, "gcj02")  # type: ignore[attr-defined]
    assert abs(hazard.wgs84.lat - PLACE[0]) < 1e-6  # type: ignore[attr-defined]
