"""The database is put back from a backup: what phones have kept comes again, and nothing comes twice."""

import base64
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from inspect_api.cli import main
from inspect_api.demo.link import Offline, Refused
from inspect_api.demo.phone import Phone
from inspect_api.jobs.loop import run_jobs
from inspect_api.store import instance
from inspect_api.store.operations import OPERATION
from sync.bodies import PhotoClaim, ReportHazard
from sync.commands import Note
from sync.cursor import decode_cursor, encode_cursor
from sync.entities import Inspection
from sync.identity import hazard_id
from sync.photo import Photo
from sync.receipt import receipt_holds
from tests.device import FAILS, Device, inspect
from tests.restore.installation import START, Installation, counts, shared


def work(installation: Installation, phone: Phone, inspections: int, photos: int = 0) -> list[UUID]:
    """So many inspections with a hazard each, pushed; a note on every second hazard."""
    assert phone.user is not None
    site = next(site for site in installation.county.sites if site.grid_code in phone.user.grids)
    made = []
    for n in range(inspections):
        made.append(inspect(phone, site.id, photos))
        if n % 2:
            phone.capture("hazard.note", hazard_id(made[-1], FAILS), Note(text="已口头告知负责人"))
    phone.sync()
    assert phone.memory.waiting == []
    return made


def test_row_11_sixty_in_the_backup_forty_after_it_all_hundred_there(installation: Installation) -> None:
    phones = [installation.phone("inspector1"), installation.phone("inspector2", Device)]
    watcher = installation.phone("county")
    made = [one for phone in phones for one in work(installation, phone, 30)]
    installation.back_up()
    made += [one for phone in phones for one in work(installation, phone, 20)]
    watcher.sync()
    assert counts(watcher)[:2] == (100, 100)
    before = shared(watcher)

    installation.restore()
    behind = installation.phone("county")
    behind.sync()
    assert counts(behind)[:2] == (60, 60)

    for phone in phones:
        phone.sync()
        assert phone.memory.waiting == []
    watcher.sync()
    assert {one.id for one in watcher.all(Inspection)} == set(made)
    assert counts(watcher)[:2] == (100, 100)
    assert shared(watcher).keys() == before.keys()
    for name, phone in zip(("inspector1", "inspector2", "county"), (*phones, watcher), strict=True):
        fresh = installation.phone(name)
        fresh.sync()
        assert shared(phone) == shared(fresh), name
    with installation.running.db.read() as tx:
        assert tx.execute(sa.select(sa.func.count()).select_from(OPERATION)).scalar_one() == 150
    again = [outcome for phone in phones for outcome in phone.memory.outcomes.values()]
    assert sorted({outcome.code for outcome in again}) == ["applied", "duplicate"]


def test_numbers_that_are_given_out_again_hide_nothing(installation: Installation) -> None:
    """After the restore others bring each stream to where the phone had read it; its cursor still misses."""
    phone, other = installation.phone("inspector1"), installation.phone("inspector1")
    work(installation, phone, 1)
    installation.back_up()
    work(installation, phone, 3)
    old_cursor = phone.memory.cursor
    installation.restore()
    phone.memory.kept.clear()  # a phone that has lost what it kept, so that the numbers meet
    replaced = work(installation, other, 3)
    app = installation.running
    user = phone.user
    assert user is not None
    assert old_cursor is not None
    read = decode_cursor(old_cursor, installation.epochs[0], user.id).positions
    now = decode_cursor(str(other.memory.cursor), app.epoch, user.id).positions
    place = next(name for name in read if name.startswith("grid:") and read[name] > 3)
    assert read[place] == now[place]

    forged = phone.link.post(
        "/sync/pull",
        {"protocol": 1, "device_id": phone.memory.device_id,
         "cursor": encode_cursor(app.epoch, user.id, read)},
        dict,
    )  # fmt: skip
    assert [c for c in forged["changes"] if c["stream"] == place] == []  # what would be without an epoch
    phone.pull()
    assert {one.id for one in phone.all(Inspection)} >= set(replaced)
    fresh = installation.phone("inspector1")
    fresh.pull()
    assert shared(phone) == shared(fresh)


