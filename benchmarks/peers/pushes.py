"""The same records to all: what ours take in a push, each peer takes as a batch of its own kind."""

import random
from collections.abc import Callable, Sequence
from statistics import median

import msgspec

from benchmarks.measuring import report
from benchmarks.peers.ours import Ours, inspectors
from benchmarks.peers.peer import Peer, Record
from benchmarks.peers.turns import Turn, rest, take_turn
from benchmarks.push import RECORDS, Phone

SLOW = "Kinto"
"""Of a round's pushes it gets the first of each client, or a run would take ten minutes."""


def compare_pushes(ours: Ours, peers: Sequence[Peer], clients: int, pushes: int, rounds: int) -> None:
    """So many pushes a client and round; of the slow one only the first. Ratios are of pairs of one round."""
    phones = [Phone(ours.server, name, ours.sites[name]) for name in inspectors(clients)]
    if clients == 1:
        _round(ours, peers, phones, 1, -1)  # nobody is cold in the first round
    turns = [_round(ours, peers, phones, pushes, seed) for seed in range(rounds)]
    mine = [turn for turn, _, _ in turns]
    for peer in peers:
        theirs = [others[peer.name] for _, _, others in turns]
        report(
            f"push, {clients} client{'s' * (clients > 1)}, ours beside {peer.name}",
            {
                "ours records/s": median(turn.rate for turn in mine),
                "theirs records/s": median(turn.rate for turn in theirs),
                "ratio": median(a.rate / b.rate for a, b in zip(mine, theirs, strict=True)),
                "goal": peer.goal,
                "ours processor us a record": median(turn.processor_us for turn in mine),
                "of it application": median(turn.application_us for turn in mine),
                "later by jobs": median(jobs / turn.rows * 1e6 for turn, jobs, _ in turns),
                "theirs processor us": median(turn.processor_us for turn in theirs),
                "of theirs application": median(turn.application_us for turn in theirs),
                "theirs": peer.durable,
            },
        )


def _round(
    ours: Ours, peers: Sequence[Peer], phones: Sequence[Phone], pushes: int, seed: int
) -> tuple[Turn, float, dict[str, Turn]]:
    """Our turn, the processors' seconds of its jobs afterwards, and the peers' turns."""
    for n, phone in enumerate(phones):
        phone.prepare(pushes, random.Random(seed * 100 + n))
    rows, server = len(phones) * pushes * RECORDS, ours.server.pid
    mine = take_turn([phone.push for phone in phones], rows, server, ours.postgres)
    jobs = rest(server, ours.postgres)
    theirs = {}
    for peer in peers:
        share = 1 if peer.name == SLOW else pushes
        runs = [_sender(peer, phone.bodies[:share], n) for n, phone in enumerate(phones)]
        theirs[peer.name] = take_turn(runs, len(phones) * share * RECORDS, peer.pid, peer.postgres)
    return mine, jobs, theirs


def _sender(peer: Peer, bodies: Sequence[bytes], client: int) -> Callable[[], None]:
    batches = [(peer.pack(records_of(body), client), RECORDS) for body in bodies]
    return lambda: peer.send(batches)


def records_of(push: bytes) -> list[Record]:
    """The records of one of our pushes."""
    return msgspec.json.decode(push, type=_Push).ops


class _Push(msgspec.Struct):
    ops: list[Record]
