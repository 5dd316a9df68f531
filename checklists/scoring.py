"""The score of an inspection, by the scheme of its list."""

from collections.abc import Mapping

from checklists.answers import Given
from checklists.jgj59 import score_tables
from checklists.model import Checklist, Score
from checklists.schemes import Jgj59, Weighted
from checklists.weighted import score_weights


def score(checklist: Checklist, given: Mapping[str, Given], *, major: bool) -> Score | None:
    """None for a list without a scheme, and where nothing that counts was inspected.

    `given` are the answers that are not ignored, by item; `major` says that there is a major finding.
    """
    match checklist.scoring:
        case Jgj59() as scheme:
            return score_tables(checklist, scheme, given)
        case Weighted() as scheme:
            return score_weights(checklist, scheme, given, major=major)
        case None:
            return None