def test_a_push_that_knows_the_old_epoch_is_taken_and_an_old_cursor_is_not(
    installation: Installation,
) -> None:
    phone = installation.phone("inspector1")
    made = work(installation, phone, 2)
    installation.back_up()
    installation.restore()
    old = phone.memory.epoch
    phone.capture("hazard.note", hazard_id(made[0], FAILS), Note(text="恢复之后"))
    batch = phone.memory.waiting
    with pytest.raises(Refused) as refused:
        phone.link.post(
            "/sync/pull",
            {"protocol": 1, "device_id": phone.memory.device_id, "cursor": phone.memory.cursor},
            dict,
        )
    assert (refused.value.problem.status, refused.value.problem.code) == (409, "epoch_changed")
    (outcome,) = phone.push()
    assert (outcome.op_id, outcome.code) == (str(batch[0].op_id), "applied")
    assert phone.memory.epoch == installation.running.epoch != old
    assert phone.memory.cursor is None
    # what the old epoch had acknowledged waits again, before anything else; what the new one has does not
    assert len(phone.memory.waiting) == 3
    assert [outcome.code for outcome in phone.sync()] == ["duplicate"] * 3
    assert phone.memory.waiting == []


def test_it_is_pushed_again_although_the_phone_dies_in_the_middle(on_sqlite: Installation) -> None:
    phone = on_sqlite.phone("inspector1")
    on_sqlite.back_up()
    made = work(on_sqlite, phone, 6)
    on_sqlite.restore()
    phone.push()  # nothing waits: it has not learnt of it yet
    phone.pull()
    phone._hand_in(phone.batches()[0][:4])
    assert len(phone.memory.waiting) == 5
    phone.sync()
    assert {one.id for one in phone.all(Inspection)} >= set(made)


def test_receipts_of_an_epoch_that_ended_hold(on_sqlite: Installation) -> None:
    phone = on_sqlite.phone("inspector1")
    on_sqlite.back_up()
    work(on_sqlite, phone, 3)
    proofs = list(phone.memory.proofs)
    on_sqlite.restore()
    phone.sync()
    hello = phone.link.get("/hello", dict, public=True)
    keys = {key["key_id"]: base64.b64decode(key["public_key"]) for key in hello["keys"]}
    assert {proof.origin for proof in phone.memory.proofs} == {proofs[0].origin, hello["origin"]}
    for proof in phone.memory.proofs:
        receipt = proof.receipt
        assert receipt_holds(
            keys[receipt.key_id], receipt.sig, proof.origin, receipt.received_at, proof.outcomes
        )


def test_phones_keep_what_was_acknowledged_as_long_as_the_server_says(on_sqlite: Installation) -> None:
    phone = on_sqlite.phone("inspector1")
    work(on_sqlite, phone, 2)
    on_sqlite.clock.advance(timedelta(days=29))
    work(on_sqlite, phone, 2)
    assert len(phone.memory.kept) == 6
    on_sqlite.clock.advance(timedelta(days=2))
    work(on_sqlite, phone, 1)
    assert len(phone.memory.kept) == 4


def test_a_server_from_before_the_restore_answers_nobody(installation: Installation) -> None:
    phone = installation.phone("inspector1")
    old = installation.running
    phone.pull()
    with old.db.write() as tx:
        instance.begin_epoch(tx, str(uuid4()), START)
    phone.capture("hazard.note", uuid4(), Note(text="没有送达"))
    for act in (phone.push, phone.pull):
        with pytest.raises(Offline):  # it was asked to wait, and has given up for now
            act()
    assert set(installation.waits) == {30.0}
    assert len(phone.memory.waiting) == 1


def naming(installation: Installation, phone: Phone, sha256: str) -> ReportHazard:
    """A report whose photo was never handed in by who makes it."""
    site = next(s for s in installation.county.sites if phone.user and s.grid_code in phone.user.grids)
    claim = PhotoClaim(sha256=sha256, size=1, content_type="image/jpeg", taken_at=START)
    return ReportHazard(site_id=site.id, description="照片是别人的", photos=[claim])


@pytest.mark.parametrize("lost", ["nothing", "the bytes too"])
def test_photos_of_what_comes_again(installation: Installation, lost: str) -> None:
    """The phone has forgotten what it was told is stored; the photo store has it yet, or lost it as well."""
    phone, other = installation.phone("inspector1"), installation.phone("inspector2")
    installation.back_up()
    (inspection,) = work(installation, phone, 1, photos=2)
    names = {photo.sha256 for photo in phone.all(Photo)}
    assert (len(names), phone.memory.album) == (2, {})
    installation.restore()
    gone = min(names) if lost != "nothing" else None
    if gone is not None:
        installation.running.blobs.delete(gone)
    phone.sync()
    assert phone.memory.wanted == names  # for all that the answer knows
    run_jobs(installation.running)
    other.capture("hazard.report", uuid4(), naming(installation, other, max(names)))
    assert other.push()[0].missing_blobs == [max(names)]  # naming a hash is not having it
    run_jobs(installation.running)
    assert other.link.post("/blobs/status", {"sha256": [max(names)]}, dict)["items"][0]["status"] == "missing"
    assert phone.link.post("/blobs/status", {"sha256": sorted(names)}, dict)["items"] == [
        {"sha256": name, "status": "missing" if name == gone else "stored"} for name in sorted(names)
    ]
    phone.pull()
    assert {p.sha256: p.stored for p in phone.all(Photo) if p.inspection_id == inspection} == {
        name: name != gone for name in names
    }


