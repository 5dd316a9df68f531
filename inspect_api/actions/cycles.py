"""Operations that depend on themselves, over whatever detour: nothing can ever free them."""

from collections.abc import Sequence
from uuid import UUID

from inspect_api.actions.read_operations import Filed
from inspect_api.actions.work import Work
from inspect_api.store import held


def in_cycles(work: Work, given: Sequence[Filed]) -> set[UUID]:
    """Those of the operations that can be reached from themselves, through held ones too."""
    edges = {filed.filed_id: set(filed.op.depends_on) for filed in given if filed.op and filed.op.depends_on}
    if not edges:
        return set()
    outside = {wanted for ids in edges.values() for wanted in ids} - set(edges)
    for filed_id, waits in held.edges_from(work.tx, outside).items():
        edges.setdefault(filed_id, set()).update(waits)
    return {filed.filed_id for filed in given if filed.filed_id in edges and _returns(filed.filed_id, edges)}


def _returns(start: UUID, edges: dict[UUID, set[UUID]]) -> bool:
    seen: set[UUID] = set()
    ahead = list(edges[start])
    while ahead:
        place = ahead.pop()
        if place == start:
            return True
        if place not in seen:
            seen.add(place)
            ahead.extend(edges.get(place, ()))
    return False
