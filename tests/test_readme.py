"""The tour in the README is run as it is written."""

import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import ROOT, LiveServer, prepare_county

README = ROOT / "README.md"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    env = {"DATA_DIR": str(tmp_path / "var"), "DEMO": "true"}
    prepare_county(env, ["inspector1", "county"])
    live = LiveServer(env)
    live.start()
    yield live
    live.kill()


def tour() -> str:
    """Every sh block of the five minutes, in order."""
    text = README.read_text()
    part = text[text.index("## Five minutes") : text.index("## PostgreSQL and S3")]
    return "\n".join(re.findall(r"^```sh\n(.*?)^```$", part, re.MULTILINE | re.DOTALL))


def test_every_command_of_the_tour_works(server: LiveServer, tmp_path: Path) -> None:
    script = "set -eu -o pipefail\n" + tour()
    ran = subprocess.run(  # noqa: PLW1510 - its status is what is tested
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "API": f"{server.url}/api/v1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    assert '"status":"rectifying"' in ran.stdout
    assert '"code":"applied"' in ran.stdout


def test_every_dependency_earns_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    named = {re.split(r"[^a-z0-9-]", line)[0] for line in wanted}
    table = README.read_text().split("## What it stands on")[1]
    missing = {name for name in named if name not in table}
    assert not missing
