"""Who holds a token, who may open a session, and the sessions themselves."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from inspect_api.domain.access import REGION_ROLES, Caller
from inspect_api.store.accounts import ACCOUNT, ACCOUNT_GRID, ACCOUNT_REGION, industries_of
from inspect_api.store.schema import AnyRow, insert_new
from inspect_api.store.sessions import DEVICE, SESSION
from inspect_api.store.tasks import TASK

_USABLE = sa.and_(
    SESSION.c.closed_at.is_(None), ACCOUNT.c.disabled_at.is_(None), DEVICE.c.revoked_at.is_(None)
)
_JOINED = SESSION.join(ACCOUNT, SESSION.c.account_id == ACCOUNT.c.id).outerjoin(
    DEVICE, SESSION.c.device_id == DEVICE.c.id
)
_PERSON = (ACCOUNT.c.id, ACCOUNT.c.name, ACCOUNT.c.role, ACCOUNT.c.enterprise_id, ACCOUNT.c.industries)

# Asked in every request that writes, and so put together once.
_CALLER = (
    sa.select(*_PERSON, SESSION.c.id.label("session_id"), SESSION.c.device_id)
    .select_from(_JOINED)
    .where(
        SESSION.c.access_hash == sa.bindparam("hash"), SESSION.c.access_until > sa.bindparam("now"), _USABLE
    )
)
_REGIONS = sa.select(ACCOUNT_REGION.c.code, ACCOUNT_REGION.c.excluded).where(
    ACCOUNT_REGION.c.account_id == sa.bindparam("account"), ACCOUNT_REGION.c.taken_at.is_(None)
)
_GRIDS = sa.select(ACCOUNT_GRID.c.grid_code).where(
    ACCOUNT_GRID.c.account_id == sa.bindparam("account"), ACCOUNT_GRID.c.taken_at.is_(None)
)

_SITES = sa.select(TASK.c.site_id).where(
    TASK.c.assignee_id == sa.bindparam("account"), TASK.c.status != "withdrawn"
)


def caller_of(tx: sa.Connection, access_hash: bytes, now: datetime) -> Caller | None:
    """The account whose access token has this SHA-256, unless it, its session or its device has ended."""
    row = tx.execute(_CALLER, {"hash": access_hash, "now": now}).one_or_none()
    return _caller(tx, row, row.session_id, row.device_id) if row is not None else None


def depositor_of(tx: sa.Connection, access_hash: bytes, since: datetime) -> Caller | None:
    """Whose token this is or was, if it, the account and the phone ended after `since` or not at all.

    A login ends when it can be renewed no more: a phone that was away for weeks holds an access token that
    ran out long ago, and cannot renew it when its account was ended meanwhile.
    """
    query = (
        sa.select(*_PERSON, SESSION.c.id.label("session_id"), SESSION.c.device_id)
        .select_from(_JOINED)
        .where(
            SESSION.c.access_hash == access_hash,
            SESSION.c.refresh_until > since,
            *(
                sa.or_(ended.is_(None), ended > since)
                for ended in (SESSION.c.closed_at, ACCOUNT.c.disabled_at, DEVICE.c.revoked_at)
            ),
        )
    )
    row = tx.execute(query).one_or_none()
    return _caller(tx, row, row.session_id, row.device_id) if row is not None else None


def account_named(tx: sa.Connection, username: str, *, lock: bool = False) -> AnyRow | None:
    """(id, password_hash) of an account that may log in."""
    columns = (ACCOUNT.c.id, ACCOUNT.c.password_hash)
    query = sa.select(*columns).where(ACCOUNT.c.username == username, ACCOUNT.c.disabled_at.is_(None))
    return tx.execute(query.with_for_update() if lock else query).one_or_none()


def caller_with_session(
    tx: sa.Connection, account_id: UUID, session_id: UUID, device_id: UUID | None
) -> Caller:
    """The account with its scope, as it will be found by the token of a session just opened."""
    row = tx.execute(sa.select(*_PERSON).where(ACCOUNT.c.id == account_id)).one()
    return _caller(tx, row, session_id, device_id)


def device(tx: sa.Connection, device_id: UUID) -> AnyRow | None:
    """(id, model, revoked_at) of an enrolled device."""
    columns = (DEVICE.c.id, DEVICE.c.model, DEVICE.c.revoked_at)
    return tx.execute(sa.select(*columns).where(DEVICE.c.id == device_id)).one_or_none()


def enrol(tx: sa.Connection, row: dict[str, object]) -> None:
    """Add a device; one that was enrolled meanwhile stays as it is."""
    insert_new(tx, DEVICE, [row])


def describe(tx: sa.Connection, device_id: UUID, row: dict[str, object]) -> None:
    """What the app says of a device that was enrolled before it came."""
    tx.execute(sa.update(DEVICE).where(DEVICE.c.id == device_id).values(row))


def open_session(tx: sa.Connection, row: dict[str, object]) -> None:
    tx.execute(sa.insert(SESSION).values(row))


def session_to_renew(tx: sa.Connection, refresh_hash: bytes, now: datetime) -> AnyRow | None:
    """(id, account_id, device_id) of the session that this unspent refresh token may renew, locked."""
    query = (
        sa.select(SESSION.c.id, SESSION.c.account_id, SESSION.c.device_id)
        .select_from(_JOINED)
        .where(SESSION.c.refresh_hash == refresh_hash, SESSION.c.refresh_until > now, _USABLE)
    )
    return tx.execute(query.with_for_update(of=SESSION)).one_or_none()


def renew(tx: sa.Connection, session_id: UUID, values: dict[str, object]) -> None:
    """Give the session new tokens; the hash of the one just used is kept, to notice a second use."""
    changed = sa.update(SESSION).where(SESSION.c.id == session_id)
    tx.execute(changed.values(spent_hash=SESSION.c.refresh_hash, **values))


def close_spent(tx: sa.Connection, spent_hash: bytes, now: datetime) -> int:
    """Close the session whose last refresh token is used a second time; how many that were."""
    spent = sa.update(SESSION).where(SESSION.c.spent_hash == spent_hash, SESSION.c.closed_at.is_(None))
    return tx.execute(spent.values(closed_at=now)).rowcount


def close_session(tx: sa.Connection, session_id: UUID, now: datetime) -> None:
    tx.execute(
        sa.update(SESSION)
        .where(SESSION.c.id == session_id, SESSION.c.closed_at.is_(None))
        .values(closed_at=now)
    )


def _caller(tx: sa.Connection, row: AnyRow, session_id: UUID, device_id: UUID | None) -> Caller:
    regions: list[AnyRow] = []
    grids: frozenset[str] = frozenset()
    sites: frozenset[UUID] = frozenset()
    if row.role in REGION_ROLES:
        regions = list(tx.execute(_REGIONS, {"account": row.id}).all())
    elif row.role in ("inspector", "expert"):
        grids = frozenset(tx.execute(_GRIDS, {"account": row.id}).scalars())
    if row.role == "expert":
        sites = frozenset(tx.execute(_SITES, {"account": row.id}).scalars())
    return Caller(
        id=row.id,
        name=row.name,
        role=row.role,
        session_id=session_id,
        device_id=device_id,
        enterprise_id=row.enterprise_id,
        regions=tuple(sorted(region.code for region in regions if not region.excluded)),
        excluded=tuple(sorted(region.code for region in regions if region.excluded)),
        grids=grids,
        industries=industries_of(row.industries),
        sites=sites,
    )