# ---- the commands


def test_nothing_is_put_back_below_a_running_server(installation: Installation) -> None:
    installation.back_up()
    epoch = installation.running.epoch
    refused = installation.run("new-epoch")
    assert refused.exit_code == 2
    assert "stop" in refused.output
    if not installation.is_postgres:
        refused = installation.run("restore", str(installation.folder / "backup.db"))
        assert (refused.exit_code, "stop" in refused.output) == (2, True)
    installation.stop()
    installation.start()
    assert installation.running.epoch == epoch
    assert sorted(path.name for path in installation.folder.glob("var/.inspect*")) == []


def test_a_copy_is_given_an_epoch_of_its_own(installation: Installation) -> None:
    before = installation.running.epoch
    installation.stop()
    done = installation.run("new-epoch")
    assert done.exit_code == 0, done.output
    installation.start()
    assert before in done.output
    assert installation.running.epoch in done.output
    assert installation.running.epoch != before


def test_a_backup_is_whole_while_others_write_and_the_lost_one_is_put_aside(on_sqlite: Installation) -> None:
    phone = on_sqlite.phone("inspector1")
    work(on_sqlite, phone, 2)
    with on_sqlite.running.db.write() as tx:
        tx.execute(sa.text("UPDATE instance SET value = 'half' WHERE name = 'epoch'"))
        on_sqlite.back_up()
        tx.rollback()
    work(on_sqlite, phone, 2)
    on_sqlite.restore()
    (aside,) = on_sqlite.folder.glob("var/inspect.db.before-*")
    on_sqlite.stop()
    assert on_sqlite.run("restore", str(aside)).exit_code == 0  # and back again: it was not needed
    on_sqlite.start()
    fresh = on_sqlite.phone("inspector1")
    fresh.pull()
    assert counts(fresh)[0] == 4


def test_a_backup_never_takes_the_place_of_what_is_served(on_sqlite: Installation) -> None:
    """A slip of the operator: the server would go on writing into a file that has no name any more."""
    served = on_sqlite.folder / "var" / "inspect.db"
    link = on_sqlite.folder / "backups"
    link.symlink_to(served.parent)
    for target in (served, link / "inspect.db", served.with_name("inspect.db-wal")):
        refused = on_sqlite.run("backup", str(target))
        assert refused.exit_code == 2, refused.output
        assert "name another file" in refused.output
    phone = on_sqlite.phone("inspector1")
    work(on_sqlite, phone, 1)
    on_sqlite.stop()
    on_sqlite.start()
    assert [outcome.code for outcome in phone.sync()] == []
    assert counts(phone)[0] == 1


@pytest.mark.parametrize("damage", ["cut", "empty", "other"])
def test_a_backup_that_is_none_is_refused(on_sqlite: Installation, damage: str) -> None:
    on_sqlite.back_up()
    bad = on_sqlite.folder / "backup.db"
    whole = bad.read_bytes()
    bad.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "other": b"PK\x03\x04" * 5000}[damage])
    on_sqlite.stop()
    refused = on_sqlite.run("restore", str(bad))
    assert (refused.exit_code, "backup.db" in refused.output) == (2, True)
    on_sqlite.start()
    assert sorted(path.name for path in on_sqlite.folder.glob("var/.inspect*")) == []


def test_a_damaged_database_gives_way_to_a_backup(on_sqlite: Installation) -> None:
    phone = on_sqlite.phone("inspector1")
    work(on_sqlite, phone, 2)
    on_sqlite.back_up()
    on_sqlite.stop()
    (on_sqlite.folder / "var" / "inspect.db").write_bytes(b"\0" * 100_000)
    (on_sqlite.folder / "var" / "inspect.db-wal").write_bytes(b"\0" * 100_000)
    on_sqlite.restore()
    phone.sync()
    assert counts(phone)[0] == 2


def test_postgresql_is_backed_up_by_its_own_tools(tmp_path: Path) -> None:
    env = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x", "DATA_DIR": str(tmp_path)}
    refused = CliRunner().invoke(main, ["backup", str(tmp_path / "b.db")], env=env)
    assert (refused.exit_code, "operations.md" in refused.output) == (2, True)
