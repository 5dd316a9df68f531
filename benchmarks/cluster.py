"""Several nodes on one PostgreSQL and one S3, all on loopback. `make cluster` runs them until Ctrl-C.

Three API processes (`serve --no-worker`) and two workers share a database, a bucket and nothing else: no node
knows of another. PostgreSQL and S3 are those of the tests, with default durability.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp

from inspect_api.demo.load import load_demo
from inspect_api.settings import Settings, load_settings
from inspect_api.store.migrating import migrate
from tests.live import LiveServer, LiveWorker
from tests.postgres import PostgresServer
from tests.s3 import create_bucket, run_rclone

API_NODES, WORKERS = 3, 2
_CONNECTIONS = ("-c", "max_connections=200")


class Cluster:
    """What runs, and how each node is reached. `env` is what all nodes have in common."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self._folder, self.env = folder, env
        self.nodes: list[LiveServer] = []
        self.workers: list[LiveWorker] = []

    @property
    def settings(self) -> Settings:
        return load_settings(self._place("operator"))

    def start(self) -> None:
        """Start every node and wait until each is ready."""
        self.workers = [LiveWorker(self._place(f"worker-{n}")) for n in range(1, WORKERS + 1)]
        for n in range(1, API_NODES + 1):
            node = LiveServer(self._place(f"node-{n}"))
            self.nodes.append(node)
            start_node(node)

    def stop(self) -> None:
        for node in self.nodes:
            node.kill()
        for worker in self.workers:
            worker.kill()

    def _place(self, name: str) -> dict[str, str]:
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        return {**self.env, "DATA_DIR": str(folder)}


def start_node(node: LiveServer) -> None:
    """An API process alone: due work is left to the workers."""
    node.start(lambda command: [*command, "--no-worker"])


@contextmanager
def cluster(prepare: Callable[[Settings], None], **env: str) -> Iterator[Cluster]:
    """A cluster while the context lasts; `prepare` fills its database before the nodes start."""
    with ExitStack() as stack:
        folder = Path(mkdtemp(prefix="cluster"))
        postgres = PostgresServer()
        stack.callback(postgres.remove)
        postgres.start(*_CONNECTIONS)
        bucket = create_bucket(stack.enter_context(run_rclone()))
        shared = {"DATABASE_URL": postgres.url, **bucket.env, "SIGNING_KEY_FILE": str(folder / "signing.pem")}
        made = Cluster(folder, {**shared, **env})
        migrate(made.settings.sqlalchemy_url)
        prepare(made.settings)
        stack.callback(made.stop)
        made.start()
        yield made


def _demo_county(settings: Settings) -> None:
    load_demo(settings, lambda line: print(line, flush=True))


def run() -> None:
    """Until Ctrl-C."""
    with cluster(_demo_county, DEMO="true") as made:
        for node in made.nodes:
            print(f"ready {node.url}", flush=True)
        print(f"{WORKERS} workers; DATABASE_URL={made.env['DATABASE_URL']} BLOBS={made.env['BLOBS']}")
        print(f"S3 at {made.env['S3_ENDPOINT']}. Ctrl-C stops all of it.", flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    run()
