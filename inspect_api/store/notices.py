"""Notices: numbered, to one receiver each, with delivery and answer."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.schema import BIG, one_of, table


class NoticeRow(SQLModel, table=True):
    """A step is announced to each of its receivers once: (cause, receiver) is unique."""

    __tablename__ = "notice"
    __table_args__ = (
        one_of("kind", ("step", "alert", "service")),
        sa.UniqueConstraint("cause", "receiver_id"),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answer"),
    )

    id: UUID = Field(primary_key=True)
    number: str = Field(max_length=48)
    kind: str = Field(max_length=8)
    cause: str = Field(max_length=80)
    hazard_id: UUID = Field(foreign_key="hazard.id", index=True)
    clock_id: UUID | None = Field(default=None, foreign_key="clock.id")
    step: int | None = None
    receiver_id: UUID = Field(foreign_key="account.id", index=True)
    channel: str = Field(default="in_app", max_length=16)
    title: str = Field(max_length=200)
    text: str = Field(max_length=2000)
    created_at: datetime
    delivered_at: datetime | None = None
    answer_due_at: datetime | None = None
    answer: str | None = Field(default=None, max_length=4000)
    answered_at: datetime | None = None
    rev: int = Field(default=1, sa_type=BIG)


NOTICE = table(NoticeRow)
