"""The worker: a process that does what is due and serves nobody."""

import signal
import threading
from types import FrameType

from inspect_api.actions.app import open_app
from inspect_api.jobs.loop import work_until
from inspect_api.settings import Settings


def run_worker(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT."""
    stop = threading.Event()

    def leave(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    app = open_app(settings)
    try:
        work_until(stop, app)
    finally:
        app.close()
