"""Planted: what a phone may get wrong."""

from collections.abc import Iterator
from unittest.mock import patch

from inspect_api.demo.memory import Captured, Memory
from inspect_api.demo.phone import Phone
from sync.envelope import Change, Outcome, PushAnswer
from tests.simulation.planting import plant
from tests.simulation.world import World


@plant
def cursor_saved_before_the_data(_world: World) -> Iterator[None]:
    """A phone that dies between the two never sees what lay between."""

    def pull(phone: Phone, limit: int = 500) -> list[Change]:
        more = True
        while more:
            page = phone._pull_page(limit)
            before = phone.memory.cursor
            phone.memory.cursor = page.cursor
            phone._save()
            phone.memory.cursor = before
            phone.memory.absorb(page.changes, page.cursor, page.epoch)
            phone._save()
            more = page.more
        return []

    with patch.object(Phone, "pull", pull):
        yield


@plant
def forgotten_before_the_answer(_world: World) -> Iterator[None]:
    """What is sent is sent."""
    hand_in = Phone._hand_in

    def hasty(phone: Phone, batch: list[Captured]) -> list[Outcome]:
        phone.memory.waiting = [one for one in phone.memory.waiting if one not in batch]
        phone._save()
        return hand_in(phone, batch)

    with patch.object(Phone, "_hand_in", hasty):
        yield


@plant
def refused_is_forgotten(_world: World) -> Iterator[None]:
    """What no push takes is dropped, so that the queue goes on."""

    def drop(memory: Memory, captured: Captured) -> None:
        memory._drop(captured)

    with patch.object(Memory, "lay_aside", drop):
        yield


@plant
def photo_forgotten_with_its_record(_world: World) -> Iterator[None]:
    """The record is in, so its photos need not be kept."""
    take_over = Memory.take_over

    def forgetful(memory: Memory, batch: list[Captured], answer: PushAnswer, origin: str) -> None:
        take_over(memory, batch, answer, origin)
        if not memory.waiting:
            memory.forget_photos(set(memory.album) - memory.wanted)

    with patch.object(Memory, "take_over", forgetful):
        yield
