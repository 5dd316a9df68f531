"""Hazards become findable by any word of theirs: their texts are copied, folded, and indexed in segments."""

from inspect_api.actions.work import Work
from inspect_api.store import search_index
from inspect_api.store.search_index import Indexed


def index_hazards(work: Work, most: int) -> int:
    """Index up to so many of those that wait, the oldest first; how many notes that were."""
    search_index.lock(work.tx)
    rows = search_index.waiting(work.tx, most)
    if rows:
        things = {row.id: Indexed(row.id, row.region_code, search_index.text_of(row)) for row in rows}
        search_index.keep(work.tx, list(things.values()), [row.note for row in rows])
    return len(rows)


def seal_segment(work: Work) -> int:
    """Seal the oldest texts that are in no segment, when they are enough; how many they were."""
    search_index.lock(work.tx)
    return search_index.seal(work.tx)
