"""Commands of the person who runs an installation: who sees what, who may still log in, where a site lies."""

import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import click

from inspect_api.actions import change_scope, enter_accounts
from inspect_api.actions.app import open_app
from inspect_api.actions.change_contacts import ContactKind, set_contact
from inspect_api.actions.import_calendar import CalendarChange, import_calendar, weigh_calendar
from inspect_api.actions.import_county import import_county, read_tables
from inspect_api.actions.move_site import move_site
from inspect_api.actions.own_rules import load_coverage, load_photo_rules, load_rules, load_sampling
from inspect_api.actions.work import Work
from inspect_api.domain.holiday_notice import read_notice
from inspect_api.plainly import plainly
from inspect_api.settings import load_settings

Change = Callable[[Work, UUID], bool]


@click.group()
def account() -> None:
    """Enter an account; give and take what it may see; end it, or let it in again."""


@click.group()
def device() -> None:
    """Phones."""


@click.group()
def site() -> None:
    """Sites."""


@click.group()
def rules() -> None:
    """The county's own deadlines and ladders."""


@rules.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False))
@plainly
def check(folder: str) -> None:
    """Read FOLDER as RULES_DIR is read at the start: its rule files; tell every mistake."""
    shipped, ladders = load_rules("")
    own, own_ladders = load_rules(folder)
    load_sampling(folder)
    load_photo_rules(folder)
    coverage = len(load_coverage(folder).rules) - len(load_coverage("").rules)
    counts = len(own.rules) - len(shipped.rules), len(own_ladders.ladders) - len(ladders.ladders), coverage
    click.echo("sound: {} deadlines, {} ladders, {} coverage rules of the county's own".format(*counts))


@account.command()
@click.argument("user")
@click.option("--name", required=True, help="The person's name.")
@click.option("--role", required=True, help="inspector, officer, regulator, enterprise, expert, admin, …")
@click.option("--region", "regions", multiple=True, help="A division with all below it; may be given again.")
@click.option("--except-region", "except_regions", multiple=True, help="One to be taken out of these.")
@click.option("--grid", "grids", multiple=True, help="A grid of an inspector or expert.")
@click.option("--enterprise", default="", help="The credit code of the enterprise whose person this is.")
@click.option("--industry", "industries", multiple=True, help="Only this one; without any, all.")
@plainly
def add(user: str, **options: str | tuple[str, ...]) -> None:
    """Enter a person; the password is asked for, or is the first line of what is piped in."""
    cells = {name: value if isinstance(value, str) else " ".join(value) for name, value in options.items()}
    row = enter_accounts.account_of({"username": user, **cells})
    kept = enter_accounts.hash_of_new(_read_password())
    _write(lambda work: _told(enter_accounts.add_account(work, row, kept)))


@account.command()
@click.argument("user")
@plainly
def password(user: str) -> None:
    """Set the password of an account, asked for or piped in; its logins end."""
    kept = enter_accounts.hash_of_new(_read_password())
    _write(lambda work: _told(enter_accounts.set_password(work, user, kept)))


@account.command(name="give-grid")
@click.argument("user")
@click.argument("code")
@click.option("--new", "is_new", is_flag=True, help="A grid that nobody has worked in yet, without any site.")
@plainly
def give_grid(user: str, code: str, is_new: bool) -> None:
    """Let a grid inspector or expert work in a grid."""

    def give(work: Work, who: UUID) -> bool:
        if not is_new:
            change_scope.require_grid(work, code)
        return change_scope.give_grid(work, who, code)

    _change_account(user, give)


@account.command(name="take-grid")
@click.argument("user")
@click.argument("code")
@plainly
def take_grid(user: str, code: str) -> None:
    """Take a grid from a grid inspector or expert."""
    _change_account(user, lambda work, who: change_scope.take_grid(work, who, code))


