"""The demo county, given to an installation before it serves."""

from collections.abc import Callable

from inspect_api.actions import set_up
from inspect_api.actions.app import open_app
from inspect_api.actions.set_up import NewAccount, NewEnterprise
from inspect_api.actions.work import Work
from inspect_api.demo.county import COUNTY, PASSWORD, County, Site, load_county
from inspect_api.settings import Settings
from inspect_api.store.sites import NewSite


def load_demo(settings: Settings, progress: Callable[[str], None]) -> None:
    """Regions, enterprises, sites and accounts; what is there already stays as it is."""
    county = load_county()
    app = open_app(settings)
    try:
        app.write(lambda work: give_county(work, county))
        progress(f"{len(county.sites)} sites, {len(county.accounts)} accounts")
    finally:
        app.close()


def give_county(work: Work, county: County) -> None:
    """Everything that has to be there before anybody can work."""
    set_up.add_regions(work, ((region.code, region.name) for region in county.regions))
    at = {site.enterprise: site.village for site in reversed(county.sites) if site.enterprise}
    owners = [
        NewEnterprise(
            owner.id, owner.name, owner.credit_code, f"{owner.contact} {owner.phone}", owner.industry,
            at.get(owner.key, COUNTY),
        )
        for owner in county.enterprises
    ]  # fmt: skip
    set_up.add_sites(work, owners, (_site(site) for site in county.sites))
    people = [
        NewAccount(
            one.id, one.username, one.name, one.role, one.enterprise_id, one.regions, one.except_regions,
            one.grids,
        )
        for one in county.accounts
    ]  # fmt: skip
    set_up.add_accounts(work, people, PASSWORD)


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
