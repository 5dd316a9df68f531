"""An S3 store that is down, slow, refuses or lies: never a false "kept", never the wrong bytes."""

import hashlib
import io
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from inspect_api.media import open_store
from inspect_api.media.blobs import BlobError, BlobStoreDown
from inspect_api.media.s3_settings import S3Settings

PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 400
NAME = hashlib.sha256(PHOTO).hexdigest()


class Liar(ThreadingHTTPServer):
    """Answers every PUT with 200 and keeps what `keeps` makes of the bytes; None forgets them."""

    def __init__(self, keeps, status=200):
        self.keeps, self.status, self.objects, self.requests = keeps, status, {}, 0
        super().__init__(("127.0.0.1", 0), LiarsMouth)


class LiarsMouth(BaseHTTPRequestHandler):
    """One request to the liar."""

    server: Liar
    protocol_version = "HTTP/1.1"  # so that it answers `Expect: 100-continue`

    def do_PUT(self):
        self.server.requests += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kept = self.server.keeps(body)
        if kept is not None:
            self.server.objects[self.path] = kept
        self._answer(self.server.status, b"")

    def do_GET(self):
        self.server.requests += 1
        if self.server.status != 200:
            self._answer(self.server.status, b"")
        elif self.path in self.server.objects:
            self._answer(200, self.server.objects[self.path])
        else:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    def _answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def answering(server: Liar) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def store_at(endpoint: str, **more):
    settings = S3Settings(endpoint=endpoint, access_key="key", secret_key="secret", attempts=1, **more)
    return open_store("s3://photos", None, settings)


def keep(store):
    store.put(NAME, io.BytesIO(PHOTO), len(PHOTO))


def test_an_honest_store_is_believed():
    with answering(Liar(lambda body: body)) as endpoint:
        keep(store_at(endpoint))


@pytest.mark.parametrize(
    "keeps",
    [lambda body: None, lambda body: body[:-1], lambda body: b"\0" + body[1:], lambda body: body + b"\0"],
    ids=["forgets", "truncates", "flips", "appends"],
)
def test_a_store_that_says_200_and_keeps_something_else_is_found_out(keeps):
    with answering(Liar(keeps)) as endpoint:
        store = store_at(endpoint)
        with pytest.raises(BlobStoreDown):
            keep(store)
        with pytest.raises(BlobError):
            store.open(NAME)


@pytest.mark.parametrize("status", [500, 503, 403])
def test_a_store_that_refuses_is_down(status):
    with answering(Liar(lambda body: None, status)) as endpoint:
        store = store_at(endpoint)
        for call in (lambda: keep(store), lambda: store.open(NAME)):
            with pytest.raises(BlobStoreDown):
                call()


def test_tries_are_counted():
    with answering(liar := Liar(lambda body: None, 503)) as endpoint, pytest.raises(BlobStoreDown):
        store_at(endpoint).open(NAME)
    assert liar.requests == 1


def test_nobody_listens():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        store = store_at(f"http://127.0.0.1:{taken.getsockname()[1]}")
        for call in (lambda: keep(store), lambda: store.open(NAME), lambda: store.size(NAME), store.check):
            with pytest.raises(BlobStoreDown):
                call()


def test_a_store_that_never_answers_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = store_at(f"http://127.0.0.1:{silent.getsockname()[1]}", read_timeout=0.2)
        with pytest.raises(BlobStoreDown):
            store.open(NAME)


def test_a_missing_bucket_and_a_wrong_secret_fail_the_check(s3_server):
    keys = {"access_key": s3_server.access_key, "endpoint": s3_server.endpoint, "attempts": 1}
    right = S3Settings(secret_key=s3_server.secret_key, **keys)
    wrong = S3Settings(secret_key="wrong", **keys)
    for settings in (right, wrong):
        with pytest.raises(BlobStoreDown):
            open_store("s3://no-such-bucket", None, settings).check()
