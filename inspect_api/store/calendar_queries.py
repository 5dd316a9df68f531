"""Reading the whole working-day calendar, as phones get it."""

import sqlalchemy as sa

from inspect_api.store.calendar_days import CALENDAR_DAY
from inspect_api.store.schema import AnyRow


def days(tx: sa.Connection) -> list[AnyRow]:
    """Every exceptional day of every year, in order; about 25 a year."""
    return list(tx.execute(sa.select(CALENDAR_DAY).order_by(CALENDAR_DAY.c.day)).all())
