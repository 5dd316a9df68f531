"""The published vectors are what the rules say, and hold when read by hand."""

import base64
import hashlib
import json
import uuid

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from inspect_api.demo.memory import Memory
from sync.cursor import CursorInvalid, EpochChanged, decode_cursor
from sync.envelope import PullAnswer
from tests.sync import vectors


@pytest.mark.parametrize("name", sorted(vectors.files()))
def test_published_files_are_up_to_date(name: str) -> None:
    assert (vectors.FOLDER / name).read_text() == vectors.files()[name]


def test_digests_by_hand() -> None:
    for case in json.loads((vectors.FOLDER / "digests.json").read_text()):
        assert hashlib.sha256(case["span"].encode()).hexdigest() == case["digest"]


def test_hazard_ids_by_hand() -> None:
    for case in json.loads((vectors.FOLDER / "hazard_ids.json").read_text()):
        name = case["item"] if case["n"] == 1 else f"{case['item']}#{case['n']}"
        assert str(uuid.uuid5(uuid.UUID(case["root"]), name)) == case["hazard_id"]


def test_receipts_by_hand() -> None:
    for case in json.loads((vectors.FOLDER / "receipts.json").read_text()):
        text = f"inspect-receipt/v1\n{case['origin']}\n{case['received_at']}\n"
        text += "".join(f"{o['op_id']} {o['digest']} {o['code']}\n" for o in case["outcomes"])
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(case["public_key"]))
        if case["holds"]:
            assert text == case["signed_text"]
            key.verify(base64.b64decode(case["sig"]), text.encode())
        else:
            with pytest.raises(InvalidSignature):
                key.verify(base64.b64decode(case["sig"]), text.encode())


def test_cursors_are_refused_as_published() -> None:
    refusals = {"cursor_invalid": CursorInvalid, "epoch_changed": EpochChanged}
    for case in json.loads((vectors.FOLDER / "cursors.json").read_text()):
        account = uuid.UUID(case["account"])
        if case["code"] is None:
            assert decode_cursor(case["cursor"], case["epoch"], account).positions
        else:
            with pytest.raises(refusals[case["code"]]):
                decode_cursor(case["cursor"], case["epoch"], account)


def test_pulls_leave_on_a_phone_what_is_published() -> None:
    for case in json.loads((vectors.FOLDER / "pulls.json").read_text()):
        phone = Memory(device_id=uuid.UUID(int=1))
        for page in case["pages"]:
            answer = msgspec.convert(page["answer"], PullAnswer)
            phone.absorb(answer.changes, answer.cursor, answer.epoch, answer.streams.reset or ())
            assert sorted(" ".join(key) for key in phone.copy) == page["holds"], case["about"]
            assert all(
                phone.copy[change.entity, change.id] == change.data
                for change in answer.changes
                if change.kind == "put"
            )
