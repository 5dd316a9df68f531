"""The command `inspect-api`."""

import gc
import json
import sys
import threading
import time

import click
import uvicorn

from inspect_api.actions.app import open_app
from inspect_api.administration import account, device, import_, rules, site
from inspect_api.authoring.commands import checklist
from inspect_api.channel_commands import channel, contact
from inspect_api.custody_commands import hold, photos
from inspect_api.demo.cast import StoryFailed
from inspect_api.demo.link import LoggedOut, Offline, Refused
from inspect_api.demo.load import load_demo
from inspect_api.demo.story import tell_story
from inspect_api.domain.lifecycle_page import lifecycle_page
from inspect_api.http.connections import BoundedProtocol
from inspect_api.http.openapi import document, problems_page, read_examples
from inspect_api.logs import set_up_logs
from inspect_api.main import Service
from inspect_api.plainly import plainly
from inspect_api.restoring import backup, new_epoch, restore
from inspect_api.settings import Settings, load_settings
from inspect_api.store.migrating import REVISIONS, migrate
from inspect_api.verify_receipt import verify_receipt
from inspect_api.worker import run_worker

_GRACE_S = 8


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Mobile backend and data sync of a county's hazard inspections."""


account.add_command(contact)
main.add_command(account)
main.add_command(backup)
main.add_command(channel)
main.add_command(checklist)
main.add_command(device)
main.add_command(hold)
main.add_command(import_)
main.add_command(new_epoch)
main.add_command(photos)
main.add_command(restore)
main.add_command(rules)
main.add_command(site)
main.add_command(verify_receipt)


@main.command(name="migrate")
@plainly
def migrate_command() -> None:
    """Bring the database to the newest schema."""
    settings = load_settings()
    migrate(settings.sqlalchemy_url)


@main.command()
@plainly
def worker() -> None:
    """Escalate what is overdue and prepare photos, until stopped."""
    settings = load_settings()
    set_up_logs()
    run_worker(settings)


@main.command()
@click.option("--demo", is_flag=True, help="Load the demo county; only on loopback.")
@click.option("--worker/--no-worker", "with_worker", default=True, help="Do due work in this process too.")
@plainly
def serve(demo: bool, with_worker: bool) -> None:
    """Serve the API. /hello answers 503 until everything is prepared."""
    settings = load_settings(demo=True) if demo else load_settings()
    set_up_logs()
    service = Service(settings, run_worker=with_worker)
    server = uvicorn.Server(_server_config(service, settings))
    failures: list[Exception] = []

    def prepare() -> None:
        try:
            _prepare(service, settings)
            _wait_for(server)
            print(f"ready http://{settings.host}:{settings.port}", flush=True)
        except Exception as error:
            failures.append(error)
            server.should_exit = True

    threading.Thread(target=prepare, name="prepare", daemon=True).start()
    server.run()
    if failures:
        raise failures[0]


@main.command(name="demo")
@click.option(
    "--url", default="http://127.0.0.1:8080", show_default=True, help="A server with the demo county."
)
def demo_command(url: str) -> None:
    """Tell a whole story with phones against a running server, hazard by hazard."""
    try:
        tell_story(url, lambda line: print(line, flush=True))
    except Offline:
        print(f"inspect-api: no answer from {url}; start it with `make run`", file=sys.stderr)
        sys.exit(2)
    except (Refused, LoggedOut, StoryFailed) as error:
        print(f"inspect-api: the story ends here: {error}", file=sys.stderr)
        sys.exit(1)


@main.command()
def openapi() -> None:
    """Write openapi/openapi.json and docs/problems.md anew, in a checkout."""
    root = REVISIONS.parent
    told = document(read_examples(root / "openapi" / "examples"))
    text = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=False)
    (root / "openapi" / "openapi.json").write_text(text + "\n", encoding="utf-8")
    (root / "docs" / "problems.md").write_text(problems_page(), encoding="utf-8")


@main.command()
def lifecycle() -> None:
    """Write docs/lifecycle.md anew from the table of moves, in a checkout."""
    (REVISIONS.parent / "docs" / "lifecycle.md").write_text(lifecycle_page(), encoding="utf-8")


def _prepare(service: Service, settings: Settings) -> None:
    if settings.demo or not settings.database_url:
        migrate(settings.sqlalchemy_url)
    if settings.demo:
        load_demo(settings, lambda line: print(line, flush=True))
    service.let_in(open_app(settings))
    _settle_memory()


def _wait_for(server: uvicorn.Server) -> None:
    """Until it listens, or has given up."""
    while not (server.started or server.should_exit):
        time.sleep(0.02)


def _server_config(service: Service, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        service.litestar,
        host=settings.host,
        port=settings.port,
        http=BoundedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=65,  # longer than the 60 s of the proxies in front
        timeout_graceful_shutdown=_GRACE_S,
    )


def _settle_memory() -> None:
    """What was loaded stays; collecting it again and again made one push in twenty seven times slower."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
