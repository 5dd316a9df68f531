"""Between phones and servers: requests are lost, late, doubled; answers are lost; processes die."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

import httpx

from inspect_api.errors import Code, Refusal
from tests.simulation.door import Answer, Node, Request
from tests.simulation.statements import (
    COMMITTING,
    EVERYWHERE,
    READING,
    WRITING,
    Mishap,
    ServerKilled,
    Statements,
    die,
    fail,
    lose_race,
)
from tests.simulation.violation import Violation

ADDRESS = "http://county"
_STATEMENTS = 30
_LATE_AT_MOST = 5


class Weather(NamedTuple):
    """How likely each thing is for one request; the last four befall the server while it handles it."""

    lost: float = 0
    late: float = 0
    twice: float = 0
    unanswered: float = 0
    dies: float = 0
    fails: float = 0
    races: float = 0
    overtaken: float = 0


CALM = Weather()


def some_weather(chance: Random) -> Weather:
    """About half of the faults, each as frequent as the seed will have it."""
    return Weather(*(chance.choice((0, 0, 0.04, 0.08, 0.15)) for _ in Weather._fields))


class Network:
    """Carries requests to one of the processes. `others` is called where something else may go first."""

    def __init__(
        self,
        chance: Random,
        new_node: Callable[[Callable[[], None]], Node],
        statements: Statements,
        others: Callable[[], None],
        tell: Callable[[str], None],
    ) -> None:
        self.weather = CALM
        self.answered: Callable[[Request, Answer], None] = lambda _request, _answer: None
        self.faults = 0
        self._chance, self._statements, self._tell = chance, statements, tell
        self._new_node, self._others = new_node, others
        self._nodes: list[Node] = []
        self._late: list[Request] = []

    def start(self, processes: int) -> None:
        """So many server processes, all new."""
        self._nodes = [self._new_node(self._wait) for _ in range(processes)]

    def carry(self, request: Request) -> Answer:
        """An answer, or a TransportError where none reaches the phone."""
        weather = self.weather
        if self._happens(weather.lost, "the request is lost"):
            raise httpx.ConnectError("lost")
        if self._happens(weather.late, "the request is late"):
            self._late = [*self._late, request][-_LATE_AT_MOST:]
            raise httpx.ReadTimeout("late")
        answer = self._handle(request)
        if self._happens(weather.twice, "the request comes twice"):
            again = self._handle(request)
            answer = self._chance.choice((answer, again))
        if self._happens(weather.unanswered, "the answer is lost"):
            raise httpx.ReadError("lost")
        self.answered(request, answer)
        return answer

    def deliver_late(self) -> bool:
        """One request that everybody had given up arrives after all; False when there is none."""
        if not self._late:
            return False
        request = self._late.pop(self._chance.randrange(len(self._late)))
        self._tell(f"late: {request.method} {request.path}")
        try:
            self._handle(request)
        except httpx.TransportError:
            self._tell("and meets a server that dies")
        return True

    def replay(self, request: Request) -> Answer:
        """A request of long ago, on any process."""
        return self._chance.choice(self._nodes).ask(request)

    def work(self, act: Callable[[Node], object]) -> None:
        """Something that one process does by itself; it may die of it."""
        place = self._chance.randrange(len(self._nodes))
        try:
            with self._statements.with_mishap(self._mishap()):
                act(self._nodes[place])
        except Refusal as refusal:
            self._tell(f"not done: {refusal.code.wire}")
            if refusal.code is not Code.BUSY:
                raise Violation(f"a duty is refused: {refusal}") from refusal
        except ServerKilled:
            self._restart(place)

    def _handle(self, request: Request) -> Answer:
        place = self._chance.randrange(len(self._nodes))
        try:
            with self._statements.with_mishap(self._mishap()):
                return self._nodes[place].ask(request)
        except ServerKilled:
            self._restart(place)
            raise httpx.RemoteProtocolError("the server died") from None

    def _restart(self, place: int) -> None:
        self._tell(f"server {place} was killed")
        self._nodes[place] = self._new_node(self._wait)

    def _mishap(self) -> Mishap | None:
        chance = self._chance
        n = chance.randint(1, _STATEMENTS)
        if self._happens(self.weather.dies, ""):
            if chance.random() < 0.4:
                return Mishap(COMMITTING, chance.randint(1, 2), die)
            return Mishap(EVERYWHERE, n, die)
        if self._happens(self.weather.fails, "the database fails once"):
            return Mishap(EVERYWHERE, n, fail)
        if self._happens(self.weather.races, "a race is lost"):
            return Mishap(WRITING, n, lose_race)
        if self._happens(self.weather.overtaken, "others go in between"):
            return Mishap(READING, chance.randint(1, 8), self._others)
        return None

    def _wait(self) -> None:
        if self._happens(self.weather.overtaken, "others go first"):
            self._others()

    def _happens(self, likely: float, what: str) -> bool:
        if likely == 0 or self._chance.random() >= likely:
            return False
        self.faults += 1
        if what:
            self._tell(what)
        return True


class Wire(httpx.BaseTransport):
    """What a phone's HTTP client is plugged into; `before` and `after` may be the last thing it sees."""

    def __init__(self, network: Network, before: Callable[[], None], after: Callable[[], None]) -> None:
        self._network, self._before, self._after = network, before, after

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._before()
        sent = Request(request.method, request.url.raw_path.decode(), dict(request.headers), request.read())
        answer = self._network.carry(sent)
        self._after()
        return httpx.Response(answer.status, headers=answer.headers, content=answer.content)


def new_client(wire: httpx.BaseTransport) -> httpx.Client:
    plain = {"Accept-Encoding": "identity"}
    return httpx.Client(transport=wire, base_url=ADDRESS, trust_env=False, headers=plain)
