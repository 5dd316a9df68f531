"""`inspect-api demo`."""

import sys

import click

from inspect_api.demo.cast import StoryFailed
from inspect_api.demo.link import LoggedOut, Offline, Refused
from inspect_api.demo.story import tell_story


@click.command()
@click.option(
    "--url", default="http://127.0.0.1:8080", show_default=True, help="A server with the demo county."
)
def demo(url: str) -> None:
    """Tell a whole story with phones against a running server, hazard by hazard."""
    try:
        tell_story(url, lambda line: print(line, flush=True))
    except Offline:
        print(f"inspect-api: no answer from {url}; start it with `make run`", file=sys.stderr)
        sys.exit(2)
    except (Refused, LoggedOut, StoryFailed) as error:
        print(f"inspect-api: the story ends here: {error}", file=sys.stderr)
        sys.exit(1)
