"""`inspect-api serve`: the API in this process, prepared beside the server that already answers."""

import gc
import threading
import time

import click
import uvicorn

from inspect_api.actions.app import open_app
from inspect_api.demo.loaded import is_loaded
from inspect_api.http.connections import BoundedProtocol
from inspect_api.logs import set_up_logs
from inspect_api.main import Service
from inspect_api.memory import share_arenas
from inspect_api.plainly import plainly
from inspect_api.settings import Settings, load_settings
from inspect_api.store.revisions import is_newest

_GRACE_S = 8


@click.command()
@click.option("--demo", is_flag=True, help="Load the demo county; only on loopback.")
@click.option("--worker/--no-worker", "with_worker", default=True, help="Do due work in this process too.")
@plainly
def serve(demo: bool, with_worker: bool) -> None:
    """Serve the API. /hello answers 503 until everything is prepared."""
    settings = load_settings(demo=True) if demo else load_settings()
    set_up_logs()
    share_arenas()
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


def _prepare(service: Service, settings: Settings) -> None:
    if (settings.demo or not settings.database_url) and not is_newest(settings.sqlalchemy_url):
        from inspect_api.store.migrating import migrate  # noqa: PLC0415  (Alembic: 8 MB, needed once)

        migrate(settings.sqlalchemy_url)
    if settings.demo and not is_loaded(settings):
        from inspect_api.demo.load import load_demo  # noqa: PLC0415  (phones and a month of work)

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
