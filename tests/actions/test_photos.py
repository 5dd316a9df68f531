"""Photos and records find each other in either order, and only where the account may."""

import pytest

from inspect_api.store.hazards import HAZARD
from inspect_api.store.jobs import JOB
from inspect_api.store.photos import BLOB, PHOTO
from tests.actions.bench import GENERAL, Bench, found_at, sha


def pending(bench: Bench, hazard: object) -> int:
    (row,) = bench.rows(HAZARD, HAZARD.c.id == hazard)
    return int(row.evidence_pending)


def test_first_the_record_then_the_photo(bench: Bench) -> None:
    op = bench.inspect(fails={GENERAL[0]: {"photos": [sha("一"), sha("二")]}})
    bench.do("inspector1", op)
    hazard = found_at(op, GENERAL[0])
    assert pending(bench, hazard) == 2
    bench.upload("inspector1", "一")
    assert pending(bench, hazard) == 1
    bench.upload("inspector1", "一")
    assert pending(bench, hazard) == 1
    bench.upload("inspector1", "二")
    assert pending(bench, hazard) == 0
    assert (bench.count(BLOB), bench.count(JOB)) == (2, 2)


def test_first_the_photo_then_the_record(bench: Bench) -> None:
    bench.upload("inspector1", "一")
    op = bench.inspect(fails={GENERAL[0]: {"photos": [sha("一")]}})
    answer = bench.do("inspector1", op)
    assert (answer.missing_blobs, "blob_missing" in answer.flags) == ([], False)
    assert pending(bench, found_at(op, GENERAL[0])) == 0


@pytest.mark.parametrize("photo_first", [True, False])
def test_naming_a_photo_gives_nobody_the_right_to_it(bench: Bench, photo_first: bool) -> None:
    """Another account on another phone handed in these bytes; whoever names them hands them in himself."""
    if photo_first:
        bench.upload("inspector2", "别人的")
    op = bench.inspect(fails={GENERAL[0]: {"photos": [sha("别人的")]}})
    assert bench.do("inspector1", op).missing_blobs == [sha("别人的")]
    if not photo_first:
        bench.upload("inspector2", "别人的")
    assert pending(bench, found_at(op, GENERAL[0])) == 1
    bench.upload("inspector1", "别人的")
    assert pending(bench, found_at(op, GENERAL[0])) == 0
    assert bench.count(BLOB) == 1


def test_a_colleague_on_the_same_phone_may_hand_it_in(bench: Bench) -> None:
    op = bench.inspect(fails={GENERAL[0]: {"photos": [sha("一")]}})
    bench.do("inspector1", op, phone="公用")
    bench.upload("inspector3", "一")
    assert pending(bench, found_at(op, GENERAL[0])) == 1
    bench.upload("inspector3", "一", phone="公用")
    assert pending(bench, found_at(op, GENERAL[0])) == 0


def test_a_photo_that_may_be_read_already_may_be_named(bench: Bench) -> None:
    """An officer sees the inspector's photo, and shows it as evidence of his own."""
    op = bench.inspect(fails={GENERAL[0]: {"photos": [sha("现场")]}})
    bench.do("inspector1", op)
    bench.upload("inspector1", "现场")
    hazard = found_at(op, GENERAL[0])
    assert bench.give("officer1", "note", hazard, text="同一处", photos=[sha("现场")]).missing_blobs == []
    foreign = bench.inspect(fails={GENERAL[0]: {"photos": [sha("现场")]}}, site="油库")
    assert bench.do("officer9", foreign).missing_blobs == [sha("现场")]


def test_what_is_here_and_what_is_awaited_is_pulled(bench: Bench) -> None:
    """Photos that came before their record, after it, and not yet."""
    bench.upload("inspector1", "先到")
    names = ["先到", "后到", "未到"]
    op = bench.inspect(fails={GENERAL[0]: {"photos": [sha(name) for name in names]}})
    bench.do("inspector1", op)
    bench.upload("inspector1", "后到")
    changes, _ = bench.pull("county")
    shown = {c.data.sha256: c.data.stored for c in changes if c.entity == "photo"}  # type: ignore[attr-defined]
    assert shown == {sha("先到"): True, sha("后到"): True, sha("未到"): False}


def test_a_new_photo_is_prepared_once(bench: Bench) -> None:
    bench.upload("inspector1", "一")
    bench.upload("inspector2", "一")
    assert [row.key for row in bench.rows(JOB)] == [sha("一")]


def test_evidence_of_a_rectification_is_linked(bench: Bench) -> None:
    op = bench.inspect(GENERAL[0])
    bench.do("inspector1", op)
    hazard = found_at(op, GENERAL[0])
    bench.do("enterprise1", bench.rectify(hazard, photos=[sha("后")]))
    bench.upload("inspector1", "后")
    assert pending(bench, hazard) == 1
    bench.upload("enterprise1", "后")
    assert pending(bench, hazard) == 0
    (row,) = bench.rows(PHOTO, PHOTO.c.purpose == "rectified")
    assert (row.sha256, row.is_present) == (sha("后"), True)
