"""Ending and reviving accounts and phones."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from inspect_api.store.accounts import ACCOUNT
from inspect_api.store.sessions import DEVICE, SESSION


def named(tx: sa.Connection, username: str) -> UUID | None:
    """The id of an account, disabled or not."""
    found: UUID | None = tx.execute(
        sa.select(ACCOUNT.c.id).where(ACCOUNT.c.username == username)
    ).scalar_one_or_none()
    return found


def lock(tx: sa.Connection, account_id: UUID) -> str | None:
    """The role of an account whose scope nobody else changes meanwhile; None when there is none."""
    query = sa.select(ACCOUNT.c.role).where(ACCOUNT.c.id == account_id)
    # not the key: the account's own pushes go on
    role: str | None = tx.execute(query.with_for_update(key_share=True)).scalar_one_or_none()
    return role


def disable(tx: sa.Connection, account_id: UUID, at: datetime) -> bool:
    """Also closes its sessions, so that an old token does not come to life with the account."""
    ended = sa.update(ACCOUNT).where(ACCOUNT.c.id == account_id, ACCOUNT.c.disabled_at.is_(None))
    if tx.execute(ended.values(disabled_at=at)).rowcount == 0:
        return False
    _close_sessions(tx, account_id, at)
    return True


def enable(tx: sa.Connection, account_id: UUID) -> bool:
    revived = sa.update(ACCOUNT).where(ACCOUNT.c.id == account_id, ACCOUNT.c.disabled_at.is_not(None))
    return tx.execute(revived.values(disabled_at=None)).rowcount > 0


def set_password(tx: sa.Connection, account_id: UUID, password_hash: str, at: datetime) -> None:
    """Also closes its sessions: who knew the old password is out."""
    tx.execute(sa.update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(password_hash=password_hash))
    _close_sessions(tx, account_id, at)


def revoke_device(tx: sa.Connection, device_id: UUID, at: datetime) -> bool | None:
    """None when it was never enrolled, False when it was revoked before."""
    if tx.execute(sa.select(DEVICE.c.id).where(DEVICE.c.id == device_id)).first() is None:
        return None
    ended = sa.update(DEVICE).where(DEVICE.c.id == device_id, DEVICE.c.revoked_at.is_(None))
    return tx.execute(ended.values(revoked_at=at)).rowcount > 0


def _close_sessions(tx: sa.Connection, account_id: UUID, at: datetime) -> None:
    mine = sa.update(SESSION).where(SESSION.c.account_id == account_id, SESSION.c.closed_at.is_(None))
    tx.execute(mine.values(closed_at=at))
