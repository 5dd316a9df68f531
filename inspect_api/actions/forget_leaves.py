"""What left a stream long ago is forgotten: nearly every phone has heard of it."""

from datetime import timedelta

from inspect_api.actions.work import Work
from inspect_api.store import tombstones


def forget_leaves(work: Work, keep: timedelta, most: int) -> int:
    """Forget up to so many marks of leaving that are older than `keep`; how many that were.

    A phone that comes later begins the streams concerned anew, and no others.
    """
    return tombstones.forget(work.tx, work.now - keep, most)
