"""What phones that begin cost those that have begun. `python -m benchmarks.newcomers`

Eight phones pull the whole scope again and again while an inspector pushes one inspection every 20 ms: his
median and 95th percentile, before and meanwhile. A crowd of 300 is told to come back (503, Retry-After).
"""

import tempfile
import threading
import time
from uuid import uuid4

import httpx

from benchmarks.measuring import machine, report
from inspect_api.demo.county import load_county
from tests.live import LiveServer, prepare_county
from tests.records import inspection, plain_items, push

PUSHES, RECORDS, NEWCOMERS, ROUNDS = 150, 500, 8, 3


class Inspector:
    """Pushes, and remembers how long each took."""

    def __init__(self, server: LiveServer) -> None:
        county = load_county()
        grids = county.account("inspector1").grids
        self._site = next(s.id for s in county.sites if s.grid_code in grids and s.industry == "hazmat")
        self._item = plain_items("general")[0].code
        self._device = str(uuid4())
        headers = {"Authorization": f"Bearer {server.token('inspector1', self._device)}"}
        self._phone = httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=60)

    def push(self, records: int) -> float:
        """Seconds for a batch of so many inspections."""
        ops = [inspection(self._site, fails={self._item: {}}, passes=3, seq=n) for n in range(records)]
        begun = time.perf_counter()
        self._phone.post("/sync/push", json=push(ops, self._device)).raise_for_status()
        return time.perf_counter() - begun

    def work(self) -> tuple[float, float]:
        """Median and 95th percentile of single pushes, in ms."""
        taken = []
        for _ in range(PUSHES):
            taken.append(self.push(1) * 1000)
            time.sleep(0.02)
        taken.sort()
        return taken[PUSHES // 2], taken[PUSHES * 95 // 100]


class Newcomer(threading.Thread):
    """A phone that has lost its cursor again and again."""

    def __init__(self, server: LiveServer, stop: threading.Event) -> None:
        super().__init__()
        self._server, self._stop_asked = server, stop
        self.device = str(uuid4())
        self._headers = {"Authorization": f"Bearer {server.token('inspector1', self.device)}"}
        self.begun = 0

    def run(self) -> None:
        with httpx.Client(base_url=f"{self._server.url}/api/v1", headers=self._headers, timeout=60) as phone:
            cursor = None
            while not self._stop_asked.is_set():
                ask = {"protocol": 1, "device_id": self.device, "cursor": cursor, "limit": 500}
                answer = phone.post("/sync/pull", json=ask)
                if answer.status_code == 503:
                    time.sleep(1)
                    continue
                page = answer.json()
                cursor = page["cursor"] if page["more"] else None
                self.begun += not page["more"]


def main() -> None:
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        env = {"DATA_DIR": folder, "DEMO": "true"}
        prepare_county(env, ["inspector1"])
        server = LiveServer(env)
        server.start()
        try:
            inspector = Inspector(server)
            for _ in range(RECORDS // 50):
                inspector.push(50)
            for _ in range(ROUNDS):
                _round(server, inspector)
        finally:
            server.kill()


def _round(server: LiveServer, inspector: Inspector) -> None:
    before = inspector.work()
    stop = threading.Event()
    phones = [Newcomer(server, stop) for _ in range(NEWCOMERS)]
    for phone in phones:
        phone.start()
    begun = time.perf_counter()
    meanwhile = inspector.work()
    seconds = time.perf_counter() - begun
    stop.set()
    for phone in phones:
        phone.join()
    firsts = sum(phone.begun for phone in phones) / seconds
    report(
        "push while phones begin",
        {
            "phones beginning a second": firsts,
            "alone p50 ms": before[0],
            "meanwhile p50 ms": meanwhile[0],
            "ratio p50": meanwhile[0] / before[0],
            "alone p95 ms": before[1],
            "meanwhile p95 ms": meanwhile[1],
            "ratio p95": meanwhile[1] / before[1],
        },
    )


if __name__ == "__main__":
    main()
