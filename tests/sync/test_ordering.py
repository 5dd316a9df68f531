"""In which order the operations of a batch apply."""

from typing import NamedTuple
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from sync.ordering import apply_order


class Op(NamedTuple):
    op_id: UUID
    seq: int
    depends_on: list[UUID]


def op(number: int, seq: int, *parents: int) -> Op:
    return Op(UUID(int=number), seq, [UUID(int=parent) for parent in parents])


@st.composite
def batches(draw: st.DrawFn) -> list[Op]:
    """Operations with distinct numbers, in any order, depending on each other and on strangers."""
    count = draw(st.integers(0, 12))
    seqs = draw(st.permutations(range(count)))
    parents = st.lists(st.integers(1, count + 2), max_size=3)
    return [op(number + 1, seqs[number], *draw(parents)) for number in range(count)]


def _ancestors(ops: list[Op]) -> dict[UUID, set[UUID]]:
    """Every operation of the batch that must come first, by plain closure."""
    here = {one.op_id for one in ops}
    found = {one.op_id: (set(one.depends_on) & here) - {one.op_id} for one in ops}
    while True:
        wider = {one: before.union(*(found[parent] for parent in before)) for one, before in found.items()}
        if wider == found:
            return found
        found = wider


@given(batches())
def test_each_comes_once(ops: list[Op]) -> None:
    assert sorted(apply_order(ops)) == list(range(len(ops)))


@given(batches())
def test_a_dependency_comes_before_what_depends_on_it(ops: list[Op]) -> None:
    before = _ancestors(ops)
    place = {ops[index].op_id: at for at, index in enumerate(apply_order(ops))}
    # within a cycle, or behind one, nothing can be promised
    stuck = {one for one, needed in before.items() if any(parent in before[parent] for parent in needed)}
    for one in before.keys() - stuck:
        assert all(place[parent] < place[one] for parent in before[one])
    # cycles and what waits for them are last
    last = sorted(place[one] for one in stuck)
    assert last == list(range(len(ops) - len(stuck), len(ops)))


@given(batches())
def test_where_nothing_depends_the_number_decides(ops: list[Op]) -> None:
    free = [one._replace(depends_on=[]) for one in ops]
    assert [free[index].seq for index in apply_order(free)] == sorted(one.seq for one in free)


@given(batches(), st.randoms(use_true_random=False))
def test_the_order_of_sending_does_not_matter(ops: list[Op], chance: object) -> None:
    mixed = list(ops)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert [mixed[index] for index in apply_order(mixed)] == [ops[index] for index in apply_order(ops)]


def test_of_two_with_one_id_the_first_is_meant() -> None:
    ops = [op(1, 5), op(1, 1), op(2, 2, 1)]
    order = apply_order(ops)
    assert order.index(0) < order.index(2)


def test_one_that_waits_for_itself_waits_for_nobody() -> None:
    assert apply_order([op(1, 2, 1), op(2, 1)]) == [1, 0]


def test_a_long_chain_sent_backwards() -> None:
    count = 500
    ops = [op(number, number, number - 1) for number in range(count, 0, -1)]
    assert [ops[index].seq for index in apply_order(ops)] == list(range(1, count + 1))