@account.command(name="give-region")
@click.argument("user")
@click.argument("code")
@click.option("--excluded", is_flag=True, help="Take it out of a wider region that the account has.")
@plainly
def give_region(user: str, code: str, excluded: bool) -> None:
    """Give an account a region with all that lies below it."""
    _change_account(user, lambda work, who: change_scope.give_region(work, who, code, excluded=excluded))


@account.command(name="take-region")
@click.argument("user")
@click.argument("code")
@plainly
def take_region(user: str, code: str) -> None:
    """Take a region, or the exclusion of one, from an account."""
    _change_account(user, lambda work, who: change_scope.take_region(work, who, code))


@account.command()
@click.argument("user")
@plainly
def disable(user: str) -> None:
    """End all logins of an account; for 30 days it can still hand in by deposit."""
    _change_account(user, change_scope.disable_account)


@account.command()
@click.argument("user")
@plainly
def enable(user: str) -> None:
    """Let an account log in again."""
    _change_account(user, change_scope.enable_account)


@account.command()
@click.argument("user")
@click.argument("kind", type=click.Choice(["email", "mobile"]))
@click.argument("address", default="")
@plainly
def contact(user: str, kind: ContactKind, address: str) -> None:
    """Enter an account's e-mail address or mobile number; without an address, take it away."""
    _change_account(user, lambda work, who: set_contact(work, who, kind, address))


@device.command()
@click.argument("device_id", type=click.UUID)
@click.argument("user")
@plainly
def enrol(device_id: UUID, user: str) -> None:
    """Let a phone that was given to an account log in; the app shows its id."""
    _change_account(user, lambda work, who: change_scope.enrol_device(work, device_id, who))


@device.command()
@click.argument("device_id", type=click.UUID)
@plainly
def revoke(device_id: UUID) -> None:
    """Refuse a phone, whoever uses it."""
    _write(lambda work: _told(change_scope.revoke_device(work, device_id)))


@site.command()
@click.argument("site_id", type=click.UUID)
@click.argument("grid")
@click.option("--region", help="The division, where the grid's code does not begin with it.")
@plainly
def move(site_id: UUID, grid: str, region: str | None) -> None:
    """Put a site into another grid, with all of its hazards."""
    _write(lambda work: f"done, with {move_site(work, site_id, grid, region)} hazards")


@click.group(name="import")
def import_() -> None:
    """Enter what comes as a file."""


@import_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@plainly
def calendar(file: str, dry_run: bool) -> None:
    """The State Council's notice of a year's holidays (JSON in the form of holiday-cn)."""
    notice = read_notice(Path(file).read_text(encoding="utf-8", errors="replace"), file)
    act = weigh_calendar if dry_run else import_calendar
    _write(lambda work: _told_calendar(act(work, notice), dry_run))


@import_.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@plainly
def county(folder: Path) -> None:
    """Divisions, enterprises, sites and accounts out of the tables (CSV) of FOLDER, whichever are there."""
    tables = read_tables(folder)
    new = "new: {} divisions, {} enterprises, {} sites, {} accounts"
    _write(lambda work: new.format(*import_county(work, tables)))


def _told_calendar(change: CalendarChange, dry_run: bool) -> str:
    if change.is_nothing:
        return "it was so already"
    days = ", ".join(str(day) for day in change.moved)
    told = "would be" if dry_run else "are"
    return (
        f"{change.year}: edition {change.version}; {len(change.moved)} days otherwise than so far: {days}\n"
        f"the dates of {change.crossing} open hazards {told} looked at again by the worker"
    )


def _read_password() -> str:
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")


def _change_account(user: str, change: Change) -> None:
    _write(lambda work: _told(change(work, change_scope.account_named(work, user))))


def _told(is_changed: bool) -> str:
    return "done" if is_changed else "it was so already"


def _write(act: Callable[[Work], str]) -> None:
    app = open_app(load_settings())
    try:
        click.echo(app.write(act))
    finally:
        app.close()
