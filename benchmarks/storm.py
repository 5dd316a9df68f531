"""The evening storm before a cluster: every phone hands in its day at once. `python -m benchmarks.storm 5000`

Each phone brings 20 inspections and 2 photos of 50 kB, within five minutes; in the middle one node is
killed (and started again) and another is paused. A phone goes on at another node when one does not
answer, and comes back when it is told to. Meanwhile a regulator compares sums with lists across nodes, and a
phone is revoked. Afterwards the database and the bucket are read behind the product's back: nothing lost,
nothing twice, every photo there byte for byte.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from statistics import median
from typing import Any

import httpx

from benchmarks.aftermath import check, refused_after
from benchmarks.cluster import Cluster, cluster, start_node
from benchmarks.crowd import Day, Enrolled, a_day, enrol, seat_regulator
from benchmarks.measuring import report
from benchmarks.watching import Regulator
from inspect_api.actions.app import open_app
from inspect_api.demo.county import load_county
from inspect_api.settings import Settings

ARRIVE_S, PAUSED_S, DOWN_S = 300.0, 60.0, 20.0
_ANSWER_S = 20.0
_AT_ONCE = 200
"""Connections to one node. Phones wait before them: httpx looks through all who wait whenever one is free."""
_FEW = 200


class Phone:
    """A phone that keeps what it has until the server says that it is safe."""

    def __init__(self, enrolled: Enrolled, storm: "Storm", node: int) -> None:
        self.enrolled, self._storm, self._node = enrolled, storm, node
        self._headers = {"Authorization": f"Bearer {enrolled.token}"}
        self.day: Day | None = None
        self.took = 0.0
        self._cursor: str | None = None

    async def begin(self) -> None:
        """The pull of the morning."""
        await self._pull()

    async def hand_in(self, day: Day) -> None:
        begun = time.monotonic()
        answer = await self._ask("POST", "/sync/push", day.push)
        codes = Counter(outcome["code"] for outcome in answer["outcomes"])
        self._storm.outcomes.update(codes)
        waiting = set(day.photos)
        while waiting:
            for name in sorted(waiting):
                await self._ask("PUT", f"/blobs/{name}", day.photos[name])
            told = await self._ask(
                "POST", "/blobs/status", b'{"sha256":["%s"]}' % '","'.join(waiting).encode()
            )
            waiting -= {state["sha256"] for state in told["items"] if state["status"] == "stored"}
            if waiting:
                await asyncio.sleep(random.uniform(2, 6))
        await self._pull()
        self.took = time.monotonic() - begun
        self.day = day

    async def _pull(self) -> None:
        more = True
        while more:
            cursor = "null" if self._cursor is None else f'"{self._cursor}"'
            ask = f'{{"protocol":1,"device_id":"{self.enrolled.device_id}","cursor":{cursor},"limit":500}}'
            page = await self._ask("POST", "/sync/pull", ask.encode())
            self._cursor, more = page["cursor"], page["more"]

    async def _ask(self, method: str, path: str, body: bytes) -> Any:
        """Until it is answered: at another node where this one says nothing, later where it says so."""
        kind = "image/jpeg" if method == "PUT" else "application/json"
        while True:
            try:
                answer = await self._storm.send(
                    self._node, method, path, body, {**self._headers, "Content-Type": kind}
                )
            except (httpx.TransportError, TimeoutError) as error:
                self._storm.answers[type(error).__name__] += 1
                self._node = (self._node + 1) % len(self._storm.nodes)
                await asyncio.sleep(random.uniform(0.2, 1))
                continue
            self._storm.answers[str(answer.status_code)] += 1
            if answer.status_code in (429, 503):
                pause = float(answer.headers["retry-after"])
                await asyncio.sleep(pause * random.uniform(1, 1.5))
                continue
            if answer.status_code >= 300:
                raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
            return answer.json()


class Storm:
    """All phones, what they were answered, and what is done to the nodes meanwhile."""

    def __init__(self, made: Cluster, enrolled: list[Enrolled], regulator: str) -> None:
        limits = httpx.Limits(max_connections=_AT_ONCE + 50, max_keepalive_connections=_AT_ONCE)
        wait = httpx.Timeout(_ANSWER_S, pool=None)
        self.nodes = [
            httpx.AsyncClient(base_url=node.url, limits=limits, timeout=wait) for node in made.nodes
        ]
        self._doors = [asyncio.Semaphore(_AT_ONCE) for _ in made.nodes]
        self.cluster = made
        self.regulator = Regulator(self.nodes, regulator, sorted({s.village for s in load_county().sites}))
        self.refused_after_s = 0.0
        self._revoked = enrolled.pop()
        self.answers: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.phones = [Phone(one, self, n % len(self.nodes)) for n, one in enumerate(enrolled)]

    async def send(
        self, node: int, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> httpx.Response:
        """Raises httpx.TransportError, and TimeoutError for a node that does not come to it."""
        door = self._doors[node]
        await asyncio.wait_for(door.acquire(), _ANSWER_S)
        try:
            return await self.nodes[node].request(method, f"/api/v1{path}", content=body, headers=headers)
        finally:
            door.release()

    async def rage(self) -> float:
        """Seconds until the last phone has handed in."""
        gate = asyncio.Semaphore(50)

        async def begin(phone: Phone) -> None:
            async with gate:
                await phone.begin()

        await asyncio.gather(*map(begin, self.phones))
        self.answers.clear()
        spread = min(ARRIVE_S, len(self.phones) * 0.06)
        begun = time.monotonic()
        faults = asyncio.create_task(self._faults(spread))
        watching = asyncio.create_task(self.regulator.watch())
        await asyncio.gather(*(self._evening(phone, random.uniform(0, spread)) for phone in self.phones))
        taken = time.monotonic() - begun
        await faults
        watching.cancel()
        return taken

    async def _evening(self, phone: Phone, at: float) -> None:
        await asyncio.sleep(at)
        await phone.hand_in(a_day(phone.enrolled))

    async def _faults(self, spread: float) -> None:
        killed, paused = self.cluster.nodes[1], self.cluster.nodes[2]
        await asyncio.sleep(spread / 6)
        self.refused_after_s = await asyncio.to_thread(revoke, self.cluster, self._revoked)
        await asyncio.sleep(spread / 6)
        await asyncio.to_thread(killed.kill)
        await asyncio.sleep(min(DOWN_S, spread / 6))
        await asyncio.to_thread(start_node, killed)
        await asyncio.sleep(spread / 6)
        pid = paused.pid
        os.killpg(pid, signal.SIGSTOP)
        await asyncio.sleep(min(PAUSED_S, spread / 3))
        os.killpg(pid, signal.SIGCONT)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else _FEW
    enrolled: list[Enrolled] = []
    regulator: list[str] = []

    def prepare(settings: Settings) -> None:
        app = open_app(settings)
        enrolled.extend(app.write(lambda work: enrol(work, count + 1)))
        regulator.append(app.write(seat_regulator))
        app.close()

    with cluster(prepare) as made:
        storm = Storm(made, enrolled, regulator[0])
        taken = asyncio.run(storm.rage())
        took = sorted(phone.took for phone in storm.phones)
        report(
            "storm, 1 node of 3 killed, 1 paused",
            {
                "phones": count,
                "all done after s": taken,
                "a phone took s, median": median(took),
                "p99": took[len(took) * 99 // 100],
                "longest": took[-1],
                "a revoked phone is refused by all nodes after s": storm.refused_after_s,
                "sums compared with lists of another node": storm.regulator.compared,
                "differing": storm.regulator.differing,
                "not answered": storm.regulator.refused,
            },
        )
        print(f"answers {dict(storm.answers)}; outcomes {dict(storm.outcomes)}")
        print(check(made, [(phone.enrolled, phone.day) for phone in storm.phones if phone.day is not None]))


def revoke(made: Cluster, phone: Enrolled) -> float:
    """Seconds from the end of the command until every node refuses the phone. Raises AssertionError."""
    command = [sys.executable, "-m", "inspect_api", "device", "revoke", str(phone.device_id)]
    env = {**os.environ, **made.env, "DATA_DIR": str(made.settings.data_dir)}
    urls = [node.url for node in made.nodes]
    assert refused_after(urls, phone, seconds=0.5) is None, "the phone is not known"
    subprocess.run(command, env=env, check=True, capture_output=True)
    seconds = refused_after(urls, phone, seconds=60)
    assert seconds is not None, "a revoked phone is let in"
    return seconds


if __name__ == "__main__":
    main()
