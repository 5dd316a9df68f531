"""Files of checklists and criteria, checked together with the built-in library, and counted."""

from pathlib import Path, PurePath
from typing import NamedTuple

from checklists import catalog
from checklists.criteria import CriteriaSet
from checklists.document import InvalidData, Mistake
from checklists.loading import CRITERIA_PREFIX, load_checklist, load_criteria, load_library
from checklists.model import Checklist

_MAX_FILE = 8 * 2**20


class Count(NamedTuple):
    """Of one file: items of a checklist or criteria of a set. `major` of a set are all of them."""

    name: str
    is_criteria: bool
    items: int
    major: int
    to_be_keyed: int


def check(place: Path | None) -> list[Count]:
    """Every file below a folder, or one file, with the library; without a place the library alone.

    A file that the library has too, word for word, is counted once. Raises InvalidData with every mistake.
    """
    built_in = catalog.texts()
    if place is None:
        load_library(built_in)
        return _counts(built_in)
    files = _read(place)
    same = {(PurePath(file).name, text) for file, text in files.items()}
    others = {file: text for file, text in built_in.items() if (PurePath(file).name, text) not in same}
    load_library({**others, **files})
    return _counts(files)


def _read(place: Path) -> dict[str, str]:
    paths = [place] if place.is_file() else sorted(one for one in place.rglob("*") if _is_list(one))
    if not paths:
        raise InvalidData([Mistake(str(place), 0, None, "", "holds no .yaml file")])
    texts: dict[str, str] = {}
    mistakes: list[Mistake] = []
    for path in paths:
        try:
            texts[str(path)] = read_text(path)
        except InvalidData as invalid:
            mistakes += invalid.mistakes
    if mistakes:
        raise InvalidData(mistakes + _each_by_itself(texts))
    return texts


def _each_by_itself(texts: dict[str, str]) -> list[Mistake]:
    """Where some cannot be read, what the others refer to may be in those."""
    mistakes: list[Mistake] = []
    for file, text in texts.items():
        try:
            _count(file, text)
        except InvalidData as invalid:
            mistakes += invalid.mistakes
    return mistakes


def read_text(path: Path) -> str:
    """Raises InvalidData for what cannot be read, is no UTF-8 or larger than any checklist."""
    try:
        if path.stat().st_size > _MAX_FILE:
            raise InvalidData([Mistake(str(path), 0, None, "", "is larger than any checklist")])
        content = path.read_bytes()
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidData([Mistake(str(path), line, None, "", "is not UTF-8")]) from None
    except OSError as error:
        raise InvalidData([Mistake(str(path), 0, None, "", error.strerror or "cannot be read")]) from None


def _is_list(path: Path) -> bool:
    return path.suffix in {".yaml", ".yml"} and path.is_file()


def _counts(files: dict[str, str]) -> list[Count]:
    return [_count(file, text) for file, text in sorted(files.items(), key=lambda pair: _kind_first(pair[0]))]


def _kind_first(file: str) -> tuple[bool, str]:
    name = PurePath(file).name
    return name.startswith(CRITERIA_PREFIX), name


def _count(file: str, text: str) -> Count:
    if PurePath(file).name.startswith(CRITERIA_PREFIX):
        return _of_set(load_criteria(text, file))
    return _of_list(load_checklist(text, file))


def _of_list(one: Checklist) -> Count:
    items = one.items()
    major = sum(item.on_fail is not None and item.on_fail.grade == "major" for item in items)
    return Count(
        f"{one.code}@{one.version}", False, len(items), major, sum(item.to_be_keyed for item in items)
    )


def _of_set(one: CriteriaSet) -> Count:
    whole = len(one.criteria)
    return Count(
        f"{one.key}@{one.version}",
        True,
        whole,
        whole,
        sum(criterion.to_be_keyed for criterion in one.criteria),
    )
