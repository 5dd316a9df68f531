"""Types are safe for threads that decode them at once from the first time on."""

import subprocess
import sys

import pytest

from tests.live import ROOT

ROUNDS = 60
THREADS = """
import sys, threading, types
import msgspec
from inspect_api.decodable import make_decodable

TYPES = '''
from datetime import datetime
from typing import Literal
from uuid import UUID
import msgspec

class Part(msgspec.Struct):
    x: str | None = None
    y: Literal["a", "b"] = "a"

class Inner(msgspec.Struct):
    id: UUID
    part: Part
    outer: list["Outer"] | None = None

class Outer(msgspec.Struct):
    id: UUID
    at: datetime
    inner: Inner
    others: list[Inner] = []
'''
ID = b'"01a1ff83-7383-74c4-bc16-c1220870b5ac"'
INNER = b'{"id":' + ID + b',"part":{}}'
RAW = b'{"id":' + ID + b',"at":"2026-11-21T10:11:12Z","inner":' + INNER + b',"others":[' + INNER + b"]}"
sys.setswitchinterval(1e-6)

def decode_at_once(kind):
    begin = threading.Barrier(8)
    def decode():
        begin.wait()
        msgspec.json.decode(RAW, type=kind)
    threads = [threading.Thread(target=decode) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

for number in range(int(sys.argv[2])):
    fresh = types.ModuleType(f"tests.fresh_{number}")
    sys.modules[fresh.__name__] = fresh
    exec(TYPES, fresh.__dict__)
    if sys.argv[1] == "ready":
        make_decodable()
    decode_at_once(fresh.Outer)
"""


def in_threads(state: str, rounds: int) -> int:
    line = [sys.executable, "-c", THREADS, state, str(rounds)]
    return subprocess.run(line, cwd=ROOT, capture_output=True, timeout=300, check=False).returncode


def test_threads_that_decode_fresh_types_at_once() -> None:
    assert in_threads("ready", ROUNDS) == 0


@pytest.mark.soak
def test_it_is_still_needed() -> None:
    """Otherwise msgspec has been mended, and `decodable` can go."""
    assert in_threads("as they are", 20 * ROUNDS) != 0
