"""The simulation notices what is planted into the product; otherwise its silence would mean nothing."""

from collections.abc import Iterator
from itertools import chain

import pytest

from tests.simulation.ground import Ground, prepared
from tests.simulation.planted import BUGS
from tests.simulation.prove import MOST_SEEDS, catch, known_seeds

pytestmark = pytest.mark.long

FEW = 10


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with prepared() as county:
        yield county


def test_every_bug_has_been_caught_once() -> None:
    assert known_seeds().keys() == BUGS.keys()
    assert len(BUGS) >= 15


@pytest.mark.parametrize("name", BUGS)
def test_it_is_caught(name: str, ground: Ground) -> None:
    """By the seed that has caught it before, or by one of the first where the runs have changed since."""
    if catch(name, ground, chain([known_seeds()[name]], range(FEW))) is None:
        pytest.skip(f"the runs have changed: python -m tests.simulation.prove {name}")


@pytest.mark.soak
@pytest.mark.parametrize("name", BUGS)
def test_it_is_caught_in_the_end(name: str, ground: Ground) -> None:
    assert catch(name, ground, chain([known_seeds()[name]], range(MOST_SEEDS))) is not None
