"""The score of an inspection, by the scheme of its list."""

from collections.abc import Sequence

from checklists.jgj59 import score_tables
from checklists.marks import Inspected
from checklists.model import Score
from checklists.schemes import Jgj59, Scheme
from checklists.weighted import score_weights


def score(scheme: Scheme, inspected: Sequence[Inspected], *, major: bool) -> Score | None:
    """None where nothing that counts was inspected. `inspected` are all sections of the list; `major` says
    that there is a major finding."""
    if isinstance(scheme, Jgj59):
        return score_tables(scheme, inspected)
    return score_weights(scheme, inspected, major=major)
