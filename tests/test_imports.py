"""What a server and a worker carry: nothing that only a terminal, a migration or a rare request needs."""

import subprocess
import sys

from tests.live import ROOT

_SELDOM = {
    "alembic", "apprise", "boto3", "httpx", "inspect_api.authoring", "inspect_api.demo.phone", "openpyxl",
    "PIL", "requests",
}  # fmt: skip


def test_what_is_seldom_needed_is_not_imported() -> None:
    code = "import sys, {}; print(*sys.modules); import {}; print(*sys.modules)"
    code = code.format("inspect_api.working", "inspect_api.serving")
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    worker, server = (set(line.split()) for line in told.stdout.splitlines())
    assert "inspect_api.jobs.loop" in worker
    assert worker & (_SELDOM | {"litestar", "uvicorn"}) == set()
    assert "inspect_api.http.routes" in server
    assert server & _SELDOM == set()
