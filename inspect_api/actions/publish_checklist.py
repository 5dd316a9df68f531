"""A checklist version is published, or tried on some phones: checked first against everything there is."""

from collections.abc import Collection
from datetime import date
from hashlib import sha256
from pathlib import PurePath
from typing import NamedTuple
from uuid import UUID

from checklists import catalog
from checklists.catalog import file_name
from checklists.document import Document, InvalidData, Mistake, Path
from checklists.loading import CRITERIA_PREFIX, load_checklist, load_library
from checklists.model import Checklist
from inspect_api.actions.judge_held import judge_waiting
from inspect_api.actions.reference import (
    checklist_id,
    note_told,
    publish_reference,
    published_ids,
    withdraw_draft,
)
from inspect_api.actions.shelf import read_stored, stored_name
from inspect_api.actions.work import Work
from inspect_api.errors import Code, Refusal
from inspect_api.store import checklist_versions
from inspect_api.store.schema import AnyRow


class Brought(NamedTuple):
    """A file as an expert brings it.

    `live_from`: its first day; None: the one that the file says. `devices`: those that are to try it as a
    draft; None: it is to be published.
    """

    file: str
    content: bytes
    by: str
    live_from: date | None
    devices: Collection[UUID] | None


class Prepared(NamedTuple):
    """A version that may be stored as long as nobody else has published; `is_new` is false when it stands
    there already."""

    checklist: Checklist
    brought: Brought
    live_from: date | None
    is_new: bool
    tried_on: frozenset[str]
    mark: str


def prepare(work: Work, brought: Brought) -> Prepared:
    """Check a file with everything that is published: the same strict checks as those of the library.

    Raises InvalidData with every mistake. Changes nothing.
    """
    text = _decode(brought)
    checklist = load_checklist(text, brought.file)
    document = Document(text, brought.file)
    live_from = _first_day(document, checklist, brought)
    rows = checklist_versions.every(work.tx)
    same = next((row for row in rows if (row.code, row.version) == (checklist.code, checklist.version)), None)
    is_new = _is_new(document, checklist, brought, live_from, same)
    if is_new:
        _check_beside(text, brought, live_from, [row for row in rows if row is not same])
    unknown = checklist_versions.unknown_devices(work.tx, brought.devices or ())
    if unknown:
        raise _refused(document, (), f"no device has the id {', '.join(sorted(map(str, unknown)))}")
    tried_on = frozenset(same.devices) if same is not None else frozenset[str]()
    return Prepared(checklist, brought, live_from, is_new, tried_on, checklist_versions.mark_of(rows))


def publish(work: Work, prepared: Prepared) -> int:
    """Store it and tell the phones, in one transaction; how many inspections had come before it and are
    applied now. Raises Refusal(BUSY) when it was checked against what no longer stands."""
    checklist, brought = prepared.checklist, prepared.brought
    checklist_versions.lock(work.tx)
    if checklist_versions.mark(work.tx) != prepared.mark:
        raise Refusal(Code.BUSY, "Somebody else has just published; try again", retry_after=1)
    if not prepared.is_new:
        return 0
    devices = sorted(str(device) for device in brought.devices or ())
    withdraw_draft(work, checklist.code, checklist.version, prepared.tried_on - set(devices))
    checklist_versions.put(
        work.tx,
        {
            "code": checklist.code,
            "version": checklist.version,
            "content": brought.content,
            "digest": sha256(brought.content).digest(),
            "state": "published" if brought.devices is None else "draft",
            "live_from": prepared.live_from if brought.devices is None else None,
            "devices": devices,
            "published_by": brought.by,
            "published_at": work.now,
        },
    )
    publish_reference(work)
    return _judge_waiting(work, [checklist_id(checklist.code, checklist.version)])


def renew_reference(work: Work) -> int:
    """What a new day or a new release changes: which lists are live or retired, and inspections that waited
    for a list that has come. How many things that were; 0 when all is done."""
    done = publish_reference(work) + _judge_waiting(work, published_ids(work))
    if not done:
        note_told(work)
    return done


def _judge_waiting(work: Work, ids: list[UUID]) -> int:
    return sum(answer.code == "applied" for answer in judge_waiting(work, ids).values())


def _decode(brought: Brought) -> str:
    if PurePath(brought.file).name.startswith(CRITERIA_PREFIX):
        detail = "criteria sets come with a release of the software"
        raise InvalidData([Mistake(brought.file, 1, None, "", detail)])
    try:
        return brought.content.decode()
    except UnicodeDecodeError as error:
        line = brought.content.count(b"\n", 0, error.start) + 1
        raise InvalidData([Mistake(brought.file, line, None, "", "is not UTF-8")]) from None


def _first_day(document: Document, checklist: Checklist, brought: Brought) -> date | None:
    """A draft may have none."""
    own, given = checklist.effective_from, brought.live_from
    if own is not None and given is not None and own != given:
        raise _refused(document, ("effective_from",), f"is {own}, and {given} is asked for")
    if own is None and given is None and brought.devices is None:
        raise _refused(document, ("effective_from",), "is missing, and no day is given")
    return given or own


def _is_new(
    document: Document, checklist: Checklist, brought: Brought, live_from: date | None, same: AnyRow | None
) -> bool:
    """False for the very version that is there. Raises InvalidData for another one of a published name."""
    standing = _standing(checklist, same)
    if standing is None:
        devices = sorted(map(str, brought.devices or ()))
        return same is None or (same.content, sorted(same.devices)) != (brought.content, devices)
    if brought.devices is None and standing == (brought.content, live_from):
        return False
    detail = f"{checklist.code} has this version already, live from {standing[1]}: a change is a new version"
    raise _refused(document, ("version",), detail)


def _standing(checklist: Checklist, same: AnyRow | None) -> tuple[bytes, date | None] | None:
    """Content and first day of what is published under this name, here or in the library."""
    if same is not None and same.state == "published":
        return same.content, same.live_from
    entry = catalog.get(checklist.code, checklist.version)
    if entry is None:
        return None
    name = file_name(checklist.code, checklist.version)
    (text,) = (text for file, text in catalog.texts().items() if PurePath(file).name == name)
    return text.encode(), entry.live_from


def _check_beside(text: str, brought: Brought, live_from: date | None, others: list[AnyRow]) -> None:
    """Dates and criteria, with the library and with what was published here."""
    published = {
        stored_name(row): row for row in others if row.state == "published" and read_stored(row) is not None
    }
    here = {PurePath(file).name for file in published}
    files = {file: text for file, text in catalog.texts().items() if PurePath(file).name not in here}
    files |= {file: row.content.decode() for file, row in published.items()}
    begins = {file: row.live_from for file, row in published.items()}
    own = brought.file if brought.file not in files else f"./{brought.file}"
    if live_from is not None:
        begins[own] = live_from
    load_library({**files, own: text}, begins)


def _refused(document: Document, path: Path, detail: str) -> InvalidData:
    return InvalidData([document.mistake(path, detail)])
