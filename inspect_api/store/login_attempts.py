"""Failed logins by name, whether an account has that name or not, so that both answer and cost the same."""

import hashlib
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Field, SQLModel

from inspect_api.store.schema import HASH, table

_FORGOTTEN_AFTER = timedelta(days=1)


class LoginAttempt(SQLModel, table=True):
    """How often in a row a name has failed; kept by its SHA-256, for passwords get typed into its field."""

    __tablename__ = "login_attempt"

    name_hash: bytes = Field(primary_key=True, sa_type=HASH)
    failures: int
    locked_until: datetime | None = None
    last_at: datetime = Field(index=True)


LOGIN_ATTEMPT = table(LoginAttempt)


class Tally(NamedTuple):
    """How often a name has failed, and until when it is locked."""

    failures: int = 0
    locked_until: datetime | None = None

    def locked_for(self, now: datetime) -> int:
        """Seconds that the lock still holds, at least 1; 0 when there is none."""
        if self.locked_until is None or self.locked_until <= now:
            return 0
        return max(1, round((self.locked_until - now).total_seconds()))


def name_hash(username: str) -> bytes:
    """By which a name is known here."""
    return hashlib.sha256(username.encode()).digest()


def tally(tx: sa.Connection, name_hash: bytes, *, lock: bool = False) -> Tally:
    """Of a name; empty when it has not failed."""
    query = sa.select(LOGIN_ATTEMPT.c.failures, LOGIN_ATTEMPT.c.locked_until)
    query = query.where(LOGIN_ATTEMPT.c.name_hash == name_hash)
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    return Tally(*row) if row is not None else Tally()


def note_failure(tx: sa.Connection, name_hash: bytes, now: datetime) -> int:
    """Count one more; how many in a row that makes. Names that have not failed for a day are forgotten."""
    tx.execute(sa.delete(LOGIN_ATTEMPT).where(LOGIN_ATTEMPT.c.last_at < now - _FORGOTTEN_AFTER))
    insert = pg_insert(LOGIN_ATTEMPT) if tx.dialect.name == "postgresql" else sqlite_insert(LOGIN_ATTEMPT)
    count = (
        insert.values(name_hash=name_hash, failures=1, last_at=now)
        .on_conflict_do_update(
            index_elements=[LOGIN_ATTEMPT.c.name_hash],
            set_={"failures": LOGIN_ATTEMPT.c.failures + 1, "last_at": now},
        )
        .returning(LOGIN_ATTEMPT.c.failures)
    )
    failures: int = tx.execute(count).scalar_one()
    return failures


def lock_name(tx: sa.Connection, name_hash: bytes, until: datetime) -> None:
    """Locked until then; counted anew after that."""
    tx.execute(
        sa.update(LOGIN_ATTEMPT)
        .where(LOGIN_ATTEMPT.c.name_hash == name_hash)
        .values(failures=0, locked_until=until)
    )


def forgive(tx: sa.Connection, name_hash: bytes) -> None:
    """A right password ends the row of wrong ones."""
    tx.execute(sa.delete(LOGIN_ATTEMPT).where(LOGIN_ATTEMPT.c.name_hash == name_hash))
