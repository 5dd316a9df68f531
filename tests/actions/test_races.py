"""Two at once at one thing: one of them wins, nobody is lost, nothing is there twice."""

import threading
from collections.abc import Callable, Iterator
from typing import TypeVar
from uuid import UUID, uuid4

import pytest

from inspect_api.actions.app import open_app
from inspect_api.store.enterprises import ENTERPRISE
from inspect_api.store.hazards import HAZARD
from inspect_api.store.inspections import INSPECTION
from inspect_api.store.notices import NOTICE
from inspect_api.store.operations import OPERATION
from inspect_api.store.photos import PHOTO
from sync.envelope import Outcome
from tests.actions.bench import GENERAL, Bench, Op, code_of, found_at, sha
from tests.actions.county import HERE

Result = TypeVar("Result")


def at_once(*acts: Callable[[], Result]) -> list[Result]:
    """All of them from one starting signal; a fault of any is raised."""
    together = threading.Barrier(len(acts))
    results: dict[int, Result] = {}
    faults: list[BaseException] = []

    def run(number: int, act: Callable[[], Result]) -> None:
        together.wait()
        try:
            results[number] = act()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return [results[number] for number in range(len(acts))]


@pytest.fixture
def nodes(bench: Bench) -> Iterator[list[Bench]]:
    """Two nodes of one installation; SQLite has one, with many threads."""
    if bench.app.db.is_sqlite:
        yield [bench, bench]
        return
    second = open_app(bench.app.settings, bench.clock)
    yield [bench, Bench(second, bench.clock)]
    second.close()


def test_twenty_identical_pushes(nodes: list[Bench]) -> None:
    bench = nodes[0]
    op = bench.inspect(GENERAL[0], GENERAL[1])
    acts = [lambda node=node: node.push("inspector1", op)[0] for node in nodes * 10]
    outcomes = at_once(*acts)
    assert sorted(outcome.code for outcome in outcomes) == ["applied"] + ["duplicate"] * 19
    (applied,) = (outcome for outcome in outcomes if outcome.code == "applied")
    for outcome in outcomes:
        if outcome.code == "duplicate":
            assert isinstance(outcome.first, Outcome)
            assert (outcome.first.code, outcome.first.rev, outcome.first.flags) == (
                applied.code, applied.rev, applied.flags,
            )  # fmt: skip
    assert (bench.count(OPERATION), bench.count(INSPECTION), bench.count(HAZARD)) == (1, 1, 2)


def test_overlapping_batches_on_two_nodes(nodes: list[Bench]) -> None:
    """The same operations in other batches and other orders, as retries on a bad line send them."""
    bench = nodes[0]
    ops = [bench.inspect(GENERAL[0]) for _ in range(12)]
    batches = [ops, ops[::-1], ops[6:] + ops[:6], ops[::2], ops[1::2], ops]
    pairs = zip(batches, nodes * 3, strict=True)
    acts = [lambda batch=batch, node=node: node.push("inspector1", *batch) for batch, node in pairs]
    codes = [outcome.code for outcomes in at_once(*acts) for outcome in outcomes]
    assert (codes.count("applied"), set(codes)) == (12, {"applied", "duplicate"})
    assert bench.count(INSPECTION) == bench.count(HAZARD) == 12


def test_only_one_of_two_decisions_stands(nodes: list[Bench]) -> None:
    """Both verified what they saw at the same rev; the loser is told, and what both brought is kept."""
    bench = nodes[0]
    for _ in range(6):
        op = bench.inspect(GENERAL[0])
        bench.do("officer1", op)
        hazard = found_at(op, GENERAL[0])
        bench.do("enterprise1", bench.rectify(hazard, photos=[sha("后")]))
        seen = {"base_rev": bench.hazard(hazard).rev}
        passed = bench.command("verify", hazard, seen, passed=True, comment="合格", photos=[sha("甲")])
        failed = bench.command("verify", hazard, seen, passed=False, comment="不合格", photos=[sha("乙")])
        one, other = at_once(
            lambda op=passed: nodes[0].push("officer1", op)[0],  # type: ignore[misc]
            lambda op=failed: nodes[1].push("officer2", op)[0],  # type: ignore[misc]
        )
        assert {one.code, other.code} == {"applied", "conflict"}
        loser = one if one.code == "conflict" else other
        assert code_of(loser) == "stale_rev"
        assert bench.hazard(hazard).status == ("closed" if other.code == "conflict" else "rectifying")
        assert bench.kinds(hazard) == ["opened", "submit_rectification", "verify", "conflict"]
        named = {row.sha256 for row in bench.rows(PHOTO, PHOTO.c.hazard_id == hazard)}
        assert named == {sha("后"), sha("甲"), sha("乙")}


