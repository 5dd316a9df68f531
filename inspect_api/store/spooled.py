"""Photos that a node keeps for the photo store while that is down: whose, and where."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.schema import BIG, AnyRow, insert_new, table

LEASE = timedelta(minutes=10)
"""A node that has not been heard of for so long may be dead, and its disk lost."""


class SpoolNode(SQLModel, table=True):
    """A folder that keeps photos, named by an id that lies in it; `seen_at`: it was there."""

    __tablename__ = "spool_node"

    id: UUID = Field(primary_key=True)
    seen_at: datetime


class SpooledRow(SQLModel, table=True):
    """Durable on that node, hashed, and handed in by that account with that phone."""

    __tablename__ = "spooled"
    __table_args__ = (sa.Index(None, "node_id", "received_at"),)

    sha256: str = Field(primary_key=True, max_length=64)
    node_id: UUID = Field(primary_key=True, foreign_key="spool_node.id")
    account_id: UUID = Field(primary_key=True, foreign_key="account.id")
    device_id: UUID | None = None
    size: int = Field(sa_type=BIG)
    content_type: str = Field(max_length=40)
    received_at: datetime


NODE, SPOOLED = table(SpoolNode), table(SpooledRow)


def add(tx: sa.Connection, row: dict[str, object]) -> None:
    """Note a photo, if it is not noted; the node has been seen."""
    seen(tx, row["node_id"], row["received_at"])
    insert_new(tx, SPOOLED, [row])


def seen(tx: sa.Connection, node_id: object, now: object) -> None:
    insert_new(tx, NODE, [{"id": node_id, "seen_at": now}])
    tx.execute(sa.update(NODE).where(NODE.c.id == node_id).values(seen_at=now))


def received(tx: sa.Connection, names: Iterable[str], account_id: UUID, now: datetime) -> set[str]:
    """Those of the account's photos that lie on a node which was heard of lately."""
    query = sa.select(SPOOLED.c.sha256).join(NODE, NODE.c.id == SPOOLED.c.node_id)
    query = query.where(
        SPOOLED.c.account_id == account_id, SPOOLED.c.sha256.in_(set(names)), NODE.c.seen_at > now - LEASE
    )
    return set(tx.execute(query).scalars())


def oldest(tx: sa.Connection, node_id: UUID, most: int) -> list[AnyRow]:
    """What a node keeps, the oldest first."""
    query = sa.select(SPOOLED).where(SPOOLED.c.node_id == node_id)
    return list(tx.execute(query.order_by(SPOOLED.c.received_at, SPOOLED.c.sha256).limit(most)).all())


def remove(tx: sa.Connection, sha256: str, node_id: UUID, accounts: list[UUID] | None) -> int:
    """The node keeps it no more for these accounts, or for anybody; for how many it did."""
    change = sa.delete(SPOOLED).where(SPOOLED.c.sha256 == sha256, SPOOLED.c.node_id == node_id)
    change = change if accounts is None else change.where(SPOOLED.c.account_id.in_(accounts))
    return tx.execute(change).rowcount


def of_photo(tx: sa.Connection, sha256: str, node_id: UUID) -> list[AnyRow]:
    """For whom a node keeps a photo."""
    query = sa.select(SPOOLED).where(SPOOLED.c.sha256 == sha256, SPOOLED.c.node_id == node_id)
    return list(tx.execute(query.order_by(SPOOLED.c.account_id)).all())


def backlog(tx: sa.Connection) -> tuple[int, int, datetime | None]:
    """How many photos all nodes keep, how many bytes, and since when the oldest."""
    query = sa.select(
        sa.func.count(), sa.func.coalesce(sa.func.sum(SPOOLED.c.size), 0), sa.func.min(SPOOLED.c.received_at)
    )
    many, size, since = tx.execute(query).one()
    return int(many), int(size), since
