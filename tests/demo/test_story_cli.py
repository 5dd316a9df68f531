"""`inspect-api demo` tells its story against a running server, again and again."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import ROOT, LiveServer, free_port, prepare_county

pytestmark = pytest.mark.long

PEOPLE = ("county", "officer1", "officer2", "inspector2", "enterprise1", "enterprise1b")
TOLD = """\
离线检查 · An inspection out of reach of any network
inspector2 吐尔逊江·艾买提: 三台加油站: 66 items of hazmat.aq3067-2026@1, 2 fail, 3 photos
pushed 3 h later: applied, ['clock_skew', 'blob_missing']
3 of 3 photos uploaded; the receipt holds
一般隐患, urged: 整改中 rectifying
疑似重大 suspected major, urged: 待核定 reported
县级预警 · The county is alerted at once
疑似重大事故隐患，待核定
enterprise1 周启明: 报告整改 hazard.submit_rectification -> 待复查 verifying
inspector2 吐尔逊江·艾买提: 复查 hazard.verify -> 已销号 closed
county 王海峰: 核定 hazard.confirm -> 待报方案 plan_due
enterprise1 周启明: 报送治理方案 hazard.submit_plan -> 方案待审 plan_review
county 王海峰: 审查方案 hazard.decide_plan -> 整改中 rectifying
enterprise1 周启明: 报告整改 hazard.submit_rectification -> 待复查 verifying
officer1 李建军: 复查 hazard.verify -> 待审核 review
county 王海峰: 销号 hazard.close -> 已销号 closed
duplicate (first: applied)
复查 hazard.verify -> conflict: 已销号 closed
permitted ['hazard.note']
合计 total: 0 超期 overdue
the register lists 0 for the same moment
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    env = {"DATA_DIR": str(tmp_path_factory.mktemp("story")), "DEMO": "true"}
    prepare_county(env, PEOPLE)
    live = LiveServer(env)
    live.start()
    yield live
    live.kill()


def tell(url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "inspect_api", "demo", "--url", url]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


def test_the_story_is_told_twice_on_one_server(server: LiveServer) -> None:
    numbers = set()
    for _ in range(2):
        told = tell(server.url)
        assert told.returncode == 0, told.stdout + told.stderr
        rest = told.stdout
        for line in TOLD.splitlines():
            assert line in rest, f"{line!r} does not come in its turn in\n{told.stdout}"
            rest = rest[rest.index(line) + len(line) :]
        numbers |= {word for word in told.stdout.split() if word.startswith("652327-") and "-J-" not in word}
    assert len({number[:20] for number in numbers}) == 4


def test_no_server_is_one_plain_line() -> None:
    told = tell(f"http://127.0.0.1:{free_port()}")
    assert told.returncode == 2
    assert told.stderr.count("\n") == 1
    assert "make run" in told.stderr


def test_a_server_without_the_demo_county_ends_the_story(tmp_path: Path) -> None:
    env = {"DATA_DIR": str(tmp_path), "DEMO": "true"}
    prepare_county(env, ["county"])
    live = LiveServer(env)
    live.start()
    try:
        told = tell(live.url)
    finally:
        live.kill()
    assert told.returncode == 1
    assert "bad_credentials" in told.stderr
