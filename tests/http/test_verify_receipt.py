"""`inspect-api verify-receipt`: an inspector proves what was filed with two files that were kept."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner

from inspect_api.cli import main
from tests.http.serving import Served


def verify(folder: Path, answer: object, hello: object, *options: str) -> tuple[int, str]:
    files = []
    for name, value in (("answer.json", answer), ("hello.json", hello)):
        files.append(str(folder / name))
        (folder / name).write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    done = CliRunner().invoke(main, ["verify-receipt", *files, *options])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


@pytest.fixture
def kept(shared: Served) -> tuple[dict[str, Any], dict[str, Any]]:
    """A push's answer, and /hello at that time."""
    person = shared.person("inspector1")
    answer = person.push(person.operation("hazard.note", uuid4(), {"text": "灭火器失效"}), {"op_id": "不是"})
    return answer.json(), shared.client.get("/api/v1/hello").json()


def test_it_holds_and_says_what_was_filed(kept: Any, tmp_path: Path) -> None:
    answer, hello = kept
    code, said = verify(tmp_path, answer, hello)
    assert code == 0, said
    for outcome in answer["outcomes"]:
        assert outcome["op_id"] in said
        assert outcome["digest"] in said
        assert outcome["code"] in said
    assert answer["receipt"]["received_at"] in said
    later = hello | {"origin": hello["origin"] + "-restored"}
    assert verify(tmp_path, answer, later)[0] == 1
    assert verify(tmp_path, answer, later, "--origin", hello["origin"])[0] == 0


def test_whatever_was_changed_does_not_hold(kept: Any, tmp_path: Path) -> None:
    answer, hello = kept
    first = answer["outcomes"][0]
    changed = [
        answer | {"outcomes": [first | {"code": "applied"}, *answer["outcomes"][1:]]},
        answer | {"outcomes": [first | {"digest": "0" * 64}, *answer["outcomes"][1:]]},
        answer | {"outcomes": answer["outcomes"][:1]},
        answer | {"outcomes": answer["outcomes"][::-1]},
        answer | {"receipt": answer["receipt"] | {"received_at": "2026-11-20T00:00:00Z"}},
        answer | {"receipt": answer["receipt"] | {"sig": "没有"}},
    ]
    for one in changed:
        code, said = verify(tmp_path, one, hello)
        assert code == 1
        assert "does NOT hold" in said


def test_files_that_are_none_are_named(kept: Any, tmp_path: Path) -> None:
    answer, hello = kept
    keys = [key | {"public_key": "AAAA"} for key in hello["keys"]]
    for one, other in ((answer, {**hello, "keys": keys}), (answer, {**hello, "keys": []}), ("{", hello)):
        code, said = verify(tmp_path, one, other)
        assert code == 1
        assert said.startswith("Error: ")
