"""The command `inspect-api`."""

from importlib import import_module

import click

_COMMANDS = {
    "account": "inspect_api.administration:account",
    "backup": "inspect_api.restoring:backup",
    "channel": "inspect_api.channel_commands:channel",
    "checklist": "inspect_api.authoring.commands:checklist",
    "demo": "inspect_api.story_command:demo",
    "device": "inspect_api.administration:device",
    "hold": "inspect_api.custody_commands:hold",
    "import": "inspect_api.administration:import_",
    "lifecycle": "inspect_api.generated:lifecycle",
    "migrate": "inspect_api.working:migrate",
    "new-epoch": "inspect_api.restoring:new_epoch",
    "openapi": "inspect_api.generated:openapi",
    "photos": "inspect_api.custody_commands:photos",
    "restore": "inspect_api.restoring:restore",
    "rules": "inspect_api.administration:rules",
    "serve": "inspect_api.serving:serve",
    "site": "inspect_api.administration:site",
    "verify-receipt": "inspect_api.verify_receipt:verify_receipt",
    "worker": "inspect_api.working:worker",
}
"""Where each is written. It is imported when it is asked for: a server does not carry the tools of a
terminal, nor a tool the server.
"""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module, _, name = _COMMANDS.get(cmd_name, "").partition(":")
        if not module:
            return None
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Mobile backend and data sync of a county's hazard inspections."""
