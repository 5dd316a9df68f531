"""What enterprises accepted themselves is sampled: drawn at the end, settled by the next inspection."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest

from inspect_api.actions.list_hazards import list_hazards
from inspect_api.domain.sampling import SampleRules, shipped_sampling
from inspect_api.store.hazard_queries import HazardFilter
from tests.actions.bench import GENERAL, Bench, found_at

ITEM, OTHER = GENERAL[:2]


def with_share(bench: Bench, share: int) -> None:
    rules = SampleRules(tuple(replace(rule, share=share) for rule in shipped_sampling().rules))
    bench.app = replace(bench.app, rules=bench.app.rules._replace(sampling=rules))


@pytest.fixture
def sampling_bench(bench: Bench) -> Iterator[Bench]:
    """Everything is drawn."""
    before = bench.app
    with_share(bench, 100)
    yield bench
    bench.app = before


def accepted(bench: Bench, item: str = ITEM) -> UUID:
    """Found, rectified and accepted by the enterprise itself."""
    op = bench.inspect(item)
    bench.do("enterprise1", op)
    hazard = found_at(op, item)
    bench.do("enterprise1", bench.rectify(hazard))
    bench.give("enterprise1b", "accept", hazard, comment="合格")
    return hazard


def sampled(bench: Bench, sample: str) -> list[UUID]:
    wanted = HazardFilter(sample=sample)  # type: ignore[arg-type]
    found = bench.app.read(
        lambda work: list_hazards(work, wanted, "due_at", 50, None, None), bench.caller("county")
    )
    assert {hazard.sample for hazard in found.items} <= {sample}
    return [hazard.id for hazard in found.items]


def passing(bench: Bench, item: str) -> dict[str, object]:
    op = bench.inspect(OTHER)
    op["body"]["answers"].append({"item": item, "value": "pass"})
    return op


def test_the_next_inspection_confirms(sampling_bench: Bench) -> None:
    bench = sampling_bench
    hazard = accepted(bench)
    assert (bench.hazard(hazard).status, sampled(bench, "drawn")) == ("closed", [hazard])
    bench.wait(days=2)
    bench.do("inspector1", passing(bench, ITEM))
    assert (bench.hazard(hazard).status, sampled(bench, "confirmed")) == ("closed", [hazard])
    assert bench.kinds(hazard)[-1] == "sample_confirmed"
    bench.do("inspector1", bench.inspect(ITEM))
    assert sampled(bench, "confirmed") == [hazard]


def test_or_refutes(sampling_bench: Bench) -> None:
    """What it finds is a hazard of its own, urged by who found it; a regulator may reopen the old one."""
    bench = sampling_bench
    hazard = accepted(bench)
    bench.wait(days=2)
    op = bench.inspect(ITEM)
    bench.do("inspector1", op)
    assert (bench.hazard(hazard).status, sampled(bench, "refuted")) == ("closed", [hazard])
    assert bench.hazard(found_at(op, ITEM)).order_kind == "urged"
    bench.give("county", "reopen", hazard, reason="抽查不合格")
    assert bench.hazard(hazard).sample is None


def test_what_does_not_look_at_it_settles_nothing(sampling_bench: Bench) -> None:
    bench = sampling_bench
    before = passing(bench, ITEM)  # captured before the acceptance, it arrives afterwards
    bench.wait(days=1)
    hazard = accepted(bench)
    bench.do("inspector1", before)
    bench.wait(days=1)
    bench.do("inspector1", bench.inspect(OTHER))
    bench.do("enterprise1", passing(bench, ITEM))
    na = bench.inspect(OTHER)
    na["body"]["answers"].append({"item": ITEM, "value": "na"})
    bench.do("officer1", na)
    bench.do("inspector1", bench.inspect(ITEM, site="装卸站"))
    assert sampled(bench, "drawn") == [hazard]


def test_nothing_is_drawn_of_nothing(bench: Bench) -> None:
    before = bench.app
    with_share(bench, 0)
    hazard = accepted(bench)
    bench.app = before
    assert bench.hazard(hazard).sample is None
