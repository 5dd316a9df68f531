"""Reading the register of hazards: rows with the names of where and whose they are."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from inspect_api.domain.access import Caller
from inspect_api.store.enterprises import ENTERPRISE
from inspect_api.store.hazards import HAZARD
from inspect_api.store.regions import REGION
from inspect_api.store.schema import AnyRow
from inspect_api.store.scope import visible
from inspect_api.store.sites import SITE


def shown() -> sa.Select[Any]:
    """Hazards with `site_name`, `enterprise_name` and `region_name`."""
    return (
        sa.select(
            HAZARD,
            SITE.c.name.label("site_name"),
            ENTERPRISE.c.name.label("enterprise_name"),
            REGION.c.name.label("region_name"),
        )
        .outerjoin(SITE, SITE.c.id == HAZARD.c.site_id)
        .outerjoin(ENTERPRISE, ENTERPRISE.c.id == HAZARD.c.enterprise_id)
        .outerjoin(REGION, REGION.c.code == HAZARD.c.region_code)
    )


def by_ids(tx: sa.Connection, ids: Iterable[UUID], caller: Caller) -> list[AnyRow]:
    """Those of the hazards that the caller may see."""
    wanted = list(set(ids))
    if not wanted:
        return []
    return list(tx.execute(shown().where(HAZARD.c.id.in_(wanted), visible(HAZARD, caller))).all())
