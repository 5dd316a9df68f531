"""A regulator who asks during a storm what is open: a sum of one node, its list of another."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import httpx

from inspect_api.domain.hazard import OPEN

_PAGE = 200
_PAUSE_S = 2.0


class Regulator:
    """Asks about one village at a time, for ever; counts how often the two answers differ."""

    def __init__(self, nodes: Sequence[httpx.AsyncClient], token: str, villages: Sequence[str]) -> None:
        self._nodes, self._villages = nodes, villages
        self._headers = {"Authorization": f"Bearer {token}"}
        self.compared = self.differing = self.refused = 0

    async def watch(self) -> None:
        """Until it is cancelled."""
        while True:
            await self._compare(random.choice(self._villages))
            await asyncio.sleep(_PAUSE_S)

    async def _compare(self, village: str) -> None:
        one, other = random.sample(list(self._nodes), 2)
        summed = await self._ask(one, "/overdue/summary", {"region": village, "by": "grade"})
        if summed is None:
            return
        listed, cursor = 0, None
        while True:
            asked = {"region": village, "as_of": summed["as_of"], "limit": str(_PAGE)}
            page = await self._ask(
                other, "/hazards", asked if cursor is None else {**asked, "cursor": cursor}
            )
            if page is None:
                return
            listed += sum(hazard["status"] in OPEN for hazard in page["items"])
            cursor = page["cursor"]
            if cursor is None:
                break
        self.compared += 1
        self.differing += listed != summed["total"]["open"]

    async def _ask(self, node: httpx.AsyncClient, path: str, asked: dict[str, str]) -> Any:
        """Nothing where the node is dead, paused or busy."""
        try:
            answer = await node.get(f"/api/v1{path}", params=asked, headers=self._headers)
        except httpx.TransportError:
            self.refused += 1
            return None
        if answer.status_code in (429, 503):
            self.refused += 1
            return None
        answer.raise_for_status()
        return answer.json()
