"""The simulation notices what is planted into the product; otherwise its silence would mean nothing."""

from collections.abc import Iterator
from itertools import chain

import pytest

from tests.simulation.ground import Ground, prepared
from tests.simulation.planted import BUGS
from tests.simulation.prove import MOST_SEEDS, catch, known_seeds


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with prepared() as county:
        yield county


def test_every_bug_has_been_caught_once() -> None:
    assert known_seeds().keys() == BUGS.keys()
    assert len(BUGS) >= 15


@pytest.mark.parametrize("name", BUGS)
def test_it_is_caught(name: str, ground: Ground) -> None:
    """By the seed that has caught it before; where the runs have changed since, by another one."""
    seeds = chain([known_seeds().get(name, 0)], range(MOST_SEEDS))
    assert catch(name, ground, seeds) is not None
