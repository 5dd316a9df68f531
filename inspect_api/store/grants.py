"""Giving and taking parts of a scope; what was taken stays on record, with when."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from inspect_api.domain.past_scope import Grant
from inspect_api.store.accounts import ACCOUNT_GRID, ACCOUNT_REGION
from inspect_api.store.schema import among
from inspect_api.store.sites import SITE


def of_account(tx: sa.Connection, account_id: UUID) -> list[Grant]:
    """Everything that an account was ever given, in the order of giving."""
    grid, region = ACCOUNT_GRID.c, ACCOUNT_REGION.c
    cells = sa.select(grid.grid_code, grid.given_at, grid.taken_at).where(grid.account_id == account_id)
    areas = sa.select(region.code, region.given_at, region.taken_at, region.excluded)
    found = [Grant("grid", row.grid_code, row.given_at, row.taken_at) for row in tx.execute(cells)]
    for row in tx.execute(areas.where(region.account_id == account_id)):
        found.append(Grant("excluded" if row.excluded else "region", row.code, row.given_at, row.taken_at))
    return sorted(found, key=lambda grant: (grant.given_at, grant.code))


def standing(tx: sa.Connection, account_ids: Collection[UUID]) -> set[tuple[UUID, str, str]]:
    """(account, kind, code) of what these accounts hold now."""
    grid, region = ACCOUNT_GRID.c, ACCOUNT_REGION.c
    cells = sa.select(grid.account_id, grid.grid_code).where(
        among(tx, grid.account_id, account_ids), grid.taken_at.is_(None)
    )
    areas = sa.select(region.account_id, region.code, region.excluded).where(
        among(tx, region.account_id, account_ids), region.taken_at.is_(None)
    )
    held: set[tuple[UUID, str, str]] = {(row[0], "grid", row[1]) for row in tx.execute(cells)}
    return held | {(row[0], "excluded" if row[2] else "region", row[1]) for row in tx.execute(areas)}


def give_grid(tx: sa.Connection, account_id: UUID, code: str, at: datetime) -> bool:
    """False when the account holds it already."""
    key = {"account_id": account_id, "grid_code": code}
    return _give(tx, ACCOUNT_GRID, key, at, {})


def is_known_grid(tx: sa.Connection, code: str) -> bool:
    """Whether somebody was ever given this grid, or a site lies in it."""
    return bool(known_grids(tx, [code]))


def known_grids(tx: sa.Connection, codes: Collection[str]) -> set[str]:
    """Those of the grids that somebody was ever given, or in which a site lies."""
    given = sa.select(ACCOUNT_GRID.c.grid_code).where(among(tx, ACCOUNT_GRID.c.grid_code, codes))
    lain_in = sa.select(SITE.c.grid_code).where(among(tx, SITE.c.grid_code, codes))
    return set(tx.execute(sa.union(given, lain_in)).scalars())


def take_grid(tx: sa.Connection, account_id: UUID, code: str, at: datetime) -> bool:
    """False when the account does not hold it."""
    return _take(tx, ACCOUNT_GRID, {"account_id": account_id, "grid_code": code}, at)


def give_region(tx: sa.Connection, account_id: UUID, code: str, excluded: bool, at: datetime) -> bool:
    """A region, or its exclusion, in place of the other. False when it stands like that already."""
    key = {"account_id": account_id, "code": code}
    standing = sa.select(ACCOUNT_REGION.c.excluded).where(*_standing(ACCOUNT_REGION, key))
    if tx.execute(standing).scalar_one_or_none() == (not excluded):
        _take(tx, ACCOUNT_REGION, key, at)
    return _give(tx, ACCOUNT_REGION, key, at, {"excluded": excluded})


def take_region(tx: sa.Connection, account_id: UUID, code: str, at: datetime) -> bool:
    """A region or its exclusion. False when the account holds neither."""
    return _take(tx, ACCOUNT_REGION, {"account_id": account_id, "code": code}, at)


def _standing(where: sa.Table, key: dict[str, object]) -> list[sa.ColumnElement[bool]]:
    return [*(where.c[name] == value for name, value in key.items()), where.c.taken_at.is_(None)]


def _give(
    tx: sa.Connection, into: sa.Table, key: dict[str, object], at: datetime, more: dict[str, object]
) -> bool:
    if tx.execute(sa.select(sa.literal(1)).where(*_standing(into, key))).first() is not None:
        return False
    insert = pg_insert(into) if tx.dialect.name == "postgresql" else sqlite_insert(into)
    row = {**key, "given_at": at, "taken_at": None, **more}
    # taken and given again within one tick of the clock: as if it had not been taken
    again = insert.values(row).on_conflict_do_update(
        index_elements=list(into.primary_key.columns), set_={"taken_at": None, **more}
    )
    tx.execute(again)
    return True


def _take(tx: sa.Connection, out_of: sa.Table, key: dict[str, object], at: datetime) -> bool:
    taken = sa.update(out_of).where(*_standing(out_of, key)).values(taken_at=at)
    return tx.execute(taken).rowcount > 0
