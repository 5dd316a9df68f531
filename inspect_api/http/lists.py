"""What every list is asked with, besides its own filters."""

from typing import Annotated, TypeVar

from msgspec import Meta, Struct

Limit = Annotated[int, Meta(ge=1, le=200, description="How many at most")]
CursorText = Annotated[str, Meta(min_length=1, max_length=400, description="`cursor` of the page before")]

Filter = TypeVar("Filter", bound=Struct)


def filter_of(kind: type[Filter], query: Struct) -> Filter:
    """The filter in a query that adds paging to it: what decides whether a cursor is of the same question."""
    return kind(**{name: getattr(query, name) for name in kind.__struct_fields__})
