"""Finding words in Chinese text: what is searched, what is asked, and the pairs of signs that index it.

Chinese has no spaces between words, so a text is indexed by every two neighbouring signs. A text that holds
a word holds all its pairs; that it does so in the right order is looked up in the text itself.
"""

from collections.abc import Iterable
from functools import lru_cache
from operator import add
from unicodedata import normalize

SHORTEST = 2
"""Signs of a word by which anything can be found; shorter ones only narrow down."""

EVERYTHING = 0
"""The mark that every indexed thing has."""

PLACE_LEVELS = (2, 4, 6, 9)


class TooShort(ValueError):
    """Nothing that was asked has two signs."""


def fold(text: str) -> str:
    """Without differences that no reader means: width, case, composition, white space (UAX 15 NFKC)."""
    return " ".join(normalize("NFKC", normalize("NFKC", text).casefold()).split())


def searched_text(parts: Iterable[str | None]) -> str:
    """The texts in which a thing is found, folded, a line for each."""
    return "\n".join(fold(part) for part in parts if part)


def words_of(asked: str) -> list[str]:
    """The words that all have to be found, folded. Raises TooShort."""
    words = list(dict.fromkeys(fold(asked).split()))
    if not any(len(word) >= SHORTEST for word in words):
        raise TooShort
    return words


def pairs_of(text: str) -> set[int]:
    """The pairs of neighbouring signs within words, as numbers: two code points of 21 bits each."""
    return {ord(pair[0]) << 21 | ord(pair[1]) for pair in signs_in_pairs(text)}


def signs_in_pairs(text: str) -> set[str]:
    """The pairs themselves."""
    return set[str]().union(*(map(add, word, word[1:]) for word in text.split()))


@lru_cache(4096)
def place_marks(region_code: str) -> frozenset[int]:
    """The province, city, county and township of a thing, as numbers that are no pairs."""
    return frozenset(
        place_mark(region_code[:digits]) for digits in PLACE_LEVELS if len(region_code) >= digits
    )


def place_mark(prefix: str) -> int:
    return -int(f"1{prefix}")
