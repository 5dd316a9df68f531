"""Sites: what is inspected, and where."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.store.enterprises import INDUSTRIES
from inspect_api.store.schema import BIG, one_of, table


class Site(SQLModel, table=True):
    """A site with its position as sent and in WGS-84 degrees."""

    __tablename__ = "site"
    __table_args__ = (
        one_of("industry", INDUSTRIES),
        one_of("risk", ("red", "orange", "yellow", "blue")),
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="position"),
    )

    id: UUID = Field(primary_key=True)
    name: str = Field(max_length=120)
    industry: str = Field(max_length=16)
    enterprise_id: UUID | None = Field(default=None, foreign_key="enterprise.id", index=True)
    region_code: str = Field(max_length=12, foreign_key="region.code", index=True)
    grid_code: str | None = Field(default=None, max_length=24, index=True)
    position: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)
    lat: float | None = None
    lon: float | None = None
    qr: str | None = Field(default=None, max_length=200, unique=True)
    risk: str | None = Field(default=None, max_length=8)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    rev: int = Field(default=1, sa_type=BIG)


SITE = table(Site)
