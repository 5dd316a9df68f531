"""An expert at a terminal and phones that pull, for tests of publishing."""

from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from checklists import catalog
from inspect_api.cli import main
from inspect_api.settings import Settings
from tests.http.serving import Person

CODE = "common.grid-patrol"
FIRST = catalog.texts()[f"library/common/{CODE}@1.yaml"]
NEW_ITEM = """\

      - code: GP-NEW
        text: {zh: 灭火器在检修期内, en: Extinguishers are serviced in time}
        basis: {source: 消防法, article: 第16条}
        answer: {type: pass_fail}
        on_fail: {grade: general, title: 灭火器超过检修期, category: 消防设施}
"""


def second(version: str = "2", **changes: str) -> str:
    """The next version, with one item more and without a first day."""
    text = FIRST.replace("version: '1'", f"version: '{version}'").replace(
        "effective_from: 2026-01-01\n", "", 1
    )
    text = text.rstrip() + "\n" + NEW_ITEM
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


class Expert:
    """Writes files and runs commands against one installation."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.folder = folder
        self._env = {"DATA_DIR": str(settings.data_dir), "DATABASE_URL": settings.database_url}

    def write(self, text: str | bytes, name: str = "list.yaml") -> str:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    def run(self, *arguments: str) -> Result:
        """The command as it is typed."""
        return CliRunner().invoke(main, ["checklist", *arguments], env=self._env)

    def publish(self, text: str | bytes, *options: str, name: str = "list.yaml") -> Result:
        return self.run("publish", self.write(text, name), *options)


class Phone:
    """Pulls, and knows the checklists that it has and what became of its operations."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.lists: dict[str, dict[str, Any]] = {}
        self.outcomes: dict[str, dict[str, Any]] = {}
        self._ids: dict[str, str] = {}
        self._cursor: str | None = None
        self.pull()

    def pull(self) -> dict[str, str]:
        """What of the checklists has come: `code@version` -> its status, or how it went."""
        news: dict[str, str] = {}
        more = True
        while more:
            body = {"protocol": 1, "device_id": str(self.person.device_id), "limit": 500}
            answer = self.person.post(
                "/sync/pull", {**body, **({"cursor": self._cursor} if self._cursor else {})}
            )
            assert answer.status_code == 200, answer.text
            pulled = answer.json()
            self._cursor, more = pulled["cursor"], pulled["more"]
            for change in pulled["changes"]:
                if change["entity"] == "checklist":
                    news.update([self._take(change)])
                elif change["entity"] == "outcome":
                    self.outcomes[change["data"]["op_id"]] = change["data"]
        return news

    def _take(self, change: dict[str, Any]) -> tuple[str, str]:
        if change["kind"] != "put":
            name = self._ids.get(change["id"], "what it never had")
            self.lists.pop(name, None)
            return name, change["kind"]
        data = change["data"]
        name = f"{data['code']}@{data['version']}"
        self._ids[change["id"]] = name
        self.lists[name] = data
        return name, data["status"]
