"""The API: build everything, wire it, return it."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar

from inspect_api.actions.app import App, open_app
from inspect_api.clock import Clock
from inspect_api.http.door import make_door
from inspect_api.http.edge import Edge
from inspect_api.http.routes import ROUTES
from inspect_api.jobs.loop import drain_until, work_until
from inspect_api.settings import Settings

_STOPPED_WITHIN_S = 1  # beyond that it ends with the process: what it had not committed never was


class Service:
    """The API of one process, and its worker when it has one. It answers 503 until `let_in`."""

    def __init__(self, settings: Settings, *, run_worker: bool) -> None:
        self._edge = Edge(settings)
        self._run_worker = run_worker
        self._stop = threading.Event()
        self._worker: threading.Thread | None = None
        self._app: App | None = None
        self.litestar: Litestar = make_door(self._edge, ROUTES, self._lifespan)

    def let_in(self, app: App) -> None:
        """Serve requests, and start to do what is due."""
        self._app = app
        self._edge.let_in(app)
        if self._run_worker:
            self._worker = threading.Thread(
                target=work_until, args=(self._stop, app), name="worker", daemon=True
            )
        elif app.spool is not None:
            self._worker = threading.Thread(
                target=drain_until, args=(self._stop, app), name="spool", daemon=True
            )
        if self._worker is not None:
            self._worker.start()

    @asynccontextmanager
    async def _lifespan(self, _litestar: Litestar) -> AsyncIterator[None]:
        yield
        self._stop.set()
        if self._worker is not None:
            self._worker.join(_STOPPED_WITHIN_S)
        if self._app is not None:
            self._app.close()


def build_app(settings: Settings, *, clock: Clock | None = None, run_worker: bool = False) -> Litestar:
    """The whole product on a database that is migrated, ready to serve. Raises what `open_app` raises."""
    service = Service(settings, run_worker=run_worker)
    service.let_in(open_app(settings, clock))
    return service.litestar
