"""Commands of a county's IT person: is the channels file right, and does a channel work?"""

import sys
from uuid import UUID

import click

from inspect_api.actions.app import read_settings_channels
from inspect_api.clock import SystemClock, new_id
from inspect_api.notices.channels import CONTACTS
from inspect_api.notices.message import Message
from inspect_api.notices.sending import send
from inspect_api.plainly import plainly
from inspect_api.settings import load_settings


@click.group()
def channel() -> None:
    """Ways of notices to people outside of the product (CHANNELS_FILE)."""


@channel.command()
@plainly
def check() -> None:
    """Read the file and tell every mistake by line; then list the channels in the order of trying."""
    for each in read_settings_channels(load_settings()):
        click.echo(
            f"{each.name}: {each.kind}, {each.tries} tries of {each.timeout_s} s, {each.at_once} at once"
        )


@channel.command(name="try")
@click.argument("name")
@click.option("--to", default="", help="The e-mail address or mobile number, for channels that need one.")
@plainly
def try_one(name: str, to: str) -> None:
    """Send a message that says that it is a test, once, and tell what was answered."""
    found = {each.name: each for each in read_settings_channels(load_settings())}
    if name not in found:
        raise click.BadParameter(f"there is no channel {name}", param_hint="NAME")
    contact = CONTACTS.get(found[name].kind)
    if contact is not None and not to:
        raise click.UsageError(f"--to names the {contact} that {name} is to write to")
    now, nobody = SystemClock().now(), UUID(int=0)
    message = Message(
        number=f"TEST-{new_id()}",
        kind="test",
        step=None,
        title="测试通知",
        text="这是一条测试通知，请勿处理。",
        hazard_id=nobody,
        receiver_id=nobody,
        receiver_name="测试",
        created_at=now,
        answer_due_at=None,
        sent_at=now,
        address=to,
        mobile=to if to.isdecimal() else "",
    )
    outcome = send(found[name], message)
    click.echo(f"{outcome.result}: {outcome.answer}")
    sys.exit(0 if outcome.result == "handed_over" else 1)
