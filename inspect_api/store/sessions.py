"""Sessions: random tokens kept only as hashes, and the devices that they were opened from."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from inspect_api.store.schema import HASH, table


class Device(SQLModel, table=True):
    """A phone that was enrolled; a revoked one is refused on every node."""

    __tablename__ = "device"

    id: UUID = Field(primary_key=True)
    platform: str | None = Field(default=None, max_length=40)
    model: str | None = Field(default=None, max_length=80)
    app_version: str | None = Field(default=None, max_length=40)
    enrolled_by: UUID = Field(foreign_key="account.id")
    enrolled_at: datetime
    revoked_at: datetime | None = None


class Session(SQLModel, table=True):
    """One login. The refresh token is used once; the hash before it is kept to notice a theft."""

    __tablename__ = "session"

    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    device_id: UUID | None = Field(default=None, foreign_key="device.id", index=True)
    access_hash: bytes = Field(sa_type=HASH, unique=True)
    access_until: datetime
    refresh_hash: bytes = Field(sa_type=HASH, unique=True)
    spent_hash: bytes | None = Field(default=None, sa_type=HASH, index=True)
    refresh_until: datetime
    opened_at: datetime
    closed_at: datetime | None = None


DEVICE, SESSION = table(Device), table(Session)
