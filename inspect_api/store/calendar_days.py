"""The working-day calendar: the exceptions to the ordinary week that notices have announced."""

from datetime import date

from sqlmodel import Field, SQLModel

from inspect_api.store.schema import table


class CalendarYear(SQLModel, table=True):
    """A year whose notice is known, and the edition of it."""

    __tablename__ = "calendar_year"

    year: int = Field(primary_key=True)
    version: str = Field(max_length=40)
    source: str = Field(max_length=200)


class CalendarDayRow(SQLModel, table=True):
    """A day that is worked or not against the ordinary week."""

    __tablename__ = "calendar_day"

    day: date = Field(primary_key=True)
    worked: bool
    name: str = Field(max_length=40)


CALENDAR_YEAR, CALENDAR_DAY = table(CalendarYear), table(CalendarDayRow)
