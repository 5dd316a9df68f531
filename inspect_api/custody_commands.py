"""Commands about the bytes of photos: what must not go, and what is damaged."""

from uuid import UUID

import click

from inspect_api.actions.app import open_app
from inspect_api.actions.place_holds import lift_hold, place_hold
from inspect_api.plainly import plainly
from inspect_api.settings import load_settings
from inspect_api.store import holds, photo_checks


@click.group()
def hold() -> None:
    """Legal holds: while one stands, no photo goes that might belong there."""


@click.group()
def photos() -> None:
    """The stored bytes of photos."""


@hold.command()
@click.argument("kind", type=click.Choice(holds.KINDS))
@click.argument("target")
@click.option("--reason", required=True, help="Whose case it is, and what for.")
@plainly
def add(kind: str, target: str, reason: str) -> None:
    """Place a hold on a hazard (its id), an enterprise (its id) or a region (its code)."""
    app = open_app(load_settings())
    try:
        click.echo(app.write(lambda work: place_hold(work, kind, target, reason)))
    finally:
        app.close()


@hold.command()
@click.argument("hold_id", type=click.UUID)
@click.option("--reason", required=True)
@plainly
def lift(hold_id: UUID, reason: str) -> None:
    """Let a hold stand no more."""
    app = open_app(load_settings())
    try:
        app.write(lambda work: lift_hold(work, hold_id, reason))
        click.echo("done")
    finally:
        app.close()


@hold.command(name="list")
@plainly
def list_() -> None:
    """The holds that stand."""
    app = open_app(load_settings())
    try:
        for row in app.read(lambda work: holds.standing(work.tx)):
            click.echo(f"{row.id}  {row.placed_at:%Y-%m-%d}  {row.kind} {row.target}: {row.reason}")
    finally:
        app.close()


@photos.command()
@plainly
def faulty() -> None:
    """Photos whose stored bytes are damaged or missing, the oldest first."""
    app = open_app(load_settings())
    try:
        for row in app.read(lambda work: photo_checks.faulty(work.tx, 10_000)):
            click.echo(
                f"{row.sha256}  {row.fault} since {row.faulty_since:%Y-%m-%d %H:%M}Z  {row.size} bytes"
            )
    finally:
        app.close()
