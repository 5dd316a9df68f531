"""In which order the operations of a batch apply: by `seq`, but a dependency always goes first."""

from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Protocol
from uuid import UUID


class Ordered(Protocol):
    @property
    def op_id(self) -> UUID: ...
    @property
    def seq(self) -> int: ...
    @property
    def depends_on(self) -> list[UUID]: ...


def apply_order(operations: Iterable[Ordered]) -> list[int]:
    """Indices in the order to apply them; a dependency cycle, and what waits for it, comes last, by `seq`.

    Kahn's algorithm with a heap on (seq, place), so that equal batches give equal orders. Of two operations
    with one id the first is the one that others mean.
    """
    ops = list(operations)
    where: dict[UUID, int] = {}
    for index, op in enumerate(ops):
        where.setdefault(op.op_id, index)
    waits = [0] * len(ops)
    freed: list[list[int]] = [[] for _ in ops]
    for index, op in enumerate(ops):
        for parent in {where[d] for d in op.depends_on if d in where and d != op.op_id}:
            waits[index] += 1
            freed[parent].append(index)
    ready = [(op.seq, index) for index, op in enumerate(ops) if waits[index] == 0]
    ready.sort()
    order: list[int] = []
    while ready:
        _, index = heappop(ready)
        order.append(index)
        for child in freed[index]:
            waits[child] -= 1
            if waits[child] == 0:
                heappush(ready, (ops[child].seq, child))
    left = sorted(set(range(len(ops))) - set(order), key=lambda i: (ops[i].seq, i))
    return order + left
