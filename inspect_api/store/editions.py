"""Editions of statistics: what was issued, when and by whom, never changed afterwards."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.accounts import ACCOUNT
from inspect_api.store.regions import REGION
from inspect_api.store.schema import BYTES, HASH, AnyRow, table


class ReportEdition(SQLModel, table=True):
    """`content` is the report as JSON, stored verbatim; `digest` the SHA-256 of that.

    `scope` is the part of the region that it counts, as JSON; `n` counts the editions of one period and
    region, `replaces` names the one before of the same scope, `differences` (JSON) what that said otherwise.
    """

    __tablename__ = "report_edition"
    __table_args__ = (sa.CheckConstraint("n >= 1 AND (replaces IS NULL OR replaces < n)", name="numbers"),)

    period: str = Field(primary_key=True, max_length=7)
    region_code: str = Field(primary_key=True, max_length=12, foreign_key="region.code")
    n: int = Field(primary_key=True)
    scope: str = Field(max_length=2000)
    content: bytes = Field(sa_type=BYTES)
    digest: bytes = Field(sa_type=HASH)
    replaces: int | None = None
    differences: bytes = Field(sa_type=BYTES)
    issued_at: datetime
    issued_by: UUID = Field(foreign_key="account.id")


REPORT_EDITION = table(ReportEdition)


def of_report(tx: sa.Connection, period: str, region: str) -> list[AnyRow]:
    """Every edition in the order of issue, without `content`, with the issuer's `name` and `role`."""
    told = [column for column in REPORT_EDITION.c if column.name != "content"]
    query = sa.select(*told, ACCOUNT.c.name, ACCOUNT.c.role)
    query = query.join(ACCOUNT, ACCOUNT.c.id == REPORT_EDITION.c.issued_by)
    query = query.where(REPORT_EDITION.c.period == period, REPORT_EDITION.c.region_code == region)
    return list(tx.execute(query.order_by(REPORT_EDITION.c.n)).all())


def content(tx: sa.Connection, period: str, region: str, n: int) -> bytes:
    """The report of an edition that exists."""
    key = (REPORT_EDITION.c.period == period, REPORT_EDITION.c.region_code == region, REPORT_EDITION.c.n == n)
    return bytes(tx.execute(sa.select(REPORT_EDITION.c.content).where(*key)).scalar_one())


def hold(tx: sa.Connection, region: str) -> bool:
    """Whether there is such a region; nobody else issues for it until this transaction ends."""
    query = sa.select(REGION.c.code).where(REGION.c.code == region).with_for_update(key_share=True)
    return tx.execute(query).one_or_none() is not None


def add(tx: sa.Connection, row: dict[str, object]) -> None:
    tx.execute(sa.insert(REPORT_EDITION).values(row))
