"""The built-in library: read once from the package's own data, the only I/O of these rules."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

import msgspec

from checklists.criteria import Criteria
from checklists.loading import Library, load_library
from checklists.model import Status
from checklists.risk_rules import RiskRules, load_risk_rules
from checklists.wire import PublishedChecklist, publish

_encoder = msgspec.json.Encoder(order="deterministic")


class Entry(NamedTuple):
    """One version in the catalogue; `wire` are its JSON bytes, `digest` their SHA-256 in hexadecimal."""

    checklist: PublishedChecklist
    live_from: date | None
    live_to: date | None
    wire: bytes
    digest: str

    def status(self, on: date) -> Status:
        """Whether it may be used on this day (Asia/Shanghai); draft before its first day."""
        if self.live_from is None or on < self.live_from:
            return "draft"
        return "live" if self.live_to is None or on <= self.live_to else "retired"


def entries() -> list[Entry]:
    """Every version, by code and then by first day."""
    return list(_library().entries.values())


def get(code: str, version: str) -> Entry | None:
    """One version, or None where there is no such."""
    return _library().entries.get((code, version))


def criteria() -> Criteria:
    """Every built-in criteria set."""
    return _library().criteria


def texts() -> dict[str, str]:
    """The files of the library as they are written, by name."""
    return dict(_texts(files("checklists") / "library", "library"))


def file_name(code: str, version: str) -> str:
    """What the file of a checklist version is called."""
    return f"{code}@{version}.yaml"


@cache
def risk_rules() -> RiskRules:
    """The built-in scales and rules of risk."""
    name = "risk.yaml"
    return load_risk_rules((files("checklists") / name).read_text(encoding="utf-8"), name)


class _Loaded(NamedTuple):
    entries: dict[tuple[str, str], Entry]
    criteria: Criteria


@cache
def _library() -> _Loaded:
    with _no_collecting():
        library = load_library(texts())
        return _Loaded(arrange(library), library.criteria)


@contextmanager
def _no_collecting() -> Iterator[None]:
    """While a library is built nothing of it is garbage; the collector going through it doubles the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def arrange(library: Library) -> dict[tuple[str, str], Entry]:
    """Every version by code and version, in the order of code and first day, with the days it is live."""
    ordered = sorted(
        library.checklists.values(), key=lambda one: (one.code, str(one.effective_from), one.version)
    )
    found: dict[tuple[str, str], Entry] = {}
    for place, one in enumerate(ordered):
        later = [
            other.effective_from
            for other in ordered[place + 1 :]
            if other.code == one.code and other.effective_from is not None
        ]
        live_to = one.effective_to or (later[0] - timedelta(days=1) if later else None)
        published = publish(one, library.criteria)
        wire = _encoder.encode(published)
        found[one.code, one.version] = Entry(
            published, one.effective_from, live_to, wire, sha256(wire).hexdigest()
        )
    return found


def _texts(folder: Traversable, path: str) -> Iterator[tuple[str, str]]:
    for child in folder.iterdir():
        name = f"{path}/{child.name}"
        if child.is_dir():
            yield from _texts(child, name)
        elif child.name.endswith(".yaml"):
            yield name, child.read_text(encoding="utf-8")
