"""`inspect-api checklist …`: what experts do with checklists at a terminal."""

import getpass
import sys
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar
from uuid import UUID

import click

from checklists import catalog
from checklists.document import InvalidData
from checklists.loading import load_checklist
from checklists.model import Checklist
from inspect_api.actions import shelf
from inspect_api.actions.app import open_app
from inspect_api.actions.publish_checklist import Brought, Prepared, prepare, publish
from inspect_api.authoring.checking import check, read_text
from inspect_api.authoring.differing import told
from inspect_api.authoring.refusals import WorkbookRefused
from inspect_api.authoring.table import read_table
from inspect_api.authoring.template import template
from inspect_api.authoring.workbook import read_workbook
from inspect_api.authoring.writing import AlreadyThere, draft_yaml, write_new
from inspect_api.plainly import plainly
from inspect_api.settings import load_settings

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_replace = click.option("--replace", is_flag=True, help="Write over a file that is there already.")


def _mistakes_told(command: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Every mistake is a line; nothing has been changed."""

    @wraps(command)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return command(*args, **kwargs)
        except (InvalidData, WorkbookRefused) as refused:
            for mistake in refused.mistakes:
                click.echo(_printable(str(mistake)))
            click.echo(f"{len(refused.mistakes)} mistakes; nothing was changed", err=True)
        except (AlreadyThere, OSError) as error:
            click.echo(f"inspect-api: {error}", err=True)
        sys.exit(1)

    return run


@click.group()
def checklist() -> None:
    """Check, compare, import and publish checklists."""


@checklist.command(name="check")
@click.argument("place", metavar="[DIR]", required=False, type=click.Path(exists=True, path_type=Path))
@_mistakes_told
def check_command(place: Path | None) -> None:
    """Check every file below DIR (or one file) together with the built-in library, or the library alone."""
    counts = check(place)
    for one in counts:
        kind = "criteria" if one.is_criteria else f"items, {one.major} major"
        click.echo(f"{one.name}: {one.items} {kind}, {one.to_be_keyed} to be keyed from the official text")
    lists = [one for one in counts if not one.is_criteria]
    sets = [one for one in counts if one.is_criteria]
    click.echo(
        f"{len(lists)} checklists: {sum(one.items for one in lists)} items, "
        f"{sum(one.major for one in lists)} major, {sum(one.to_be_keyed for one in lists)} to_be_keyed; "
        f"{len(sets)} criteria sets: {sum(one.items for one in sets)} criteria, "
        f"{sum(one.to_be_keyed for one in sets)} to_be_keyed"
    )


@checklist.command(name="diff")
@click.argument("old")
@click.argument("new")
@plainly
@_mistakes_told
def diff_command(old: str, new: str) -> None:
    """What changed for an inspector from OLD to NEW: files, or code@version."""
    for line in told(_named(old), _named(new)):
        click.echo(_printable(line))


@checklist.command(name="template")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@_replace
@_mistakes_told
def template_command(out: Path, replace: bool) -> None:
    """Write the workbook that `import` reads, with an example and an explanation."""
    write_new(out, template(), replace=replace)


@checklist.command(name="import")
@click.argument("workbook", type=_FILE)
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@_replace
@_mistakes_told
def import_command(workbook: Path, out: Path, replace: bool) -> None:
    """Turn an xlsx table into a draft in YAML."""
    draft = read_table(workbook.name, read_workbook(workbook), catalog.criteria())
    text = draft_yaml(draft)
    load_checklist(text, str(out))
    write_new(out, text.encode(), replace=replace)
    click.echo(f"{out}: {draft.code}@{draft.version}, {len(draft.items())} items")


@checklist.command(name="publish")
@click.argument("file", type=_FILE)
@click.option(
    "--from", "live_from", type=click.DateTime(["%Y-%m-%d"]), help="Its first day; else the file says it."
)
@click.option("--devices", help="Only try it, on these devices: ids, with commas between them.")
@click.option("--by", default="", help="Who publishes; the user of this machine by default.")
@plainly
@_mistakes_told
def publish_command(file: Path, live_from: datetime | None, devices: str | None, by: str) -> None:
    """Make a version live from a day on, on every phone; or give a draft to some."""
    brought = Brought(
        file=str(file),
        content=read_text(file).encode(),
        by=(by or getpass.getuser())[:120],
        live_from=None if live_from is None else _day(live_from),
        devices=None if devices is None else _ids(devices),
    )
    app = open_app(load_settings())
    try:
        prepared = app.read(lambda work: prepare(work, brought))
        applied = app.write(lambda work: publish(work, prepared))
    finally:
        app.close()
    click.echo(
        _outcome(prepared)
        + (f"; inspections that waited for it and are applied: {applied}" if applied else "")
    )


def _outcome(prepared: Prepared) -> str:
    name = f"{prepared.checklist.code}@{prepared.checklist.version}"
    devices = prepared.brought.devices
    how = f"live from {prepared.live_from}" if devices is None else f"a draft on {len(devices)} devices"
    return f"{name} is {how}" + ("" if prepared.is_new else ", as it was")


def _named(name: str) -> Checklist:
    """A file, a version of the library, or one that was published here."""
    path = Path(name)
    if path.is_file():
        return load_checklist(read_text(path), name)
    code, _, version = name.partition("@")
    entry = catalog.get(code, version)
    found = entry.checklist if entry is not None else _published_here(code, version)
    if found is None:
        raise click.UsageError(f"{name} is neither a file nor the code@version of a checklist")
    return found


def _published_here(code: str, version: str) -> Checklist | None:
    app = open_app(load_settings())
    try:
        entry = app.read(lambda work: shelf.current(work.tx).find(code, version))
    finally:
        app.close()
    return entry.checklist if entry is not None else None


def _day(moment: datetime) -> date:
    if not 1970 <= moment.year < 2200:
        raise click.BadParameter("a day between 1970 and 2200 is expected", param_hint="--from")
    return moment.date()


def _ids(text: str) -> tuple[UUID, ...]:
    try:
        return tuple({UUID(one.strip()) for one in text.split(",") if one.strip() or "," not in text})
    except ValueError:
        raise click.BadParameter("ids of devices are UUIDs", param_hint="--devices") from None


def _printable(line: str) -> str:
    """What stands in a file is not to move the cursor of whoever reads about it."""
    return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in line)
