"""What this installation is: its id, its epoch, its public keys, small facts about itself."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.schema import insert_new, table


class Instance(SQLModel, table=True):
    """A name and its value."""

    __tablename__ = "instance"

    name: str = Field(primary_key=True, max_length=80)
    value: str = Field(max_length=2000)


INSTANCE = table(Instance)
EPOCH = "epoch"
_PAST_EPOCH = "past_epoch:"


class NeverServed(Exception):
    """There is no installation in this database yet."""


def begin_epoch(tx: sa.Connection, epoch: str, now: datetime) -> str:
    """Give the installation a new epoch; gives the one that ends, which is kept too. Raises NeverServed."""
    past = get(tx, EPOCH)
    if past is None:
        raise NeverServed("Nothing was ever served from this database")
    put(tx, EPOCH, epoch)
    put(tx, _PAST_EPOCH + past, now.isoformat())
    return past


def get(tx: sa.Connection, name: str) -> str | None:
    return tx.execute(sa.select(INSTANCE.c.value).where(INSTANCE.c.name == name)).scalar_one_or_none()


def put(tx: sa.Connection, name: str, value: str) -> None:
    """Set a value; the last writer wins."""
    changed = tx.execute(sa.update(INSTANCE).where(INSTANCE.c.name == name).values(value=value))
    if changed.rowcount == 0:
        tx.execute(sa.insert(INSTANCE).values(name=name, value=value))


def take(tx: sa.Connection, name: str) -> str | None:
    """A value, locked until the transaction ends, if there is one."""
    query = sa.select(INSTANCE.c.value).where(INSTANCE.c.name == name).with_for_update()
    return tx.execute(query).scalar_one_or_none()


def remove(tx: sa.Connection, name: str) -> None:
    tx.execute(sa.delete(INSTANCE).where(INSTANCE.c.name == name))


def was_put_back(tx: sa.Connection) -> bool:
    """Whether an epoch ever ended here."""
    return bool(starting_with(tx, _PAST_EPOCH))


def past_epochs(tx: sa.Connection) -> list[datetime]:
    """When each epoch ended that did."""
    return [datetime.fromisoformat(value) for value in starting_with(tx, _PAST_EPOCH).values()]


def starting_with(tx: sa.Connection, prefix: str) -> dict[str, str]:
    """Every name that begins with the prefix, and its value."""
    query = sa.select(INSTANCE.c.name, INSTANCE.c.value).where(
        INSTANCE.c.name.startswith(prefix, autoescape=True)
    )
    return {row.name: row.value for row in tx.execute(query)}


def put_new(tx: sa.Connection, name: str, value: str) -> str:
    """Set a value unless there is one; the value that stands, locked: processes start one after the other."""
    insert_new(tx, INSTANCE, [{"name": name, "value": value}])
    query = sa.select(INSTANCE.c.value).where(INSTANCE.c.name == name).with_for_update()
    stands: str = tx.execute(query).scalar_one()
    return stands