def test_a_photo_and_its_record_never_pass_each_other(nodes: list[Bench]) -> None:
    """Whichever came first: in the end they are linked."""
    bench = nodes[0]
    for number in range(12):
        name = f"照片{number}"
        op = bench.inspect(fails={GENERAL[0]: {"fixed_on_site": {"note": "当场更换", "photos": [sha(name)]}}})

        def hand_in(name: str = name) -> None:
            nodes[1].upload("inspector1", name)

        def file(op: Op = op) -> None:
            assert nodes[0].push("inspector1", op)[0].code == "applied"

        at_once(hand_in, file)
        assert bench.hazard(found_at(op, GENERAL[0])).status == "closed"
    assert bench.count(PHOTO, PHOTO.c.is_present) == bench.count(PHOTO) == 12


def test_two_amendments_that_find_the_same(nodes: list[Bench]) -> None:
    bench = nodes[0]
    for _ in range(6):
        op = bench.inspect(GENERAL[0])
        bench.do("inspector1", op)
        first, second = (bench.inspect(GENERAL[0], GENERAL[1], amends=op["entity_id"]) for _ in range(2))
        outcomes = at_once(
            lambda op=first: nodes[0].push("inspector1", op)[0],  # type: ignore[misc]
            lambda op=second: nodes[1].push("inspector3", op)[0],  # type: ignore[misc]
        )
        assert [outcome.code for outcome in outcomes] == ["applied", "applied"]
        assert bench.kinds(found_at(op, GENERAL[1])) == ["opened"]


def test_one_enterprise_for_one_credit_code(nodes: list[Bench]) -> None:
    bench = nodes[0]

    def register(node: Bench, who: str) -> str:
        body = {
            "name": "液化气店", "industry": "fire", "grid_code": HERE,
            "position": {"lat": 44.0, "lon": 89.2, "datum": "wgs84"},
            "enterprise": {"name": "老王燃气", "credit_code": "91652327MA77A1B2C3"},
        }  # fmt: skip
        return node.push(who, bench.op("site.register", uuid4(), body))[0].code

    codes = at_once(
        lambda: register(nodes[0], "inspector1"),
        lambda: register(nodes[1], "officer1"),
        lambda: register(nodes[0], "inspector3"),
    )
    assert codes == ["applied"] * 3
    assert bench.count(ENTERPRISE, ENTERPRISE.c.credit_code == "91652327MA77A1B2C3") == 1


def test_two_persons_are_handed_the_notice_at_once(nodes: list[Bench]) -> None:
    bench = nodes[0]
    ops = [bench.inspect(GENERAL[n], signed=False) for n in range(6)]
    bench.push("officer1", *ops)
    at_once(
        lambda: nodes[0].pull("enterprise1", deliver=True),
        lambda: nodes[1].pull("enterprise1b", deliver=True),
    )
    for n, op in enumerate(ops):
        assert bench.kinds(found_at(op, GENERAL[n])) == ["opened", "served"]
    assert bench.count(NOTICE, NOTICE.c.delivered_at.is_(None)) == 0


def test_many_hazards_in_opposite_orders(nodes: list[Bench]) -> None:
    """No deadlock becomes a refusal: hazards are locked in one order, whatever the order of sending."""
    bench = nodes[0]
    ops = [bench.inspect(GENERAL[0]) for _ in range(10)]
    bench.push("inspector1", *ops)
    hazards: list[UUID] = [found_at(op, GENERAL[0]) for op in ops]

    def note(node: Bench, who: str, order: list[UUID]) -> set[str]:
        given = [bench.command("note", hazard, text="看过") for hazard in order]
        return {outcome.code for outcome in node.push(who, *given)}

    found = at_once(
        lambda: note(nodes[0], "officer1", hazards),
        lambda: note(nodes[1], "officer2", hazards[::-1]),
        lambda: note(nodes[0], "county", hazards[5:] + hazards[:5]),
        lambda: note(nodes[1], "inspector1", hazards[::-1]),
    )
    assert found == [{"applied"}] * 4
    assert all(bench.kinds(hazard) == ["opened"] + ["note"] * 4 for hazard in hazards)
