"""What one process of the product has: its database, its blob store, its rules, its key and its name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar, cast

import sqlalchemy as sa

from checklists import catalog
from checklists.document import InvalidData
from checklists.risk_rules import RiskRules, load_risk_rules
from inspect_api.actions.own_rules import load_coverage, load_photo_rules, load_rules, load_sampling
from inspect_api.actions.receive_push import Here
from inspect_api.actions.set_up import seed_calendar
from inspect_api.actions.work import Rules, Work
from inspect_api.clock import Clock, SystemClock, new_id
from inspect_api.decodable import make_decodable
from inspect_api.domain.access import Caller
from inspect_api.domain.rulefiles import RuleFileError
from inspect_api.media.blobs import BlobStore
from inspect_api.media.darkroom import Darkroom
from inspect_api.media.opening import open_store
from inspect_api.media.s3_settings import S3Settings
from inspect_api.media.spool import Spool, SpooledStore
from inspect_api.notices.channels import Channel, read_channels
from inspect_api.settings import Settings, SettingsError
from inspect_api.store import hazards, instance, signing_keys
from inspect_api.store.database import Database
from inspect_api.store.paging import CLOCKS_APART
from inspect_api.store.revisions import require_migrated
from inspect_api.store.signing_keys import Signer

Checksums = Literal["when_required", "when_supported"]
Result = TypeVar("Result")

_SNAPSHOTS = 3


@dataclass(frozen=True)
class App:
    """Opened once when a process starts, shared by its threads."""

    settings: Settings
    clock: Clock
    db: Database
    blobs: BlobStore
    rules: Rules
    signer: Signer
    instance: str
    epoch: str
    channels: tuple[Channel, ...] = ()
    darkroom: Darkroom = field(default_factory=Darkroom)

    @property
    def spool(self) -> Spool | None:
        """Where photos wait while the store is down."""
        return self.blobs.spool if isinstance(self.blobs, SpooledStore) else None

    @property
    def origin(self) -> str:
        """What receipts and checkpoints of this installation are signed as."""
        return f"inspect-api/{self.instance}/{self.epoch}"

    @property
    def here(self) -> Here:
        keep = timedelta(days=self.settings.phones_keep_days)
        return Here(self.origin, self.epoch, self.signer, keep)

    def write(self, act: Callable[[Work], Result], caller: Caller | None = None) -> Result:
        """Do one unit of work in one transaction: committed with its changes numbered, or not at all."""

        def unit(tx: sa.Connection) -> Result:
            work = Work(tx, self.clock.now(), self.rules, caller, partial(self.db.settle, tx, self.clock))
            result = act(work)
            work.publish()
            return result

        return self.db.run(unit)

    def read(self, look: Callable[[Work], Result], caller: Caller | None = None) -> Result:
        """Look at one snapshot."""
        with self.db.read() as tx:
            return look(Work(tx, self.clock.now(), self.rules, caller))

    def read_settled(self, look: Callable[[Work], Result], caller: Caller | None = None) -> Result:
        """Look at one snapshot that holds all that the register was until `now`, whatever is being written.

        A change that came between the moment and the snapshot is rare and makes a summary slow: then both
        are taken anew.
        """
        earliest: datetime | None = None
        for left in reversed(range(_SNAPSHOTS)):
            with self.db.read_settled(self.clock) as (tx, moment):
                now = moment if earliest is None else max(moment, earliest)
                changed_at = hazards.last_changed(tx)
                ahead = timedelta() if changed_at is None else changed_at - now
                if not left or not timedelta() < ahead <= CLOCKS_APART:
                    return look(Work(tx, now, self.rules, caller, changed_at=changed_at))
            earliest = changed_at
        raise AssertionError("unreachable")

    def close(self) -> None:
        self.darkroom.close()
        self.db.close()


def open_app(settings: Settings, clock: Clock | None = None) -> App:
    """Open everything on a database that is at the head of its migrations.

    Raises SettingsError, UnsafeDurability, NotMigrated, SigningKeyUnusable, BlobStoreDown, and Refusal when
    the database does not answer.
    """
    clock = clock or SystemClock()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    signer = signing_keys.open_signer(settings.signing_key_path)
    db = Database(settings.sqlalchemy_url, pool=settings.db_pool, unsafe=settings.unsafe_durability)
    db.check_durability()
    require_migrated(db)
    blobs = open_store(settings.blobs, settings.data_dir, _s3(settings))
    if settings.blobs.startswith("s3://") and settings.spool_bytes:
        spool = Spool(settings.data_dir / "spool", settings.spool_bytes, settings.spool_free_bytes)
        blobs = SpooledStore(blobs, spool, clock)
    own = settings.rules_dir
    deadlines, ladders = load_rules(own)
    rules = Rules(
        deadlines,
        ladders,
        _risk_rules(settings),
        load_coverage(own),
        load_sampling(own),
        load_photo_rules(own),
    )
    channels = read_settings_channels(settings)

    def introduce(tx: sa.Connection) -> tuple[str, str]:
        work = Work(tx, clock.now(), rules)
        name = instance.put_new(tx, "instance", str(new_id()))
        epoch = instance.put_new(tx, instance.EPOCH, str(new_id()))
        signing_keys.record(tx, signer)
        seed_calendar(work)
        work.publish()
        return name, epoch

    name, epoch = db.run(introduce)
    make_decodable()
    return App(
        settings=settings,
        clock=clock,
        db=db,
        blobs=blobs,
        rules=rules,
        signer=signer,
        instance=name,
        epoch=epoch,
        channels=channels,
    )


def read_settings_channels(settings: Settings) -> tuple[Channel, ...]:
    """What CHANNELS_FILE describes; nothing without one. Raises SettingsError with every mistake in it."""
    file = settings.channels_file
    if not file:
        return ()
    try:
        return read_channels(Path(file).read_text(encoding="utf-8"), file)
    except (OSError, UnicodeDecodeError, RuleFileError) as error:
        raise SettingsError(f"CHANNELS_FILE: {error}") from None


def _risk_rules(settings: Settings) -> RiskRules:
    """The county's own where it has a file of them, else those of the project."""
    file = settings.risk_rules_file
    if not file:
        return catalog.risk_rules()
    try:
        return load_risk_rules(Path(file).read_text(encoding="utf-8"), file)
    except (OSError, UnicodeDecodeError, InvalidData) as error:
        raise SettingsError(f"RISK_RULES_FILE: {error}") from None


def _s3(settings: Settings) -> S3Settings:
    return S3Settings(
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key,
        checksums=cast("Checksums", settings.s3_checksums),
        connect_timeout=settings.s3_connect_s,
        read_timeout=settings.s3_read_s,
    )
