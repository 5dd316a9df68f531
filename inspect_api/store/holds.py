"""Legal holds: nothing that may belong to a case goes, however old, until the hold is lifted."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.accounts import ACCOUNT, ACCOUNT_GRID, ACCOUNT_REGION
from inspect_api.store.enterprises import ENTERPRISE
from inspect_api.store.hazards import HAZARD
from inspect_api.store.schema import AnyRow, one_of, table
from inspect_api.store.sites import SITE

KINDS = ("hazard", "enterprise", "region")


class HoldRow(SQLModel, table=True):
    """`target` is the id of a hazard or an enterprise, or the code of a region."""

    __tablename__ = "hold"
    __table_args__ = (one_of("kind", KINDS),)

    id: UUID = Field(primary_key=True)
    kind: str = Field(max_length=10)
    target: str = Field(max_length=64)
    reason: str = Field(max_length=500)
    placed_at: datetime
    lifted_at: datetime | None = None


HOLD = table(HoldRow)


def add(tx: sa.Connection, row: dict[str, object]) -> None:
    tx.execute(sa.insert(HOLD), row)


def lift(tx: sa.Connection, hold_id: UUID, now: datetime) -> AnyRow | None:
    """The hold, which stands no more; None when none stood under this id."""
    change = sa.update(HOLD).where(HOLD.c.id == hold_id, HOLD.c.lifted_at.is_(None)).values(lifted_at=now)
    return tx.execute(change.returning(HOLD)).one_or_none()


def standing(tx: sa.Connection) -> list[AnyRow]:
    """Holds that were not lifted, the oldest first."""
    query = sa.select(HOLD).where(HOLD.c.lifted_at.is_(None))
    return list(tx.execute(query.order_by(HOLD.c.placed_at, HOLD.c.id)).all())


def places(tx: sa.Connection) -> set[str]:
    """The regions of what is held: of the hazards, of all sites of the enterprises, and the regions."""
    ids: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for row in standing(tx):
        ids[row.kind].append(row.target)
    hazards, owners = [[UUID(target) for target in ids[kind]] for kind in KINDS[:2]]
    parts = (
        sa.select(HAZARD.c.region_code).where(HAZARD.c.id.in_(hazards)),
        sa.select(ENTERPRISE.c.region_code).where(ENTERPRISE.c.id.in_(owners)),
        sa.select(SITE.c.region_code).where(SITE.c.enterprise_id.in_(owners)),
        sa.select(HAZARD.c.region_code).where(HAZARD.c.enterprise_id.in_(owners)),
    )
    return set(ids["region"]) | set(tx.execute(sa.union(*parts)).scalars())


def reach(tx: sa.Connection, accounts: Iterable[UUID]) -> dict[UUID, set[str]]:
    """Account -> the regions in which it ever might photograph."""
    wanted = set(accounts)
    region, grid = ACCOUNT_REGION.c, ACCOUNT_GRID.c
    own = sa.select(ACCOUNT.c.id, ACCOUNT.c.enterprise_id).where(ACCOUNT.c.id.in_(wanted)).subquery()
    parts = (
        sa.select(region.account_id, region.code).where(region.account_id.in_(wanted)),
        sa.select(grid.account_id, SITE.c.region_code).join(SITE, SITE.c.grid_code == grid.grid_code)
        .where(grid.account_id.in_(wanted)),
        sa.select(own.c.id, ENTERPRISE.c.region_code)
        .join(ENTERPRISE, ENTERPRISE.c.id == own.c.enterprise_id),
        sa.select(own.c.id, SITE.c.region_code).join(SITE, SITE.c.enterprise_id == own.c.enterprise_id),
    )  # fmt: skip
    found: dict[UUID, set[str]] = {}
    for account_id, code in tx.execute(sa.union(*parts)):
        found.setdefault(account_id, set()).add(code)
    return found
