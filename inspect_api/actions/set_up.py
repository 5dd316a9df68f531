"""What an installation is given before anybody can work: regions, enterprises, sites, accounts, calendar.

Every part may be given again: what is there already stays as it is.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple
from uuid import UUID

from inspect_api.actions.passwords import hash_password
from inspect_api.actions.reference import publish_reference
from inspect_api.actions.work import Work
from inspect_api.domain.calendar import noticed_years, seed_days
from inspect_api.store import accounts, calendar_days, dates_pending, enterprises, regions, sites
from inspect_api.store.sites import NewSite

CALENDAR_YEARS = range(2020, 2036)
_SEED = "chinesecalendar"


class NewAccount(NamedTuple):
    """An account with the scope that it is given; no industries means all of them."""

    id: UUID
    username: str
    name: str
    role: str
    enterprise_id: UUID | None
    regions: tuple[str, ...]
    excluded: tuple[str, ...]
    grids: tuple[str, ...]
    industries: tuple[str, ...] = ()


class NewEnterprise(NamedTuple):
    id: UUID
    name: str
    credit_code: str | None
    contact: str | None
    industry: str
    region_code: str


def seed_calendar(work: Work) -> None:
    """Enter the years whose notices the seed knows and that nobody has entered yet; publish what is new."""
    have = {row.year for row in calendar_days.years(work.tx)}
    missing = sorted(noticed_years(CALENDAR_YEARS) - have)
    days = seed_days(missing)
    for year in missing:
        own = [day for day in days if day.date.year == year]
        calendar_days.set_notice(work.tx, year, f"{year}.1", _SEED, own)
    if missing:
        dates_pending.note(work.tx, date(missing[0], 1, 1))
    publish_reference(work)


def add_regions(work: Work, names: Iterable[tuple[str, str]]) -> None:
    """(code, name) of official divisions."""
    regions.add_missing(work.tx, [{"code": code, "name": name} for code, name in names])


def add_sites(work: Work, owners: Iterable[NewEnterprise], places: Iterable[NewSite]) -> None:
    """Enterprises and their sites; the phones in whose scope they lie are told."""
    owner_list, place_list = list(owners), list(places)
    known = enterprises.by_ids(work.tx, (owner.id for owner in owner_list))
    enterprises.add(work.tx, [owner._asdict() for owner in owner_list if owner.id not in known])
    there = sites.by_ids(work.tx, (place.id for place in place_list))
    new = [place for place in place_list if place.id not in there]
    sites.add(work.tx, [place._asdict() for place in new])
    for place in new:
        work.changed("site", place.id, place.rev, place)
        if place.enterprise_id is not None:
            work.changed("enterprise", place.enterprise_id, 1, place)


def add_accounts(work: Work, people: Iterable[NewAccount], password: str | None) -> None:
    """Accounts with one first password, each with its own salt; without one nobody can log in as them."""
    person_list = list(people)
    known = accounts.known(work.tx, (person.id for person in person_list))
    new = [person for person in person_list if person.id not in known]
    accounts.add(
        work.tx,
        [
            {
                "id": person.id,
                "username": person.username,
                "name": person.name,
                "role": person.role,
                "password_hash": hash_password(password) if password else "",
                "enterprise_id": person.enterprise_id,
                "industries": ",".join(person.industries),
            }
            for person in new
        ],
    )
    accounts.add_regions(
        work.tx,
        [
            {
                "account_id": person.id,
                "code": code,
                "excluded": code in person.excluded,
                "given_at": work.now,
            }
            for person in new
            for code in (*person.regions, *person.excluded)
        ],
    )
    accounts.add_grids(
        work.tx,
        [
            {"account_id": person.id, "grid_code": code, "given_at": work.now}
            for person in new
            for code in person.grids
        ],
    )
