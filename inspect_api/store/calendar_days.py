"""The working-day calendar: the exceptions to the ordinary week that notices have announced."""

import hashlib
from datetime import date

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from inspect_api.domain.calendar import Calendar, CalendarDay
from inspect_api.store.schema import AnyRow, insert_new, table


class CalendarYear(SQLModel, table=True):
    """A year whose notice is known, and the edition of it."""

    __tablename__ = "calendar_year"

    year: int = Field(primary_key=True)
    version: str = Field(max_length=40)
    source: str = Field(max_length=200)
    rev: int = Field(default=1, sa_column_kwargs={"server_default": sa.text("1")})


class CalendarDayRow(SQLModel, table=True):
    """A day that is worked or not against the ordinary week, by the notice of the year `notice`.

    A notice may move days of the December before its year.
    """

    __tablename__ = "calendar_day"

    day: date = Field(primary_key=True)
    worked: bool
    name: str = Field(max_length=40)
    notice: int = Field(sa_column_kwargs={"server_default": sa.text("0")})


CALENDAR_YEAR, CALENDAR_DAY = table(CalendarYear), table(CalendarDayRow)


def current(tx: sa.Connection) -> Calendar:
    """The calendar as it stands; built once for each edition."""
    years = tx.execute(sa.select(CALENDAR_YEAR.c.year, CALENDAR_YEAR.c.version)).all()
    edition = tuple(sorted((row.year, row.version) for row in years))
    calendar = _built.get(edition)
    if calendar is None:
        days = tx.execute(sa.select(CALENDAR_DAY.c.day, CALENDAR_DAY.c.worked, CALENDAR_DAY.c.name)).all()
        calendar = Calendar(
            edition_text(edition),
            {row.day: row.worked for row in days},
            frozenset(year for year, _ in edition),
            {row.day: row.name for row in days},
        )
        _built.clear()  # while a notice comes in, others may still work with the edition before
        _built[edition] = calendar
    return calendar


_built: dict[tuple[tuple[int, str], ...], Calendar] = {}


def edition_text(edition: tuple[tuple[int, str], ...]) -> str:
    """A short name of which notices are in: the years, and a digest of their versions."""
    if not edition:
        return "no notices"
    digest = hashlib.sha256(repr(edition).encode()).hexdigest()[:8]
    return f"{edition[0][0]}-{edition[-1][0]}.{digest}"


def years(tx: sa.Connection) -> list[AnyRow]:
    """The years whose notices are in."""
    return list(tx.execute(sa.select(CALENDAR_YEAR).order_by(CALENDAR_YEAR.c.year)).all())


def noticed_days(tx: sa.Connection, year: int) -> list[AnyRow]:
    """The exceptional days of a year and of the December before it, in order."""
    query = sa.select(CALENDAR_DAY).where(
        CALENDAR_DAY.c.day.between(date(year - 1, 12, 1), date(year, 12, 31))
    )
    return list(tx.execute(query.order_by(CALENDAR_DAY.c.day)).all())


def set_notice(tx: sa.Connection, year: int, version: str, source: str, days: list[CalendarDay]) -> None:
    """Replace what is known of a year's notice by an edition of it; days that a later one has moved stay."""
    rev = tx.execute(sa.select(CALENDAR_YEAR.c.rev).where(CALENDAR_YEAR.c.year == year)).scalar_one_or_none()
    named = [day.date for day in days]
    own = CALENDAR_DAY.c.notice == year
    tx.execute(
        sa.delete(CALENDAR_DAY).where(own | (CALENDAR_DAY.c.day.in_(named) & (CALENDAR_DAY.c.notice < year)))
    )
    tx.execute(sa.delete(CALENDAR_YEAR).where(CALENDAR_YEAR.c.year == year))
    row = {"year": year, "version": version, "source": source, "rev": (rev or 0) + 1}
    tx.execute(sa.insert(CALENDAR_YEAR).values(**row))
    rows: list[dict[str, object]] = [
        {"day": day.date, "worked": day.is_workday, "name": day.name, "notice": year} for day in days
    ]
    insert_new(tx, CALENDAR_DAY, rows)


def set_version(tx: sa.Connection, year: int, version: str) -> None:
    """A year that stays noticed has other days: those at its end that the next year's notice moves."""
    change = sa.update(CALENDAR_YEAR).where(CALENDAR_YEAR.c.year == year)
    tx.execute(change.values(version=version, rev=CALENDAR_YEAR.c.rev + 1))
