"""Who is asking, and what of the county that person may see."""

from typing import NamedTuple, Protocol
from uuid import UUID

from sync.entities import Role

REGION_ROLES: frozenset[str] = frozenset({"officer", "regulator", "admin", "auditor", "service"})
"""Roles whose scope is a set of regions."""

READERS: frozenset[str] = REGION_ROLES | {"inspector", "expert", "enterprise"}
"""Roles that see records at all; a security administrator sees accounts only."""

VIEWERS: frozenset[str] = READERS - {"admin", "service"}
"""Roles that see original photos, with the faces, places and devices in them (Personal Information Protection
Law art. 6: no more than the purpose needs). Who runs the system and what is connected to it need the records.
"""


class Placed(Protocol):
    """Anything that lies somewhere and belongs to somebody."""

    @property
    def region_code(self) -> str: ...
    @property
    def grid_code(self) -> str | None: ...
    @property
    def enterprise_id(self) -> UUID | None: ...
    @property
    def industry(self) -> str: ...


class Caller(NamedTuple):
    """A logged-in account. `industries` empty means all of them.

    `sites` are those of the tasks that an expert was given and that were not withdrawn: his beside his grids.
    """

    id: UUID
    name: str
    role: Role
    session_id: UUID
    device_id: UUID | None
    enterprise_id: UUID | None
    regions: tuple[str, ...]
    excluded: tuple[str, ...]
    grids: frozenset[str]
    industries: frozenset[str]
    sites: frozenset[UUID] = frozenset()

    def sees(self, thing: Placed) -> bool:
        """Whether the thing lies in this account's scope; the queries' filter says the same in SQL."""
        if self.role not in READERS:
            return False
        if self.role == "enterprise":
            return thing.enterprise_id is not None and thing.enterprise_id == self.enterprise_id
        if self.industries and thing.industry not in self.industries:
            return False
        if self.role in ("inspector", "expert"):
            return thing.grid_code is not None and thing.grid_code in self.grids
        return self.covers(thing.region_code)

    def sees_at(self, thing: Placed, site_id: UUID | None) -> bool:
        """The same of a thing that lies at a site, to which the account may have been sent."""
        return site_id in self.sites or self.sees(thing)

    def covers(self, region_code: str) -> bool:
        """Whether a region lies below one that was given and below none that was taken out."""
        return region_code.startswith(self.regions) and not (
            self.excluded and region_code.startswith(self.excluded)
        )
