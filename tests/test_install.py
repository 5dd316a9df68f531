"""`make` on a machine whose Python does not fit: a clear refusal, and nothing is touched."""

import os
import subprocess
from pathlib import Path

import pytest

INSTALL = Path(__file__).parent.parent / ".ci" / "install"


@pytest.mark.parametrize("version", ["2.7", "3.10", "3.14"])
def test_another_python_is_refused_by_its_version(tmp_path, version):
    python = tmp_path / "python of somebody"
    python.write_text(f"#!/bin/sh\necho {version}\n")
    python.chmod(0o755)
    done = subprocess.run(
        [INSTALL, "run"],
        env={**os.environ, "PYTHON": str(python)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Python 3.11, 3.12 or 3.13 is needed" in done.stderr
    assert f"{python} is {version}" in done.stderr


def test_a_python_that_is_not_there_is_refused(tmp_path):
    env = {**os.environ, "PYTHON": str(tmp_path / "python3")}
    done = subprocess.run([INSTALL, "run"], env=env, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "is not there" in done.stderr
