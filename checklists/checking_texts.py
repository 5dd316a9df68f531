"""What people read of a list: nothing that says nothing, nothing that no screen holds."""

from collections.abc import Iterator

from checklists.authored import Text
from checklists.document import Path
from checklists.model import Checklist, Choice, Deduct, Item, Multi

Complaint = tuple[Path, str]
Placed = tuple[Path, Text | str | None]

MOST_CHARACTERS = 4000


def check_texts(checklist: Checklist) -> Iterator[Complaint]:
    """Every text that holds no letter and no digit, or more than 4000 characters."""
    for path, text in _texts(checklist):
        if isinstance(text, Text):
            yield from _check((*path, "zh"), text.zh)
            yield from _check((*path, "en"), text.en)
        elif text is not None:
            yield from _check(path, text)


def _check(path: Path, text: str) -> Iterator[Complaint]:
    if not any(map(str.isalnum, text)):
        yield path, "says nothing: no letter and no digit"
    elif len(text) > MOST_CHARACTERS:
        yield path, f"has at most {MOST_CHARACTERS} characters"


def _texts(checklist: Checklist) -> Iterator[Placed]:
    yield ("title",), checklist.title
    yield ("note",), checklist.note
    for at, source in enumerate(checklist.sources):
        yield ("sources", at, "key"), source.key
        yield ("sources", at, "title"), source.title
        yield ("sources", at, "note"), source.note
    for at, section in enumerate(checklist.sections):
        yield ("sections", at, "title"), section.title
        yield ("sections", at, "guide"), section.guide
        for place, item in enumerate(section.items):
            for path, text in _texts_of(item):
                yield ("sections", at, "items", place, *path), text


def _texts_of(item: Item) -> Iterator[Placed]:
    yield ("text",), item.text
    yield ("hint",), item.hint
    yield ("basis", "article"), item.basis.article
    for at, limb in enumerate(item.limbs):
        yield ("limbs", at, "text"), limb.text
    match item.answer:
        case Choice(options=options) | Multi(options=options):
            for at, option in enumerate(options):
                yield ("answer", "options", at, "text"), option.text
        case Deduct(rules=rules):
            for at, rule in enumerate(rules):
                yield ("answer", "rules", at, "text"), rule.text
    if item.on_fail is not None:
        yield ("on_fail", "title"), item.on_fail.title
        yield ("on_fail", "category"), item.on_fail.category
        yield ("on_fail", "measure"), item.on_fail.measure
