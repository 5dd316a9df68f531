"""Types are made ready for msgspec while one thread runs.

msgspec 0.22 looks at a Struct when it is decoded for the first time, and keeps what it has found with the
type before it is whole: a second thread that decodes the same type just then ends the process with a
segmentation fault (tests/test_decodable.py does it). Looked at once, a type is safe for all threads.
"""

from collections.abc import Iterator
from contextlib import suppress

import msgspec

_OURS = ("inspect_api.", "sync.", "checklists.", "tests.")


def make_decodable() -> None:
    """Look at every Struct of ours that has been imported. To be called before threads are started."""
    for kind in _below(msgspec.Struct):
        if kind.__module__.startswith(_OURS):
            with suppress(TypeError):  # what cannot be decoded never is
                msgspec.json.Decoder(kind)


def _below(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
