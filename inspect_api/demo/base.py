"""What the demo installation is given before anybody works: places, enterprises, people, the calendar."""

from collections.abc import Container

from inspect_api.actions import set_up
from inspect_api.actions.set_up import NewAccount, NewEnterprise
from inspect_api.actions.work import Work
from inspect_api.demo.county import COUNTY, PASSWORD, Account, County, Enterprise, Site
from inspect_api.store.sites import NewSite


def give_county(work: Work, county: County, usernames: Container[str] | None = None) -> None:
    """Enter all of it, or of the accounts only those that are named; what is there already stays."""
    set_up.seed_calendar(work)
    set_up.add_regions(work, ((region.code, region.name) for region in county.regions))
    seats = {site.enterprise: site.village for site in reversed(county.sites)}
    owners = (_enterprise(owner, seats.get(owner.key, COUNTY)) for owner in county.enterprises)
    set_up.add_sites(work, owners, (_site(site) for site in county.sites))
    people = (_account(a) for a in county.accounts if usernames is None or a.username in usernames)
    set_up.add_accounts(work, people, PASSWORD)


def _enterprise(owner: Enterprise, seat: str) -> NewEnterprise:
    return NewEnterprise(owner.id, owner.name, owner.credit_code, owner.contact, owner.industry, seat)


def _site(site: Site) -> NewSite:
    return NewSite(
        id=site.id,
        name=site.name,
        industry=site.industry,
        enterprise_id=site.enterprise_id,
        region_code=site.village,
        grid_code=site.grid_code,
        position={"lat": site.lat, "lon": site.lon, "datum": "wgs84"},
        lat=site.lat,
        lon=site.lon,
        qr=site.qr,
        risk=site.risk,
        facts=dict(site.facts),
        rev=1,
    )


def _account(account: Account) -> NewAccount:
    return NewAccount(
        id=account.id,
        username=account.username,
        name=account.name,
        role=account.role,
        enterprise_id=account.enterprise_id,
        regions=account.regions,
        excluded=account.except_regions,
        grids=account.grids,
    )
