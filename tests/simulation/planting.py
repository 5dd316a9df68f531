"""How a fault is planted into the product: one context each, listed by name."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tests.simulation.world import World

Planted = Callable[[World], AbstractContextManager[None]]
"""The product is wrong in one way; the world is there for faults that need others to go first."""

BUGS: dict[str, Planted] = {}


def plant(bug: Callable[[World], Iterator[None]]) -> Planted:
    """Enter it under its name."""
    planted = contextmanager(bug)
    BUGS[bug.__name__] = planted
    return planted
